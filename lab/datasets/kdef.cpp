#include "lab/datasets/kdef.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <set>

#include "lab/datasets/folds.h"
#include "regard/core/error.h"
#include "regard/image/decode.h"

namespace regard {
namespace {

const std::vector<std::string> kLabels{"fear",    "anger",   "disgust", "happiness",
                                       "neutral", "sadness", "surprise"};
const std::vector<std::string> kCodes{"AF", "AN", "DI", "HA", "NE", "SA", "SU"};  // in the labels' order
const std::vector<std::pair<std::string, float>> kAngles{
    {"FL", -90.f}, {"HL", -45.f}, {"S", 0.f}, {"HR", 45.f}, {"FR", 90.f}};

// Misnamed images of the published archive, and what they show.
const std::map<std::string, std::string> kMisnamed{{"AF31V", "AF31SAHL"}, {"AM31H", "AM31SUHR"}};
// Black images with valid names. Other projects also list DIHL of AF20 or of AM20, and disagree: the pixels
// decide.
const std::set<std::string> kBlack{"AF01SUFR", "AF10AFFR", "AF11NEHL", "AM25DIFL", "AM34DIFR",
                                   "BF13NEHR", "BM21DIFL", "BM22DIHL", "BM24DIFL"};

/// "AF01".
bool is_person(const std::string& name) {
  return name.size() == 4 && (name[0] == 'A' || name[0] == 'B') && (name[1] == 'F' || name[1] == 'M') &&
         number_of(name.substr(2));
}

/// "AF01ANS" of "af01ans.jpg".
std::string code_of(const std::string& name) {
  std::string code = name.substr(0, name.find_last_of('.'));
  for (char& letter : code) letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  return code;
}

/// Decodes the code of an image; excluded if it is invalid, or known to be black.
SourceImage image_of(const std::string& code) {
  SourceImage image{{code, "train", -1, {}}, Shows::photograph, {}, {}, {}, {}};
  image.left_out = "name without person, expression and angle";
  if (code.size() < 7 || !is_person(code.substr(0, 4))) return image;
  const auto expression = std::find(kCodes.begin(), kCodes.end(), code.substr(4, 2));
  const auto angle = std::find_if(kAngles.begin(), kAngles.end(),
                                  [&](const auto& known) { return known.first == code.substr(6); });
  if (expression == kCodes.end() || angle == kAngles.end()) return image;
  image.left_out = kBlack.contains(code) ? "black in the published archive" : "";
  image.sample.label = static_cast<int>(expression - kCodes.begin());
  image.sample.soft_labels = one_hot(image.sample.label, kLabels.size());
  image.sample.pose = HeadPose{angle->second, 0, 0};
  image.subject = code.substr(1, 3);
  return image;
}

/// The images of one person and session.
std::vector<SourceImage> images_in(Tree& tree, const std::string& folder) {
  std::map<std::string, std::string> files;  // their names by code
  for (const auto& name : tree.images(folder)) files.emplace(code_of(name), name);
  for (const auto& [wrong, right] : kMisnamed)
    if (auto found = files.extract(wrong)) {
      found.key() = right;
      files.insert(std::move(found));  // has no effect if it has been renamed already
    }
  std::vector<SourceImage> images;
  for (const auto& [code, name] : files) {
    auto& image = images.emplace_back(image_of(code));
    image.sample.name = code + name.substr(name.find_last_of('.'));
    image.file = joined(folder, name);
    image.place = tree.place(image.file);
  }
  return images;
}

std::vector<SourceImage> list_images(Tree& tree, const std::vector<std::string>&) {
  std::vector<SourceImage> images;
  for (const std::string root : {"", "KDEF", "KDEF_and_AKDEF/KDEF", "KDEF_and_AKDEF/KDEF_and_AKDEF/KDEF"}) {
    for (const auto& person : tree.folders(root)) {
      if (!is_person(person)) continue;
      auto found = images_in(tree, joined(root, person));
      std::move(found.begin(), found.end(), std::back_inserter(images));
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
