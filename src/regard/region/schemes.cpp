#include "regard/region/schemes.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace regard {

namespace {

constexpr const char* kWholeFaceName = "whole face";
constexpr std::array kLandmarkNames{"left eye", "right eye", "nose", "left mouth corner",
                                    "right mouth corner"};

/// Sides in fractions of the chip.
struct Rectangle {
  const char* name;
  float left, top, right, bottom;
};

constexpr Rectangle centred(float side) {
  return {"centre", (1 - side) / 2, (1 - side) / 2, (1 + side) / 2, (1 + side) / 2};
}

constexpr Rectangle kTopLeft{"top left", 0, 0, .75f, .75f}, kTopRight{"top right", .25f, 0, 1, .75f},
    kCentreDown{"bottom", .125f, .25f, .875f, 1}, kTopCentre{"top", .125f, 0, .875f, .75f};

/// Figure 2.
const std::vector<Rectangle> kFixed{kTopLeft, kTopRight, kCentreDown, centred(.9f), centred(.85f)};
/// The authors' code for AffectNet.
const std::vector<Rectangle> kFixed7{kCentreDown,  kTopLeft,      kTopRight, centred(.9f),
                                     centred(.8f), centred(.75f), kTopCentre};

/// One axis of a region, [low, high], its length multiplied by `scale`: an end at the border of the chip is
/// fixed, otherwise the middle is.
Affine placed(const Rectangle& region, float scale) {
  const auto axis = [&](float low, float high) {
    const float length = (high - low) * scale;
    const float start = low == 0 ? 0 : high == 1 ? 1 - length : (low + high - length) / 2;
    return std::pair{length, start};
  };
  const auto [width, left] = axis(region.left, region.right);
  const auto [height, top] = axis(region.top, region.bottom);
  return {{width, 0, left, 0, height, top}};
}

std::vector<Affine> placed(const std::vector<Rectangle>& regions, float scale) {
  std::vector<Affine> views{kWholeFace};
  for (const auto& region : regions) views.push_back(placed(region, scale));
  return views;
}

/// The square around a landmark, clipped to the chip.
Affine square_around(Point landmark, float half_side) {
  const auto axis = [&](float middle) {
    const float low = std::clamp(middle - half_side, 0.f, 1.f);
    return std::pair{std::clamp(middle + half_side, 0.f, 1.f) - low, low};
  };
  const auto [width, left] = axis(landmark.x);
  const auto [height, top] = axis(landmark.y);
  return {{width, 0, left, 0, height, top}};
}

/// Two centred regions differ only in their side.
std::string name_of(const Rectangle& region, float scale) {
  if (region.name != std::string("centre")) return region.name;
  const auto percent = std::lround(100 * scale * (region.right - region.left));
  return "centre " + std::to_string(percent) + " %";
}

std::vector<std::string> names_of(const std::vector<Rectangle>& regions, float scale) {
  std::vector<std::string> names{kWholeFaceName};
  for (const auto& region : regions) names.push_back(name_of(region, scale));
  return names;
}

/// All views of a scheme, about landmarks where it depends on them.
std::vector<Affine> all_views(const RegionOptions& options, const Landmarks& landmarks) {
  if (!(options.scale > 0 && options.scale <= 1.5f))
    throw Error("scale of regions is out of range", "scale", "above 0, to 1.5",
                std::to_string(options.scale));
  return with_scheme(options, [&](auto row) { return row.views(options, landmarks); });
}

/// The views that RegionOptions::only keeps.
template <class T>
std::vector<T> kept(const std::vector<T>& all, const std::vector<int>& only) {
  if (only.empty()) return all;
  std::vector<T> result;
  for (const int view : only) {
    if (view < 0 || view >= static_cast<int>(all.size()))
      throw Error("there is no such view", "only", "0 to " + std::to_string(all.size() - 1),
                  std::to_string(view));
    result.push_back(all[static_cast<std::size_t>(view)]);
  }
  return result;
}

}  // namespace

namespace region_schemes {

std::vector<std::string> None::names(const RegionOptions& options) {
  return names_of({}, options.scale);
}

std::vector<Affine> None::views(const RegionOptions& options, const Landmarks&) {
  return placed(std::vector<Rectangle>{}, options.scale);
}

std::vector<std::string> Fixed::names(const RegionOptions& options) {
  return names_of(kFixed, options.scale);
}

std::vector<Affine> Fixed::views(const RegionOptions& options, const Landmarks&) {
  return placed(kFixed, options.scale);
}

std::vector<std::string> Fixed7::names(const RegionOptions& options) {
  return names_of(kFixed7, options.scale);
}

std::vector<Affine> Fixed7::views(const RegionOptions& options, const Landmarks&) {
  return placed(kFixed7, options.scale);
}

std::vector<std::string> Random::names(const RegionOptions& options) {
  std::vector<std::string> names{kWholeFaceName};
  for (int i = 1; i <= options.count; ++i) names.push_back("region " + std::to_string(i));
  return names;
}

std::vector<Affine> Random::views(const RegionOptions& options, const Landmarks&) {
  return RandomRegions{options.count, options.smallest, options.largest, options.seed}.draw();
}

std::vector<std::string> Landmark::names(const RegionOptions&) {
  std::vector<std::string> names{kWholeFaceName};
  names.insert(names.end(), kLandmarkNames.begin(), kLandmarkNames.end());
  return names;
}

std::vector<Affine> Landmark::views(const RegionOptions& options, const Landmarks& landmarks) {
  std::vector<Affine> views{kWholeFace};
  for (const auto& landmark : landmarks) views.push_back(square_around(landmark, options.half_side));
  return views;
}

}  // namespace region_schemes

bool has_fixed_places(const RegionOptions& options) {
  return with_scheme(options, [](auto row) { return row.kFixedPlaces; });
}

bool depends_on_face(const RegionOptions& options) {
  return with_scheme(options, [](auto row) { return row.kDependsOnFace; });
}

std::vector<Affine> known_views(const RegionOptions& options) {
  if (depends_on_face(options))
    throw Error("these regions differ from face to face", options.scheme,
                "regions that are the same for all faces");
  return kept(all_views(options, {}), options.only);
}

std::vector<Affine> views_of_face(const RegionOptions& options, const Landmarks& landmarks) {
  return kept(all_views(options, landmarks), options.only);
}

std::vector<std::string> view_names(const RegionOptions& options) {
  return kept(with_scheme(options, [&](auto row) { return row.names(options); }), options.only);
}

int count_views(const RegionOptions& options) {
  return static_cast<int>(views_of_face(options, {}).size());
}

}  // namespace regard
