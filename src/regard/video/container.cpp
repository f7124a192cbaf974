#include "regard/video/container.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

#include "regard/core/error.h"
#include "regard/core/output_file.h"
#include "regard/core/system_error.h"

namespace regard {
namespace {

/// The first bytes of something in a file, with zeros beyond the end of the file.
using Start = std::array<unsigned char, 16>;

Start start_at(const ReadAt& read, std::uint64_t at) {
  Start start{};
  read(at, start);
  return start;
}

std::uint64_t big_endian(std::span<const unsigned char> bytes) {
  std::uint64_t value = 0;
  for (const auto byte : bytes) value = value << 8 | byte;
  return value;
}

std::string_view name_at(const Start& start, std::size_t at) {
  return {reinterpret_cast<const char*>(start.data()) + at, 4};
}

bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
  for (const auto known : names)
    if (name == known) return true;
  return false;
}

/// A box's size: 32 bits, or 64 after a 1; 0: up to the end of the file.
std::uint64_t size_of_box(const Start& start) {
  const auto size = big_endian(std::span(start).first(4));
  return size == 1 ? big_endian(std::span(start).subspan(8, 8)) : size;
}

/// Walks over the boxes of an MP4 file.
void measure_boxes(const ReadAt& read, ContainerExtent& extent) {
  extent.lacks_index = true;
  constexpr std::uint64_t kLeast = 8;
  constexpr int kMostBoxes = 1'000'000;  // a fragment of a second has two
  std::uint64_t at = 0;
  for (int i = 0; i < kMostBoxes && at + kLeast <= extent.bytes; ++i) {
    const Start start = start_at(read, at);
    if (name_at(start, 4) == "moov") extent.lacks_index = false;
    const auto size = size_of_box(start);
    if (size < kLeast || size > ~at) return;
    at += size;
    extent.stated = at;
  }
}

/// A number of EBML: as many leading zero bits as further bytes. All ones: not known, given as 0.
struct VariableNumber {
  std::uint64_t value = 0;
  std::size_t length = 0;  ///< in bytes; 0 if it is none
};

VariableNumber variable_number(std::span<const unsigned char> bytes) {
  const auto length = static_cast<std::size_t>(std::countl_zero(bytes[0])) + 1;
  if (length > 8 || length > bytes.size()) return {};
  const auto ones = (std::uint64_t{1} << (7 * length)) - 1;
  const auto value = big_endian(bytes.first(length)) & ones;
  return {value == ones ? 0 : value, length};
}

/// An EBML header and one segment, whose size is stated unless the file was written as a stream.
void measure_segment(const ReadAt& read, ContainerExtent& extent) {
  constexpr std::array<unsigned char, 4> kSegment{0x18, 0x53, 0x80, 0x67};
  const Start first = start_at(read, 0);
  const auto header = variable_number(std::span(first).subspan(4));
  const std::uint64_t at = 4 + header.length + header.value;
  const Start start = start_at(read, at);
  if (std::memcmp(start.data(), kSegment.data(), kSegment.size()) != 0) return;
  const auto size = variable_number(std::span(start).subspan(4));
  if (size.value > 0) extent.stated = at + 4 + size.length + size.value;
}

/// One RIFF list, or several in files above a gigabyte.
void measure_riff(const ReadAt& read, ContainerExtent& extent) {
  std::uint64_t at = 0;
  while (at + 12 <= extent.bytes) {
    const Start start = start_at(read, at);
    if (name_at(start, 0) != "RIFF") return;
    const std::uint64_t size = start[4] | start[5] << 8 | start[6] << 16 | std::uint64_t{start[7]} << 24;
    at += 8 + size + size % 2;
    extent.stated = at - size % 2;
  }
}

}  // namespace

ContainerExtent container_extent(const ReadAt& read, std::uint64_t bytes) {
  constexpr std::array<std::string_view, 7> kBoxes{"ftyp", "moov", "mdat", "wide", "free", "skip", "pnot"};
  constexpr std::array<unsigned char, 4> kEbml{0x1a, 0x45, 0xdf, 0xa3};
  ContainerExtent extent{.bytes = bytes};
  const Start start = start_at(read, 0);
  if (is_one_of(name_at(start, 4), kBoxes)) measure_boxes(read, extent);
  if (std::memcmp(start.data(), kEbml.data(), kEbml.size()) == 0) measure_segment(read, extent);
  if (name_at(start, 0) == "RIFF") measure_riff(read, extent);
  return extent;
}

ContainerExtent container_extent(const std::filesystem::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (!file.is_open() || ::fstat(file.get(), &status) != 0) throw_system_error("file cannot be read", path);
  if (!S_ISREG(status.st_mode)) throw Error("is no regular file", path.string());
  const auto read = [&](std::uint64_t at, std::span<unsigned char> to) {
    const auto count = ::pread(file.get(), to.data(), to.size(), static_cast<off_t>(at));
    return static_cast<std::size_t>(count > 0 ? count : 0);
  };
  return container_extent(read, static_cast<std::uint64_t>(status.st_size));
}

}  // namespace regard
