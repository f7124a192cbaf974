#include "regard/clip/journal.h"

#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>

#include "regard/core/error.h"
#include "regard/core/file.h"

namespace regard {
namespace {

/// Appends values to bytes.
struct Writer {
  std::string bytes = {};

  void raw(const void* data, std::size_t size) { bytes.append(static_cast<const char*>(data), size); }
  std::size_t count(std::size_t size) {
    const auto number = static_cast<std::uint32_t>(size);
    raw(&number, sizeof number);
    return size;
  }
};

/// Takes values from bytes.
struct Reader {
  std::string_view bytes;
  const std::string& where;

  void raw(void* data, std::size_t size) {
    if (size > bytes.size()) throw Error("entry is cut short", where);
    std::memcpy(data, bytes.data(), size);
    bytes.remove_prefix(size);
  }
  std::size_t count(std::size_t) {
    std::uint32_t number = 0;
    raw(&number, sizeof number);
    if (number > bytes.size()) throw Error("entry is cut short", where);  // each takes a byte or more
    return number;
  }
};

// One function for both directions: `archive` writes a value, or reads it.

template <class Archive, class T>
requires std::is_trivially_copyable_v<T>
void transfer(Archive& archive, T& value) {
  archive.raw(&value, sizeof value);
}

// Field by field: padding between fields is not the same every time.
template <class Archive>
void transfer(Archive& archive, FrameStamp& stamp) {
  transfer(archive, stamp.number), transfer(archive, stamp.seconds), transfer(archive, stamp.damaged);
}

template <class Archive>
void transfer(Archive& archive, std::optional<float>& value) {
  bool there = value.has_value();
  transfer(archive, there);
  if (there && !value) value = 0.f;
  if (there) transfer(archive, *value);
}

template <class Archive>
void transfer(Archive& archive, std::string& text) {
  text.resize(archive.count(text.size()));
  archive.raw(text.data(), text.size());
}

template <class Archive>
void transfer(Archive& archive, FaceView& view);
template <class Archive>
void transfer(Archive& archive, Face& face);
template <class Archive>
void transfer(Archive& archive, RecognizedFrame& frame);

template <class Archive, class T>
void transfer(Archive& archive, std::vector<T>& list) {
  list.resize(archive.count(list.size()));
  for (auto& entry : list) transfer(archive, entry);
}

template <class Archive, class Described>
void transfer_fields(Archive& archive, Described& described) {
  described.visit([&]<class Value>(const char*, const Value& value, auto...) {
    transfer(archive, const_cast<Value&>(value));  // `visit` shows a field as const; the object is not
  });
}

template <class Archive>
void transfer(Archive& archive, FaceView& view) {
  transfer_fields(archive, view);
}

template <class Archive>
void transfer(Archive& archive, Face& face) {
  transfer_fields(archive, face);
}

template <class Archive>
void transfer(Archive& archive, std::map<std::size_t, std::vector<float>>& vectors) {
  std::vector<std::size_t> keys;
  for (const auto& [key, vector] : vectors) keys.push_back(key);
  transfer(archive, keys);
  for (const auto key : keys) transfer(archive, vectors[key]);
}

template <class Archive>
void transfer(Archive& archive, RecognizedFrame& frame) {
  transfer(archive, frame.stamp), transfer(archive, frame.cut);
  transfer(archive, frame.width), transfer(archive, frame.height), transfer(archive, frame.detections);
  transfer(archive, frame.faces), transfer(archive, frame.classified), transfer(archive, frame.appearances);
}

std::uint64_t checksum(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (const unsigned char byte : bytes) hash = (hash ^ byte) * 0x100000001b3;
  return hash;
}

struct EntryHead {
  std::uint64_t size, checksum;
};

std::string entry(std::string_view body) {
  const EntryHead head{body.size(), checksum(body)};
  std::string bytes(reinterpret_cast<const char*>(&head), sizeof head);
  return bytes.append(body);
}

/// The first entry of `bytes`; none if it is not whole.
std::optional<std::string_view> first_entry(std::string_view bytes) {
  EntryHead head{};
  if (bytes.size() < sizeof head) return {};
  std::memcpy(&head, bytes.data(), sizeof head);
  bytes.remove_prefix(sizeof head);
  if (head.size > bytes.size()) return {};
  const auto body = bytes.substr(0, head.size);
  return checksum(body) == head.checksum ? std::optional(body) : std::nullopt;
}

}  // namespace

std::filesystem::path journal_of(const std::filesystem::path& table) {
  return table.parent_path() / ("." + table.filename().string() + ".journal");
}

std::string group_to_bytes(const std::vector<RecognizedFrame>& group) {
  Writer writer;
  auto frames = group;  // writing does not change it, but reading shares the code
  for (auto& frame : frames) frame.chips.clear();
  transfer(writer, frames);
  return std::move(writer.bytes);
}

std::vector<RecognizedFrame> group_from_bytes(std::string_view bytes, const std::string& where) {
  Reader reader{bytes, where};
  std::vector<RecognizedFrame> group;
  transfer(reader, group);
  if (!reader.bytes.empty()) throw Error("entry is too long", where);
  return group;
}

Journal::Journal(const std::filesystem::path& path, const std::string& kind, bool go_on) : path_(path) {
  if (go_on && std::filesystem::exists(path)) {
    const auto file = map_file(path);
    const auto text = text_of(file);
    const auto known = first_entry(text);
    if (known && *known != kind)
      throw Error("the run that is to be continued was another one", path.string(), kind,
                  std::string(*known));
    if (known) begin_ = end_ = sizeof(EntryHead) + known->size();
    while (const auto next = known ? first_entry(text.substr(end_)) : std::nullopt)
      end_ += sizeof(EntryHead) + next->size();
  }
  file_.emplace(path, end_);
  if (end_ > 0) return;
  file_->write(entry(kind));
  begin_ = end_ = sizeof(EntryHead) + kind.size();
}

void Journal::replay(const std::function<void(std::vector<RecognizedFrame>&)>& take) const {
  if (begin_ == end_) return;
  const auto file = map_file(path_);
  for (auto text = text_of(file).substr(begin_, end_ - begin_); !text.empty();) {
    const auto body = first_entry(text).value();
    auto group = group_from_bytes(body, path_.string());
    take(group);
    text.remove_prefix(sizeof(EntryHead) + body.size());
  }
}

void Journal::append(const std::vector<RecognizedFrame>& group) {
  const std::string bytes = entry(group_to_bytes(group));
  file_->write(bytes);
  end_ += bytes.size();
}

void Journal::remove() {
  file_.reset();
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

}  // namespace regard
