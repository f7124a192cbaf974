// Reading any file of boxes ends with boxes or a regard::Error.

#include "cli/boxes.h"

#include <cstdint>

#include "regard/core/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    regard::parse_boxes({reinterpret_cast<const char*>(data), size}, "input");
  } catch (const regard::Error&) {
  }
  return 0;
}
