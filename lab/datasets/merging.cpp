#include "lab/datasets/merging.h"

#include <algorithm>
#include <set>

#include "lab/datasets/chip_file.h"
#include "regard/core/error.h"

namespace regard {

namespace {

std::vector<std::string> labels_of_all(const std::vector<PackedDataset>& sets) {
  std::vector<std::string> labels;
  for (const auto& set : sets)
    for (const auto& label : set.labels())
      if (std::find(labels.begin(), labels.end(), label) == labels.end()) labels.push_back(label);
  return labels;
}

void check_sets(const std::vector<PackedDataset>& sets, std::span<const std::filesystem::path> packs) {
  if (sets.size() < 2)
    throw Error("too few data sets to merge", {}, "two or more", std::to_string(sets.size()));
  std::set<std::string> names;
  for (std::size_t i = 0; i < sets.size(); ++i) {
    if (sets[i].size() != sets.front().size())
      throw Error("chips have another size than the first set's", packs[i].string(),
                  std::to_string(sets.front().size()) + " pixels", std::to_string(sets[i].size()));
    if (!names.insert(sets[i].dataset()).second)
      throw Error("data set is there twice", packs[i].string(), {}, sets[i].dataset());
  }
}

/// Maps an image's label to the labels of all sets.
Sample relabelled(Sample sample, const PackedDataset& set, const std::vector<std::string>& labels) {
  std::vector<float> soft_labels(labels.size());
  const auto place = [&](std::size_t label) {
    return static_cast<std::size_t>(std::find(labels.begin(), labels.end(), set.labels()[label]) -
                                    labels.begin());
  };
  for (std::size_t i = 0; i < sample.soft_labels.size(); ++i) soft_labels[place(i)] = sample.soft_labels[i];
  if (sample.label >= 0) sample.label = static_cast<int>(place(static_cast<std::size_t>(sample.label)));
  sample.soft_labels = std::move(soft_labels);
  sample.name = set.dataset() + "/" + sample.name;
  return sample;
}

}  // namespace

void merge_packed(std::span<const std::filesystem::path> packs, const std::filesystem::path& out) {
  std::vector<PackedDataset> sets;
  for (const auto& pack : packs) sets.push_back(PackedDataset::open(pack));
  check_sets(sets, packs);
  const auto labels = labels_of_all(sets);
  const int channels = std::ranges::max(sets, {}, &PackedDataset::channels).channels();
  std::string name, source;
  std::vector<Sample> samples;
  std::vector<std::string> notes;
  ChipFile chips(out);
  for (const auto& set : sets) {
    name += (name.empty() ? "" : "+") + set.dataset();
    source += (source.empty() ? "" : " + ") + set.source();
    for (const auto& note : set.notes()) notes.push_back(set.dataset() + ": " + note);
    for (std::int64_t i = 0; i < set.count(); ++i) {
      samples.push_back(relabelled(set.sample(i), set, labels));
      for (int copy = 0; copy < channels / set.channels(); ++copy) chips.append(set.chip(i));
    }
  }
  write_packed(out, name, labels, source, channels, sets.front().size(), samples, chips.finish(), notes);
}

}  // namespace regard
