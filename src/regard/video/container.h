#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>

/// What the outermost structure of a video file says of the file, without decoding anything: MP4 and MOV
/// (boxes, ISO/IEC 14496-12), Matroska and WebM (RFC 8794, 9559), AVI (RIFF).
namespace regard {

struct ContainerExtent {
  std::uint64_t bytes = 0;   ///< of the file
  std::uint64_t stated = 0;  ///< that the file should have at least, by its own account; 0: it does not say
  bool lacks_index = false;  ///< an MP4 or MOV file without its `moov` box, which says where the frames are

  bool cut_off() const { return stated > bytes; }
};

/// Reads up to `to.size()` bytes at a place of a file; how many there were.
using ReadAt = std::function<std::size_t(std::uint64_t at, std::span<unsigned char> to)>;

ContainerExtent container_extent(const ReadAt& read, std::uint64_t bytes);

/// The same of a file on disk. Throws Error if it cannot be read.
ContainerExtent container_extent(const std::filesystem::path& path);

}  // namespace regard
