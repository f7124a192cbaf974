// From an image file's bytes to chips. An image is decoded whatever its size, and searched for faces where
// it is small, so that a run takes milliseconds.

#include <algorithm>
#include <cstdint>
#include <span>

#include "regard/core/error.h"
#include "regard/face/alignment.h"
#include "regard/image/decode.h"

namespace {

constexpr int kLargestSide = 64;  // so that the network meets few shapes, each of which is compiled anew

const regard::Detector& detector() {
  static const regard::Detector kDetector(REGARD_SOURCE_DIR "/models/yunet-2023mar.onnx", {.threads = 1});
  return kDetector;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const regard::Image image = regard::decode_image(std::as_bytes(std::span(data, size)), "fuzz");
    if (std::max(image.width, image.height) > kLargestSide) return 0;
    for (const auto& face : detector().detect(image)) regard::cut_chip(image, face.landmarks, {});
  } catch (const regard::Error&) {
    // what a damaged file is to end in
  }
  return 0;
}
