// Importing any ONNX file ends with tensors or a regard::Error.

#include "lab/import/onnx.h"

#include <cstdint>

#include "regard/core/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    for (const auto& [name, tensor] :
         regard::read_onnx(std::as_bytes(std::span(data, size)), nullptr, "input"))
      try {
        tensor.values();
      } catch (const regard::Error&) {
      }
  } catch (const regard::Error&) {
  }
  return 0;
}
