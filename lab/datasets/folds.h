#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lab/datasets/dataset.h"

/// Splits for data sets that have none but identify the subjects: no subject is in two splits.
namespace regard {

struct FoldOptions {
  int folds = 10;
  int fold = 0;
  std::int64_t seed = 1;

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("folds", folds, "number of folds of subjects; one is the test split");
    visit("fold", fold, "index of the test fold");
    visit("fold_seed", seed, "seed of the folds");
  }
};

/// Sets the split of every image: the subjects of one fold are "test", a fraction of the others (at least one
/// if above 0) "valid", the rest "train". Fold sizes differ by one subject at most, and folds depend only on
/// the subjects' names and the seed. Throws Error for options out of range, more folds than people, and if
/// nobody is left to train on.
void split_by_people(std::vector<SourceImage>& images, const FoldOptions& options, double valid_fraction);

/// "01" -> 1; none for a word that is not digits alone.
std::optional<int> number_of(const std::string& word);

}  // namespace regard
