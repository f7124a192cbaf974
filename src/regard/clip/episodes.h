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
  float onset = .5f;
  float offset = .35f;
  double shortest = .2;
  double gap = Smoother::kGap;  ///< seconds for which a person may be unseen within an episode

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("onset", onset, "smoothed probability at which an episode of an expression begins, 0 to 1");
    visit("offset", offset, "smoothed probability below which it ends");
    visit("shortest", shortest, "seconds that an episode must last to count");
  }
};

/// Finds episodes by hysteresis in the smoothed probabilities.
class EpisodeFinder {
 public:
  /// Throws Error for options out of range.
  explicit EpisodeFinder(const EpisodeOptions& options = {});

  /// Takes in the next frame.
  void take(const ClipFrame& frame);
  /// All episodes so far, those that are not over included, in the order of their onsets.
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
