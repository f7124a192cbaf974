#include "lab/datasets/sfew.h"

#include "regard/core/error.h"

namespace regard {
namespace {

const std::vector<std::string> kLabels{"anger",   "disgust",  "fear",   "happiness",
                                       "sadness", "surprise", "neutral"};

/// Possible places of the expression folders of a split, the usual one first.
struct Places {
  const char* split;
  std::vector<std::string> folders;
};

std::vector<SourceImage> list_places(Tree& tree, const std::vector<Places>& places,
                                     const std::vector<std::string>& splits, Shows shows) {
  std::vector<SourceImage> images;
  for (const auto& [split, folders] : places) {
    if (!is_wanted(splits, split)) continue;
    const auto found = folder_of_classes(tree, folders);
    if (!found)
      throw Error("folder is missing", tree.place(folders.front() + "/Angry"),
                  "SFEW's folders Train and Val, with one for each expression");
    const auto part = images_by_class(tree, *found, split, kLabels, shows);
    images.insert(images.end(), part.begin(), part.end());
  }
  return images;
}

std::vector<SourceImage> list_aligned(Tree& tree, const std::vector<std::string>& splits) {
  return list_places(
      tree,
      {{"train", {"Train/Train_Aligned_Faces", "Train_Aligned_Faces"}},
       {"valid",
        {"Val/Val_Aligned_Faces_new/Val_Aligned_Faces", "Val/Val_Aligned_Faces",
         "Val_Aligned_Faces_new/Val_Aligned_Faces", "Val_Aligned_Faces_new", "Val_Aligned_Faces"}}},
      splits, Shows::face);
}

std::vector<SourceImage> list_full(Tree& tree, const std::vector<std::string>& splits) {
  return list_places(tree, {{"train", {"Train", "Train/Train"}}, {"valid", {"Val", "Val/Val"}}}, splits,
                     Shows::photograph);
}

}  // namespace

Dataset sfew() {
  return {.name = "sfew",
          .about = "aligned faces: Train/Train_Aligned_Faces and Val/Val_Aligned_Faces",
          .source = "SFEW 2.0, aligned faces, Dhall et al., ICMI 2015",
          .labels = kLabels,
          .splits = {"train", "valid"},
          .list = list_aligned};
}

Dataset sfew_full() {
  return {.name = "sfew-full",
          .about = "full frames: Train and Val, with a folder for each expression",
          .source = "SFEW 2.0, full frames, Dhall et al., ICMI 2015",
          .labels = kLabels,
          .splits = {"train", "valid"},
          .list = list_full};
}

}  // namespace regard
