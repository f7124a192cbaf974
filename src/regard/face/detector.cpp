#include "regard/face/detector.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <openvino/core/preprocess/pre_post_process.hpp>
#include <string>

#include "regard/core/error.h"
#include "regard/core/file.h"
#include "regard/core/pool.h"
#include "regard/face/alignment.h"
#include "regard/image/opencv.h"
#include "regard/openvino/settings.h"

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
// A level is cut into tiles of at most this side, which bounds the memory that the network takes. Tiles
// overlap by the largest face of a level: larger faces are left to the next level, since YuNet tends to
// detect parts of much larger faces.
constexpr int kTileSide = 640;
constexpr int kTileOverlap = 192;
// Black margin around the image, so that faces cut by its edge are inside of the network's input.
constexpr int kMargin = 32;
// Sides of tiles are multiples of this, so that the network has few input shapes; YuNet itself requires 32.
constexpr int kSideStep = 64;
// A box with more than this fraction inside a better one is the same face at another scale.
constexpr float kInside = 0.75f;
// Detections that overlap more than this are of the same face at the same scale.
constexpr float kAgree = 0.6f;
// Close-ups of every face that refine its landmarks. Over 48 sizes of each sample photograph from 150 to 1900
// pixels wide, the landmarks scatter by 4.5 % of the distance between the eyes without close-ups, 2.2 % with
// one, and 1.6 % with two or more; bench/landmark_scatter.py, with its own sizes, gives 1.7 % with two.
constexpr int kCloseups = 2;

struct Level {
  cv::Mat pixels;
  float scale_x = 1, scale_y = 1;  // from the level's pixels to the image's
};

