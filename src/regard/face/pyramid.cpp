#include "regard/face/pyramid.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <opencv2/imgproc.hpp>
#include <span>
#include <utility>

namespace regard {
namespace {

// YuNet finds faces from about 10 to 300 pixels. So it runs on a pyramid of levels, until a face that fills
// the last one is in that range. The second level is half the size of the first, so that it shows a hint of
// every face that the first would show; all further ones are a third of the previous one.
constexpr int kFirstFactor = 2, kLevelFactor = 3;
constexpr int kLastLevelSide = 240;
// Smaller images are enlarged to this side, at most by this factor: YuNet finds 72 % of the 48 pixel faces of
// FERPlus at their own size, 95 % enlarged twice and 97 % enlarged three times.
constexpr int kFirstLevelSide = 480;
constexpr int kMostEnlarged = 3;
// Levels in which the smallest face that is looked for is larger than this are left out: hardly more of such
// faces are found there (models/yunet-2023mar.md).
constexpr float kEasyFace = 64;
// Levels are cut into tiles of at most kTileSide pixels, which bounds the memory that the network takes. They
// overlap by kTileOverlap. Faces larger than kLargestInTile are left to the next level, since YuNet tends to
// detect parts of much larger faces.
constexpr int kTileSide = 832, kTileOverlap = 96, kLargestInTile = 192;
// The first level is searched only in square tiles about faces of other levels that score this at least and
// have at most kLargestHint pixels in the first. Of faces from 24 pixels wide that finds as many as a search
// of all of it (bench/detector_recall.py, models/yunet-2023mar.md). Between a hint and the edge of its tile
// are kHintRoom pixels or more, but for large ones.
constexpr float kHint = 0.03f;
constexpr int kHintedTile = 256, kLargestHint = 128, kHintRoom = 24;
// Faces of other levels that are found from this width, in pixels of the first, need no look at the first.
constexpr float kSureWidth = 32, kHintOverlap = .3f;
// Black margin around the image, so that faces cut by its edge are inside of the network's input.
constexpr int kMargin = 8;
constexpr int kSideStep = 32;  // the network's largest stride

struct Level {
  cv::Mat pixels;
  float scale_x = 1, scale_y = 1;  // from the level's pixels to the image's
};

int round_up(int value, int step) {
  return (value + step - 1) / step * step;
}

/// Divides an axis of a level, with its margins, into overlapping intervals of equal size.
std::vector<Span> tile_axis(int length) {
  const int whole = length + 2 * kMargin;
  if (whole <= kTileSide) return {{-kMargin, round_up(whole, kSideStep)}};
  const int step_limit = kTileSide - kTileOverlap;
  const int count = (whole - kTileOverlap + step_limit - 1) / step_limit;
  const int size = round_up((whole - kTileOverlap + count - 1) / count + kTileOverlap, kSideStep);
  std::vector<Span> spans;
  for (int i = 0; i < count; ++i)
    spans.push_back({static_cast<int>(std::int64_t{whole - size} * i / (count - 1)) - kMargin, size});
  return spans;
}

struct Tile {
  Span x, y;
};

/// The tiles of a level: one square of YuNet::kSquares where that is enough.
std::vector<Tile> tiles_of(const Level& level) {
  const int longer = std::max(level.pixels.cols, level.pixels.rows) + 2 * kMargin;
  for (const int side : YuNet::kSquares)
    if (longer <= side) return {{{-kMargin, side}, {-kMargin, side}}};
  std::vector<Tile> tiles;
  for (const Span y : tile_axis(level.pixels.rows))
    for (const Span x : tile_axis(level.pixels.cols)) tiles.push_back({x, y});
  return tiles;
}

/// An interval [from, to).
struct Extent {
  float from, to;
};

/// An axis of boxes, by the members of a box.
struct Axis {
  float Box::*start;
  float Box::*size;

