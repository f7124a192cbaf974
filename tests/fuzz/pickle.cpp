// Whatever stands in a pickle, reading it ends with tensors' descriptions or a regard::Error.

#include "lab/import/state_dict.h"

#include <cstdint>

#include "regard/core/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto pickle = regard::read_pickle(std::as_bytes(std::span(data, size)), "input");
    regard::read_storages(pickle);
    regard::read_state_dict(pickle, "input");
  } catch (const regard::Error&) {
  }
  return 0;
}
