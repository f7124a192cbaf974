#include "regard/video/module.h"

#include <dlfcn.h>

#include <string>

#include "regard/core/error.h"

namespace regard {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLibrary = "libregard_video.so";

/// The folder of this library.
fs::path own_folder() {
  Dl_info info;
  if (!dladdr(reinterpret_cast<const void*>(&open_video), &info) || !info.dli_fname) return {};
  std::error_code error;
  return fs::canonical(info.dli_fname, error).parent_path();
}

/// Next to this library, as in a build folder, or in the folder of its parts, as installed.
fs::path module_file() {
  const fs::path installed = own_folder() / "regard" / kLibrary;
  return fs::exists(installed) ? installed : own_folder() / kLibrary;
}

std::string reason() {
  const char* text = dlerror();
  return text ? text : "";
}

/// A function of the module.
template <class Function>
Function load(const char* name) {
  const fs::path file = module_file();
  // Never unloaded: libraries under it keep threads and handlers of their own.
  void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library)
    throw Error("the part of regard that reads videos cannot be loaded", file.string(),
                "it, and FFmpeg's libraries (Debian: libavformat59, libswscale6)", reason());
  void* function = dlsym(library, name);
  if (!function)
    throw Error("the part of regard that reads videos is of another version", file.string(), name, reason());
  return reinterpret_cast<Function>(function);
}

}  // namespace

std::unique_ptr<VideoReader> open_video(const fs::path& path) {
  static const auto open = load<OpenVideo>(kOpenVideo);
  return std::unique_ptr<VideoReader>(open(path));
}

std::unique_ptr<VideoWriter> write_video(const fs::path& path, const VideoWriterOptions& options) {
  static const auto write = load<WriteVideo>(kWriteVideo);
  return std::unique_ptr<VideoWriter>(write(path, options));
}

}  // namespace regard
