#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "regard/core/image.h"

/// Videos, frame by frame. The decoders are in a library of their own, libregard_video.so, which is loaded
/// when the first video is opened: it needs a hundred libraries that nothing else here needs.
namespace regard {

/// What a file says about its video.
struct VideoInfo {
  int width = 0;  ///< of the frames as they are given out: upright, with square pixels
  int height = 0;
  double rate = 0;          ///< average number of frames a second; 0: not known. Not a clock: see FrameStamp.
  double seconds = 0;       ///< duration; 0: not known
  std::int64_t frames = 0;  ///< number of frames; 0: not known
  int rotation = 0;         ///< degrees by which frames are turned clockwise to be upright: 0, 90, 180 or 270
  bool mirrored = false;    ///< whether they are also mirrored
  int bits = 8;             ///< a sample in the file; frames are given out with 8
  bool hdr = false;         ///< whether it has a high dynamic range (PQ or HLG)
  std::string codec = {};   ///< as FFmpeg names it, e.g. "h264"
  std::string container = {};
};

/// Which frame it is.
struct FrameStamp {
  std::int64_t number = 0;  ///< in the file, from 0
  double seconds = 0;       ///< from the start of the file, as it states it for this frame; always increasing
  bool damaged = false;     ///< not decoded without errors; its image may be empty
};

/// Reads a video from its start to its end. One thread at a time.
class VideoReader {
 public:
  virtual ~VideoReader() = default;

  virtual const VideoInfo& info() const = 0;

  /// Decodes the next frame; none at the end. Frames that cannot be decoded are damaged ones, not errors.
  /// Throws Error if reading fails otherwise.
  virtual std::optional<FrameStamp> next() = 0;

  /// The present frame as RGB, of the size that `info` states; empty if nothing of it could be decoded.
  virtual Image image() = 0;

  /// What the file lacks according to itself, after the end: "the file was cut off: ..."; empty if it is
  /// whole.
  virtual std::string shortfall() const = 0;
};

/// The largest frame that is read, in pixels: 8192 x 4320. Decoders hold up to 17 frames of 1.5 or 3 bytes a
/// pixel.
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
inline constexpr std::int64_t kMaxVideoPixels = 1'000'000;
#else
inline constexpr std::int64_t kMaxVideoPixels = 8192 * 4320;
#endif

/// Opens a video: MP4, MOV, Matroska, WebM, AVI, MPEG, ASF, FLV, Ogg, MXF, DV and others. Nothing but this
/// one file is read: no network, no playlists. Throws Error if it is missing, no video, audio only, without
/// its index, in an unsupported coding or too large, and if libregard_video.so or the libraries of FFmpeg are
/// missing.
std::unique_ptr<VideoReader> open_video(const std::filesystem::path& path);

/// Opens a camera (Video4Linux): its number, 0 for /dev/video0, or its device. Its frames have times from the
/// first one on, and no end. Needs FFmpeg's libavdevice as well, which is loaded for it. Throws Error if it
/// is missing, if there is no such camera, and if it is in use.
///
/// `kind`: FFmpeg's name of another kind of device, for tests.
std::unique_ptr<VideoReader> open_camera(const std::string& camera, const std::string& kind = "video4linux2");

}  // namespace regard
