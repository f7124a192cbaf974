#include "train/images.h"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "lab/data/fold_list.h"
#include "regard/core/table.h"

namespace regard {

namespace {

using Indices = std::vector<std::int64_t>;

/// Throws Error for a split that the data set does not have; `instead`: other valid values of the key.
void expect_split(const PackedDataset& data, const std::string& split, const std::string& key,
                  const std::string& instead = {}) {
  const auto& splits = data.splits();
  if (std::ranges::find(splits, split) == splits.end())
    throw Error("data set has no such split", key, join(splits) + instead, split);
}

Indices images_of(const PackedDataset& data, const std::vector<std::string>& splits, bool majority_only) {
  Indices all;
  for (const auto& split : splits) {
    expect_split(data, split, "train_on");
    const auto indices = data.indices(split, majority_only);
    all.insert(all.end(), indices.begin(), indices.end());
  }
  return all;
}

/// Keeps those in or outside of a fold.
void keep_fold(const FoldList& folds, const PackedDataset& data, int fold, bool inside, Indices& indices) {
  std::erase_if(indices, [&](auto index) { return (folds.fold(data.name(index)) == fold) != inside; });
}

FoldList folds_of(const Recipe& recipe) {
  auto folds = FoldList::read(recipe.folds);
  if (recipe.held_out_fold >= folds.count())
    throw Error("list has no such fold", recipe.folds, "0 to " + std::to_string(folds.count() - 1),
                std::to_string(recipe.held_out_fold));
  return folds;
}

}  // namespace

TrainingImages training_images(const Recipe& recipe, const PackedDataset& data) {
  const bool by_majority = find_row(kSupervisions, recipe.supervision, "supervision").by_majority;
  TrainingImages images;
  images.train = images_of(data, recipe.train_on, by_majority);
  images.about = {{"train_on", recipe.train_on}, {"validate_on", recipe.validate_on}};
  std::optional<FoldList> folds;
  if (recipe.held_out_fold >= 0) {
    folds = folds_of(recipe);
    const auto all = images.train.size();
    keep_fold(*folds, data, recipe.held_out_fold, false, images.train);
    images.about["held_out"] = {{"folds", std::filesystem::path(recipe.folds).filename().string()},
                                {"sha256", folds->sha256()},
                                {"fold", recipe.held_out_fold},
                                {"images", all - images.train.size()}};
  }
  if (images.train.empty()) throw Error("there is nothing to train on", recipe.name, "images with labels");
  if (recipe.validate_on == kHeldOut) {
    images.valid = images_of(data, recipe.train_on, true);
    keep_fold(folds.value(), data, recipe.held_out_fold, true, images.valid);
  } else if (!recipe.validate_on.empty()) {
    expect_split(data, recipe.validate_on, "validate_on", ", or nothing, to validate on none");
    images.valid = data.indices(recipe.validate_on, true);
  }
  if (images.valid.empty() && !recipe.validate_on.empty())
    throw Error("there is nothing to validate on", recipe.name + ": validate_on",
                "a split with majority labels, or nothing", recipe.validate_on);
  return images;
}

}  // namespace regard
