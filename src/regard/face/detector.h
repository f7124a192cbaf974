#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "regard/core/geometry.h"
#include "regard/core/image.h"

namespace regard {

/// A face found in an image.
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
  int streams = 1;  ///< images that are searched at the same time, each with `threads` threads; more wait

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("min_score", min_score, "faces that score lower are left out, 0 to 1");
    visit("overlap", overlap,
          "of two boxes that overlap more (intersection over union), the better one stays");
    visit("max_side", max_side,
          "larger images are scaled down to this longer side, in pixels, to look for faces");
    visit("threads", threads, "threads of computation; 0: as many as there are cores");
  }
};

/// Finds faces with YuNet (Wu et al., Machine Intelligence Research 2023), upright or up to about 40 degrees
/// askew.
///
/// The image is looked at in levels, each half of the one before, and each level in overlapping tiles of at
/// most 640 x 640 pixels, so that the network's memory (some 30 MB) does not grow with the image; the first
/// level takes 3 bytes a pixel of `max_side` squared at most. Images below 480 pixels are enlarged first,
/// three times at most. Landmarks come from two closer looks at every face, which steadies them.
///
/// All members may be called from several threads at once; the network itself serves one after the other.
class Detector {
 public:
  /// `network`: YuNet 2023mar as ONNX. Throws Error where it cannot be read, and for options out of range.
  explicit Detector(const std::filesystem::path& network, const DetectorOptions& options = {});
  ~Detector();
  Detector(Detector&&) noexcept;
  Detector& operator=(Detector&&) noexcept;

  /// The faces, best score first, in the image's pixels; boxes may reach beyond its edges. Finds faces from
  /// 24 pixels (in grey, about 40) up to the whole image; beyond `max_side`, of the scaled image's
  /// pixels. Throws Error for an empty image and for one that is no grey or RGB.
  std::vector<Detection> detect(ImageView image) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace regard
