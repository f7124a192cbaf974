#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

/// Lists of images that name a subset of a split, one a line, in the forms that are published (Wang et al.,
/// IEEE TIP 2020):
///
///     3_fer0000000.png 8 1      FERPlus, occlusion: label_name, 8, type: 0 upper, 1 bottom, 2 left or right,
///                               3 glasses or mask
///     0/fer0000000.jpg          FERPlus, pose: label/name
///     test_0000_aligned 3 4     RAF-DB, occlusion: name, label, type: 4 glasses or mask
///     5/test_0000_aligned.jpg   RAF-DB, pose: label/name
///     val/0/3b0b.../            AffectNet, occlusion: val/label/name; 0/3b0b.../, 0/3b0b....jpg as well
///     4/5cf9.../8.jpg           AffectNet, pose: label/name/8.jpg
///     fer0000000                the name alone
///
/// They lie at https://github.com/kaiwang960112/Challenge-condition-FER-dataset. AffectNet's names are the
/// hashes (56 hexadecimal digits) of its original release. What RAF-DB's types 1 to 3 stand for is not said,
/// and their counts (156, 141, 140) are in no order those of the paper's Table I: they stay numbers.
///
/// The parser is lenient: any line ends, blank lines, duplicate images, a header, any or no extension (images
/// match by name without it, and without RAF-DB's "_aligned"), commas instead of blanks.
namespace regard {

/// An image that a list names.
struct ListedImage {
  std::string name;  ///< without folder and extension, as it stands there: "3_fer0000000"
  std::string type;  ///< of occlusion: "upper", "bottom", "left-right", "glasses-mask"; a number where
                     ///< the list has others; empty if it has none
  bool may_be_header = false;  ///< stands in the first line and does not look like an image's name
};

/// Throws Error if the file cannot be read or is empty.
std::vector<ListedImage> read_list(const std::filesystem::path& path);

/// The images of a split that a list names.
struct ListMatch {
  std::vector<std::size_t> members;  ///< indices into the split's names, ascending, each once
  std::vector<std::string> types;    ///< of each member; empty if the list has none
  std::size_t absent = 0;            ///< different names in the list that the split does not have
};

/// `names`: the split's images. A label before the name ("3_") is ignored if necessary. Throws Error naming
/// `where` if the list names none of the images.
ListMatch match_list(const std::vector<ListedImage>& list, std::span<const std::string> names,
                     const std::string& where);

}  // namespace regard
