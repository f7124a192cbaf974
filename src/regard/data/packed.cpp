#include "regard/data/packed.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>

#include "regard/core/error.h"
#include "regard/core/json.h"

namespace regard {
namespace {

template <class T>
std::span<const std::byte> bytes_of(const std::vector<T>& values) {
  return std::as_bytes(std::span(values));
}

template <class T>
std::span<const T> bytes_as(const TensorView& tensor) {
  static_assert(sizeof(T) == 1);
  return {reinterpret_cast<const T*>(tensor.bytes.data()), tensor.bytes.size()};
}

template <class T>
std::vector<T> copy_as(const TensorView& tensor) {
  std::vector<T> values(tensor.bytes.size() / sizeof(T));
  std::memcpy(values.data(), tensor.bytes.data(), values.size() * sizeof(T));
  return values;
}

const TensorView& tensor_of(const TensorFile& file, const char* name, DType type, const Shape& shape) {
  const TensorView& tensor = file.at(name);
  if (tensor.dtype != type || tensor.shape != shape)
    throw Error("packed data set does not fit together", file.path().string() + ": " + name,
                std::string(name_of(type)) + " " + to_string(shape),
                std::string(name_of(tensor.dtype)) + " " + to_string(tensor.shape));
  return tensor;
}

std::string metadata_of(const TensorFile& file, const char* key) {
  const auto found = file.metadata().find(key);
  if (found == file.metadata().end())
    throw Error("not a packed data set", file.path().string(), "metadata '" + std::string(key) + "'");
  return found->second;
}

std::vector<std::string> list_of(const TensorFile& file, const char* key) {
  const std::string text = metadata_of(file, key);
  try {
    return parse_json(text, file.path().string() + ": " + key).get<std::vector<std::string>>();
  } catch (const nlohmann::json::exception&) {
    throw Error("packed data set's metadata cannot be read", file.path().string() + ": " + key,
                "a JSON list of names", text.substr(0, 80));
  }
}

[[noreturn]] void bad_value(const TensorFile& file, const char* tensor, std::size_t index) {
  throw Error("value out of range", file.path().string() + ": " + tensor + "[" + std::to_string(index) + "]");
}

void check_names(const TensorFile& file, std::span<const std::int64_t> ends, std::size_t bytes) {
  std::int64_t last = 0;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    if (ends[i] < last || ends[i] > static_cast<std::int64_t>(bytes)) bad_value(file, "name_ends", i);
    last = ends[i];
  }
  if (last != static_cast<std::int64_t>(bytes))
    throw Error("names go on after the last", file.path().string());
}

std::size_t index_of(const std::vector<std::string>& splits, const std::string& split,
                     const std::string& where) {
  const auto found = std::find(splits.begin(), splits.end(), split);
  if (found != splits.end()) return found - splits.begin();
  std::string known;
  for (const auto& name : splits) known += (known.empty() ? "" : ", ") + name;
  throw Error("data set has no such split", where, known, split);
}

/// The tensors of a packed file while it is written.
struct Columns {
  std::vector<std::string> splits;
  std::vector<std::int8_t> labels;
  std::vector<float> votes;
  std::vector<std::uint8_t> split_of;
  std::string names;
  std::vector<std::int64_t> name_ends;

  void add(const Sample& sample) {
    auto split = std::find(splits.begin(), splits.end(), sample.split);
    if (split == splits.end()) split = splits.insert(splits.end(), sample.split);
    split_of.push_back(static_cast<std::uint8_t>(split - splits.begin()));
    labels.push_back(static_cast<std::int8_t>(sample.label));
    votes.insert(votes.end(), sample.votes.begin(), sample.votes.end());
    names += sample.name;
    name_ends.push_back(static_cast<std::int64_t>(names.size()));
  }
};

void check_sample(const Sample& sample, std::size_t classes) {
  if (sample.votes.size() != classes || sample.label < -1 || sample.label >= static_cast<int>(classes))
    throw Error("sample does not fit the labels", sample.name, std::to_string(classes) + " classes");
}

}  // namespace

