#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "regard/core/geometry.h"
#include "regard/core/image.h"

namespace regard {

/// A face found in an image.
struct Detection {
  Box box;
  float score = 0;      ///< in (0, 1]
  Landmarks landmarks;  ///< "left" is the left of the upright face
  float closeup = 0;    ///< score in the last close-up; 0 without one, or if no face was found in it
};

struct DetectorOptions {
  float min_score = 0.6f;
  float overlap = 0.3f;
  int max_side = 1920;
  float min_face = 0;
  int threads = 0;
  int streams = 1;  ///< number of images searched concurrently, each with `threads` threads; others wait

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("min_score", min_score, "minimum score of a face, 0 to 1");
    visit("overlap", overlap,
          "maximum intersection over union of two boxes; above it only the better one is kept");
    visit("max_side", max_side,
          "larger images are scaled down to this longer side, in pixels, for detection");
    visit(
        "min_face", min_face,
        "smallest face that is looked for, by the longer side of its box: in pixels of the image, or below 1 "
        "as a share of its longer side; 0: as small as can be found");
    visit("threads", threads, "number of threads; 0: one per core");
  }
};

/// DetectorOptions::min_face in pixels of an image.
float min_face_in(ImageView image, const DetectorOptions& options);

/// Finds faces with YuNet (Wu et al., Machine Intelligence Research 2023), upright or rotated by up to about
/// 40 degrees; FaceFinder (upright.h) finds the others as well.
///
/// It runs on a pyramid of levels, the second half the size of the first, the others a third of the previous
/// one, in overlapping tiles of at most 832 x 832 pixels, so that the network's memory (about 70 MB) does not
/// grow with the image; the levels take at most 4 bytes per pixel of `max_side` squared. The first level is
/// searched only where the others show that there may be a small face. Images below 480 pixels are enlarged
/// first, three times at most. Levels in which a face of `min_face` has more than 64 pixels are left
/// out. Images that are more than three times as long as wide are searched in
/// overlapping windows, 2.25 times as long as wide, and `max_side` applies to each of them: time grows with
/// the length of a panorama, memory does not. Landmarks come from one or two close-ups of every face,
/// which makes them more stable.
///
/// All members are thread safe; the network itself serves one after the other.
class Detector {
 public:
  /// `network`: YuNet 2023mar as ONNX. Throws Error if it cannot be read, and for options out of range.
  explicit Detector(const std::filesystem::path& network, const DetectorOptions& options = {});
  ~Detector();
  Detector(Detector&&) noexcept;
  Detector& operator=(Detector&&) noexcept;

  const DetectorOptions& options() const;

  /// The faces of `min_face` or more, highest score first, in pixels of the image; boxes may extend beyond
  /// its edges. Finds faces from 24 pixels (about 40 in grey images) up to the whole image; beyond
  /// `max_side`, in pixels of the scaled image. Throws Error for an empty image and for one that is neither
  /// grey nor RGB.
  std::vector<Detection> detect(ImageView image) const;

  /// The faces of any size with a score of at least `min_score`, whatever the options say, before the
  /// close-ups.
  std::vector<Detection> candidates(ImageView image, float min_score) const;

  /// The face in `place` as YuNet sees it, on 128 x 128 pixels, if its roll is `roll` degrees (clockwise):
  /// the score tells how likely it is that way up. None if it scores below `min_score`. Throws Error for an
  /// empty image or place.
  std::optional<Detection> look(ImageView image, const Box& place, float roll, float min_score) const;

  /// Refines the landmarks with YuNet on upright close-ups of suitable size; leaves them unchanged if it
  /// finds no face there. False for landmarks that cannot be those of a face.
  bool refine(ImageView image, Detection& face) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// A face of an image that `map`, a similarity, transforms. The box stays axis-aligned: it holds the ellipse
/// that was inscribed in the box.
Detection transform(const Detection& face, const Affine& map);

}  // namespace regard
