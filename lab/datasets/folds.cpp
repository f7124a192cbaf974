#include "lab/datasets/folds.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "regard/core/error.h"
#include "regard/core/file.h"

namespace regard {
namespace {

/// All subjects, in an order that depends only on the seed and the names.
std::vector<std::string> shuffled_people(const std::vector<SourceImage>& images, std::int64_t seed) {
  std::map<std::string, std::string> by_hash;
  for (const auto& image : images) {
    const std::string key = std::to_string(seed) + ":" + image.subject;
    by_hash[sha256(std::as_bytes(std::span(key)))] = image.subject;
  }
  std::vector<std::string> people;
  for (const auto& [hash, person] : by_hash) people.push_back(person);
  return people;
}

}  // namespace

void split_by_people(std::vector<SourceImage>& images, const FoldOptions& options, double valid_fraction) {
  const auto people = shuffled_people(images, options.seed);
  const auto count = static_cast<int>(people.size());
  if (options.folds < 2 || options.folds > count)
    throw Error("people cannot be divided so", "folds", "2 to " + std::to_string(count),
                std::to_string(options.folds));
  if (options.fold < 0 || options.fold >= options.folds)
    throw Error("there is no such fold", "fold", "0 to " + std::to_string(options.folds - 1),
                std::to_string(options.fold));
  std::map<std::string, std::string> splits;
  std::vector<std::string> rest;
  for (int i = 0; i < count; ++i) {
    const auto& person = people[static_cast<std::size_t>(i)];
    if (i % options.folds == options.fold)
      splits[person] = "test";
    else
      rest.push_back(person);
  }
  const auto valid = static_cast<std::size_t>(std::ceil(valid_fraction * static_cast<double>(rest.size())));
  if (valid >= rest.size())
    throw Error("nobody is left to train on", "valid_fraction",
                "less than " + std::to_string(count) + " people");
  for (std::size_t i = 0; i < rest.size(); ++i) splits[rest[i]] = i < valid ? "valid" : "train";
  for (auto& image : images) image.sample.split = splits.at(image.subject);
}

std::optional<int> number_of(const std::string& word) {
  if (word.empty() || word.size() > 6 || word.find_first_not_of("0123456789") != std::string::npos) return {};
  return std::stoi(word);
}

}  // namespace regard
