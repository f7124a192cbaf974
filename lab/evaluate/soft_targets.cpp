#include "lab/evaluate/soft_targets.h"

#include <algorithm>

#include "regard/core/error.h"

namespace regard {

namespace {

void check(const PackedDataset& set, std::span<const Model> teachers, float share) {
  if (!(share >= 0 && share <= 1))
    throw Error("share of the teachers is out of range", "teacher share", "0 to 1", std::to_string(share));
  if (teachers.empty()) throw Error("there is no teacher", "teachers", "1 model or more");
  for (const auto& teacher : teachers) {
    if (teacher.labels != set.labels())
      throw Error("teacher has other labels than the data set", teacher.name);
    if (teacher.network.chip_size != set.size())
      throw Error("teacher wants chips of another size", teacher.name, std::to_string(set.size()),
                  std::to_string(teacher.network.chip_size));
  }
}

/// The probabilities that a teacher gives some images, [images, classes].
std::vector<float> probabilities_of(const Engine& engine, const Model& teacher, const PackedDataset& set,
                                    std::span<const std::int64_t> indices) {
  std::vector<Image> chips;
  std::vector<Landmarks> landmarks;
  for (const auto index : indices) {
    chips.push_back(set.image(index));
    landmarks.push_back(set.landmarks(index).value_or(landmark_places(teacher.chip())));
  }
  const std::vector<ImageView> views(chips.begin(), chips.end());
  return engine.predict(views, landmarks).probabilities;
}

}  // namespace

void write_soft_targets(const PackedDataset& set, std::span<const Model> teachers,
                        const EngineOptions& options, float share, const std::filesystem::path& out,
                        const std::function<void(std::size_t done)>& on_part) {
  constexpr std::size_t kAtOnce = 64;
  check(set, teachers, share);
  std::vector<Sample> samples;
  for (std::int64_t i = 0; i < set.count(); ++i) samples.push_back(set.sample(i));
  std::vector<Engine> engines;
  for (const auto& teacher : teachers) engines.emplace_back(teacher, options);

  const auto indices = set.indices("train", /*majority_only=*/false);
  const auto classes = set.labels().size();
  const float weight = share / static_cast<float>(teachers.size());
  for (std::size_t begin = 0; begin < indices.size(); begin += kAtOnce) {
    const auto part = std::span(indices).subspan(begin, std::min(kAtOnce, indices.size() - begin));
    for (const auto index : part)
      for (auto& vote : samples[index].soft_labels) vote *= 1 - share;
    for (std::size_t t = 0; t < teachers.size(); ++t) {
      const auto said = probabilities_of(engines[t], teachers[t], set, part);
      for (std::size_t i = 0; i < said.size(); ++i)
        samples[part[i / classes]].soft_labels[i % classes] += weight * said[i];
    }
    // Rounding may take sums slightly above 1.
    for (const auto index : part)
      for (auto& vote : samples[index].soft_labels) vote = std::min(vote, 1.f);
    if (on_part) on_part(begin + part.size());
  }
  std::string source = set.source() + ", the training part's soft labels mixed with what";
  for (const auto& teacher : teachers) source += (&teacher == teachers.data() ? " " : ", ") + teacher.name;
  write_packed(out, set.dataset(), set.labels(), source + " said", set.channels(), set.size(), samples,
               set.chips());
}

}  // namespace regard
