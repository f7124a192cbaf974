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
#include "regard/image/decode.h"

namespace regard {

const std::vector<Dataset>& datasets() {
  static const std::vector<Dataset> kAll{ferplus(),        affectnet(), affectnet7(), rafdb(),
                                         rafdb_original(), sfew(),      sfew_full(),  fedro(),
                                         kdef(),           multipie(),  bu3dfe()};
  return kAll;
}

const Dataset& find_dataset(const std::string& name) {
  std::vector<std::string> known;
  for (const auto& dataset : datasets()) {
    if (dataset.name == name) return dataset;
    known.push_back(dataset.name);
  }
  std::string listed;
  for (const auto& other : known) listed += (listed.empty() ? "" : ", ") + other;
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
  std::vector<SourceImage> images;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto found = std::find_if(folders.begin(), folders.end(), [&](const std::string& name) {
      return canonical_label(name) == labels[i];
    });
    if (found == folders.end())
      throw Error("folder is missing", tree.place(joined(folder, labels[i])), "a folder for each expression");
    const std::string inside = joined(folder, *found);
    for (const auto& name : tree.files(inside)) {
      if (!is_image_name(name)) continue;
      const std::string file = joined(inside, name);
      const int label = static_cast<int>(i);
      images.push_back(
          {{name, split, label, one_hot(label, labels.size())}, shows, file, tree.place(file), {}, {}});
    }
  }
  if (images.empty()) throw Error("folder has no images", tree.place(folder));
  return images;
}

}  // namespace regard
