#include "regard/face/detector.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <openvino/core/except.hpp>
#include <string>

#include "regard/core/error.h"
#include "regard/core/range_check.h"
#include "regard/face/alignment.h"
#include "regard/face/pyramid.h"
#include "regard/face/yunet.h"
#include "regard/image/opencv.h"

namespace regard {
namespace {

// Close-ups of every face that refine its landmarks. Over 48 sizes of each sample photograph from 150 to 1900
// pixels wide, the landmarks scatter by 4.5 % of the distance between the eyes without close-ups, 2.2 % with
// one, and 1.6 % with two or more; bench/landmark_scatter.py, with its own sizes, gives 1.7 % with two.
constexpr int kCloseups = 2;
// The second is left out where the first moved no landmark by more than this share of the distance between
// the eyes; bench/landmark_scatter.py still gives 1.7 %, with .06 1.8 %.
constexpr float kSettled = .04f;
// The look at a face in a given direction: a square of so many pixels that shows so many of the face's box
// (its longer side). Of 40 portraits at eight angles (bench/turned_faces.py --half choose) the best of four
// directions is the right one as often with 128 pixels as with 192, less often with 64.
constexpr int kLookSide = 128;
constexpr float kLookRoom = 1.5f;
// Images whose longer side is more than kPanorama times the shorter, and longer than max_side, are looked at
// in windows along it: kWindow shorter sides long (or max_side, if that is more), overlapping by
// kWindowOverlap of them, so that every face lies in one of them as a whole.
constexpr float kPanorama = 3, kWindow = 2.25f, kWindowOverlap = .75f;

/// The parts of an image that are looked at one after the other.
std::vector<cv::Rect> windows(cv::Size image, int max_side) {
  const bool wide = image.width > image.height;
  const int longer = std::max(image.width, image.height), shorter = std::min(image.width, image.height);
  if (longer <= max_side || static_cast<float>(longer) <= kPanorama * static_cast<float>(shorter))
    return {{{0, 0}, image}};
  const int length =
      std::min(longer, std::max(max_side, static_cast<int>(kWindow * static_cast<float>(shorter))));
  const int overlap = static_cast<int>(kWindowOverlap * static_cast<float>(shorter));
  const int count = std::max(1, (longer - overlap + length - overlap - 1) / (length - overlap));
  std::vector<cv::Rect> parts;
  for (int i = 0; i < count; ++i) {
    const int start = count == 1 ? 0 : static_cast<int>(std::int64_t{longer - length} * i / (count - 1));
    parts.push_back(wide ? cv::Rect(start, 0, length, shorter) : cv::Rect(0, start, shorter, length));
  }
  return parts;
}

/// Whether a window's end cuts a face's box, in the window's pixels, off where the image goes on.
bool is_cut(const Box& box, cv::Rect window, cv::Size image) {
  return (window.x > 0 && box.x < 0) || (window.y > 0 && box.y < 0) ||
         (window.br().x < image.width && box.x + box.width > static_cast<float>(window.width)) ||
         (window.br().y < image.height && box.y + box.height > static_cast<float>(window.height));
}

void move(Detection& face, cv::Point by) {
  const float x = static_cast<float>(by.x), y = static_cast<float>(by.y);
  face.box.x += x, face.box.y += y;
  for (auto& point : face.landmarks) point.x += x, point.y += y;
}

bool holds(const Box& box, Point p) {
  return p.x >= box.x && p.x <= box.x + box.width && p.y >= box.y && p.y <= box.y + box.height;
}

/// The best of the faces that hold a point; none where none does.
std::optional<Detection> at(Point place, const std::vector<Detection>& best_first) {
  const auto found = std::find_if(best_first.begin(), best_first.end(),
                                  [&](const Detection& face) { return holds(face.box, place); });
  return found == best_first.end() ? std::nullopt : std::optional(*found);
}

bool is_settled(const Landmarks& before, const Landmarks& after) {
  const auto distance = [](Point a, Point b) { return std::hypot(a.x - b.x, a.y - b.y); };
  const float most = kSettled * distance(before[0], before[1]);
  return std::equal(before.begin(), before.end(), after.begin(),
                    [&](Point a, Point b) { return distance(a, b) <= most; });
}

/// From a square of `size` pixels to the image's: `side` long there, about `middle`, its upright turned
/// clockwise by `degrees`.
Affine square_about(Point middle, float side, float degrees, int size) {
  const double turn = degrees * M_PI / 180;
  const float a = side / static_cast<float>(size) * static_cast<float>(std::cos(turn));
  const float b = side / static_cast<float>(size) * static_cast<float>(std::sin(turn));
  const float half = static_cast<float>(size) / 2;
  return {{a, -b, middle.x - half * (a - b), b, a, middle.y - half * (b + a)}};
}

/// Calls `work`, and says as an Error what OpenVINO and OpenCV throw.
template <class Work>
auto run(Work&& work) {
  try {
    return work();
  } catch (const ov::Exception& error) {
    throw Error(std::string("face detector cannot be run: ") + error.what());
  } catch (const cv::Exception& error) {
    throw Error("image cannot be scaled: " + error.err);
  }
}

/// The close-up of a face: its landmarks at their average positions, scaled about the centre so that its eyes
/// are 40 pixels apart.
ChipOptions closeup_of_face() {
  ChipOptions closeup;
  closeup.size = 192;
  for (float& place : closeup.landmarks) place = .5f + .54f * (place - .5f);
  return closeup;
}

void check_options(const DetectorOptions& options) {
  check_range(options.min_score > 0 && options.min_score <= 1, "min_score", "above 0, up to 1",
              options.min_score);
  check_range(options.overlap >= 0 && options.overlap <= 1, "overlap", "0 to 1", options.overlap);
  check_range(options.max_side >= 1, "max_side", "1 or more", options.max_side);
  check_range(options.min_face >= 0 && std::isfinite(options.min_face), "min_face", "0 or more",
              options.min_face);
  check_range(options.threads >= 0, "threads", "0 or more", options.threads);
  check_range(options.streams >= 1, "streams", "1 or more", options.streams);
}

}  // namespace

struct Detector::Impl {
  DetectorOptions options;
  YuNet network;

