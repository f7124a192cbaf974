#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
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
///     0_fer0032226.txt 0_fer0032226_label.txt 4      FERPlus, val_ferplus_mn.txt: label_name, its files of
///                               frames and labels, number of frames; no occlusion type
///
/// They lie at https://github.com/kaiwang960112/Challenge-condition-FER-dataset. AffectNet's names are the
/// hashes (56 hexadecimal digits) of its original release; its pose lists hold 1,944 and 983 different images
/// in 1,949 and 985 lines. What RAF-DB's types 1 to 3 stand for is not said, and their counts (156, 141, 140)
/// are in no order those of the paper's Table I: they stay numbers.
///
/// Read leniently: any line ends and encodings (decode_text), blank lines, images named twice, any or no
/// extension (images match by their name without it, and without RAF-DB's "_aligned"), and
///
///     "image","label"           tables with commas, semicolons or tabs, with or without quotes and header;
///     the 7,my faces/fer 01.png     name in any column, labels and numbers before it 3 my faces/fer 01.png
///     blanks within names a.png b.png, c.png        several names in a line
///     ["a.png", "b.png"]        lists of JSON or Python
namespace regard {

/// An image that a list names.
struct ListedImage {
  std::string name;                 ///< without folder and extension, as it stands there: "3_fer0000000"
  std::vector<std::string> others;  ///< alternative names, if the split has none of that name
  std::string type;  ///< of occlusion: "upper", "bottom", "left-right", "glasses-mask"; a number where
                     ///< the list has others; empty if it has none
  bool may_be_header = false;  ///< stands in the first line and does not look like an image's name
};

/// Throws Error if the file cannot be read or is empty.
std::vector<ListedImage> read_list(const std::filesystem::path& path);
/// The same of decoded text; `where` names it in errors.
std::vector<ListedImage> parse_list(std::string_view text, const std::string& where);

/// The images of a split that a list names.
struct ListMatch {
  std::vector<std::size_t> members;  ///< indices into the split's names, ascending, each once
  std::vector<std::string> types;    ///< of each member; empty if the list has none
  std::size_t absent = 0;            ///< different names in the list that the split does not have
  std::size_t repeated = 0;          ///< lines that name an image once more
};

/// `names`: the split's images. A label before the name ("3_") is ignored if necessary. Throws Error naming
/// `where` if the list names none of the images.
ListMatch match_list(const std::vector<ListedImage>& list, std::span<const std::string> names,
                     const std::string& where);

}  // namespace regard
