// Decoding any file ends with an image or a regard::Error. Built once for each format, which REGARD_CODEC
// names: the format is not looked for, so that no input is lost on another.

#include <algorithm>
#include <cstdint>
#include <span>

#include "regard/core/error.h"
#include "regard/image/codec.h"

namespace {

const regard::ImageCodec& codec() {
  const auto codecs = regard::image_codecs();
  return *std::ranges::find(codecs, REGARD_CODEC, &regard::ImageCodec::name);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    codec().decode(std::as_bytes(std::span(data, size)), "input");
  } catch (const regard::Error&) {
  }
  return 0;
}
