#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <vector>

#include "regard/core/geometry.h"
#include "regard/core/image.h"

namespace regard {

/// The picture's left eye, right eye, nose tip, left and right mouth corner, in pixels.
using Landmarks = std::array<Point, 5>;

/// A face found in a picture.
struct Detection {
  Box box;
  float score = 0;  ///< in (0, 1]
  Landmarks landmarks;
};

struct DetectorOptions {
  float min_score = 0.6f;
  float overlap = 0.3f;
  int max_side = 1920;
  int threads = 0;

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("min_score", min_score, "faces that score lower are left out, 0 to 1");
    visit("overlap", overlap, "of two boxes that overlap more (intersection over union), the better one stays");
    visit("max_side", max_side, "larger pictures are scaled down to this longer side, in pixels, to look for faces");
    visit("threads", threads, "threads of computation; 0: as many as there are cores");
  }
};

/// Finds faces with YuNet (Wu et al., Machine Intelligence Research 2023). All members may be called from
/// several threads at once.
class Detector {
 public:
  /// `network`: YuNet 2023mar as ONNX. Throws Error where it cannot be read.
  explicit Detector(const std::filesystem::path& network, const DetectorOptions& options = {});
  ~Detector();
  Detector(Detector&&) noexcept;
  Detector& operator=(Detector&&) noexcept;

  /// The faces, best score first, in the picture's pixels; boxes may reach beyond its edges. Finds faces from
  /// 24 pixels up to the whole picture; beyond `max_side`, from 24 pixels of the scaled picture.
  std::vector<Detection> detect(ImageView picture) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace regard
