// Reading any list of images ends with names or a regard::Error.

#include <cstdint>

#include "lab/datasets/lists.h"
#include "regard/core/error.h"
#include "regard/core/text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<std::string> kNames{"fer0000000.png", "test_0007_aligned.jpg", "7_own.png",
                                               "a b.png", "3.jpg"};
  try {
    const auto text = regard::decode_text({reinterpret_cast<const char*>(data), size}, "input");
    regard::match_list(regard::parse_list(text, "input"), kNames, "input");
  } catch (const regard::Error&) {
  }
  return 0;
}
