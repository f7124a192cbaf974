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

/// Which images: of a data set, aligned or not, with head poses or without, cut at a size, of one fold of
/// people.
struct ImagesKey {
  std::string dataset = {};  ///< "rafdb+affectnet": both as one
  std::string split = {};    ///< the one that is measured, as the paper has it
  bool aligned = false;
  bool posed = false;
  int size = 0;             ///< pixels a side of chips that are cut here; 0: the set's own
  int folds = 0, fold = 0;  ///< of people; 0: no folds
  bool held_out = true;  ///< whether a set without a validation split gives a part of its training split up
  auto operator<=>(const ImagesKey&) const =
      default;  // NOLINT(modernize-use-nullptr): clang-tidy 14 is wrong

  /// What --data calls them: "rafdb", "rafdb-aligned", "kdef-fold3".
  std::string name() const;
};

/// Images for evaluation, with a description for the report.
struct EvaluatedSet {
  EvaluationSet set;
  std::string hash;                ///< of the packed file
  std::string words;               ///< e.g. "with occluders pasted over them, seed 1"
  int size = 0;                    ///< pixels a side of its chips
  std::vector<std::string> notes;  ///< of the packed file
};

/// The images that a column is about: of a set, some rows.
struct ColumnImages {
  std::shared_ptr<const EvaluatedSet> images;
  std::vector<std::size_t> rows;
  std::string words;  ///< e.g. "list pose_30.txt"
};

/// An available data set, with its own settings.
struct DataAtHand {
  std::filesystem::path path;  ///< its tree, .zip or packed file
  std::string split;           ///< the part that is measured; empty: as the table says
  std::map<std::string, std::filesystem::path> lists;  ///< of images, by column
};

/// The available data, packed as the rows need it.
class ImageSource {
 public:
  struct Options {
    std::filesystem::path folder;            ///< where packed files are kept
    std::map<std::string, DataAtHand> data;  ///< by the names of ImagesKey
    std::filesystem::path shipped_lists;     ///< folder of DATASET-SPLIT-COLUMN.txt; may be empty
    std::string split;        ///< the part that is measured of sets that do not say; empty: as the table says
    std::int64_t images = 0;  ///< evaluate this many images only, sampled with a fixed seed; 0: all
    std::filesystem::path detector, face_mesh;
    void (*say)(const std::string& line) = nullptr;  ///< reports slow steps
  };

  explicit ImageSource(Options options) : options_(std::move(options)) {}

  /// The packed file to train on; packed now, or several merged, where it was not. Throws Unavailable if the
  /// data set is not at hand.
  std::filesystem::path pack(const ImagesKey& key);

  /// The split for evaluation: the requested one, else the paper's; "valid" if the data lacks that one.
  std::string split_of(const ImagesKey& key);

  /// The images of that split, or those with occluders pasted over them. Throws Unavailable if there are
  /// none.
  std::shared_ptr<const EvaluatedSet> load(const ImagesKey& key, bool occluded);

  /// The list of a column's images: the set's own, else the shipped one; empty if there is none.
  std::filesystem::path list_of(const ImagesKey& key, const std::string& column);

  /// "all of test", or "drawn from test".
  std::string whole_words(const EvaluatedSet& images) const;

 private:
  const DataAtHand* at_hand(const std::string& name) const;
  std::filesystem::path merged(const ImagesKey& key);
  std::filesystem::path packed_now(const ImagesKey& key, const std::filesystem::path& source);

  Options options_;
  std::map<std::pair<ImagesKey, bool>, std::shared_ptr<const EvaluatedSet>> loaded_;
};

/// Writes a packed data set of generated images, with a pattern per label, landmarks and head poses, for
/// trials without data. `dataset`: a name of the table of data sets.
void write_made_images(const std::string& dataset, const std::filesystem::path& out, std::uint64_t seed);

}  // namespace regard
