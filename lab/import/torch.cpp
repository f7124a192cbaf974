#include "lab/import/torch.h"

#include <zip.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>

#include "lab/import/pickle.h"
#include "lab/import/state_dict.h"
#include "regard/core/error.h"
#include "regard/core/file.h"
#include "regard/core/text.h"
#include "regard/model/file_kind.h"

namespace regard {

namespace {

using Bytes = std::span<const std::byte>;
using Kind = PickleValue::Kind;

struct StorageType {
  std::string_view name;
  std::size_t size;            // bytes of an element
  std::optional<DType> dtype;  // where regard can read them
};
constexpr std::array kStorageTypes{StorageType{"FloatStorage", 4, DType::f32},
                                   StorageType{"HalfStorage", 2, DType::f16},
                                   StorageType{"BFloat16Storage", 2, DType::bf16},
                                   StorageType{"DoubleStorage", 8, DType::f64},
                                   StorageType{"LongStorage", 8, DType::i64},
                                   StorageType{"IntStorage", 4, DType::i32},
                                   StorageType{"CharStorage", 1, DType::i8},
                                   StorageType{"ByteStorage", 1, DType::u8},
                                   StorageType{"ShortStorage", 2, {}},
                                   StorageType{"BoolStorage", 1, {}},
                                   StorageType{"ComplexFloatStorage", 8, {}},
                                   StorageType{"ComplexDoubleStorage", 16, {}},
                                   StorageType{"QInt8Storage", 1, {}},
                                   StorageType{"QUInt8Storage", 1, {}},
                                   StorageType{"QInt32Storage", 4, {}},
                                   StorageType{"UntypedStorage", 1, {}}};

const StorageType& type_of(const PickledStorage& storage, const std::string& where) {
  for (const auto& type : kStorageTypes)
    if (storage.type == type.name) return type;
  throw Error("tensor has an unknown element type", where, {}, storage.type);
}

std::size_t byte_count(const PickledStorage& storage, const std::string& where) {
  const auto size = type_of(storage, where).size;
  if (storage.size < 0 || storage.size > std::numeric_limits<std::int64_t>::max() / 16)
    throw Error("storage has an impossible size", where, {}, std::to_string(storage.size));
  return static_cast<std::size_t>(storage.size) * size;
}

/// Throws Error if an element of the tensor lies outside of its storage.
void check_place(const PickledTensor& tensor, const std::string& where) {
  const auto fail = [&] {
    throw Error("tensor lies outside of its storage", where,
                "within " + std::to_string(tensor.storage.size) + " elements",
                "shape " + to_string(tensor.shape) + ", strides " + to_string(tensor.strides) + " from " +
                    std::to_string(tensor.offset));
  };
  const auto count = element_count(tensor.shape);
  if (tensor.shape.size() != tensor.strides.size() || tensor.offset < 0 || count > tensor.storage.size)
    fail();
  if (count == 0) return;
  if (tensor.offset >= tensor.storage.size) fail();
  std::int64_t last = tensor.offset;
  for (std::size_t axis = 0; axis < tensor.shape.size(); ++axis) {
    const auto steps = tensor.shape[axis] - 1, stride = tensor.strides[axis];
    if (stride < 0 || (steps > 0 && stride > tensor.storage.size / steps)) fail();
    last += steps * stride;
    if (last >= tensor.storage.size) fail();
  }
}

/// Copies the tensor's elements out of its storage, row-major.
std::vector<float> gather(const PickledTensor& tensor, const std::vector<float>& storage) {
  std::vector<float> values(static_cast<std::size_t>(element_count(tensor.shape)));
  Shape at(tensor.shape.size());
  std::int64_t place = tensor.offset;
  for (auto& value : values) {
    value = storage[static_cast<std::size_t>(place)];
    for (std::size_t axis = at.size(); axis-- > 0;) {
      place += tensor.strides[axis];
      if (++at[axis] < tensor.shape[axis]) break;
      place -= tensor.shape[axis] * tensor.strides[axis];
      at[axis] = 0;
    }
  }
  return values;
}

/// `bytes`: the whole storage.
std::vector<float> read_values(const PickledTensor& tensor, Bytes bytes, const std::string& where) {
  const auto type = type_of(tensor.storage, where).dtype;
  if (!type || (*type != DType::f32 && *type != DType::f16 && *type != DType::bf16 && *type != DType::f64))
    throw Error("weight has an element type that cannot be imported", where, "floating-point numbers",
                tensor.storage.type);
  const auto size = byte_count(tensor.storage, where);
  if (bytes.size() != size)
    throw Error("storage has the wrong size", where, std::to_string(size) + " bytes",
                std::to_string(bytes.size()));
  check_place(tensor, where);
  return gather(tensor, TensorView{*type, {tensor.storage.size}, bytes}.to_floats());
}

/// The entries of a zip file, which torch.save never compresses.
class Archive {
 public:
  explicit Archive(const std::filesystem::path& path)
      : path_(path.string()), zip_(zip_open(path.c_str(), ZIP_RDONLY, nullptr), &zip_discard) {
    if (!zip_) throw Error("zip file is damaged", path_);
    std::vector<std::string> names;
    const auto count = zip_get_num_entries(zip_.get(), 0);
    for (zip_int64_t i = 0; i < count; ++i) {
      const char* text = zip_get_name(zip_.get(), static_cast<zip_uint64_t>(i), ZIP_FL_ENC_RAW);
      const std::string name = text ? text : "";
      if (name.ends_with("/data.pkl")) folder_ = name.substr(0, name.rfind('/') + 1);
      if (names.size() < 4) names.push_back("'" + name + "'");
    }
    if (folder_.empty())
      throw Error("zip archive is none of torch.save's: unpack it, its files can be read", path_,
                  "an entry data.pkl", names.empty() ? "nothing in it" : join(names));
  }

