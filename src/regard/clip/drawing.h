#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "regard/clip/identities.h"
#include "regard/core/output_file.h"
#include "regard/video/reader.h"
#include "regard/video/writer.h"

namespace regard {

/// A clip with its results drawn into it: boxes, people's numbers, and the smoothed expressions. The clip is
/// decoded once more, since who somebody is becomes known only after their frames have gone by.
class ClipDrawing {
 public:
  struct Options {
    std::vector<std::string> labels = {};
    double from = 0;          ///< seconds of the clip at which the drawing begins
    std::string method = {};  ///< how the results came about, kept in the file
  };

  /// `out`: an MP4 file, written at once when it is complete. Throws Error as open_video, and if `out` is the
  /// clip.
  ClipDrawing(const std::filesystem::path& clip, const std::filesystem::path& out, Options options);

  /// Of a camera, without sound: `frames` gives its frames once more.
  ClipDrawing(std::unique_ptr<VideoReader> frames, const std::filesystem::path& out, Options options);

  /// The next frame of the clip that is to be shown; where nothing of it could be decoded, the one before
  /// stays. Throws Error.
  void take(const ClipFrame& frame);

  /// Completes the file. Returns the sound that it cannot hold, as VideoWriter::left_out. Throws Error, also
  /// if there was no frame.
  std::string finish();

 private:
  Image drawn(const ClipFrame& frame) const;
  void begin(ImageView first);

  std::filesystem::path clip_, out_;
  Options options_;
  std::unique_ptr<VideoReader> reader_;
  OutputFile file_;
  std::unique_ptr<VideoWriter> writer_ = {};
};

/// Throws Error unless a file can hold a drawn clip by its ending.
void check_drawing_name(const std::string& file);

}  // namespace regard
