#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "lab/evaluate/evaluation.h"

namespace regard {

/// Why a row cannot be run here; no failure.
struct Unavailable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Which pictures: of a data set, aligned or not, with the heads' poses or without.
struct PicturesKey {
  std::string dataset;
  bool aligned = false;
  bool posed = false;
  auto operator<=>(const PicturesKey&) const = default;
  std::string name() const { return dataset + (aligned ? "-aligned" : ""); }
};

/// Pictures that are measured, and how they came about, for the report.
struct MeasuredSet {
  EvaluationSet set;
  std::string hash;   ///< of the packed file
  std::string words;  ///< e.g. "with pasted occluders, seed 1"
};

/// The pictures that a column is about: of a set, some rows.
struct ColumnPictures {
  std::shared_ptr<const MeasuredSet> pictures;
  std::vector<std::size_t> rows;
  std::string words;  ///< e.g. "list pose_30.txt"
};

/// The data at hand, packed as the rows want it.
class PictureSource {
 public:
  struct Options {
    std::filesystem::path folder;                       ///< where packed files are kept
    std::map<std::string, std::filesystem::path> data;  ///< by data set: its tree, .zip or packed file
    std::vector<SubsetList> lists;                      ///< columns' lists of pictures
    std::filesystem::path shipped_lists;                ///< folder of DATASET-SPLIT-COLUMN.txt; may be empty
    std::string split = "valid";
    std::int64_t images = 0;  ///< measure so many only, drawn with a fixed seed; 0: all
    std::filesystem::path detector, face_mesh;
    void (*say)(const std::string& line) = nullptr;  ///< told what takes long
  };

  explicit PictureSource(Options options) : options_(std::move(options)) {}

  /// The packed file to train on; packed now where it was not. Throws Unavailable where the data set is not
  /// at hand.
  std::filesystem::path pack(const PicturesKey& key);

  /// The pictures of a column. "all": the split. "occlusion": its list, else all of them with drawn occluders
  /// over them. "pose30", "pose45": the list (the given one, else the shipped one), else by the head poses
  /// that the packed file has. Throws Unavailable where there is none of that.
  ColumnPictures column(const PicturesKey& key, const std::string& column);

 private:
  std::shared_ptr<const MeasuredSet> load(const PicturesKey& key, bool occluded);
  ColumnPictures by_pose(const PicturesKey& key, float degrees);
  std::filesystem::path list_of(const std::string& dataset, const std::string& column) const;

  Options options_;
  std::map<std::pair<PicturesKey, bool>, std::shared_ptr<const MeasuredSet>> loaded_;
};

/// A packed data set of made pictures, each label a pattern, with landmarks and head poses: for trying things
/// out without data. `dataset`: a name of the table of data sets.
void write_made_pictures(const std::string& dataset, const std::filesystem::path& out, std::uint64_t seed);

}  // namespace regard