PackedDataset PackedDataset::open(const std::filesystem::path& path) {
  PackedDataset set;
  set.file_ = TensorFile::open(path);
  const TensorFile& file = set.file_;
  set.dataset_ = metadata_of(file, "dataset");
  set.labels_ = list_of(file, "labels");
  set.splits_ = list_of(file, "splits");

  const Shape& shape = file.at("chips").shape;
  if (shape.size() != 4 || (shape[1] != 1 && shape[1] != 3) || shape[2] != shape[3] || shape[2] < 1 ||
      shape[2] > 4096)
    throw Error("pictures have the wrong shape", path.string(), "[count, 1 or 3, size, size]",
                to_string(shape));
  set.count_ = shape[0];
  set.channels_ = static_cast<int>(shape[1]);
  set.size_ = static_cast<int>(shape[2]);
  const auto classes = static_cast<std::int64_t>(set.labels_.size());

  set.chips_ = bytes_as<std::uint8_t>(tensor_of(file, "chips", DType::u8, shape));
  set.labels_of_ = bytes_as<std::int8_t>(tensor_of(file, "labels", DType::i8, {set.count_}));
  set.split_of_ = bytes_as<std::uint8_t>(tensor_of(file, "splits", DType::u8, {set.count_}));
  set.votes_ = copy_as<float>(tensor_of(file, "votes", DType::f32, {set.count_, classes}));
  set.name_ends_ = copy_as<std::int64_t>(tensor_of(file, "name_ends", DType::i64, {set.count_}));
  set.names_ = bytes_as<std::uint8_t>(tensor_of(file, "names", DType::u8, file.at("names").shape));

  for (std::size_t i = 0; i < set.labels_of_.size(); ++i)
    if (set.labels_of_[i] < -1 || set.labels_of_[i] >= classes) bad_value(file, "labels", i);
  for (std::size_t i = 0; i < set.split_of_.size(); ++i)
    if (set.split_of_[i] >= set.splits_.size()) bad_value(file, "splits", i);
  for (std::size_t i = 0; i < set.votes_.size(); ++i)
    if (!(set.votes_[i] >= 0 && set.votes_[i] <= 1)) bad_value(file, "votes", i);
  check_names(file, set.name_ends_, set.names_.size());
  return set;
}

void PackedDataset::write(const std::filesystem::path& path, const std::string& dataset,
                          const std::vector<std::string>& labels, const std::string& source, int channels,
                          int size, const std::vector<Sample>& samples,
                          const std::vector<std::uint8_t>& chips) {
  Columns columns;
  for (const auto& sample : samples) {
    check_sample(sample, labels.size());
    columns.add(sample);
  }
  if (columns.splits.size() > 255) throw Error("too many splits", path.string(), "at most 255");
  const auto count = static_cast<std::int64_t>(samples.size());
  const std::map<std::string, TensorView> tensors{
      {"chips", {DType::u8, {count, channels, size, size}, bytes_of(chips)}},
      {"labels", {DType::i8, {count}, bytes_of(columns.labels)}},
      {"votes", {DType::f32, {count, static_cast<std::int64_t>(labels.size())}, bytes_of(columns.votes)}},
      {"splits", {DType::u8, {count}, bytes_of(columns.split_of)}},
      {"names",
       {DType::u8,
        {static_cast<std::int64_t>(columns.names.size())},
        std::as_bytes(std::span(columns.names))}},
      {"name_ends", {DType::i64, {count}, bytes_of(columns.name_ends)}}};
  write_tensor_file(path,
                    {{"dataset", dataset},
                     {"labels", json_text(labels, path.string())},
                     {"splits", json_text(columns.splits, path.string())},
                     {"source", source}},
                    tensors);
}

std::vector<std::int64_t> PackedDataset::indices(const std::string& split, bool majority_only) const {
  const std::size_t wanted = index_of(splits_, split, file_.path().string());
  std::vector<std::int64_t> found;
  for (std::int64_t i = 0; i < count_; ++i) {
    if (split_of_[i] != wanted) continue;
    const auto of_image = votes(i);
    const bool voted = std::any_of(of_image.begin(), of_image.end(), [](float v) { return v > 0; });
    if (majority_only ? labels_of_[i] >= 0 : voted) found.push_back(i);
  }
  return found;
}

std::span<const std::uint8_t> PackedDataset::chip(std::int64_t index) const {
  const std::size_t bytes = static_cast<std::size_t>(channels_) * size_ * size_;
  return chips_.subspan(index * bytes, bytes);
}

Image PackedDataset::image(std::int64_t index) const {
  const auto planes = chip(index);
  const std::size_t pixels = static_cast<std::size_t>(size_) * size_;
  Image image(size_, size_);
  for (std::size_t i = 0; i < pixels; ++i)
    for (std::size_t c = 0; c < 3; ++c) image.pixels[3 * i + c] = planes[channels_ == 3 ? c * pixels + i : i];
  return image;
}

std::span<const float> PackedDataset::votes(std::int64_t index) const {
  return std::span(votes_).subspan(index * labels_.size(), labels_.size());
}

std::string PackedDataset::name(std::int64_t index) const {
  const std::int64_t begin = index == 0 ? 0 : name_ends_[index - 1];
  return {reinterpret_cast<const char*>(names_.data()) + begin,
          static_cast<std::size_t>(name_ends_[index] - begin)};
}

bool is_packed(const std::filesystem::path& path) {
  if (!std::filesystem::is_regular_file(path)) return false;
  char start[2] = {};
  std::ifstream(path, std::ios::binary).read(start, 2);
  return std::string_view(start, 2) != "PK";
}

}  // namespace regard
