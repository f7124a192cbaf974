#pragma once

#include "lab/reproduce/results.h"
#include "regard/model/model.h"

namespace regard {

/// The trainings in a folder, and what their models answered, each kept so that nothing is done twice and
/// tables share what they have in common:
///
///     NAME-DIGEST/    recipe.json, what training writes (docs/training.md), and answers-*.safetensors
class RunStore {
 public:
  /// `options` must outlive it.
  explicit RunStore(const ReproduceOptions& options) : options_(options) {}

  /// Trains as the recipe says, unless that was done before. Throws Unavailable where the start is missing,
  /// or nothing is to be trained; Error where training fails.
  TrainedModel train(const Recipe& recipe, const std::filesystem::path& pack) const;

  /// The model with other values of its network's options.
  Model load(const TrainedModel& trained, const Json& evaluate) const;

  /// What that model says of the images, their labels in the set's order.
  SetPredictions predictions(const TrainedModel& trained, const Json& evaluate,
                             const EvaluatedSet& images) const;

 private:
  std::filesystem::path folder_of(const TrainedModel& trained) const;

  const ReproduceOptions& options_;
};

}  // namespace regard
