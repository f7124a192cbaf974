#pragma once

#include <array>
#include <string_view>

namespace regard {

/// The eight expressions of FERPlus, in the order of its label files. A model's outputs are in the order of
/// the labels that its file states; this is the order of every FERPlus model.
inline constexpr std::array<std::string_view, 8> kFerplusLabels = {
    "neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt"};

}  // namespace regard
