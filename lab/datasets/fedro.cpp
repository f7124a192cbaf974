#include "lab/datasets/fedro.h"

#include "regard/core/error.h"

namespace regard {
namespace {

const std::vector<std::string> kLabels{"neutral", "happiness", "sadness", "surprise",
                                       "fear",    "disgust",   "anger"};

std::vector<SourceImage> list_images(Tree& tree, const std::vector<std::string>&) {
  auto candidates = tree.folders("");
  candidates.insert(candidates.begin(), "");
  const auto found = folder_of_classes(tree, candidates);
  if (!found)
    throw Error("folder is missing", tree.place("neural"), "FED-RO's folders, one for each expression");
  return images_by_class(tree, *found, "test", kLabels, Shows::photograph);
}

}  // namespace

Dataset fedro() {
  return {.name = "fedro",
          .about = "folders neural, happy, sad, surprise, fear, disgust, anger",
          .source = "FED-RO, Li, Zeng, Shan & Chen, IEEE TIP 2019",
          .labels = kLabels,
          .splits = {"test"},
          .list = list_images};
}

}  // namespace regard
