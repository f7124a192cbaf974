#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

/// Lists of images that name a subset of a split, one a line, in the forms that are published (Wang et al.,
/// IEEE TIP 2020):
///
///     3_fer0000000.png 8 1      FERPlus, occlusion: label_name, 8, type of occlusion
///     0/fer0000000.jpg          FERPlus, pose: label/name
///     test_0000_aligned 3 4     RAF-DB, occlusion: name, label, type of occlusion
///     5/test_0000_aligned.jpg   RAF-DB, pose: label/name
///     fer0000000                the name alone
///
/// Read leniently: any line ends, blank lines, images named twice, a header, any or no extension (images
/// match by their name without it), commas instead of blanks.
namespace regard {

/// An image that a list names.
struct ListedImage {
  std::string name;  ///< without folder and extension, as it stands there: "3_fer0000000"
  std::string type;  ///< of occlusion: "upper", "bottom", "left-right", "glasses-mask"; a number where
                     ///< the list has others; empty where it has none
  bool may_be_header = false;  ///< stands in the first line and does not look like an image's name
};

/// Throws Error where the file cannot be read or names nothing.
std::vector<ListedImage> read_list(const std::filesystem::path& path);

/// The images of a split that a list names.
struct ListMatch {
  std::vector<std::size_t> members;  ///< indices into the split's names, ascending, each once
  std::vector<std::string> types;    ///< of each member; empty where the list has none
  std::size_t absent = 0;            ///< different names in the list that the split does not have
};

/// `names`: the split's images. An image's label before its name ("3_") is left out where that is needed to
/// find it. Throws Error naming `where` if the list names none of the images.
ListMatch match_list(const std::vector<ListedImage>& list, std::span<const std::string> names,
                     const std::string& where);

}  // namespace regard
