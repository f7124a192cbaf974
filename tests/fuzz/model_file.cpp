// Reading any model file ends with a model or a regard::Error.

#include <cstdint>
#include <cstring>
#include <string>

#include "regard/core/error.h"
#include "regard/core/options.h"
#include "regard/model/model.h"

namespace {

/// A tensor file of this header and some data.
std::string file_of_header(std::string header) {
  header.resize((header.size() + 7) / 8 * 8, ' ');
  const std::uint64_t length = header.size();
  std::string bytes(reinterpret_cast<const char*>(&length), sizeof(length));
  return bytes + header + std::string(13, '\x3c');
}

/// A tensor file whose metadata hold this text in the place of a model's.
std::string file_of_model(const std::string& text) {
  const regard::Json header = {{"__metadata__", {{"regard", text}}},
                               {"a", {{"dtype", "U8"}, {"shape", {13}}, {"data_offsets", {0, 13}}}}};
  return file_of_header(header.dump(-1, ' ', false, regard::Json::error_handler_t::replace));
}

/// Its first letter says what the input is: a header, a model's metadata, or (any other) a whole file.
/// Without this, few inputs would get past the header's length.
std::string file_of_input(std::string input) {
  const char kind = input.empty() ? 'f' : input.front();
  if (!input.empty()) input.erase(0, 1);
  if (kind == 'h') return file_of_header(input);
  return kind == 'm' ? file_of_model(input) : input;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = file_of_input({reinterpret_cast<const char*>(data), size});
  try {
    const auto file = regard::TensorFile::parse(std::as_bytes(std::span(bytes)), "input");
    for (const auto& [name, tensor] : file.tensors())
      if (tensor.dtype == regard::DType::f16 || tensor.dtype == regard::DType::bf16) tensor.to_floats();
    regard::load_model(file);
  } catch (const regard::Error&) {
  }
  return 0;
}
