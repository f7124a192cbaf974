#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "regard/core/image.h"

/// Videos are written frame by frame: H.264 in MP4, as browsers play it. The encoder is in libregard_video.so
/// (reader.h).
namespace regard {

struct VideoWriterOptions {
  int width = 0, height = 0;         ///< of the frames; the last column or row of odd ones is left out
  double rate = 0;                   ///< frames a second, about; 0: not known
  std::filesystem::path sound = {};  ///< a file whose sound is copied; empty: none
  double from = 0;                   ///< seconds of that file at which the new one begins
  std::string comment = {};          ///< kept in the file
};

/// One thread at a time.
class VideoWriter {
 public:
  virtual ~VideoWriter() = default;

  /// A frame that is shown from `seconds` on, later than the one before: RGB, of the size in the options.
  /// Throws Error.
  virtual void write(ImageView image, double seconds) = 0;

  /// After the last frame; without it the file is of no use.
  virtual void finish() = 0;

  /// The sound that MP4 cannot hold, e.g. "pcm_s16le"; empty if all was copied.
  virtual std::string left_out() const = 0;
};

/// `path`: a regular file, which is overwritten: also an open one, as /proc/self/fd/3. Throws Error if it
/// cannot be written, if the sound cannot be read, and if FFmpeg's libraries lack an encoder.
std::unique_ptr<VideoWriter> write_video(const std::filesystem::path& path,
                                         const VideoWriterOptions& options);

}  // namespace regard
