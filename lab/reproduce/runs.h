#pragma once

#include "lab/reproduce/results.h"
#include "regard/model/model.h"

namespace regard {

/// The trainings in a folder and the predictions of their models, kept so that nothing is done twice and
/// tables share common results:
///
///     NAME-DIGEST/    recipe.json, what training writes (docs/training.md), and answers-*.safetensors
class RunStore {
 public:
  /// `options` must outlive it.
  explicit RunStore(const ReproduceOptions& options) : options_(options) {}

  /// Trains by the recipe, unless done before. Throws Unavailable if the start is missing, or nothing is to
  /// be trained; Error if training fails.
  TrainedModel train(const Recipe& recipe, const std::filesystem::path& pack) const;

  /// The model with other values of its network's options.
  Model load(const TrainedModel& trained, const Json& evaluate) const;

  /// The predictions of that model for the images, with labels in the set's order.
  SetPredictions predictions(const TrainedModel& trained, const Json& evaluate,
                             const EvaluatedSet& images) const;

 private:
  std::filesystem::path folder_of(const TrainedModel& trained) const;

  const ReproduceOptions& options_;
};

}  // namespace regard
