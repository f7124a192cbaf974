#include "lab/evaluate/training_words.h"

#include <algorithm>
#include <vector>

#include "regard/core/text.h"

namespace regard {

namespace {

std::vector<std::string> splits_of(const Json& data) {
  if (data.contains("train_on")) return data.at("train_on").get<std::vector<std::string>>();
  if (data.contains("split")) return {data.at("split").get<std::string>()};
  return {};
}

std::string images_of(const Json& json) {
  return json.contains("images") ? " (" + json.at("images").dump() + " images)" : "";
}

}  // namespace

std::string training_words(const Json& data, const std::string& dataset, const std::string& split) {
  const auto splits = splits_of(data);
  if (splits.empty() || !data.contains("dataset")) return {};
  auto words = join(splits, " and ") + " of " + data.at("dataset").get<std::string>() + images_of(data);
  if (data.contains("held_out")) {
    const auto& held_out = data.at("held_out");
    words += ", fold " + held_out.at("fold").dump() + " of " + held_out.at("folds").get<std::string>() +
             images_of(held_out) + " held out";
  }
  const bool seen = dataset == data.at("dataset").get<std::string>() &&
                    std::find(splits.begin(), splits.end(), split) != splits.end();
  return words + (seen ? "; images that are evaluated here are among them" : "");
}

}  // namespace regard
