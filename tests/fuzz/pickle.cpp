// Reading any pickle ends with descriptions of tensors or a regard::Error.

#include <cstdint>

#include "lab/import/state_dict.h"
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
