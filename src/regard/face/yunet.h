#pragma once

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <opencv2/core.hpp>
#include <vector>

#include "regard/face/detector.h"

namespace regard {

/// A stretch of an axis, in pixels.
struct Span {
  int start = 0, size = 0;
};

/// The network behind Detector: YuNet on one tile of an image. It is compiled for squares of a few sizes, and
/// once for all other tiles: a network for tiles of any size needs about 2 ms whenever their size changes.
/// Serves several threads at once.
class YuNet {
 public:
  /// Sides of square tiles that have a network of their own.
  static constexpr std::array kSquares{128, 192, 256};

  /// `network`: YuNet 2023mar as ONNX. Throws Error if it cannot be read or is another network.
  YuNet(const std::filesystem::path& network, const DetectorOptions& options);
  ~YuNet();
  YuNet(YuNet&&) noexcept;

  /// Faces that score at least `min_score` in the tile of `level` (RGB) at `x` and `y`, whose sizes are
  /// multiples of 32; black where the tile reaches beyond the level. In the tile's pixels, the same face
  /// often more than once. Throws ov::Exception.
  std::vector<Detection> look(const cv::Mat& level, Span x, Span y, float min_score) const;

 private:
  class Forms;
  std::unique_ptr<Forms> forms_;
};

inline float longer_side(const Box& box) {
  return std::max(box.width, box.height);
}

/// Whether two boxes are of one face: they overlap by more than `overlap` (intersection over union), or one
/// lies inside of the other.
bool is_same_face(const Box& a, const Box& b, float overlap);

/// One detection for every face, best score first. Boxes and landmarks are means of what nearly agrees with
/// the best.
std::vector<Detection> suppress(std::vector<Detection> found, float overlap);

}  // namespace regard
