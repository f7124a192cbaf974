#include "lab/datasets/occluded_split.h"

#include <span>
#include <vector>

#include "lab/augment/occluder.h"
#include "regard/core/file.h"

namespace regard {

void write_occluded(const PackedDataset& set, const std::string& split, std::uint64_t seed,
                    const std::filesystem::path& out, const std::filesystem::path& list) {
  std::vector<Sample> samples;
  std::vector<std::uint8_t> chips;
  std::string lines;
  std::uint64_t labelled = 0, others = 0;
  for (const std::int64_t index : set.indices(split, /*majority_only=*/false)) {
    const Sample sample = set.sample(index);
    const int kind = static_cast<int>((sample.label >= 0 ? labelled++ : others++) % kOccluderKinds);
    const auto occluder =
        draw_occluder(static_cast<OccluderKind>(kind), validation_seed(seed, samples.size()),
                      sample.landmarks.value_or(usual_landmarks()), set.size(), set.size(), set.channels());
    const auto chip = set.chip(index);
    chips.insert(chips.end(), chip.begin(), chip.end());
    paste(occluder, std::span(chips).last(chip.size()));
    if (sample.label >= 0)
      lines += std::to_string(sample.label) + "_" + sample.name + " 8 " + std::to_string(kind) + "\n";
    samples.push_back(sample);
  }
  write_packed(out, set.dataset(), set.labels(), set.source() + ", with occluders pasted over",
               set.channels(), set.size(), samples, chips);
  write_text_atomically(list, lines);
}

}  // namespace regard
