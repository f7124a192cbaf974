#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "regard/clip/identities.h"
#include "regard/core/json.h"
#include "regard/output/face_writer.h"

/// How the frames of a clip are written as text.
namespace regard {

class ClipWriter {
 public:
  virtual ~ClipWriter() = default;
  /// The text before the first frame.
  virtual std::string header() const { return {}; }
  virtual std::string text(const ClipFrame& frame) = 0;
};

/// The context of a writer.
struct ClipWriterOptions {
  FaceWriterOptions face = {};
  bool baseline = false;    ///< whether there are baselines, which probabilities are corrected for
  std::string method = {};  ///< how the table came about (method.h), for formats with a place for it
};

using MakeClipWriter = std::unique_ptr<ClipWriter> (*)(ClipWriterOptions);

/// A way of writing a clip.
struct ClipFormat {
  const char* name;  ///< also the ending of its files
  const char* help;
  MakeClipWriter make;
};

/// The table of formats.
std::span<const ClipFormat> clip_formats();

/// A writer of the format with this name. Throws Error naming the known ones.
std::unique_ptr<ClipWriter> make_clip_writer(const std::string& format, ClipWriterOptions options);

/// As the JSON lines have them. `baseline`: with the field baseline_corrected.
Json to_json(const PersonFace& face, const std::vector<std::string>& labels, bool baseline = false);
Json to_json(const ClipFrame& frame, const std::vector<std::string>& labels, bool baseline = false);

/// A head pose in the angles of OpenFace: radians, R = Rx Ry Rz of a camera that looks along z, with x to the
/// right and y down.
struct RotationAngles {
  float x = 0, y = 0, z = 0;
};
RotationAngles rotation_angles(const HeadPose& pose);

}  // namespace regard
