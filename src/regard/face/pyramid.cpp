#include "regard/face/pyramid.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <opencv2/imgproc.hpp>
#include <set>
#include <utility>

namespace regard {
namespace {

// YuNet finds faces from about 10 to 300 pixels. So it runs on a pyramid of levels, each half the size of the
// previous one, until a face that fills the last one is in that range.
constexpr int kLevelFactor = 2;
constexpr int kLastLevelSide = 240;
// Smaller images are enlarged to this side, at most by this factor: YuNet finds 72 % of the 48 pixel faces of
// FERPlus at their own size, 95 % enlarged twice and 97 % enlarged three times.
constexpr int kFirstLevelSide = 480;
constexpr int kMostEnlarged = 3;
// Levels in which the smallest face that is looked for is larger than this are left out: hardly more of such
// faces are found there (models/yunet-2023mar.md).
constexpr float kEasyFace = 64;
// Levels are cut into tiles of at most `side` pixels, which bounds the memory that the network takes. Tiles
// overlap by the largest face that is looked for in them: larger faces are left to the next level, since
// YuNet tends to detect parts of much larger faces.
struct Tiling {
  int side, overlap;
};
constexpr Tiling kTiles{832, 192};
// The first level of a large image is searched only near faces of at least this score in other levels that
// are kHintedTiles.overlap pixels of the first level at most. Of faces from 24 pixels wide that finds as many
// as a search of all of it (bench/detector_recall.py, models/yunet-2023mar.md), of those 16 pixels wide two
// thirds.
constexpr float kHint = 0.02f;
constexpr Tiling kHintedTiles{256, 128};
// Faces of other levels that are found from this width, in pixels of the first, need no look at the first.
constexpr float kSureWidth = 32, kHintOverlap = .3f;
// Black margin around the image, so that faces cut by its edge are inside of the network's input.
constexpr int kMargin = 32;
// Sides of tiles are multiples of this, so that the network has few input shapes; YuNet itself requires 32.
constexpr int kSideStep = 64;

struct Level {
  cv::Mat pixels;
  float scale_x = 1, scale_y = 1;  // from the level's pixels to the image's
};

int round_up(int value, int step) {
  return (value + step - 1) / step * step;
}

/// Divides an axis of a level, with its margins, into overlapping intervals of equal size.
std::vector<Span> tile_axis(int length, Tiling tiling) {
  const int whole = length + 2 * kMargin;
  if (whole <= tiling.side) return {{-kMargin, round_up(whole, kSideStep)}};
  const int step_limit = tiling.side - tiling.overlap;
  const int count = (whole - tiling.overlap + step_limit - 1) / step_limit;
  const int size = round_up((whole - tiling.overlap + count - 1) / count + tiling.overlap, kSideStep);
  std::vector<Span> spans;
  for (int i = 0; i < count; ++i)
    spans.push_back({static_cast<int>(std::int64_t{whole - size} * i / (count - 1)) - kMargin, size});
  return spans;
}

/// The interval whose middle is nearest to a place.
std::size_t nearest(float place, const std::vector<Span>& spans) {
  const auto distance = [&](const Span& span) {
    return std::abs(static_cast<float>(span.start) + static_cast<float>(span.size) / 2 - place);
  };
  return static_cast<std::size_t>(
      std::min_element(spans.begin(), spans.end(),
                       [&](const Span& a, const Span& b) { return distance(a) < distance(b); }) -
      spans.begin());
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

/// The levels of an image, the largest first.
std::vector<Level> make_levels(const cv::Mat& image, const PyramidSearch& search) {
  int side = first_side(image.size(), search);
  std::vector<Level> levels{make_level(image, image, side)};
  while (side > kLastLevelSide) {
    side /= kLevelFactor;
    levels.push_back(make_level(image, levels.back().pixels, side));
  }
  return levels;
}

bool is_one_tile(const Level& level) {
  return std::max(level.pixels.cols, level.pixels.rows) + 2 * kMargin <= kTiles.side;
}

/// Those of the faces of all levels but the first near which the first is to be looked at: small ones that
/// are not surely found already, or parts of a face that is.
std::vector<Detection> hints_among(const std::vector<Detection>& faces, const Level& first, float min_score) {
  const float scale = std::max(first.scale_x, first.scale_y);
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
    if (!known && side <= static_cast<float>(kHintedTiles.overlap) * scale) hints.push_back(face);
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

/// Adds the faces of one tile of a level, in the image's pixels; the same face often more than once.
void search_tile(const YuNet& network, const Level& level, Span x, Span y, int largest, float min_score,
                 std::vector<Detection>& faces) {
  for (const auto& face : network.look(level.pixels, x, y, min_score)) {
    const bool left_to_next = longer_side(face.box) > static_cast<float>(largest);
    if (left_to_next || is_cut(face.box.x, face.box.width, x, level.pixels.cols) ||
        is_cut(face.box.y, face.box.height, y, level.pixels.rows))
      continue;
    faces.push_back(to_image(face, level, x, y));
  }
}

void search_level(const YuNet& network, const Level& level, bool last, float min_score,
                  std::vector<Detection>& faces) {
  const int largest = last ? std::numeric_limits<int>::max() : kTiles.overlap;
  for (const Span y : tile_axis(level.pixels.rows, kTiles))
    for (const Span x : tile_axis(level.pixels.cols, kTiles))
      search_tile(network, level, x, y, largest, min_score, faces);
}

/// Adds the faces of the first level near the hints.
void search_near(const YuNet& network, const std::vector<Detection>& hints, const Level& level,
                 float min_score, std::vector<Detection>& faces) {
  const auto rows = tile_axis(level.pixels.rows, kHintedTiles);
  const auto columns = tile_axis(level.pixels.cols, kHintedTiles);
  std::set<std::pair<std::size_t, std::size_t>> tiles;
  for (const auto& [box, score, landmarks, closeup] : hints)
    tiles.emplace(nearest((box.y + box.height / 2) / level.scale_y, rows),
                  nearest((box.x + box.width / 2) / level.scale_x, columns));
  for (const auto& [row, column] : tiles)
    search_tile(network, level, columns[column], rows[row], kHintedTiles.overlap, min_score, faces);
}

}  // namespace

std::vector<Detection> search_pyramid(const YuNet& network, const cv::Mat& image,
                                      const PyramidSearch& search) {
  const auto levels = make_levels(image, search);
  const float min_score = search.min_score;
  const bool by_hints = levels.size() > 1 && !is_one_tile(levels[0]);
  std::vector<Detection> faces;
  for (std::size_t i = levels.size(); i-- > (by_hints ? 1 : 0);)
    search_level(network, levels[i], i + 1 == levels.size(),
                 by_hints && i == 1 ? std::min(kHint, min_score) : min_score, faces);
  if (!by_hints) return faces;
  const auto hints = hints_among(faces, levels[0], min_score);
  std::erase_if(faces, [&](const Detection& face) { return face.score < min_score; });
  search_near(network, hints, levels[0], min_score, faces);
  return faces;
}

}  // namespace regard
