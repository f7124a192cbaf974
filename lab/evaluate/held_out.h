#pragma once

#include <filesystem>
#include <string>

#include "lab/evaluate/evaluation.h"
#include "regard/model/model.h"

namespace regard {

/// The images of the fold that a model's training held out (recipe: folds, held_out_fold), from all splits it
/// was trained on: for numbers by cross-validation. `folds`: the list it was trained with, which its hash
/// tells. Others as load_evaluation_set. Throws Error, too, if nothing was held out or the list is another.
EvaluationSet load_held_out(const Model& model, const std::filesystem::path& folds,
                            const std::string& dataset, const std::filesystem::path& data);

}  // namespace regard