  bool has(const std::string& name) const {
    return zip_name_locate(zip_.get(), (folder_ + name).c_str(), ZIP_FL_ENC_RAW) >= 0;
  }

  std::vector<std::byte> read(const std::string& name) const {
    const auto place = path_ + ": " + folder_ + name;
    const auto index = zip_name_locate(zip_.get(), (folder_ + name).c_str(), ZIP_FL_ENC_RAW);
    if (index < 0) throw Error("entry of the zip file is missing", place);
    zip_stat_t stat;
    if (zip_stat_index(zip_.get(), static_cast<zip_uint64_t>(index), 0, &stat) != 0 ||
        !(stat.valid & ZIP_STAT_SIZE) || !(stat.valid & ZIP_STAT_COMP_METHOD))
      throw Error("entry of the zip file is damaged", place);
    if (stat.comp_method != ZIP_CM_STORE || stat.size > std::filesystem::file_size(path_))
      throw Error("entry of the zip file is compressed", place, "as torch.save leaves it");
    std::vector<std::byte> bytes(stat.size);
    const std::unique_ptr<zip_file_t, decltype(&zip_fclose)> file(
        zip_fopen_index(zip_.get(), static_cast<zip_uint64_t>(index), 0), &zip_fclose);
    std::byte end;  // the checksum is compared where the end is read
    if (!file ||
        zip_fread(file.get(), bytes.data(), bytes.size()) != static_cast<zip_int64_t>(bytes.size()) ||
        zip_fread(file.get(), &end, 1) != 0)
      throw Error("entry of the zip file is damaged", place);
    return bytes;
  }

  std::string place(const std::string& name) const { return path_ + ": " + folder_ + name; }

