#include "lab/evaluate/held_out.h"

#include "lab/data/fold_list.h"
#include "regard/core/error.h"

namespace regard {

namespace {

/// What the model's file says of the fold.
const Json& held_out_of(const Model& model) {
  if (!model.data.contains("held_out"))
    throw Error("training of the model held out no fold", model.name,
                "a model whose recipe has held_out_fold");
  return model.data.at("held_out");
}

FoldList read_folds(const std::filesystem::path& path, const Json& held_out) {
  auto folds = FoldList::read(path);
  const auto expected = held_out.at("sha256").get<std::string>();
  if (folds.sha256() != expected)
    throw Error("list of folds is not the one that the model was trained with", path.string(),
                "SHA-256 " + expected, folds.sha256());
  return folds;
}

}  // namespace

EvaluationSet load_held_out(const Model& model, const std::filesystem::path& folds,
                            const std::string& dataset, const std::filesystem::path& data) {
  const Json& held_out = held_out_of(model);
  const auto list = read_folds(folds, held_out);
  const int fold = held_out.at("fold").get<int>();
  EvaluationSet kept;
  for (const auto& split : model.data.at("train_on").get<std::vector<std::string>>()) {
    auto loaded = load_evaluation_set(dataset, data, split, model.network.chip_size);
    kept.dataset = loaded.dataset;
    kept.labels = loaded.labels;
    for (std::size_t i = 0; i < loaded.count(); ++i)
      if (list.fold(loaded.names[i]) == fold) kept.add(loaded, i, loaded.truth[i]);
  }
  kept.split = "fold " + std::to_string(fold) + " of " + folds.filename().string();
  if (kept.names.empty())
    throw Error("no image with a majority label is in the fold", data.string(), {}, kept.split);
  return kept;
}

}  // namespace regard
