#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace regard {

/// The eight expressions of FERPlus, in the order of its label files. The outputs of a model are in the order
/// of the labels in its file; this is the order of all FERPlus models. The labels of all data sets use these
/// names.
inline constexpr std::array<std::string_view, 8> kFerplusLabels = {
    "neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt"};

/// The name in kFerplusLabels for a data set's name of an expression: "Angry", "happy", "Sad" and so on, in
/// any case. None for other words.
std::optional<std::string> canonical_label(std::string_view word);

/// How the labels of a data set map to those of a model that is evaluated on it.
struct LabelMatch {
  std::vector<std::string> labels;  ///< the labels that are evaluated, in the data set's order
  std::vector<int> of_data;         ///< of each of the data set's labels its index among them; -1 for none
  std::vector<int> in_model;        ///< of each of them its index among the model's outputs
};

/// Labels match by name, in any order. Throws Error naming `where` if one side has a label that the other
/// lacks, unless `common_only` is set: then the labels that both have are evaluated, at least two.
LabelMatch match_labels(std::span<const std::string> data, std::span<const std::string> model,
                        bool common_only, const std::string& where);

}  // namespace regard