 private:
  std::string path_, folder_;
  std::unique_ptr<zip_t, decltype(&zip_discard)> zip_;
};

void expect_little_endian(bool little, const std::string& where) {
  if (!little) throw Error("file was written on a big-endian machine", where, "little-endian numbers");
}

ForeignFile read_zip(const std::filesystem::path& path) {
  const auto archive = std::make_shared<Archive>(path);
  const auto where = archive->place("data.pkl");
  if (archive->has("byteorder")) {
    const auto order = archive->read("byteorder");
    const std::string_view text(reinterpret_cast<const char*>(order.data()), order.size());
    expect_little_endian(text == "little", path.string());
  }
  const auto dict = read_state_dict(read_pickle(archive->read("data.pkl"), where), where);
  ForeignFile file{dict.place, {}};
  for (const auto& [name, tensor] : dict.tensors) {
    const auto place = path.string() + ": " + name;
    file.tensors[name] = {tensor.shape, [archive, tensor = tensor, place] {
                            return read_values(tensor, archive->read("data/" + tensor.storage.key), place);
                          }};
  }
  return file;
}

/// Files from before PyTorch 1.6: pickles of a magic number, a version, the machine, the objects and the
/// storages' keys, then the storages in the order of the keys, each behind its count of elements (64 bits).
class OldFile {
 public:
  explicit OldFile(const std::filesystem::path& path)
      : where_(path.string()), file_(map_file(path)), left_(file_.bytes) {}

  ForeignFile read() {
    check_magic(next().whole());
    check_version(next().whole());
    check_machine(next());
    const auto objects = next();
    read_storages_of(objects, next());
    const auto dict = read_state_dict(objects, where_);
    ForeignFile file{dict.place, {}};
    for (const auto& [name, tensor] : dict.tensors) {
      const auto place = where_ + ": " + name;
      const auto found = storages_.find(tensor.storage.key);
      if (found == storages_.end()) throw Error("storage is missing", place);
      file.tensors[name] = {tensor.shape, [owner = file_.owner, tensor = tensor, bytes = found->second,
                                           place] { return read_values(tensor, bytes, place); }};
    }
    return file;
  }

 private:
  Pickle next() {
    auto pickle = read_pickle(left_, where_);
    left_ = left_.subspan(pickle.length);
    return pickle;
  }

  void check_magic(const PickleValue& magic) const {
    // 0x1950a86a20f9469cfc6c in little-endian bytes.
    constexpr std::string_view kMagic = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
    if (magic.text != kMagic)
      throw Error("pickle is none of torch.save's", where_, "a file that torch.save wrote",
                  "one that Python's pickle.dump wrote");
  }

  void check_version(const PickleValue& version) const {
    if (version.integer != 1001)
      throw Error("file has an unknown version", where_, "1001", std::to_string(version.integer));
  }

  void check_machine(const Pickle& machine) const {
    const auto& items = machine.whole().items;
    for (std::size_t i = 0; machine.whole().kind == Kind::dict && i < items.size(); i += 2)
      if (machine.values[items[i]].text == "little_endian")
        expect_little_endian(machine.values[items[i + 1]].integer == 1, where_);
  }

  Bytes take(std::size_t count, const std::string& what) {
    if (count > left_.size())
      throw Error("file is truncated", where_, std::to_string(count) + " bytes for " + what,
                  std::to_string(left_.size()));
    const auto bytes = left_.first(count);
    left_ = left_.subspan(count);
    return bytes;
  }

  void read_storages_of(const Pickle& objects, const Pickle& keys) {
    const auto described = read_storages(objects);
    for (const auto item : keys.whole().items) {
      const auto found = described.find(keys.values[item].text);
      if (found == described.end()) throw Error("storage belongs to no tensor", where_);
      std::int64_t count;
      std::memcpy(&count, take(sizeof(count), "a storage's size").data(), sizeof(count));
      if (count != found->second.size)
        throw Error("storage has the wrong size", where_, std::to_string(found->second.size),
                    std::to_string(count));
      storages_[found->first] = take(byte_count(found->second, where_), "a storage");
    }
  }

  std::string where_;
  MappedFile file_;
  Bytes left_;
  std::map<std::string, Bytes> storages_;
};

}  // namespace

ForeignFile read_torch_file(const std::filesystem::path& path) {
  const auto file = map_file(path);
  const auto& kind = file_kind(file.bytes);
  if (kind.kind != FileKind::torch && kind.kind != FileKind::zip)
    throw Error("not a file of torch.save", path.string(), {}, describe(kind));
  const bool zip = static_cast<char>(file.bytes[0]) == 'P';
  return zip ? read_zip(path) : OldFile(path).read();
}

}  // namespace regard
