#include "regard/core/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "regard/core/error.h"
#include "regard/core/output_file.h"
#include "regard/core/system_error.h"
#include "regard/core/text.h"

namespace regard {

namespace {

/// SHA-256 as in FIPS 180-4, section 6.2.
class Sha256 {
 public:
  using Block = std::span<const std::byte, 64>;

  void add(Block block) {
    std::array<std::uint32_t, 64> w;
    for (int t = 0; t < 16; ++t) w[t] = big_endian(block.data() + 4 * t);
    for (int t = 16; t < 64; ++t) w[t] = small1(w[t - 2]) + w[t - 7] + small0(w[t - 15]) + w[t - 16];
    auto [a, b, c, d, e, f, g, h] = state_;
    for (int t = 0; t < 64; ++t) {
      const auto big1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
      const auto big0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
      const std::uint32_t t1 = h + big1 + ((e & f) ^ (~e & g)) + kRound[t] + w[t];
      const std::uint32_t t2 = big0 + ((a & b) ^ (a & c) ^ (b & c));
      h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
    }
    const std::array<std::uint32_t, 8> round{a, b, c, d, e, f, g, h};
    for (int i = 0; i < 8; ++i) state_[i] += round[i];
  }

  std::string digest() const {
    std::string text;
    for (const auto word : state_)
      for (int shift = 28; shift >= 0; shift -= 4) text += "0123456789abcdef"[word >> shift & 15];
    return text;
  }

 private:
  static std::uint32_t big_endian(const std::byte* p) {
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) value = value << 8 | static_cast<std::uint32_t>(p[i]);
    return value;
  }
  static std::uint32_t small0(std::uint32_t x) { return std::rotr(x, 7) ^ std::rotr(x, 18) ^ x >> 3; }
  static std::uint32_t small1(std::uint32_t x) { return std::rotr(x, 17) ^ std::rotr(x, 19) ^ x >> 10; }

  static constexpr std::array<std::uint32_t, 64> kRound{
      0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
      0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
      0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
      0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
      0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
      0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
      0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
      0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

  std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
};

}  // namespace

MappedFile map_file(int descriptor, const std::filesystem::path& path) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) throw_system_error("file cannot be read", path);
  if (!S_ISREG(status.st_mode))
    throw Error("not a regular file", path.string(), "a file",
                S_ISDIR(status.st_mode) ? "a folder" : "a device");
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0) return {};
  void* start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  if (start == MAP_FAILED) throw_system_error("file cannot be mapped into memory", path);
  const auto unmap = [size](const void* p) { ::munmap(const_cast<void*>(p), size); };
  return {std::shared_ptr<const void>(start, unmap), {static_cast<const std::byte*>(start), size}};
}

MappedFile map_file(const std::filesystem::path& path) {
  // Otherwise this would block on a pipe without a writer.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.is_open()) throw_system_error("file cannot be opened", path);
  return map_file(file.get(), path);
}

std::string read_text(const std::filesystem::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) throw_system_error("file cannot be opened", path);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) throw_system_error("file cannot be read", path);
  const auto stated = static_cast<std::size_t>(std::max<off_t>(status.st_size, 0));
  std::string text;
  while (true) {
    if (std::max(stated, text.size()) > kMostRead)
      throw Error("file is too large", path.string(), "at most " + std::to_string(kMostRead) + " bytes");
    const std::size_t start = text.size();
    constexpr std::size_t kPart = 1 << 16;
    text.resize(std::max(stated, start) + kPart);
    const auto got = ::read(file.get(), text.data() + start, text.size() - start);
    text.resize(start + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_system_error("file cannot be read", path);
    if (got == 0) return text;
  }
}

std::string read_plain_text(const std::filesystem::path& path) {
  return decode_text(read_text(path), path.string());
}

void write_file_atomically(const std::filesystem::path& path,
                           std::span<const std::span<const std::byte>> parts) {
  OutputFile file(path);
  for (const auto part : parts) file.write(part);
  file.commit();
}

void write_text_atomically(const std::filesystem::path& path, std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  write_file_atomically(path, std::array{std::span<const std::byte>(bytes)});
}

std::string sha256(std::span<const std::byte> bytes) {
  Sha256 hash;
  const std::size_t whole = bytes.size() / 64 * 64;
  for (std::size_t i = 0; i < whole; i += 64) hash.add(bytes.subspan(i).first<64>());
  // The rest, a one bit, zeros, and the length in bits fill one block or two.
  std::array<std::byte, 128> end{};
  const auto rest = bytes.subspan(whole);
  std::copy(rest.begin(), rest.end(), end.begin());
  end[rest.size()] = std::byte{0x80};
  const std::size_t length = rest.size() < 56 ? 64 : 128;
  const std::uint64_t bits = std::uint64_t{bytes.size()} * 8;
  for (int i = 0; i < 8; ++i) end[length - 1 - i] = static_cast<std::byte>(bits >> 8 * i);
  for (std::size_t i = 0; i < length; i += 64) hash.add(std::span(end).subspan(i).first<64>());
  return hash.digest();
}

}  // namespace regard
