#include "lab/datasets/rafdb.h"

#include <sstream>

#include "regard/core/error.h"

namespace regard {
namespace {

constexpr const char* kList = "EmoLabel/list_patition_label.txt";
const std::vector<std::string> kLabels{"surprise", "fear",  "disgust", "happiness",
                                       "sadness",  "anger", "neutral"};

std::string root_of(Tree& tree) {
  for (const std::string root : {"basic/", ""})
    if (tree.has(root + kList)) return root;
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
SourceImage image_of(const std::string& line, const std::string& place) {
  std::istringstream words(line);
  std::string name;
  int label = 0;
  words >> name >> label;
  const bool train = name.starts_with("train_");
  if (!words || label < 1 || label > 7 || !name.ends_with(".jpg") || !(train || name.starts_with("test_")) ||
      name.find_first_of("/\\") != std::string::npos)
    throw Error("line cannot be read", place, "a line like: train_00001.jpg 5", line);
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
  std::istringstream list(tree.text(root + kList));
  std::vector<SourceImage> images;
  int number = 0;
  for (std::string line; std::getline(list, line);) {
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    auto image = image_of(line, tree.place(root + kList) + ":" + std::to_string(number));
    if (is_wanted(splits, image.sample.split)) images.push_back(std::move(image));
  }
  return images;
}

// The name in both sets is the aligned image's, by which the published lists go.
std::vector<SourceImage> list_aligned(Tree& tree, const std::vector<std::string>& splits) {
  const std::string root = root_of(tree);
  auto images = list_labels(tree, root, splits);
  for (auto& [sample, shows, file, place, box, landmarks, subject] : images) {
    sample.name += "_aligned.jpg";
    file = root + "Image/aligned/" + sample.name;
  }
  return images;
}

std::vector<SourceImage> list_original(Tree& tree, const std::vector<std::string>& splits) {
  const std::string root = root_of(tree), notes = root + "Annotation/";
  auto images = list_labels(tree, root, splits);
  for (auto& [sample, shows, file, place, box, landmarks, subject] : images) {
    shows = Shows::photograph;
    const std::string& name = sample.name;
    file = root + "Image/original/" + name + ".jpg";
    box = box_of(numbers_of(tree, notes + "boundingbox/" + name + "_boundingbox.txt", 4));
    landmarks = landmarks_of(numbers_of(tree, notes + "manual/" + name + "_manu_attri.txt", 10));
    sample.name += "_aligned.jpg";
  }
  return images;
}

}  // namespace

Dataset rafdb() {
  return {.name = "rafdb",
          .about = "aligned: basic with EmoLabel and Image/aligned",
          .source = "RAF-DB basic, aligned, Li, Deng & Du, CVPR 2017",
          .labels = kLabels,
          .splits = {"train", "test"},
          .list = list_aligned};
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