struct Span {
  int start = 0, size = 0;
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

/// The longer side of the first level.
int first_side(cv::Size image, int max_side) {
  const int side = std::max(image.width, image.height);
  if (side >= kFirstLevelSide) return std::min(side, max_side);
  return std::min(std::min(kFirstLevelSide, side * kMostEnlarged), max_side);
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

/// Copies a tile of the level into the network's input, black where the tile reaches beyond the level.
void fill_tile(const cv::Mat& level, Span x, Span y, ov::Tensor input) {
  cv::Mat tile(y.size, x.size, CV_8UC3, input.data<std::uint8_t>());
  tile.setTo(cv::Scalar::all(0));
  const cv::Rect part = cv::Rect(x.start, y.start, x.size, y.size) & cv::Rect(0, 0, level.cols, level.rows);
  level(part).copyTo(tile(part - cv::Point(x.start, y.start)));
}

/// Decodes the cells of one stride: score sqrt(class x object), box centre (cell + d) stride and size exp(d)
/// stride, landmarks (cell + d) stride.
void decode_stride(const ov::InferRequest& request, int stride, Span x, Span y, float min_score,
                   std::vector<Detection>& found) {
  const auto output = [&](const char* name) {
    return const_cast<ov::InferRequest&>(request)
        .get_tensor(name + std::to_string(stride))
        .data<const float>();
  };
  const float *cls = output("cls_"), *obj = output("obj_"), *bbox = output("bbox_"), *kps = output("kps_");
  const int columns = x.size / stride, cells = columns * (y.size / stride);
  const float s = static_cast<float>(stride);
  for (int i = 0; i < cells; ++i) {
    const float score = std::sqrt(std::clamp(cls[i], 0.f, 1.f) * std::clamp(obj[i], 0.f, 1.f));
    if (!(score >= min_score)) continue;
    const float cell_x = static_cast<float>(i % columns), cell_y = static_cast<float>(i / columns);
    const float* b = bbox + 4 * i;
    const float width = std::exp(b[2]) * s, height = std::exp(b[3]) * s;
    Detection face{
        {(cell_x + b[0]) * s - width / 2, (cell_y + b[1]) * s - height / 2, width, height}, score, {}};
    for (int k = 0; k < 5; ++k)
      face.landmarks[k] = {(cell_x + kps[10 * i + 2 * k]) * s, (cell_y + kps[10 * i + 2 * k + 1]) * s};
    found.push_back(face);
  }
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

bool holds(const Box& box, Point p) {
  return p.x >= box.x && p.x <= box.x + box.width && p.y >= box.y && p.y <= box.y + box.height;
}

float share_inside(const Box& inner, const Box& outer) {
  const float width = std::min(inner.x + inner.width, outer.x + outer.width) - std::max(inner.x, outer.x);
  const float height = std::min(inner.y + inner.height, outer.y + outer.height) - std::max(inner.y, outer.y);
  return width > 0 && height > 0 ? width * height / inner.area() : 0;
}

/// The mean of the detections that nearly agree with `best`, weighted by their scores: single cells'
/// landmarks scatter.
Detection agreed(const Detection& best, const std::vector<Detection>& found) {
  Detection mean{{}, best.score, {}};
  float sum = 0;
  const auto add = [](float& total, float value, float weight) { total += value * weight; };
  for (const auto& face : found) {
    if (intersection_over_union(face.box, best.box) < kAgree) continue;
    const float w = face.score;
    sum += w;
    add(mean.box.x, face.box.x, w), add(mean.box.y, face.box.y, w);
    add(mean.box.width, face.box.width, w), add(mean.box.height, face.box.height, w);
    for (std::size_t i = 0; i < mean.landmarks.size(); ++i)
      add(mean.landmarks[i].x, face.landmarks[i].x, w), add(mean.landmarks[i].y, face.landmarks[i].y, w);
  }
  mean.box = {mean.box.x / sum, mean.box.y / sum, mean.box.width / sum, mean.box.height / sum};
  for (auto& point : mean.landmarks) point = {point.x / sum, point.y / sum};
  return mean;
}

/// One detection for every face, best score first.
std::vector<Detection> suppress(std::vector<Detection> found, float overlap) {
  std::stable_sort(found.begin(), found.end(),
                   [](const Detection& a, const Detection& b) { return a.score > b.score; });
  std::vector<Detection> kept;
  for (const auto& face : found) {
    const bool known = std::any_of(kept.begin(), kept.end(), [&](const Detection& better) {
      return intersection_over_union(face.box, better.box) > overlap ||
             share_inside(face.box, better.box) > kInside || share_inside(better.box, face.box) > kInside;
    });
    if (!known) kept.push_back(face);
  }
  for (auto& face : kept) face = agreed(face, found);
  return kept;
}

/// The close-up of a face: its landmarks at their average positions, scaled about the centre so that its eyes
/// are 40 pixels apart.
ChipOptions closeup_of_face() {
  ChipOptions closeup;
  closeup.size = 192;
  for (float& place : closeup.landmarks) place = .5f + .54f * (place - .5f);
  return closeup;
}

/// YuNet for tiles of any size, RGB bytes in.
std::shared_ptr<ov::Model> read_network(ov::Core& core, const std::filesystem::path& path) {
  auto network = core.read_model(read_text(path), ov::Tensor());
  network->reshape(ov::PartialShape{1, 3, -1, -1});
  ov::preprocess::PrePostProcessor steps(network);
  steps.input()
      .tensor()
      .set_element_type(ov::element::u8)
      .set_layout("NHWC")
      .set_color_format(ov::preprocess::ColorFormat::RGB);
  steps.input().model().set_layout("NCHW");
  steps.input()
      .preprocess()
      .convert_element_type(ov::element::f32)
      .convert_color(ov::preprocess::ColorFormat::BGR);
  return steps.build();
}

void check_outputs(const ov::Model& network, const std::filesystem::path& path) {
  std::string names;
  for (const auto& output : network.outputs()) names += output.get_any_name() + " ";
  for (const char* kind : {"cls_", "obj_", "bbox_", "kps_"})
    for (const char* stride : {"8 ", "16 ", "32 "})
      if (names.find(std::string(kind) + stride) == std::string::npos)
        throw Error("is not the face detector", path.string(), std::string("an output ") + kind + stride,
                    names);
}

void check_options(const DetectorOptions& options) {
  const auto check = [](bool right, const char* name, const char* range, auto value) {
    if (!right) throw Error("number is out of range", name, range, std::to_string(value));
  };
  check(options.min_score > 0 && options.min_score <= 1, "min_score", "above 0, up to 1", options.min_score);
  check(options.overlap >= 0 && options.overlap <= 1, "overlap", "0 to 1", options.overlap);
  check(options.max_side >= 1, "max_side", "1 or more", options.max_side);
  check(options.threads >= 0, "threads", "0 or more", options.threads);
  check(options.streams >= 1, "streams", "1 or more", options.streams);
}

}  // namespace

struct Detector::Impl {
  DetectorOptions options;
  ov::CompiledModel network;
  Pool<ov::InferRequest> requests;

  /// Faces in one tile, in its pixels; the same face often more than once.
  std::vector<Detection> detect_in_tile(ov::InferRequest& request, const cv::Mat& level, Span x,
                                        Span y) const {
    ov::Tensor input = request.get_input_tensor();
    input.set_shape({1, static_cast<std::size_t>(y.size), static_cast<std::size_t>(x.size), 3});
    fill_tile(level, x, y, input);
    request.infer();
    std::vector<Detection> found;
    for (const int stride : {8, 16, 32}) decode_stride(request, stride, x, y, options.min_score, found);
    return found;
  }

  /// Faces of all levels, in the image's pixels; the same face often more than once.
  std::vector<Detection> search(ov::InferRequest& request, const cv::Mat& image) const {
    std::vector<Detection> faces;
    int side = first_side(image.size(), options.max_side);
    Level level = make_level(image, image, side);
    while (true) {
      const bool last = side <= kLastLevelSide;
      for (const Span y : tile_axis(level.pixels.rows))
        for (const Span x : tile_axis(level.pixels.cols))
          for (const auto& face : detect_in_tile(request, level.pixels, x, y)) {
            const bool left_to_next = !last && std::max(face.box.width, face.box.height) > kTileOverlap;
            if (left_to_next || is_cut(face.box.x, face.box.width, x, level.pixels.cols) ||
                is_cut(face.box.y, face.box.height, y, level.pixels.rows))
              continue;
            faces.push_back(to_image(face, level, x, y));
          }
      if (last) return faces;
      side /= kLevelFactor;
      level = make_level(image, level.pixels, side);
    }
  }

  /// Refines the landmarks with YuNet on an upright close-up of suitable size; leaves them unchanged if it
  /// finds no face there. False for landmarks that cannot be those of a face.
  bool refine(ov::InferRequest& request, ImageView image, Landmarks& landmarks) const {
    const ChipOptions closeup = closeup_of_face();
    Affine back;
    try {
      back = chip_to_image(landmarks, closeup);
    } catch (const Error&) {
      return false;
    }
    const Image chip = cut_chip(image, landmarks, closeup);
    const auto found =
        suppress(detect_in_tile(request, mat_of(chip), {0, chip.width}, {0, chip.height}), options.overlap);
    const float size = static_cast<float>(closeup.size);
    const Point nose{closeup.landmarks[4] * size, closeup.landmarks[5] * size};
    const auto same = std::find_if(found.begin(), found.end(),
                                   [&](const Detection& face) { return holds(face.box, nose); });
    if (same != found.end())
      std::transform(same->landmarks.begin(), same->landmarks.end(), landmarks.begin(), back);
    return true;
  }

  std::vector<Detection> detect(ImageView image) {
    auto request = requests.take([this] { return network.create_infer_request(); });
    auto faces = suppress(search(*request, mat_of(image)), options.overlap);
    for (int i = 0; i < kCloseups; ++i)
      std::erase_if(faces, [&](Detection& face) { return !refine(*request, image, face.landmarks); });
    return faces;
  }
};

Detector::Detector(const std::filesystem::path& network, const DetectorOptions& options)
    : impl_(std::make_unique<Impl>()) {
  check_options(options);
  impl_->options = options;
  try {
    ov::Core core;
    const auto model = read_network(core, network);
    check_outputs(*model, network);
    impl_->network =
        core.compile_model(model, "CPU", cpu_settings(ov::element::f32, options.threads, options.streams));
  } catch (const ov::Exception& error) {
    throw Error(std::string("face detector cannot be loaded: ") + error.what(), network.string());
  }
}

Detector::~Detector() = default;
Detector::Detector(Detector&&) noexcept = default;
Detector& Detector::operator=(Detector&&) noexcept = default;

std::vector<Detection> Detector::detect(ImageView image) const {
  check_view(image);
  try {
    return impl_->detect(image);
  } catch (const ov::Exception& error) {
    throw Error(std::string("face detector cannot be run: ") + error.what());
  } catch (const cv::Exception& error) {
    throw Error("image cannot be scaled: " + error.err);
  }
}

}  // namespace regard
