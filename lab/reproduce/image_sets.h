#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "lab/evaluate/evaluation.h"

namespace regard {

/// The reason why a row cannot be run; not a failure.
struct Unavailable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Identifies a set of images: the data set, aligned or not, with or without head poses.
struct ImageSetKey {
  std::string dataset;
  bool aligned = false;
  bool posed = false;
  auto operator<=>(const ImageSetKey&) const = default;
  std::string name() const { return dataset + (aligned ? "-aligned" : ""); }
};

/// Images for evaluation, with a description for the report.
struct EvaluatedSet {
  EvaluationSet set;
  std::string hash;   ///< of the packed file
  std::string words;  ///< e.g. "with pasted occluders, seed 1"
};

/// The images that a column is about: of a set, some rows.
struct ColumnImages {
  std::shared_ptr<const EvaluatedSet> images;
  std::vector<std::size_t> rows;
  std::string words;  ///< e.g. "list pose_30.txt"
};

/// The available data, packed as the rows need it.
class ImageSetSource {
 public:
  struct Options {
    std::filesystem::path folder;                       ///< where packed files are kept
    std::map<std::string, std::filesystem::path> data;  ///< by data set: its tree, .zip or packed file
    std::vector<SubsetList> lists;                      ///< columns' lists of images
    std::filesystem::path shipped_lists;                ///< folder of DATASET-SPLIT-COLUMN.txt; may be empty
    std::string split = "valid";
    std::int64_t images = 0;  ///< evaluate this many images only, sampled with a fixed seed; 0: all
    std::filesystem::path detector, face_mesh;
    void (*say)(const std::string& line) = nullptr;  ///< reports slow steps
  };

  explicit ImageSetSource(Options options) : options_(std::move(options)) {}

  /// The packed file to train on; packs it if necessary. Throws Unavailable if the data set is missing.
  std::filesystem::path pack(const ImageSetKey& key);

  /// The images of a column. "all": the split. "occlusion": its list, else all of them with synthetic
  /// occluders over them. "pose30", "pose45": the list (the given one, else the shipped one), else by the
  /// head poses that the packed file has. Throws Unavailable if there is none.
  ColumnImages column(const ImageSetKey& key, const std::string& column);

 private:
  std::shared_ptr<const EvaluatedSet> load(const ImageSetKey& key, bool occluded);
  ColumnImages by_pose(const ImageSetKey& key, float degrees);
  std::filesystem::path list_of(const std::string& dataset, const std::string& column) const;

  Options options_;
  std::map<std::pair<ImageSetKey, bool>, std::shared_ptr<const EvaluatedSet>> loaded_;
};

/// Writes a packed data set of generated images, with a pattern per label, landmarks and head poses, for
/// trials without data. `dataset`: a name of the table of data sets.
void write_made_images(const std::string& dataset, const std::filesystem::path& out, std::uint64_t seed);

}  // namespace regard
