#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "regard/core/error.h"
#include "regard/video/module.h"

/// A video file: whatever it is, its frames are read or an Error is thrown. The part that reads videos is
/// linked in, so that the fuzzer sees it; FFmpeg's libraries are the system's.
extern "C" regard::VideoReader* regard_open_video_1(const std::filesystem::path& path);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr int kMostFrames = 20;
  const int file = memfd_create("video", 0);
  if (file < 0 || write(file, data, size) != static_cast<ssize_t>(size)) return close(file), 0;
  try {
    const std::unique_ptr<regard::VideoReader> reader(
        regard_open_video_1("/proc/self/fd/" + std::to_string(file)));
    for (int i = 0; i < kMostFrames && reader->next(); ++i) reader->image();
    reader->shortfall();
  } catch (const regard::Error&) {
  }
  close(file);
  return 0;
}
