#include "lab/datasets/bu3dfe.h"

#include <algorithm>
#include <optional>

#include "lab/datasets/folds.h"
#include "regard/core/error.h"
#include "regard/image/decode.h"

namespace regard {
namespace {

const std::vector<std::string> kLabels{"anger",   "disgust", "fear",    "happiness",
                                       "neutral", "sadness", "surprise"};
const std::vector<std::string> kCodes{"AN", "DI", "FE", "HA", "NE", "SA", "SU"};  // in the labels' order

/// "F0001".
bool is_person(const std::string& name) {
  return name.size() == 5 && (name[0] == 'F' || name[0] == 'M') && number_of(name.substr(1));
}

/// Of "y+30", the 30; none without a sign.
std::optional<float> angle_of(const std::string& word, char axis) {
  if (word.size() < 3 || word[0] != axis || (word[1] != '+' && word[1] != '-')) return {};
  const auto size = number_of(word.substr(2));
  if (!size || *size > 180) return {};
  return static_cast<float>(word[1] == '-' ? -*size : *size);
}

/// "F0001_AN01WH_y+30_p-15.png". Throws Error for other names: a rendering without its view is of no use.
SourceImage image_of(const std::string& name, const std::string& place) {
  const auto stem = name.substr(0, name.find_last_of('.'));
  const auto pitch_at = stem.find_last_of('_');
  const auto yaw_at = stem.find_last_of('_', pitch_at - 1);
  const bool long_enough = stem.size() > 14 && pitch_at != std::string::npos && yaw_at != std::string::npos;
  const auto yaw = long_enough ? angle_of(stem.substr(yaw_at + 1, pitch_at - yaw_at - 1), 'y') : std::nullopt;
  const auto pitch = long_enough ? angle_of(stem.substr(pitch_at + 1), 'p') : std::nullopt;
  const auto code = std::find(kCodes.begin(), kCodes.end(), stem.size() > 8 ? stem.substr(6, 2) : "");
  if (!yaw || !pitch || code == kCodes.end() || !is_person(stem.substr(0, 5)))
    throw Error("name of a rendering cannot be read", place, "a name like F0001_AN01WH_y+30_p-15.png", name);
  const auto label = static_cast<int>(code - kCodes.begin());
  SourceImage image{
      {name, "train", label, one_hot(label, kLabels.size())}, Shows::photograph, {}, place, {}, {}};
  image.sample.pose = HeadPose{*yaw, *pitch, 0};
  image.subject = stem.substr(0, 5);
  return image;
}

std::vector<SourceImage> list_images(Tree& tree, const std::vector<std::string>&) {
  std::vector<SourceImage> images;
  for (const auto& person : tree.folders("")) {
    if (!is_person(person)) continue;
    for (const auto& name : tree.images(person)) {
      if (name.find("_F2D") != std::string::npos) continue;  // the scans' own texture, beside the renderings
      const auto file = joined(person, name);
      images.push_back(image_of(name, tree.place(file)));
      images.back().file = file;
    }
  }
  if (images.empty())
    throw Error("file is missing", tree.place("F0001/F0001_AN01WH_y+0_p+0.png"),
                "renderings of BU-3DFE, a folder for each person");
  return images;
}

}  // namespace

Dataset bu3dfe() {
  return {.name = "bu3dfe",
          .about = "renderings: F0001/F0001_AN01WH_y+30_p-15.png",
          .source = "BU-3DFE, Yin et al., FG 2006",
          .labels = kLabels,
          .splits = {"train", "test"},
          .list = list_images};
}

}  // namespace regard
