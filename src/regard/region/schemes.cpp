#include "regard/region/schemes.h"

namespace regard {

namespace {

/// Sides in fractions of the chip.
struct Rectangle {
  float left, top, right, bottom;
};

constexpr Rectangle centred(float side) {
  return {(1 - side) / 2, (1 - side) / 2, (1 + side) / 2, (1 + side) / 2};
}

constexpr Rectangle kTopLeft{0, 0, .75f, .75f}, kTopRight{.25f, 0, 1, .75f},
    kCentreDown{.125f, .25f, .875f, 1}, kTopCentre{.125f, 0, .875f, .75f};

/// Figure 2.
const std::vector<Rectangle> kFixed{kTopLeft, kTopRight, kCentreDown, centred(.9f), centred(.85f)};
/// The authors' code for AffectNet.
const std::vector<Rectangle> kFixed7{kCentreDown,  kTopLeft,      kTopRight, centred(.9f),
                                     centred(.8f), centred(.75f), kTopCentre};

/// One axis of a region, [low, high], its length times `scale`: an end at the chip's border stays there, else
/// the middle stays.
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

std::vector<Affine> all_views(const RegionOptions& options) {
  if (options.scheme == "random")
    return RandomRegions{options.count, options.smallest, options.largest, options.seed}.draw();
  std::vector<Affine> views{kWholeFace};
  if (options.scheme == "none") return views;
  if (options.scheme != "fixed" && options.scheme != "fixed7")
    throw Error("unknown scheme of regions", options.scheme, "fixed, fixed7, random, landmark or none");
  for (const auto& region : options.scheme == "fixed" ? kFixed : kFixed7)
    views.push_back(placed(region, options.scale));
  return views;
}

}  // namespace

std::vector<Affine> known_views(const RegionOptions& options) {
  if (!(options.scale > 0 && options.scale <= 1.5f))
    throw Error("scale of regions is out of range", "scale", "above 0, to 1.5",
                std::to_string(options.scale));
  const auto all = all_views(options);
  if (options.only.empty()) return all;
  std::vector<Affine> kept;
  for (const int view : options.only) {
    if (view < 0 || view >= static_cast<int>(all.size()))
      throw Error("there is no such view", "only", "0 to " + std::to_string(all.size() - 1),
                  std::to_string(view));
    kept.push_back(all[static_cast<std::size_t>(view)]);
  }
  return kept;
}

int count_views(const RegionOptions& options) {
  if (options.scheme == "landmark") return 6;
  return static_cast<int>(known_views(options).size());
}

}  // namespace regard
