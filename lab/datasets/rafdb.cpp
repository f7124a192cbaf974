#include "lab/datasets/rafdb.h"

#include <optional>
#include <sstream>

#include "lab/datasets/folds.h"
#include "regard/core/error.h"
#include "regard/core/text.h"

namespace regard {
namespace {

constexpr const char* kList = "EmoLabel/list_patition_label.txt";
const std::vector<std::string> kLabels{"surprise", "fear",  "disgust", "happiness",
                                       "sadness",  "anger", "neutral"};

/// "basic/" or "", whichever holds the list of labels; none if that is missing.
std::optional<std::string> root_of_list(Tree& tree) {
  for (const std::string root : {"basic/", ""})
    if (tree.has(root + kList)) return root;
  return {};
}

std::string root_of(Tree& tree) {
  if (auto root = root_of_list(tree)) return *root;
  throw Error("file is missing", tree.place(std::string("basic/") + kList), "RAF-DB's folder basic");
}

/// The first numbers of a file of annotations. Throws Error if there are fewer.
std::vector<float> numbers_of(Tree& tree, const std::string& file, std::size_t count) {
  std::istringstream text(tree.text(file));
  std::vector<float> numbers(count);
  for (float& number : numbers)
    if (!(text >> number))
      throw Error("annotation cannot be read", tree.place(file), std::to_string(count) + " numbers");
  return numbers;
}

Box box_of(const std::vector<float>& corners) {
  return {corners[0], corners[1], corners[2] - corners[0], corners[3] - corners[1]};
}

Landmarks landmarks_of(const std::vector<float>& numbers) {
  Landmarks landmarks;
  for (std::size_t i = 0; i < landmarks.size(); ++i) landmarks[i] = {numbers[2 * i], numbers[2 * i + 1]};
  return landmarks;
}

/// "train_00001" of a line "train_00001.jpg 5", with split and label.
SourceImage image_of(std::string_view line, const std::string& place) {
  const auto words = words_of(line, " \t,;\"");
  std::string name(words.empty() ? "" : words[0]);
  const int label = words.size() == 2 ? number_of(std::string(words[1])).value_or(0) : 0;
  const bool train = name.starts_with("train_");
  if (label < 1 || label > 7 || !name.ends_with(".jpg") || !(train || name.starts_with("test_")) ||
      name.find_first_of("/\\") != std::string::npos)
    throw Error("line cannot be read", place, "a line like: train_00001.jpg 5", std::string(line));
  name.resize(name.size() - 4);
  return {{name, train ? "train" : "test", label - 1, one_hot(label - 1, kLabels.size())},
          Shows::face,
          {},
          place,
          {},
          {}};
}

std::vector<SourceImage> list_labels(Tree& tree, const std::string& root,
                                     const std::vector<std::string>& splits) {
  const std::string text = tree.text(root + kList);
  std::vector<SourceImage> images;
  int number = 0;
  for (const auto line : lines_of(text)) {
    ++number;
    if (words_of(line).empty()) continue;
    auto image = image_of(line, tree.place(root + kList) + ":" + std::to_string(number));
    if (is_wanted(splits, image.sample.split)) images.push_back(std::move(image));
  }
  return images;
}

// The name in all sets is the aligned image's, by which the published lists go.
std::vector<SourceImage> list_folder(Tree& tree, const std::vector<std::string>& splits,
                                     const std::string& folder) {
  const std::string root = root_of(tree);
  auto images = list_labels(tree, root, splits);
  for (auto& image : images) {
    image.sample.name += "_aligned.jpg";
    image.file = root + folder + image.sample.name;
  }
  return images;
}

/// train/1 to train/7 and test/1 to test/7; none if there is no such folder.
std::vector<SourceImage> list_classes(Tree& tree, const std::vector<std::string>& splits) {
  std::vector<SourceImage> images;
  for (const std::string root : {"", "DATASET"})
    for (const std::string split : {"train", "test"}) {
      const auto folder = joined(root, split);
      if (!is_wanted(splits, split) || tree.folders(folder).empty()) continue;
      auto part = images_by_number(tree, folder, split, kLabels, 1, Shows::face);
      std::move(part.begin(), part.end(), std::back_inserter(images));
    }
  return images;
}

std::vector<SourceImage> list_aligned(Tree& tree, const std::vector<std::string>& splits) {
  if (!root_of_list(tree))
    if (auto images = list_classes(tree, splits); !images.empty()) return images;
  return list_folder(tree, splits, "Image/aligned/");
}

std::vector<SourceImage> list_aligned_224(Tree& tree, const std::vector<std::string>& splits) {
  return list_folder(tree, splits, "Image/aligned_224/");
}

std::vector<SourceImage> list_original(Tree& tree, const std::vector<std::string>& splits) {
  const std::string root = root_of(tree), notes = root + "Annotation/";
  auto images = list_labels(tree, root, splits);
  for (auto& image : images) {
    const std::string name = image.sample.name;
    image.shows = Shows::photograph;
    image.file = root + "Image/original/" + name + ".jpg";
    image.box = box_of(numbers_of(tree, notes + "boundingbox/" + name + "_boundingbox.txt", 4));
    image.landmarks = landmarks_of(numbers_of(tree, notes + "manual/" + name + "_manu_attri.txt", 10));
    image.sample.name += "_aligned.jpg";
  }
  return images;
}

}  // namespace

Dataset rafdb() {
  return {.name = "rafdb",
          .about = "aligned: basic with EmoLabel and Image/aligned, or train/1 to 7 and test/1 to 7",
          .source = "RAF-DB basic, aligned, Li, Deng & Du, CVPR 2017",
          .labels = kLabels,
          .splits = {"train", "test"},
          .list = list_aligned};
}

Dataset rafdb_224() {
  return {.name = "rafdb-224",
          .about = "aligned anew, 224 pixels: basic with EmoLabel and Image/aligned_224",
          .source = "RAF-DB basic, aligned anew, Li, Deng & Du, CVPR 2017",
          .labels = kLabels,
          .splits = {"train", "test"},
          .size = 224,
          .list = list_aligned_224};
}

Dataset rafdb_original() {
  return {.name = "rafdb-original",
          .about = "photographs: basic with EmoLabel, Image/original and Annotation",
          .source = "RAF-DB basic, original, Li, Deng & Du, CVPR 2017",
          .labels = kLabels,
          .splits = {"train", "test"},
          .list = list_original};
}

}  // namespace regard
