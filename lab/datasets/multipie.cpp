#include "lab/datasets/multipie.h"

#include <algorithm>
#include <array>
#include <optional>

#include "lab/datasets/folds.h"
#include "regard/core/error.h"
#include "regard/image/decode.h"

namespace regard {
namespace {

const std::vector<std::string> kLabels{"neutral", "happiness", "surprise", "squint", "disgust", "scream"};
// Of sessions 1 to 4, recordings 1 to 3, indices into the labels; -1: there is none.
constexpr std::array<std::array<int, 3>, 4> kExpressions{{{0, 1, -1}, {0, 2, 3}, {0, 1, 4}, {0, 0, 5}}};
// From yaw -90 on, 15 degrees apart.
const std::vector<std::string> kCameras{"110", "120", "090", "080", "130", "140", "051",
                                        "050", "041", "190", "200", "010", "240"};

std::vector<std::string> words_of(const std::string& name) {
  std::vector<std::string> words{""};
  for (const char letter : name.substr(0, name.find_last_of('.')))
    if (letter == '_')
      words.emplace_back();
    else
      words.back() += letter;
  return words;
}

/// "001_01_01_051_06.png"; none for other names, cameras and recordings.
std::optional<SourceImage> image_of(const std::string& name) {
  const auto words = words_of(name);
  if (words.size() != 5 || words[0].size() != 3 || !number_of(words[0])) return {};
  const int session = number_of(words[1]).value_or(0), recording = number_of(words[2]).value_or(0);
  const auto camera = std::find(kCameras.begin(), kCameras.end(), words[3]);
  if (session < 1 || session > 4 || recording < 1 || recording > 3 || camera == kCameras.end()) return {};
  const int label =
      kExpressions[static_cast<std::size_t>(session - 1)][static_cast<std::size_t>(recording - 1)];
  if (label < 0) return {};
  SourceImage image{
      {name, "train", label, one_hot(label, kLabels.size())}, Shows::photograph, {}, {}, {}, {}};
  image.sample.pose = HeadPose{-90 + 15 * static_cast<float>(camera - kCameras.begin()), 0, 0};
  image.subject = words[0];
  image.flash = number_of(words[4]);
  return image;
}

/// All files below a folder, `depth` folders down.
void walk(Tree& tree, const std::string& folder, int depth, std::vector<SourceImage>& images) {
  if (depth > 0) {
    for (const auto& inside : tree.folders(folder)) walk(tree, joined(folder, inside), depth - 1, images);
    return;
  }
  for (const auto& name : tree.images(folder))
    if (auto image = image_of(name)) {
      image->file = joined(folder, name);
      image->place = tree.place(image->file);
      images.push_back(std::move(*image));
    }
}

std::vector<SourceImage> list_images(Tree& tree, const std::vector<std::string>&) {
  constexpr int kDepth = 3;  // person, recording, camera
  std::vector<SourceImage> images;
  for (const std::string root : {"", "data"})
    for (const std::string session : {"session01", "session02", "session03", "session04"})
      walk(tree, joined(root, session + "/multiview"), kDepth, images);
  if (images.empty())
    throw Error("file is missing", tree.place("session01/multiview/001/01/05_1/001_01_01_051_00.png"),
                "Multi-PIE's folders, one for each session");
  return images;
}

}  // namespace

Dataset multipie() {
  return {.name = "multipie",
          .about = "13 views: session01/multiview/001/01/05_1/001_01_01_051_06.png",
          .source = "CMU Multi-PIE, Gross et al., Image and Vision Computing 2010",
          .labels = kLabels,
          .splits = {"train", "test"},
          .list = list_images};
}

}  // namespace regard