  /// Faces of all windows, in the image's pixels; none in levels that only smaller faces than `min_face`, in
  /// pixels, would need.
  std::vector<Detection> search_windows(const cv::Mat& image, float min_score, float min_face) const {
    std::vector<Detection> faces;
    for (const cv::Rect window : windows(image.size(), options.max_side))
      for (auto& face : search_pyramid(network, image(window), {options.max_side, min_face, min_score})) {
        if (is_cut(face.box, window, image.size())) continue;
        move(face, window.tl());
        faces.push_back(face);
      }
    return faces;
  }

  std::vector<Detection> search(ImageView image, float min_score, float min_face) const {
    check_view(image);
    return run([&] { return suppress(search_windows(mat_of(image), min_score, min_face), options.overlap); });
  }

  bool refine(ImageView image, Detection& face) const {
    const ChipOptions closeup = closeup_of_face();
    Affine back;
    try {
      back = chip_to_image(face.landmarks, closeup);
    } catch (const Error&) {
      return false;
    }
    const float size = static_cast<float>(closeup.size);
    const Point nose{closeup.landmarks[4] * size, closeup.landmarks[5] * size};
    const auto seen = look(image, back, closeup.size, nose, options.min_score);
    face.closeup = seen ? seen->score : 0;
    if (seen) std::transform(seen->landmarks.begin(), seen->landmarks.end(), face.landmarks.begin(), back);
    return true;
  }

  /// The face at `place` of the square that `to_image` takes to the image; in the square's pixels.
  std::optional<Detection> look(ImageView image, const Affine& to_image, int side, Point place,
                                float min_score) const {
    const Image square = cut_chip(image, to_image, side);
    return at(place,
              suppress(network.look(mat_of(square), {0, side}, {0, side}, min_score), options.overlap));
  }
};

Detector::Detector(const std::filesystem::path& network, const DetectorOptions& options) {
  check_options(options);
  impl_ = std::make_unique<Impl>(Impl{options, YuNet(network, options)});
}

Detector::~Detector() = default;
Detector::Detector(Detector&&) noexcept = default;
Detector& Detector::operator=(Detector&&) noexcept = default;

const DetectorOptions& Detector::options() const {
  return impl_->options;
}

std::vector<Detection> Detector::detect(ImageView image) const {
  const auto& options = impl_->options;
  const float min_face = min_face_in(image, options);
  auto faces = impl_->search(image, options.min_score, min_face);
  std::erase_if(faces,
                [&](Detection& face) { return longer_side(face.box) < min_face || !refine(image, face); });
  return faces;
}

std::vector<Detection> Detector::candidates(ImageView image, float min_score) const {
  return impl_->search(image, min_score, 0);
}

std::optional<Detection> Detector::look(ImageView image, const Box& place, float roll,
                                        float min_score) const {
  const Point middle{place.x + place.width / 2, place.y + place.height / 2};
  const Affine back = square_about(middle, kLookRoom * longer_side(place), roll, kLookSide);
  const Point centre{kLookSide / 2.f, kLookSide / 2.f};
  const auto face = run([&] { return impl_->look(image, back, kLookSide, centre, min_score); });
  return face ? std::optional(transform(*face, back)) : std::nullopt;
}

bool Detector::refine(ImageView image, Detection& face) const {
  return run([&] {
    for (int i = 0; i < kCloseups; ++i) {
      const Landmarks before = face.landmarks;
      if (!impl_->refine(image, face)) return false;
      if (is_settled(before, face.landmarks)) break;
    }
    return true;
  });
}

float min_face_in(ImageView image, const DetectorOptions& options) {
  const int side = std::max(image.width, image.height);
  return options.min_face < 1 ? options.min_face * static_cast<float>(side) : options.min_face;
}

Detection transform(const Detection& face, const Affine& map) {
  Detection result = face;
  const auto& [x, y, w, h] = face.box;
  const auto& m = map.m;
  const Point middle = map({x + w / 2, y + h / 2});
  const float width = std::hypot(m[0] * w, m[1] * h), height = std::hypot(m[3] * w, m[4] * h);
  result.box = {middle.x - width / 2, middle.y - height / 2, width, height};
  std::transform(face.landmarks.begin(), face.landmarks.end(), result.landmarks.begin(), map);
  return result;
}

}  // namespace regard
