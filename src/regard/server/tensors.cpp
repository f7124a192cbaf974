#include "regard/server/tensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>

#include "regard/core/error.h"
#include "regard/core/json.h"
#include "regard/core/text.h"

namespace regard {
namespace {

static_assert(std::endian::native == std::endian::little, "tensors are sent as they are in memory");

constexpr const char* kHeaderLength = "Inference-Header-Content-Length";
constexpr std::size_t kMostElements = std::size_t{1} << 31;
constexpr int kDeepestData = 8;

/// A datatype that can be received or sent.
struct Datatype {
  std::string_view name;
  std::size_t size;  ///< bytes of an element; 0: it says itself
};
constexpr std::array kDatatypes{Datatype{"UINT8", 1}, Datatype{"FP32", 4}, Datatype{"BYTES", 0}};

const Datatype& datatype_named(const std::string& name, const std::string& where) {
  for (const auto& row : kDatatypes)
    if (row.name == name) return row;
  throw Error("datatype is not supported", where, "UINT8, FP32 or BYTES", name);
}

/// A member of an object with the right type. Throws Error.
const Json& member(const Json& json, const char* name, Json::value_t type, const std::string& where) {
  const auto found = json.find(name);
  if (found == json.end() || found->type() != type)
    throw Error("is missing or of another type", where + ": " + name, Json(type).type_name());
  return *found;
}

std::optional<Json> parameter(const Json& json, const char* name) {
  const auto parameters = json.find("parameters");
  if (parameters == json.end() || !parameters->is_object()) return std::nullopt;
  const auto found = parameters->find(name);
  return found == parameters->end() ? std::nullopt : std::optional<Json>(*found);
}

bool is_set(const Json& json, const char* name, bool otherwise) {
  const auto value = parameter(json, name);
  if (value && !value->is_boolean()) throw Error("is no truth value", std::string("parameters: ") + name);
  return value ? value->get<bool>() : otherwise;
}

std::string take_bytes(std::string_view& from, std::size_t count, const std::string& where) {
  if (count > from.size())
    throw Error("has too few bytes", where, std::to_string(count), std::to_string(from.size()));
  std::string taken(from.substr(0, count));
  from.remove_prefix(count);
  return taken;
}

/// Each element after its length in 4 bytes.
std::vector<std::string> split_elements(std::string_view bytes, const std::string& where) {
  std::vector<std::string> elements;
  while (!bytes.empty()) {
    std::uint32_t length = 0;
    std::memcpy(&length, take_bytes(bytes, sizeof length, where).data(), sizeof length);
    elements.push_back(take_bytes(bytes, length, where));
  }
  return elements;
}

void append_element(const Json& value, InferTensor& tensor) {
  if (tensor.datatype == "BYTES") {
    if (!value.is_string()) throw Error("element is no text", tensor.name, "base64");
    tensor.texts.push_back(base64_decoded(value.get_ref<const std::string&>(), tensor.name));
  } else if (tensor.datatype == "UINT8") {
    if (!fits(value, std::uint8_t{}))
      throw Error("element is out of range", tensor.name, "0 to 255", json_shown(value));
    tensor.bytes += static_cast<char>(value.get<std::uint8_t>());
  } else {
    if (!fits(value, float{}))
      throw Error("element is out of range", tensor.name, "a number", json_shown(value));
    const auto number = value.get<float>();
    tensor.bytes.append(reinterpret_cast<const char*>(&number), sizeof number);
  }
}

/// Data may be nested as the shape says, or flat.
void append_data(const Json& data, InferTensor& tensor, int depth = 0) {
  if (!data.is_array()) return append_element(data, tensor);
  if (depth == kDeepestData)
    throw Error("data nests too deeply", tensor.name, std::to_string(kDeepestData) + " levels");
  for (const auto& value : data) append_data(value, tensor, depth + 1);
}

std::vector<std::int64_t> shape_of(const Json& json, const std::string& where) {
  const auto& shape = member(json, "shape", Json::value_t::array, where);
  if (!fits(shape, std::vector<std::int64_t>())) throw Error("shape is no list of whole numbers", where);
  return shape.get<std::vector<std::int64_t>>();
}

/// Takes the tensor's bytes off `binary` if it is said to be there.
InferTensor input_of(const Json& json, std::string_view& binary) {
  if (!json.is_object()) throw Error("input is no object", "inputs");
  InferTensor tensor;
  tensor.name = member(json, "name", Json::value_t::string, "input");
  tensor.datatype = member(json, "datatype", Json::value_t::string, tensor.name);
  tensor.shape = shape_of(json, tensor.name);
  const auto& type = datatype_named(tensor.datatype, tensor.name);
  const std::size_t count = element_count(tensor.shape, tensor.name);
  if (const auto size = parameter(json, "binary_data_size")) {
    if (!size->is_number_unsigned()) throw Error("is no size", tensor.name + ": binary_data_size");
    tensor.bytes = take_bytes(binary, size->get<std::size_t>(), tensor.name);
    if (type.size == 0) tensor.texts = split_elements(std::exchange(tensor.bytes, {}), tensor.name);
  } else {
    append_data(member(json, "data", Json::value_t::array, tensor.name), tensor);
  }
  const std::size_t got = type.size == 0 ? tensor.texts.size() : tensor.bytes.size() / type.size;
  if (got != count || (type.size > 0 && tensor.bytes.size() % type.size != 0))
    throw Error("data does not fit the shape", tensor.name, std::to_string(count) + " elements",
                std::to_string(got));
  return tensor;
}

std::string bytes_sent(const InferTensor& tensor) {
  if (tensor.datatype != "BYTES") return tensor.bytes;
  std::string bytes;
  for (const auto& text : tensor.texts) {
    const auto length = static_cast<std::uint32_t>(text.size());
    bytes.append(reinterpret_cast<const char*>(&length), sizeof length);
    bytes += text;
  }
  return bytes;
}

Json data_sent(const InferTensor& tensor) {
  if (tensor.datatype == "BYTES") return tensor.texts;
  if (tensor.datatype == "UINT8") return std::vector<std::uint8_t>(tensor.bytes.begin(), tensor.bytes.end());
  std::vector<float> numbers(tensor.bytes.size() / sizeof(float));
  std::memcpy(numbers.data(), tensor.bytes.data(), tensor.bytes.size());
  return field_to_json(numbers);
}

Json output_sent(const InferTensor& tensor, bool binary, std::string& tail) {
  Json json{{"name", tensor.name}, {"datatype", tensor.datatype}, {"shape", tensor.shape}};
  if (binary) {
    const std::string bytes = bytes_sent(tensor);
    json["parameters"] = {{"binary_data_size", bytes.size()}};
    tail += bytes;
  } else {
    json["data"] = data_sent(tensor);
  }
  return json;
}

/// The outputs that are sent: those that are asked for, else all.
std::vector<InferRequest::Output> wanted_outputs(const InferRequest& request,
                                                 const std::vector<InferTensor>& outputs) {
  if (!request.outputs.empty()) return request.outputs;
  std::vector<InferRequest::Output> wanted;
  for (const auto& output : outputs) wanted.push_back({output.name, request.binary});
  return wanted;
}

int base64_digit(char c) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const auto at = kDigits.find(c);
  return at == kDigits.npos ? -1 : static_cast<int>(at);
}

}  // namespace

