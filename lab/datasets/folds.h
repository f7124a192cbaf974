#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lab/datasets/dataset.h"

/// Parts of data sets that have none of their own but say who is in an image: nobody is in two of them.
namespace regard {

struct FoldOptions {
  int folds = 10;
  int fold = 0;
  std::int64_t seed = 1;

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("folds", folds, "into how many parts the people are divided, of which one is the test part");
    visit("fold", fold, "which of them: 0 for the first");
    visit("fold_seed", seed, "who is in which");
  }
};

/// Gives every image's split: the people of one fold are "test", of the others a share (at least one person
/// where it is above 0) "valid", the rest "train". Folds differ by one person at most, and who is in which
/// depends on the people's names and the seed alone. Throws Error for options out of range, more folds than
/// people, and where nobody is left to train on.
void split_by_people(std::vector<SourceImage>& images, const FoldOptions& options, double valid_fraction);

/// "01" -> 1; none for a word that is not digits alone.
std::optional<int> number_of(const std::string& word);

}  // namespace regard
