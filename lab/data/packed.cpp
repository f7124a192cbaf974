#include "lab/data/packed.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>

#include "regard/core/error.h"
#include "regard/core/json.h"
#include "regard/core/text.h"

namespace regard {
namespace {

// Landmarks farther out than this, in sides of the chip, are invalid.
constexpr float kFarthest = 100;
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

template <class T>
std::span<const std::byte> bytes_of(const T& values) {
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

[[noreturn]] void bad_value(const TensorFile& file, const char* tensor, std::size_t index) {
  throw Error("value out of range", file.path().string() + ": " + tensor + "[" + std::to_string(index) + "]");
}

/// The values of an optional tensor [count, width...]: each row is either known or all NaN.
std::vector<float> optional_rows(const TensorFile& file, const char* name, const Shape& shape,
                                 float largest) {
  if (!file.has(name)) return {};
  auto values = copy_as<float>(tensor_of(file, name, DType::f32, shape));
  const std::size_t width = shape[0] > 0 ? values.size() / static_cast<std::size_t>(shape[0]) : 1;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (std::isnan(values[i]) != std::isnan(values[i - i % width]) || std::abs(values[i]) > largest)
      bad_value(file, name, i);
  return values;
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
  throw Error("data set has no such split", where, join(splits), split);
}

/// The tensors of a packed file while it is written.
struct Columns {
  std::vector<std::string> splits;
  std::vector<std::int8_t> labels;
  std::vector<float> soft_labels, landmarks, poses;
  bool has_landmarks = false, has_poses = false;
  std::vector<std::uint8_t> split_of;
  std::string names;
  std::vector<std::int64_t> name_ends;

  void add(const Sample& sample) {
    auto split = std::find(splits.begin(), splits.end(), sample.split);
    if (split == splits.end()) split = splits.insert(splits.end(), sample.split);
    split_of.push_back(static_cast<std::uint8_t>(split - splits.begin()));
    labels.push_back(static_cast<std::int8_t>(sample.label));
    soft_labels.insert(soft_labels.end(), sample.soft_labels.begin(), sample.soft_labels.end());
    names += sample.name;
    name_ends.push_back(static_cast<std::int64_t>(names.size()));
    for (const Point p : sample.landmarks.value_or(unknown_landmarks())) {
      landmarks.push_back(p.x);
      landmarks.push_back(p.y);
    }
    const HeadPose pose = sample.pose.value_or(HeadPose{kNaN, kNaN, kNaN});
    poses.insert(poses.end(), {pose.yaw, pose.pitch, pose.roll});
    has_landmarks |= sample.landmarks.has_value();
    has_poses |= sample.pose.has_value();
  }

  static Landmarks unknown_landmarks() {
    Landmarks landmarks;
    landmarks.fill({kNaN, kNaN});
    return landmarks;
  }

  /// By name, but for the chips.
  std::map<std::string, TensorView> tensors(std::int64_t classes) const {
    const auto count = static_cast<std::int64_t>(labels.size());
    std::map<std::string, TensorView> all{
        {"labels", {DType::i8, {count}, bytes_of(labels)}},
        {"soft_labels", {DType::f32, {count, classes}, bytes_of(soft_labels)}},
        {"splits", {DType::u8, {count}, bytes_of(split_of)}},
        {"names", {DType::u8, {static_cast<std::int64_t>(names.size())}, bytes_of(names)}},
        {"name_ends", {DType::i64, {count}, bytes_of(name_ends)}}};
    if (has_landmarks) all["landmarks"] = {DType::f32, {count, 5, 2}, bytes_of(landmarks)};
    if (has_poses) all["pose"] = {DType::f32, {count, 3}, bytes_of(poses)};
    return all;
  }
};

void check_sample(const Sample& sample, std::size_t classes) {
  if (sample.soft_labels.size() != classes || sample.label < -1 || sample.label >= static_cast<int>(classes))
    throw Error("sample does not fit the labels", sample.name, std::to_string(classes) + " classes");
  const auto near = [](float value, float most) { return std::abs(value) <= most; };  // NaN is not
  for (const Point p : sample.landmarks.value_or(Landmarks{}))
    if (!near(p.x, kFarthest) || !near(p.y, kFarthest)) throw Error("landmark is out of range", sample.name);
  const HeadPose pose = sample.pose.value_or(HeadPose{});
  if (!near(pose.yaw, 180) || !near(pose.pitch, 180) || !near(pose.roll, 180))
    throw Error("head pose is out of range", sample.name);
}

}  // namespace

PackedDataset PackedDataset::open(const std::filesystem::path& path) {
  PackedDataset set;
  set.file_ = TensorFile::open(path);
  const TensorFile& file = set.file_;
  set.dataset_ = metadata_of(file, "dataset");
  set.source_ = metadata_of(file, "source");
  set.labels_ = list_of(file, "labels");
  set.splits_ = list_of(file, "splits");
  if (file.metadata().contains("notes")) set.notes_ = list_of(file, "notes");

  const Shape& shape = file.at("chips").shape;
  if (shape.size() != 4 || (shape[1] != 1 && shape[1] != 3) || shape[2] != shape[3] || shape[2] < 1 ||
      shape[2] > 4096)
    throw Error("images have the wrong shape", path.string(), "[count, 1 or 3, size, size]",
                to_string(shape));
  set.count_ = shape[0];
  set.channels_ = static_cast<int>(shape[1]);
  set.size_ = static_cast<int>(shape[2]);
  const auto classes = static_cast<std::int64_t>(set.labels_.size());

  set.chips_ = bytes_as<std::uint8_t>(tensor_of(file, "chips", DType::u8, shape));
  set.labels_of_ = bytes_as<std::int8_t>(tensor_of(file, "labels", DType::i8, {set.count_}));
  set.split_of_ = bytes_as<std::uint8_t>(tensor_of(file, "splits", DType::u8, {set.count_}));
  set.soft_labels_ = copy_as<float>(tensor_of(file, "soft_labels", DType::f32, {set.count_, classes}));
  set.landmarks_ = optional_rows(file, "landmarks", {set.count_, 5, 2}, kFarthest);
  set.poses_ = optional_rows(file, "pose", {set.count_, 3}, 180);
  set.name_ends_ = copy_as<std::int64_t>(tensor_of(file, "name_ends", DType::i64, {set.count_}));
  set.names_ = bytes_as<std::uint8_t>(tensor_of(file, "names", DType::u8, file.at("names").shape));

  for (std::size_t i = 0; i < set.labels_of_.size(); ++i)
    if (set.labels_of_[i] < -1 || set.labels_of_[i] >= classes) bad_value(file, "labels", i);
  for (std::size_t i = 0; i < set.split_of_.size(); ++i)
    if (set.split_of_[i] >= set.splits_.size()) bad_value(file, "splits", i);
  for (std::size_t i = 0; i < set.soft_labels_.size(); ++i)
    if (!(set.soft_labels_[i] >= 0 && set.soft_labels_[i] <= 1)) bad_value(file, "soft_labels", i);
  check_names(file, set.name_ends_, set.names_.size());
  return set;
}

void write_packed(const std::filesystem::path& path, const std::string& dataset,
                  const std::vector<std::string>& labels, const std::string& source, int channels, int size,
                  const std::vector<Sample>& samples, std::span<const std::uint8_t> chips,
                  const std::vector<std::string>& notes) {
  Columns columns;
  for (const auto& sample : samples) {
    check_sample(sample, labels.size());
    columns.add(sample);
  }
  if (columns.splits.size() > 255) throw Error("too many splits", path.string(), "at most 255");
  const auto count = static_cast<std::int64_t>(samples.size());
  auto tensors = columns.tensors(static_cast<std::int64_t>(labels.size()));
  tensors["chips"] = {DType::u8, {count, channels, size, size}, bytes_of(chips)};
  std::map<std::string, std::string> metadata{{"dataset", dataset},
                                              {"labels", json_text(labels, path.string())},
                                              {"splits", json_text(columns.splits, path.string())},
                                              {"source", source}};
  if (!notes.empty()) metadata["notes"] = json_text(notes, path.string());
  write_tensor_file(path, metadata, tensors);
}

std::vector<std::int64_t> PackedDataset::indices(const std::string& split, bool majority_only) const {
  const std::size_t wanted = index_of(splits_, split, file_.path().string());
  std::vector<std::int64_t> found;
  for (std::int64_t i = 0; i < count_; ++i) {
    if (split_of_[i] != wanted) continue;
    const auto of_image = soft_labels(i);
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

std::span<const float> PackedDataset::soft_labels(std::int64_t index) const {
  return std::span(soft_labels_).subspan(index * labels_.size(), labels_.size());
}

std::optional<Landmarks> PackedDataset::landmarks(std::int64_t index) const {
  if (landmarks_.empty() || std::isnan(landmarks_[10 * index])) return {};
  Landmarks places;
  for (std::size_t i = 0; i < places.size(); ++i)
    places[i] = {landmarks_[10 * index + 2 * i], landmarks_[10 * index + 2 * i + 1]};
  return places;
}

std::optional<Landmarks> mean_landmarks(const PackedDataset& data) {
  std::array<double, 10> sums{};
  int known = 0;
  for (std::int64_t i = 0; i < data.count(); ++i) {
    const auto landmarks = data.landmarks(i);
    if (!landmarks) continue;
    ++known;
    for (std::size_t k = 0; k < landmarks->size(); ++k) {
      sums[2 * k] += (*landmarks)[k].x;
      sums[2 * k + 1] += (*landmarks)[k].y;
    }
  }
  if (known == 0) return {};
  Landmarks mean;
  for (std::size_t i = 0; i < mean.size(); ++i)
    mean[i] = {static_cast<float>(sums[2 * i] / known), static_cast<float>(sums[2 * i + 1] / known)};
  return mean;
}

std::optional<HeadPose> PackedDataset::pose(std::int64_t index) const {
  if (poses_.empty() || std::isnan(poses_[3 * index])) return {};
  return HeadPose{poses_[3 * index], poses_[3 * index + 1], poses_[3 * index + 2]};
}

std::string PackedDataset::name(std::int64_t index) const {
  const std::int64_t begin = index == 0 ? 0 : name_ends_[index - 1];
  return {reinterpret_cast<const char*>(names_.data()) + begin,
          static_cast<std::size_t>(name_ends_[index] - begin)};
}

Sample PackedDataset::sample(std::int64_t index) const {
  const auto distribution = soft_labels(index);
  return {name(index),      splits_[split_of_[index]],
          label(index),     {distribution.begin(), distribution.end()},
          landmarks(index), pose(index)};
}

bool is_packed(const std::filesystem::path& path) {
  if (!std::filesystem::is_regular_file(path)) return false;
  char start[2] = {};
  std::ifstream(path, std::ios::binary).read(start, 2);
  return std::string_view(start, 2) != "PK";
}

}  // namespace regard