std::size_t element_count(const std::vector<std::int64_t>& shape, const std::string& where) {
  std::size_t count = 1;
  for (const auto side : shape) {
    if (side < 0) throw Error("shape has a negative number", where);
    const auto factor = static_cast<std::size_t>(side);
    if (factor > 0 && count > kMostElements / factor)
      throw Error("tensor is too large", where, std::to_string(kMostElements) + " elements");
    count *= factor;
  }
  return count;
}

InferRequest parse_infer_request(const HttpRequest& request) {
  std::string_view binary = request.body, text = request.body;
  if (const auto given = field_of(request.fields, kHeaderLength)) {
    const auto length = whole_number<std::size_t>(*given);
    if (!length || *length > binary.size())
      throw Error("is no length of a part of the body", kHeaderLength,
                  "at most " + std::to_string(binary.size()), std::string(*given));
    text = binary.substr(0, *length);
  }
  binary.remove_prefix(text.size());
  const Json json = parse_json(text, "request");
  if (!json.is_object()) throw Error("is no object", "request");
  InferRequest parsed{.binary = is_set(json, "binary_data_output", false)};
  if (json.contains("id")) parsed.id = member(json, "id", Json::value_t::string, "request");
  for (const auto& input : member(json, "inputs", Json::value_t::array, "request"))
    parsed.inputs.push_back(input_of(input, binary));
  if (json.contains("outputs"))
    for (const auto& output : member(json, "outputs", Json::value_t::array, "request"))
      parsed.outputs.push_back({member(output, "name", Json::value_t::string, "output"),
                                is_set(output, "binary_data", parsed.binary)});
  if (!binary.empty())
    throw Error("has bytes that belong to no input", "request", {}, std::to_string(binary.size()));
  return parsed;
}

void check_tensor(const InferTensor& tensor, const TensorSpec& spec) {
  const auto fits_side = [](std::int64_t got, std::int64_t wanted) { return wanted == -1 || got == wanted; };
  if (tensor.name == spec.name && tensor.datatype == spec.datatype &&
      std::equal(tensor.shape.begin(), tensor.shape.end(), spec.shape.begin(), spec.shape.end(), fits_side))
    return;
  const auto shown = [](const auto& t) {
    return t.name + " " + t.datatype + " " + json_shown(Json(t.shape));
  };
  throw Error("input is another one", "inputs", shown(spec), shown(tensor));
}

HttpAnswer infer_answer(const InferRequest& request, const std::string& model,
                        const std::vector<InferTensor>& outputs) {
  Json json{{"model_name", model}, {"model_version", "1"}};
  if (!request.id.empty()) json["id"] = request.id;
  json["outputs"] = Json::array();
  std::string tail;
  bool binary = false;
  for (const auto& wanted : wanted_outputs(request, outputs)) {
    const auto found =
        std::find_if(outputs.begin(), outputs.end(), [&](const auto& o) { return o.name == wanted.name; });
    if (found == outputs.end()) throw Error("there is no such output", wanted.name);
    json["outputs"].push_back(output_sent(*found, wanted.binary, tail));
    binary = binary || wanted.binary;
  }
  HttpAnswer answer = json_answer(json);
  if (!binary) return answer;
  answer.fields.emplace_back(kHeaderLength, std::to_string(answer.body.size()));
  answer.type = "application/octet-stream";
  answer.body += tail;
  return answer;
}

std::string base64_decoded(std::string_view text, const std::string& where) {
  const auto wrong = [&] {
    return Error("is no base64", where, "A to Z, a to z, 0 to 9, + and /, padded with = to a multiple of 4");
  };
  if (text.size() % 4 != 0) throw wrong();
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  text.remove_suffix(padding);
  std::string bytes;
  unsigned bits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int digit = base64_digit(text[i]);
    if (digit < 0) throw wrong();
    bits = bits << 6 | static_cast<unsigned>(digit);
    if (i % 4 > 0) bytes += static_cast<char>(bits >> (6 - 2 * (i % 4)) & 0xff);
  }
  return bytes;
}

}  // namespace regard