  Extent of(const Box& box) const { return {box.*start, box.*start + box.*size}; }
};
constexpr Axis kAcross{&Box::x, &Box::width}, kDown{&Box::y, &Box::height};

/// Removes from `boxes` the first along an axis and those that fit into one tile with it. -> these
std::vector<Box> take_first(std::vector<Box>& boxes, Axis axis) {
  const Extent first = axis.of(*std::min_element(boxes.begin(), boxes.end(), [&](const Box& a, const Box& b) {
    return axis.of(a).from < axis.of(b).from;
  }));
  const float end = std::max(first.from + kHintedTile - 2 * kHintRoom, first.to);
  const auto taken = std::stable_partition(boxes.begin(), boxes.end(),
                                           [&](const Box& box) { return axis.of(box).to > end; });
  std::vector<Box> group(taken, boxes.end());
  boxes.erase(taken, boxes.end());
  return group;
}

/// The tile with boxes at its middle, along an axis of `length` pixels.
Span tile_about(const std::vector<Box>& boxes, Axis axis, int length) {
  Extent all = axis.of(boxes[0]);
  for (const Box& box : boxes)
    all = {std::min(all.from, axis.of(box).from), std::max(all.to, axis.of(box).to)};
  const int start = static_cast<int>((all.from + all.to - kHintedTile) / 2);
  return {std::max(-kMargin, std::min(start, length + kMargin - kHintedTile)), kHintedTile};
}

/// Tiles that hold all boxes, in the level's pixels: rows from the top, each from the left.
std::vector<Tile> tiles_about(std::vector<Box> boxes, const cv::Mat& level) {
  std::vector<Tile> tiles;
  while (!boxes.empty()) {
    auto row = take_first(boxes, kDown);
    const Span y = tile_about(row, kDown, level.rows);
    while (!row.empty()) tiles.push_back({tile_about(take_first(row, kAcross), kAcross, level.cols), y});
  }
  return tiles;
}

/// The longer side of the first level.
int first_side(cv::Size image, const PyramidSearch& search) {
  const int own = std::max(image.width, image.height);
  const int side = own >= kFirstLevelSide ? own : std::min(kFirstLevelSide, own * kMostEnlarged);
  const float enough = search.min_face > 0 ? static_cast<float>(own) * kEasyFace / search.min_face : INFINITY;
  const int most = std::min(side, search.max_side);
  return enough < static_cast<float>(most) ? std::max(1, static_cast<int>(enough)) : most;
}

/// The image with its longer side at `side`, made from `source`, which is the image or a level above.
Level make_level(const cv::Mat& image, const cv::Mat& source, int side) {
  const double factor = static_cast<double>(side) / std::max(image.cols, image.rows);
  const cv::Size size(std::max(1, cvRound(image.cols * factor)), std::max(1, cvRound(image.rows * factor)));
  Level level{source, static_cast<float>(image.cols) / size.width,
              static_cast<float>(image.rows) / size.height};
  const bool smaller = size.width < source.cols || size.height < source.rows;
  if (size != source.size())
    cv::resize(source, level.pixels = cv::Mat(), size, 0, 0, smaller ? cv::INTER_AREA : cv::INTER_CUBIC);
  if (level.pixels.channels() == 1) cv::cvtColor(cv::Mat(level.pixels), level.pixels, cv::COLOR_GRAY2RGB);
  return level;
}

/// The longer sides of the levels of an image, the largest first.
std::vector<int> level_sides(cv::Size image, const PyramidSearch& search) {
  std::vector<int> sides{first_side(image, search)};
  while (sides.back() > kLastLevelSide)
    sides.push_back(sides.back() / (sides.size() == 1 ? kFirstFactor : kLevelFactor));
  return sides;
}

/// Those of the faces of all levels but the first near which the first is to be looked at: small ones that
/// are not surely found already, or parts of a face that is. `scale`: pixels of the image for each of the
/// first level.
std::vector<Detection> hints_among(const std::vector<Detection>& faces, float scale, float min_score) {
  const auto is_sure = [&](const Detection& face) {
    return face.score >= min_score && face.box.width >= kSureWidth * scale;
  };
  std::vector<Detection> sure, hints;
  std::copy_if(faces.begin(), faces.end(), std::back_inserter(sure), is_sure);
  sure = suppress(std::move(sure), kHintOverlap);
  for (const auto& face : faces) {
    const bool known = std::any_of(sure.begin(), sure.end(), [&](const Detection& other) {
      return is_same_face(face.box, other.box, kHintOverlap);
    });
    const float side = longer_side(face.box);
    if (!known && side <= static_cast<float>(kLargestHint) * scale) hints.push_back(face);
  }
  return hints;
}

/// Whether the interval [from, from + size] of a face is cut off by the end of a tile that is followed by
/// another.
bool is_cut(float from, float size, Span tile, int length) {
  const bool goes_on_before = tile.start > -kMargin,
             goes_on_after = tile.start + tile.size < length + kMargin;
  return (goes_on_before && from < 0) || (goes_on_after && from + size > static_cast<float>(tile.size));
}

/// From a tile's pixels to the image's.
Detection to_image(Detection face, const Level& level, Span x, Span y) {
  const auto map_x = [&](float v) { return (v + static_cast<float>(x.start)) * level.scale_x; };
  const auto map_y = [&](float v) { return (v + static_cast<float>(y.start)) * level.scale_y; };
  face.box = {map_x(face.box.x), map_y(face.box.y), face.box.width * level.scale_x,
              face.box.height * level.scale_y};
  for (auto& point : face.landmarks) point = {map_x(point.x), map_y(point.y)};
  return face;
}

/// Adds the faces in tiles of a level, in the image's pixels, up to `largest` pixels of the level; the same
/// face often more than once.
void search_tiles(const YuNet& network, const Level& level, const std::vector<Tile>& tiles, int largest,
                  float min_score, std::vector<Detection>& faces) {
  for (const auto& [x, y] : tiles)
    for (const auto& face : network.look(level.pixels, x, y, min_score)) {
      const bool left_to_next = longer_side(face.box) > static_cast<float>(largest);
      if (left_to_next || is_cut(face.box.x, face.box.width, x, level.pixels.cols) ||
          is_cut(face.box.y, face.box.height, y, level.pixels.rows))
        continue;
      faces.push_back(to_image(face, level, x, y));
    }
}

/// The faces in all levels of these sides, the first level made from the image and each other one from the
/// one before. In the first, from `min_first` on.
std::vector<Detection> search_levels(const YuNet& network, const cv::Mat& image, std::span<const int> sides,
                                     float min_score, float min_first) {
  std::vector<Detection> faces;
  cv::Mat source = image;
  for (std::size_t i = 0; i < sides.size(); ++i) {
    const Level level = make_level(image, source, sides[i]);
    const bool last = i + 1 == sides.size();
    search_tiles(network, level, tiles_of(level), last ? std::numeric_limits<int>::max() : kLargestInTile,
                 i == 0 ? min_first : min_score, faces);
    source = level.pixels;
  }
  return faces;
}

/// Adds the faces of a level near the hints.
void search_near(const YuNet& network, const std::vector<Detection>& hints, const Level& level,
                 float min_score, std::vector<Detection>& faces) {
  std::vector<Box> boxes;
  for (const auto& hint : hints)
    boxes.push_back({hint.box.x / level.scale_x, hint.box.y / level.scale_y, hint.box.width / level.scale_x,
                     hint.box.height / level.scale_y});
  search_tiles(network, level, tiles_about(std::move(boxes), level.pixels), kLargestHint, min_score, faces);
}

}  // namespace

std::vector<Detection> search_pyramid(const YuNet& network, const cv::Mat& image,
                                      const PyramidSearch& search) {
  const auto sides = level_sides(image.size(), search);
  const float min_score = search.min_score;
  if (sides.size() == 1) return search_levels(network, image, sides, min_score, min_score);
  auto faces =
      search_levels(network, image, std::span(sides).subspan(1), min_score, std::min(kHint, min_score));
  const float scale = static_cast<float>(std::max(image.cols, image.rows)) / static_cast<float>(sides[0]);
  const auto hints = hints_among(faces, scale, min_score);
  std::erase_if(faces, [&](const Detection& face) { return face.score < min_score; });
  if (!hints.empty()) search_near(network, hints, make_level(image, image, sides[0]), min_score, faces);
  return faces;
}

}  // namespace regard
