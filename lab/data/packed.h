#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "regard/core/geometry.h"
#include "regard/core/image.h"
#include "regard/model/tensor_file.h"

namespace regard {

/// One image of a data set, as its loader found it.
struct Sample {
  std::string name;                ///< file name, e.g. "fer0028638.png"
  std::string split;               ///< "train", "valid" or "test"
  int label = -1;                  ///< index of the majority label; -1 where there is none
  std::vector<float> soft_labels;  ///< label distribution over the classes, sums to 1; all 0 if there is none
  std::optional<Landmarks> landmarks = {};  ///< as fractions of the chip, where they are known
  std::optional<HeadPose> pose = {};        ///< where it is known
};

/// A whole data set in one memory-mapped file: chips of one size, labels, soft labels, names. It is a
/// `.safetensors` with the tensors chips u8 [count, channels, size, size] (channels 1 or 3), labels i8
/// [count], soft_labels f32 [count, classes], splits u8 [count] (index into the metadata's list), names u8
/// [bytes] with name_ends i64 [count]; metadata: "dataset", "labels", "splits" (JSON lists), "source" and,
/// where there are any, "notes" (a JSON list). Where landmarks and head poses are known of any image, there
/// are also landmarks f32 [count, 5, 2] (x and y as fractions of the chip) and pose f32 [count, 3] (yaw,
/// pitch, roll in degrees), NaN for images of which they are not.
class PackedDataset {
 public:
  /// Throws Error if the file is not a packed data set or is inconsistent.
  static PackedDataset open(const std::filesystem::path& path);

  const std::string& dataset() const { return dataset_; }
  const std::vector<std::string>& labels() const { return labels_; }
  /// What the set is and where it came from.
  const std::string& source() const { return source_; }
  const std::vector<std::string>& splits() const { return splits_; }
  const std::vector<std::string>& notes() const { return notes_; }
  std::int64_t count() const { return count_; }
  int channels() const { return channels_; }
  int size() const { return size_; }

  /// Indices of the images of a split, in the file's order; either those with a majority label or those with
  /// soft labels. Throws Error for a split that the file does not have.
  std::vector<std::int64_t> indices(const std::string& split, bool majority_only) const;

  /// Planar pixels [channels, size, size] of one image.
  std::span<const std::uint8_t> chip(std::int64_t index) const;
  /// The same as an RGB image.
  Image image(std::int64_t index) const;
  int label(std::int64_t index) const { return labels_of_[index]; }
  /// Label distribution [classes].
  std::span<const float> soft_labels(std::int64_t index) const;
  std::string name(std::int64_t index) const;
  /// Positions in fractions of the chip (they may lie outside of it); none if unknown.
  std::optional<Landmarks> landmarks(std::int64_t index) const;
  /// None if unknown.
  std::optional<HeadPose> pose(std::int64_t index) const;
  /// Everything that is known about one image.
  Sample sample(std::int64_t index) const;
  /// All chips, one after the other, as write_packed takes them.
  std::span<const std::uint8_t> chips() const { return chips_; }

  /// SHA-256 of the file.
  std::string sha256() const { return file_.sha256(); }

 private:
  TensorFile file_;
  std::string dataset_, source_;
  std::vector<std::string> labels_, splits_, notes_;
  std::int64_t count_ = 0;
  int channels_ = 1, size_ = 0;
  std::span<const std::uint8_t> chips_, split_of_, names_;
  std::span<const std::int8_t> labels_of_;
  // Copies, since they may be unaligned in the file.
  std::vector<float> soft_labels_, landmarks_, poses_;  // the last two empty if the file has none
  std::vector<std::int64_t> name_ends_;
};

/// The mean landmarks over all images with known ones; none if there are none.
std::optional<Landmarks> mean_landmarks(const PackedDataset& data);

/// Writes a packed data set atomically. chips: the images in order of `samples`, planar. notes: sentences for
/// reports on how it was made, e.g. what was held out. Throws Error.
void write_packed(const std::filesystem::path& path, const std::string& dataset,
                  const std::vector<std::string>& labels, const std::string& source, int channels, int size,
                  const std::vector<Sample>& samples, std::span<const std::uint8_t> chips,
                  const std::vector<std::string>& notes = {});

/// Whether a path is a packed data set rather than a folder or a .zip, judged by its first bytes.
bool is_packed(const std::filesystem::path& path);

}  // namespace regard
