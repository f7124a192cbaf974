#pragma once

#include <array>
#include <vector>

#include "lab/datasets/dataset.h"

/// FERPlus (Barsoum et al., ICMI 2016), as its tools leave it on disk (https://github.com/microsoft/FERPlus):
///
///     DIR/FER2013Train/label.csv    fer0000000.png,"(0, 0, 48, 48)",4,0,0,1,3,2,0,0,0,0
///     DIR/FER2013Train/*.png        48 x 48 grey
///     DIR/FER2013Valid/...          the same
///     DIR/FER2013Test/...           the same
///
/// The three folders may lie in DIR/data, too. A row holds the file's name, the face's box (always the whole
/// image) and the votes for neutral, happiness, surprise, sadness, anger, disgust, fear, contempt, unknown,
/// not-a-face. Most people have two tables instead, the pixels of the one and the votes of the other in the
/// same order:
///
///     DIR/fer2013.csv       emotion,pixels,Usage        0,70 80 82 ...,Training
///     DIR/fer2013new.csv    Usage,Image name,neutral,...,unknown,NF      Training,fer0000000.png,4,0,...
///
/// This is a set of its own, since it is not quite the same: the votes differ from those of the label files
/// in some 1,600 rows (which gives 3,153 test images with a majority label where the label files give
/// 3,137), 173 rows have no name, and 4 names stand there twice. Rows without a name and those that repeat
/// one are left out.
namespace regard {

inline constexpr int kFerplusSize = 48;

/// The result of ten votes on an image.
struct VoteResult {
  int label = -1;  ///< index of the majority label among the 8 emotions; -1 where there is none
  std::vector<float>
      soft_labels;  ///< distribution over the 8 emotions, sums to 1; all 0 if nobody voted for one
};

/// Counts votes as FERPlus' own tools do: a class with one vote counts as none; the majority is a class that
/// alone has most votes, is one of the 8 emotions and has more than half of the votes that are left. The
/// shares are those of the 8 emotions' votes that are left.
VoteResult count_votes(const std::array<float, 10>& votes);

/// "ferplus". Its images are chips as they are, and must be 48 x 48 grey PNG.
Dataset ferplus();

/// "ferplus-csv": the two tables.
Dataset ferplus_csv();

}  // namespace regard
