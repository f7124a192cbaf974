#include "regard/clip/episodes.h"

namespace regard {

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
  return all.done_;
}

}  // namespace regard
