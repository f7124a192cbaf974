#include "regard/image/decode.h"

#include <algorithm>
#include <array>

#include "regard/core/error.h"
#include "regard/core/file.h"
#include "regard/core/text.h"
#include "regard/image/codec.h"

namespace regard {
namespace {

/// The format of a name's extension; null if there is none.
const ImageCodec* codec_of_name(const std::filesystem::path& path) {
  const auto ending = lower_case(path.extension().string());
  for (const auto& codec : image_codecs())
    if (std::find(codec.endings.begin(), codec.endings.end(), ending) != codec.endings.end()) return &codec;
  return nullptr;
}

}  // namespace

Image decode_image(std::span<const std::byte> bytes, const std::string& where) {
  return find_codec(bytes, where).decode(bytes, where);
}

Image read_image(const std::filesystem::path& path) {
  const std::string bytes = read_text(path);  // if a mapped file is truncated meanwhile, the program crashes
  return decode_image(std::as_bytes(std::span(bytes)), path.string());
}

void write_image(const std::filesystem::path& path, ImageView image) {
  check_view(image, path.string());
  if (!is_written_image_name(path))
    throw Error("image cannot be written", path.string(), "a name that ends in .jpg or .png",
                path.extension().string());
  const auto bytes = codec_of_name(path)->encode(image, path.string());
  const std::array<std::span<const std::byte>, 1> parts{std::as_bytes(std::span(bytes))};
  write_file_atomically(path, parts);
}

const std::vector<std::string_view>& image_endings() {
  static const std::vector<std::string_view> kEndings = [] {
    std::vector<std::string_view> endings;
    for (const auto& codec : image_codecs())
      endings.insert(endings.end(), codec.endings.begin(), codec.endings.end());
    return endings;
  }();
  return kEndings;
}

bool is_image_name(const std::filesystem::path& path) {
  return codec_of_name(path) != nullptr;
}

bool is_written_image_name(const std::filesystem::path& path) {
  const auto* codec = codec_of_name(path);
  return codec && codec->encode;
}

std::string image_formats() {
  std::string names;
  const auto codecs = image_codecs();
  for (std::size_t i = 0; i < codecs.size(); ++i)
    names += (i == 0 ? "" : i + 1 == codecs.size() ? " or " : ", ") + std::string(codecs[i].name);
  return names;
}

}  // namespace regard
