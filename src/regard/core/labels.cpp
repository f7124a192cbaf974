#include "regard/core/labels.h"

#include <algorithm>
#include <utility>

#include "regard/core/error.h"
#include "regard/core/text.h"

namespace regard {
namespace {

// As used in the folders and lists of AffectNet, RAF-DB, SFEW and FED-RO; "neural" is FED-RO's spelling.
constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kOtherNames{{{"happy", "happiness"},
                                                                                    {"surprised", "surprise"},
                                                                                    {"sad", "sadness"},
                                                                                    {"angry", "anger"},
                                                                                    {"disgusted", "disgust"},
                                                                                    {"fearful", "fear"},
                                                                                    {"afraid", "fear"},
                                                                                    {"neural", "neutral"},
                                                                                    {"normal", "neutral"}}};

int index_in(std::span<const std::string> labels, const std::string& label) {
  const auto found = std::find(labels.begin(), labels.end(), label);
  return found == labels.end() ? -1 : static_cast<int>(found - labels.begin());
}

}  // namespace

std::optional<std::string> canonical_label(std::string_view word) {
  std::string small = lower_case(word);
  for (const auto& [other, label] : kOtherNames)
    if (small == other) small = label;
  const bool known = std::find(kFerplusLabels.begin(), kFerplusLabels.end(), small) != kFerplusLabels.end();
  return known ? std::optional(small) : std::nullopt;
}

LabelMatch match_labels(std::span<const std::string> data, std::span<const std::string> model,
                        bool common_only, const std::string& where) {
  LabelMatch match;
  for (const auto& label : data) {
    const int index = index_in(model, label);
    match.of_data.push_back(index < 0 ? -1 : static_cast<int>(match.labels.size()));
    if (index < 0) continue;
    match.labels.push_back(label);
    match.in_model.push_back(index);
  }
  const bool same = match.labels.size() == data.size() && data.size() == model.size();
  if (!same && !common_only)
    throw Error("model has other labels than the data set", where, join(data), join(model));
  if (match.labels.size() < 2)
    throw Error("model and data set have too few labels in common", where, join(data), join(model));
  return match;
}

}  // namespace regard
