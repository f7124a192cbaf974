#include "lab/datasets/dataset.h"

#include <algorithm>

#include "lab/datasets/affectnet.h"
#include "lab/datasets/bu3dfe.h"
#include "lab/datasets/fedro.h"
#include "lab/datasets/ferplus.h"
#include "lab/datasets/kdef.h"
#include "lab/datasets/multipie.h"
#include "lab/datasets/rafdb.h"
#include "lab/datasets/sfew.h"
#include "regard/core/error.h"
#include "regard/core/labels.h"
#include "regard/core/options.h"
#include "regard/core/text.h"

namespace regard {

namespace {

/// The images in subfolders, one per label.
std::vector<SourceImage> images_in_folders(Tree& tree, const std::string& folder,
                                           const std::vector<std::string>& of_labels,
                                           const std::string& split, Shows shows) {
  const auto there = tree.folders(folder);
  std::vector<SourceImage> images;
  for (std::size_t i = 0; i < of_labels.size(); ++i) {
    const std::string inside = joined(folder, of_labels[i]);
    if (std::find(there.begin(), there.end(), of_labels[i]) == there.end())
      throw Error("folder is missing", tree.place(inside), "a folder for each expression");
    const int label = static_cast<int>(i);
    for (const auto& name : tree.images(inside)) {
      const std::string file = joined(inside, name);
      images.push_back(
          {{name, split, label, one_hot(label, of_labels.size())}, shows, file, tree.place(file), {}, {}});
    }
  }
  if (images.empty()) throw Error("folder has no images", tree.place(folder));
  return images;
}

}  // namespace

const std::vector<Dataset>& datasets() {
  static const std::vector<Dataset> kAll{ferplus(),   ferplus_csv(),    affectnet(), affectnet7(), rafdb(),
                                         rafdb_224(), rafdb_original(), sfew(),      sfew_full(),  fedro(),
                                         kdef(),      multipie(),       bu3dfe()};
  return kAll;
}

const Dataset& find_dataset(const std::string& name) {
  std::vector<std::string> known;
  for (const auto& dataset : datasets()) {
    if (dataset.name == name) return dataset;
    known.push_back(dataset.name);
  }
  const std::string listed = join(known);
  const std::string near = nearest(name, known);
  throw Error("unknown data set", {}, near.empty() ? listed : near + " (or one of: " + listed + ")", name);
}

std::vector<float> one_hot(int label, std::size_t labels) {
  std::vector<float> soft_labels(labels);
  soft_labels.at(static_cast<std::size_t>(label)) = 1;
  return soft_labels;
}

bool is_asked(const std::vector<std::string>& asked, const std::string& split) {
  return std::find(asked.begin(), asked.end(), split) != asked.end();
}

std::optional<std::string> folder_of_classes(Tree& tree, const std::vector<std::string>& candidates) {
  for (const auto& folder : candidates) {
    const auto inside = tree.folders(folder);
    if (std::any_of(inside.begin(), inside.end(), [](const auto& name) { return canonical_label(name); }))
      return folder;
  }
  return {};
}

std::vector<SourceImage> images_by_class(Tree& tree, const std::string& folder, const std::string& split,
                                         const std::vector<std::string>& labels, Shows shows) {
  const auto folders = tree.folders(folder);
  std::vector<std::string> of_labels;
  for (const auto& label : labels) {
    const auto found = std::ranges::find(folders, label, canonical_label);
    of_labels.push_back(found == folders.end() ? label : *found);
  }
  return images_in_folders(tree, folder, of_labels, split, shows);
}

std::vector<SourceImage> images_by_number(Tree& tree, const std::string& folder, const std::string& split,
                                          const std::vector<std::string>& labels, int first, Shows shows) {
  std::vector<std::string> of_labels;
  for (std::size_t i = 0; i < labels.size(); ++i)
    of_labels.push_back(std::to_string(first + static_cast<int>(i)));
  return images_in_folders(tree, folder, of_labels, split, shows);
}

}  // namespace regard
