#include "regard/model/tensor_file.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <tuple>

#include "regard/core/error.h"
#include "regard/core/file.h"
#include "regard/core/json.h"
#include "regard/model/file_kind.h"

namespace regard {

namespace {

constexpr std::size_t kLengthBytes = 8;
constexpr std::uint64_t kLongestHeader = 100'000'000;  // as in the format's reference implementation

/// A tensor's entry in the header, before its place is checked.
struct Entry {
  std::string name;
  DType dtype;
  Shape shape;
  std::uint64_t begin, end;
};

std::uint64_t natural_number(const nlohmann::json& value, const std::string& where) {
  if (!value.is_number_unsigned()) throw Error("size or place is no natural number", where, {}, value.dump());
  return value.get<std::uint64_t>();
}

const nlohmann::json& field(const nlohmann::json& entry, const char* name, const std::string& where) {
  if (!entry.is_object() || !entry.contains(name)) throw Error("tensor's entry is incomplete", where, name);
  return entry.at(name);
}

const nlohmann::json& list_field(const nlohmann::json& entry, const char* name, const std::string& where) {
  const auto& list = field(entry, name, where);
  if (!list.is_array()) throw Error("tensor's entry is mistyped", where, std::string(name) + " as a list");
  return list;
}

Shape read_shape(const nlohmann::json& list, const std::string& where) {
  Shape shape;
  for (const auto& size : list) {
    const auto value = natural_number(size, where);
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
      throw Error("axis is too large", where, {}, std::to_string(value));
    shape.push_back(static_cast<std::int64_t>(value));
  }
  return shape;
}

std::uint64_t byte_count(DType type, const Shape& shape, const std::string& where) {
  try {
    const auto count = element_count(shape);
    if (count > std::numeric_limits<std::int64_t>::max() / 8) throw Error("tensor is too large");
    return static_cast<std::uint64_t>(count) * size_of(type);
  } catch (const Error& error) {
    throw Error(error.what(), where, {}, to_string(shape));
  }
}

Entry read_entry(const std::string& name, const nlohmann::json& json, const std::string& where) {
  const auto& type = field(json, "dtype", where);
  if (!type.is_string()) throw Error("tensor's entry is mistyped", where, "dtype as a string");
  const auto& places = list_field(json, "data_offsets", where);
  if (places.size() != 2) throw Error("tensor's entry is mistyped", where, "two data_offsets");
  Entry entry{name, dtype_named(type.get<std::string>(), where),
              read_shape(list_field(json, "shape", where), where), natural_number(places[0], where),
              natural_number(places[1], where)};
  const auto bytes = byte_count(entry.dtype, entry.shape, where);
  if (entry.end < entry.begin || entry.end - entry.begin != bytes)
    throw Error("tensor's size does not match its shape", where, std::to_string(bytes) + " bytes",
                std::to_string(entry.begin) + " to " + std::to_string(entry.end));
  return entry;
}

std::map<std::string, std::string> read_metadata(const nlohmann::json& json, const std::string& where) {
  if (!json.is_object()) throw Error("metadata is mistyped", where, "an object of strings", json.type_name());
  std::map<std::string, std::string> metadata;
  for (const auto& [key, value] : json.items()) {
    if (!value.is_string())
      throw Error("metadata is mistyped", where + ": " + key, "a string", value.type_name());
    metadata[key] = value.get<std::string>();
  }
  return metadata;
}

/// Tensors must fill the data one after the other, without overlap or gap.
void check_places(std::vector<Entry> entries, std::uint64_t data_size, const std::string& where) {
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.begin, a.end) < std::tie(b.begin, b.end);
  });
  std::uint64_t place = 0;
  for (const auto& entry : entries) {
    if (entry.begin != place)
      throw Error(entry.begin < place ? "tensor overlaps another" : "gap before a tensor",
                  where + ": " + entry.name, "data from " + std::to_string(place),
                  std::to_string(entry.begin));
    place = entry.end;
  }
  if (place != data_size)
    throw Error(place > data_size ? "file is truncated" : "file is longer than its tensors", where,
                std::to_string(place) + " bytes of data", std::to_string(data_size));
}

std::uint64_t header_length(std::span<const std::byte> bytes, const std::string& where) {
  if (bytes.size() < kLengthBytes)
    throw Error("file is truncated", where, "8 bytes or more", std::to_string(bytes.size()));
  std::uint64_t length;
  std::memcpy(&length, bytes.data(), kLengthBytes);
  if (length > kLongestHeader)
    throw Error("not a safetensors file", where, "a header of at most 100 MB",
                std::to_string(length) + " bytes");
  if (length > bytes.size() - kLengthBytes)
    throw Error("file is truncated", where, "a header of " + std::to_string(length) + " bytes",
                std::to_string(bytes.size() - kLengthBytes));
  return length;
}

