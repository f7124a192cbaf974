#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace regard {

/// The eight expressions of FERPlus, in the order of its label files. A model's outputs are in the order of
/// the labels that its file states; this is the order of every FERPlus model. All data sets' labels are of
/// these names.
inline constexpr std::array<std::string_view, 8> kFerplusLabels = {
    "neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt"};

/// The name among kFerplusLabels of what a data set calls an expression: "Angry", "happy", "Sad" and the
/// like, in small letters or capitals. None for other words.
std::optional<std::string> canonical_label(std::string_view word);

/// How the labels of a data set stand to those of a model that is to be measured on it.
struct LabelMatch {
  std::vector<std::string> labels;  ///< those that are measured, in the data set's order
  std::vector<int> of_data;         ///< of each of the data set's labels its index among them; -1 for none
  std::vector<int> in_model;        ///< of each of them its index among the model's outputs
};

/// Labels match by name, in whatever order. Throws Error naming `where` if one side has a label that the
/// other lacks, unless `common_only`: then what both have is measured, at least two labels.
LabelMatch match_labels(std::span<const std::string> data, std::span<const std::string> model,
                        bool common_only, const std::string& where);

}  // namespace regard
