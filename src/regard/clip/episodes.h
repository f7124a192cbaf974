#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "regard/clip/identities.h"

namespace regard {

/// A stretch of time in which somebody shows an expression.
struct Episode {
  int person = 0;
  std::size_t label = 0;                   ///< its index
  double onset = 0, apex = 0, offset = 0;  ///< seconds
  float peak = 0;                          ///< the smoothed probability at the apex
};

struct EpisodeOptions {
  float onset = .5f;            ///< smoothed probability from which on an episode begins
  float offset = .35f;          ///< below which it ends
  double shortest = .2;         ///< seconds; shorter ones do not count
  double gap = Smoother::kGap;  ///< seconds for which a person may be unseen within an episode
};

/// Finds episodes by hysteresis in the smoothed probabilities.
class EpisodeFinder {
 public:
  explicit EpisodeFinder(const EpisodeOptions& options = {}) : options_(options) {}

  /// Takes in the next frame.
  void take(const ClipFrame& frame);
  /// All episodes so far, those that are not over included, in the order of their ends.
  std::vector<Episode> episodes() const;

 private:
  struct Running {
    std::optional<Episode> episode = {};
    double last_seen = 0;
  };

  void take(const PersonFace& face, double seconds);
  void end(Running& running);

  EpisodeOptions options_;
  std::map<int, std::vector<Running>> running_ = {};  // by person, then by label
  std::vector<Episode> done_ = {};
};

}  // namespace regard
