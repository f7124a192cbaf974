#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "lab/datasets/dataset.h"
#include "lab/datasets/folds.h"
#include "regard/face/detector.h"

/// From the images of a data set to chips.
namespace regard {

/// How images become chips. A photograph is cut along the box of its face, made square; if the set has no
/// boxes, along the largest detected face, upright and framed as in FERPlus. A cropped face is used whole,
/// made square by repeating its edges.
struct PackOptions {
  int size = 0;
  bool landmarks = false;
  bool align = false;
  bool pose = false;
  float valid_fraction = 0.1f;
  FoldOptions people = {};
  std::vector<int> flashes{};

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("size", size, "side of the chips in pixels; 0: 48 for FERPlus, else 112");
    visit("landmarks", landmarks, "store five landmarks per face; detect them if the set does not have them");
    visit("align", align,
          "align every face so that its landmarks match FERPlus' average positions; faces without landmarks "
          "stay unaligned");
    visit("pose", pose,
          "store yaw, pitch and roll of every head, and the landmarks; estimate them if the set does not "
          "have them");
    visit("valid_fraction", valid_fraction,
          "fraction of the training split that becomes the validation split, for sets without one; chosen by "
          "the names");
    visit("people", people, "splits of a set that has none but identifies the subjects");
    visit("flashes", flashes, "multipie: only images with these flashes, e.g. 7 or 0,7; none: all");
  }
};

/// Called regularly with the number of images done and the total.
using PackProgress = std::function<void(std::int64_t done, std::int64_t total)>;

/// An image that turned out to be unusable when read.
struct LeftOut {
  std::string name;    ///< of its file, in the tree
  std::string reason;  ///< of a few, for counting: "missing", "unreadable", "of one colour"
  std::string what;    ///< the whole story
};

/// The arguments of read_dataset and pack_dataset, other than the set.
struct PackJob {
  std::filesystem::path source;          ///< the data set's folder, or a .zip that holds the same
  std::vector<std::string> splits = {};  ///< empty: all that are there
  PackOptions options = {};
  std::filesystem::path detector = {};   ///< the network of Detector; read only where faces have to be found
  std::filesystem::path face_mesh = {};  ///< that of HeadPoseEstimator; read only where poses are asked for
  PackProgress progress = {};
  std::function<void(const LeftOut&)> left_out = {};  ///< called for each image that is left out, in order
};

/// A data set in memory.
struct LoadedDataset {
  std::vector<Sample> samples;      ///< in the order of the set's lists
  std::vector<std::uint8_t> chips;  ///< [samples, channels, size, size]
  int channels = 1, size = 0;
  std::vector<std::string> notes;  ///< the notes of a PackedDataset
};

/// Images that are missing, cannot be read or are of one single colour are left out; the notes count them by
/// reason. Throws Error if that is all of them; naming the first missing file if the tree is another one, and
/// file and line for labels that cannot be read; for splits that the set does not have, and for a size of
/// FERPlus' chips that is not theirs.
LoadedDataset read_dataset(const Dataset& dataset, const PackJob& job);

/// Writes a PackedDataset, whose notes say what was held out and what was left out; chips go through a
/// temporary file, so that memory does not grow with the set. Throws Error.
void pack_dataset(const Dataset& dataset, const PackJob& job, const std::filesystem::path& out);

/// The five landmarks of a face that fills an image; none if no face is found.
std::optional<Landmarks> find_landmarks(const Detector& detector, ImageView face);

}  // namespace regard
