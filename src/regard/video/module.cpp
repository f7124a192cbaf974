#include "regard/video/module.h"

#include "regard/core/module.h"

namespace regard {
namespace {

/// A function of the module.
template <class Function>
Function load(const char* name) {
  return reinterpret_cast<Function>(
      load_module({"libregard_video.so", name, "reads and writes videos",
                   "it, and FFmpeg's libraries (Debian: regard-video, libavformat59, libswscale6)"}));
}

}  // namespace

std::unique_ptr<VideoReader> open_video(const std::filesystem::path& path) {
  static const auto open = load<OpenVideo>(kOpenVideo);
  return std::unique_ptr<VideoReader>(open(path));
}

std::unique_ptr<VideoReader> open_camera(const std::string& camera, const std::string& kind) {
  static const auto open = load<OpenDevice>(kOpenDevice);
  const bool number = !camera.empty() && camera.find_first_not_of("0123456789") == std::string::npos;
  return std::unique_ptr<VideoReader>(open(number ? "/dev/video" + camera : camera, kind));
}

std::unique_ptr<VideoWriter> write_video(const std::filesystem::path& path,
                                         const VideoWriterOptions& options) {
  static const auto write = load<WriteVideo>(kWriteVideo);
  return std::unique_ptr<VideoWriter>(write(path, options));
}

}  // namespace regard