/// The order in which tensors are laid out.
std::vector<std::string> layout(const std::map<std::string, TensorView>& tensors) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : tensors) names.push_back(name);
  std::stable_sort(names.begin(), names.end(), [&](const auto& a, const auto& b) {
    return size_of(tensors.at(a).dtype) > size_of(tensors.at(b).dtype);
  });
  return names;
}

std::string header_text(const std::map<std::string, std::string>& metadata,
                        const std::map<std::string, TensorView>& tensors,
                        const std::vector<std::string>& order, const std::string& where) {
  Json header = Json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::uint64_t place = 0;
  for (const auto& name : order) {
    const auto& tensor = tensors.at(name);
    if (byte_count(tensor.dtype, tensor.shape, where + ": " + name) != tensor.bytes.size())
      throw Error("tensor's size does not match its shape", where + ": " + name, to_string(tensor.shape),
                  std::to_string(tensor.bytes.size()) + " bytes");
    header[name] = {{"dtype", name_of(tensor.dtype)},
                    {"shape", tensor.shape},
                    {"data_offsets", {place, place + tensor.bytes.size()}}};
    place += tensor.bytes.size();
  }
  auto text = json_text(header, where);
  text.resize((text.size() + 7) / 8 * 8, ' ');  // so that the data start at a multiple of 8
  return text;
}

struct stat status_of(const std::filesystem::path& path) {
  struct stat status {};
  ::stat(path.c_str(), &status);
  return status;
}

/// Whether the file itself has other contents now; one that replaces it is another file.
bool was_written(const struct stat& before, const struct stat& now) {
  return before.st_dev == now.st_dev && before.st_ino == now.st_ino &&
         (before.st_size != now.st_size || before.st_mtim.tv_sec != now.st_mtim.tv_sec ||
          before.st_mtim.tv_nsec != now.st_mtim.tv_nsec);
}

}  // namespace

TensorFile TensorFile::open(const std::filesystem::path& path) {
  auto mapped = map_file(path);
  auto file = parse(mapped.bytes, path.string());
  file.mapping_ = mapped.owner;
  file.hash_ = std::async(std::launch::deferred, [mapped, path, before = status_of(path)] {
    if (was_written(before, status_of(path)))
      throw Error("file was written to while it was in use", path.string(), "the file as it was opened");
    return regard::sha256(mapped.bytes);
  });
  return file;
}

TensorFile TensorFile::parse(std::span<const std::byte> bytes, const std::string& where) {
  if (const auto& kind = file_kind(bytes);
      kind.kind != FileKind::safetensors && kind.kind != FileKind::unknown)
    throw Error("not a safetensors file", where, {}, describe(kind));
  const auto length = header_length(bytes, where);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()) + kLengthBytes, length);
  const auto header = parse_json<nlohmann::json>(text, where + ": header");
  if (!header.is_object()) throw Error("not a safetensors file", where, "a JSON object", header.type_name());

  TensorFile file;
  file.path_ = where;
  file.hash_ = std::async(std::launch::deferred, [bytes] { return regard::sha256(bytes); });
  std::vector<Entry> entries;
  for (const auto& [name, value] : header.items()) {
    if (name == "__metadata__")
      file.metadata_ = read_metadata(value, where + ": " + name);
    else
      entries.push_back(read_entry(name, value, where + ": " + name));
  }
  const auto data = bytes.subspan(kLengthBytes + length);
  check_places(entries, data.size(), where);
  for (const auto& entry : entries)
    file.tensors_[entry.name] = {entry.dtype, entry.shape,
                                 data.subspan(entry.begin, entry.end - entry.begin)};
  return file;
}

const TensorView& TensorFile::at(std::string_view name) const {
  const auto found = tensors_.find(name);
  if (found != tensors_.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [known, tensor] : tensors_) names.push_back(known);
  const auto near = nearest(name, names);
  throw Error("tensor '" + std::string(name) + "' is missing", path_.string(), {},
              near.empty() ? "" : "'" + near + "'");
}

void write_tensor_file(const std::filesystem::path& path, const std::map<std::string, std::string>& metadata,
                       const std::map<std::string, TensorView>& tensors) {
  const auto order = layout(tensors);
  const auto header = header_text(metadata, tensors, order, path.string());
  const std::uint64_t length = header.size();
  std::vector<std::span<const std::byte>> parts{std::as_bytes(std::span(&length, 1)),
                                                std::as_bytes(std::span(header))};
  for (const auto& name : order) parts.push_back(tensors.at(name).bytes);
  write_file_atomically(path, parts);
}

}  // namespace regard
