#include "lab/datasets/kdef.h"

#include <algorithm>
#include <cctype>
#include <optional>

#include "lab/datasets/folds.h"
#include "regard/core/error.h"

namespace regard {
namespace {

const std::vector<std::string> kLabels{"fear",    "anger",   "disgust", "happiness",
                                       "neutral", "sadness", "surprise"};
const std::vector<std::string> kCodes{"AF", "AN", "DI", "HA", "NE", "SA", "SU"};  // in the labels' order
const std::vector<std::pair<std::string, float>> kAngles{
    {"FL", -90.f}, {"HL", -45.f}, {"S", 0.f}, {"HR", 45.f}, {"FR", 90.f}};

/// "AF01".
bool is_person(const std::string& name) {
  return name.size() == 4 && (name[0] == 'A' || name[0] == 'B') && (name[1] == 'F' || name[1] == 'M') &&
         number_of(name.substr(2));
}

/// None for an unknown name.
std::optional<SourceImage> image_of(const std::string& name) {
  std::string code = name.substr(0, name.find_last_of('.'));
  for (char& letter : code) letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  if (code.size() < 7 || !is_person(code.substr(0, 4))) return {};
  const auto expression = std::find(kCodes.begin(), kCodes.end(), code.substr(4, 2));
  const auto angle = std::find_if(kAngles.begin(), kAngles.end(),
                                  [&](const auto& known) { return known.first == code.substr(6); });
  if (expression == kCodes.end() || angle == kAngles.end()) return {};
  const auto label = static_cast<int>(expression - kCodes.begin());
  SourceImage image{
      {name, "train", label, one_hot(label, kLabels.size())}, Shows::photograph, {}, {}, {}, {}};
  image.sample.pose = HeadPose{angle->second, 0, 0};
  image.subject = code.substr(1, 3);
  return image;
}

std::vector<SourceImage> list_images(Tree& tree, const std::vector<std::string>&) {
  std::vector<SourceImage> images;
  for (const std::string root : {"", "KDEF", "KDEF_and_AKDEF/KDEF", "KDEF_and_AKDEF/KDEF_and_AKDEF/KDEF"}) {
    for (const auto& person : tree.folders(root)) {
      if (!is_person(person)) continue;
      const auto folder = joined(root, person);
      for (const auto& name : tree.files(folder))
        if (auto image = is_image_name(name) ? image_of(name) : std::nullopt) {
          image->file = joined(folder, name);
          image->place = tree.place(image->file);
          images.push_back(std::move(*image));
        }
    }
    if (!images.empty()) return images;
  }
  throw Error("file is missing", tree.place("KDEF/AF01/AF01ANS.JPG"), "KDEF's folders, one for each person");
}

}  // namespace

Dataset kdef() {
  return {.name = "kdef",
          .about = "five views: KDEF/AF01/AF01ANS.JPG",
          .source = "KDEF, Lundqvist, Flykt & Öhman, Karolinska Institutet 1998",
          .labels = kLabels,
          .splits = {"train", "test"},
          .list = list_images};
}

}  // namespace regard
