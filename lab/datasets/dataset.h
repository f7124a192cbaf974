#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lab/data/packed.h"
#include "lab/datasets/tree.h"
#include "regard/core/geometry.h"

/// The table of data sets. Each has a file of its own, whose header documents the tree on disk. See
/// lab/datasets/packing.h for how images become chips.
namespace regard {

/// What an image of a data set shows.
enum class Shows {
  chip,       ///< a chip already: used as it is
  face,       ///< a cropped face: the whole image becomes the chip
  photograph  ///< a photograph: cut out by the given box, else detected
};

/// An image of a data set as stored on disk, before it becomes a chip.
struct SourceImage {
  Sample sample;  ///< name, split, label and soft labels
  Shows shows = Shows::face;
  std::string file;                    ///< in the tree
  std::string place;                   ///< for messages: the line of a list, or the file
  std::optional<Box> box;              ///< box of the face in pixels, if the set has it
  std::optional<Landmarks> landmarks;  ///< in pixels, if the set has them
  std::string subject = {};            ///< the person, in sets without splits: nobody may be in two splits
  std::string pixels = {};             ///< square, grey, a byte each, where no file of its own has them
  std::optional<int> flash = {};       ///< the number of its flash, in sets that were lit from several sides
  std::string left_out = {};           ///< why it is no data, e.g. "black"; empty if it is
};

struct Dataset {
  std::string name;                 ///< what --dataset takes
  std::string about;                ///< for help texts: what is read, from which tree
  std::string source;               ///< name and paper
  std::vector<std::string> labels;  ///< in the set's own order
  std::vector<std::string> splits;  ///< "train", "valid", "test": those that it has
  int channels = 3;                 ///< of its chips
  int size = 112;                   ///< of its chips where nothing else is asked

  /// The images of the requested splits (none: all). Throws Error naming the first missing file if the tree
  /// is a different one, and file and line of anything that cannot be read.
  std::vector<SourceImage> (*list)(Tree& tree, const std::vector<std::string>& splits) = nullptr;

  /// Throws Error if the bytes of a file are not an image as the set has them; null: any image is accepted.
  void (*check)(const std::string& bytes, const SourceImage& image) = nullptr;
};

/// All data sets that can be read.
const std::vector<Dataset>& datasets();

/// Throws Error naming the nearest name if there is none of that name.
const Dataset& find_dataset(const std::string& name);

/// One-hot distribution over the labels.
std::vector<float> one_hot(int label, std::size_t labels);

/// Whether a split was requested by name, and whether it is to be read if present.
bool is_asked(const std::vector<std::string>& asked, const std::string& split);
inline bool is_wanted(const std::vector<std::string>& asked, const std::string& split) {
  return asked.empty() || is_asked(asked, split);
}

/// The first of these folders with a subfolder named after an expression (see canonical_label), or none.
std::optional<std::string> folder_of_classes(Tree& tree, const std::vector<std::string>& candidates);

/// The images in subfolders named after expressions, with their labels' indices in `labels`, in that order.
/// Throws Error for a label without a folder.
std::vector<SourceImage> images_by_class(Tree& tree, const std::string& folder, const std::string& split,
                                         const std::vector<std::string>& labels, Shows shows);

/// The same for subfolders named by label numbers, starting with `first`.
std::vector<SourceImage> images_by_number(Tree& tree, const std::string& folder, const std::string& split,
                                          const std::vector<std::string>& labels, int first, Shows shows);

}  // namespace regard
