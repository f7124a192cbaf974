#pragma once

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "regard/image/decode.h"
#include "tests/support.h"

/// Shared by the tests of formats. The files all show `reference.png`.
namespace regard::test {

inline const std::string kImages = REGARD_SOURCE_DIR "/tests/images/";

inline std::vector<char> read_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

template <class Byte>
Image decode(const std::vector<Byte>& bytes) {
  return decode_image(std::as_bytes(std::span(bytes)), "image");
}

inline std::string error_of_decoding(const std::vector<char>& bytes) {
  return error_of([&] { decode(bytes); });
}

/// The mean difference of samples; 255 where sizes differ.
inline double difference(const Image& a, const Image& b) {
  if (a.width != b.width || a.height != b.height || a.channels != b.channels) return 255;
  double sum = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) sum += std::abs(a.pixels[i] - b.pixels[i]);
  return sum / static_cast<double>(a.pixels.size());
}

inline Image reference() {
  return read_image(kImages + "reference.png");
}

/// The reference as grey.
inline Image grey_reference() {
  Image image = reference();
  for (std::size_t i = 0; i < image.pixels.size(); i += 3)
    image.pixels[i + 1] = image.pixels[i + 2] = image.pixels[i];
  return image;
}

inline std::vector<int> pixel(const Image& image, int x, int y) {
  const std::uint8_t* at = image.row(y) + 3 * x;
  return {at[0], at[1], at[2]};
}

/// The lowest `count` bytes of the value, little end first; zeros after the eighth.
inline void put(std::vector<char>& bytes, std::uint64_t value, int count) {
  for (int i = 0; i < count; ++i) bytes.push_back(i < 8 ? static_cast<char>(value >> 8 * i) : 0);
}

/// The same bytes with another value at every EXIF orientation, in either order of bytes.
inline std::vector<char> with_orientation(std::vector<char> bytes, int orientation) {
  const std::string little("\x12\1\3\0\1\0\0\0", 8), big("\1\x12\0\3\0\0\0\1", 8);
  int found = 0;
  for (std::size_t i = 0; i + 10 <= bytes.size(); ++i) {
    const std::string at(bytes.data() + i, 8);
    if (at == little) bytes[i + 8] = static_cast<char>(orientation), ++found;
    if (at == big) bytes[i + 9] = static_cast<char>(orientation), ++found;
  }
  if (found == 0) throw Error("there is no orientation to change");
  return bytes;
}

}  // namespace regard::test
