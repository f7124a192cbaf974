#include "regard/clip/episodes.h"

#include <algorithm>
#include <tuple>

#include "regard/core/range_check.h"

namespace regard {

EpisodeFinder::EpisodeFinder(const EpisodeOptions& options) : options_(options) {
  check_range(options.onset > 0 && options.onset <= 1, "onset", "above 0, up to 1", options.onset);
  check_range(options.offset >= 0 && options.offset <= options.onset, "offset", "0 to the onset",
              options.offset);
  check_range(options.shortest >= 0, "shortest", "0 or more seconds", options.shortest);
}

void EpisodeFinder::end(Running& running) {
  if (running.episode && running.episode->offset - running.episode->onset >= options_.shortest)
    done_.push_back(*running.episode);
  running.episode.reset();
}

void EpisodeFinder::take(const PersonFace& face, double seconds) {
  auto& labels = running_[face.person];
  labels.resize(face.smoothed.size());
  for (std::size_t i = 0; i < labels.size(); ++i) {
    auto& running = labels[i];
    const float value = face.smoothed[i];
    if (seconds - running.last_seen > options_.gap || value < options_.offset) end(running);
    running.last_seen = seconds;
    if (!running.episode && value >= options_.onset)
      running.episode = {.person = face.person, .label = i, .onset = seconds, .apex = seconds};
    if (!running.episode) continue;
    running.episode->offset = seconds;
    if (value > running.episode->peak) running.episode->peak = value, running.episode->apex = seconds;
  }
}

void EpisodeFinder::take(const ClipFrame& frame) {
  for (const auto& face : frame.faces)
    if (face.person != kNobody) take(face, frame.stamp.seconds);
}

std::vector<Episode> EpisodeFinder::episodes() const {
  EpisodeFinder all = *this;
  for (auto& [person, labels] : all.running_)
    for (auto& running : labels) all.end(running);
  const auto order = [](const Episode& one) { return std::tuple(one.onset, one.person, one.label); };
  std::ranges::sort(all.done_, {}, order);
  return all.done_;
}

}  // namespace regard
