#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "regard/clip/baseline.h"
#include "regard/clip/episodes.h"
#include "regard/clip/identities.h"

namespace regard {

/// Whether the expression of a face is not to be relied upon: the head is turned by more than 30 degrees, the
/// face is smaller than 48 pixels, the pose network is not sure that it sees a face (it may be covered), or
/// the frame is damaged.
bool is_unsure(const PersonFace& face, const FrameStamp& stamp);

/// One row per person: when and how long they were seen, and of each expression the share of that time for
/// which it was the most probable one, the mean, standard deviation and maximum of its probability (weighted
/// by time; the maximum of the smoothed one), and the number of its episodes.
class Summary {
 public:
  /// Throws Error for options out of range.
  explicit Summary(std::vector<std::string> labels, const EpisodeOptions& episodes = {})
      : labels_(std::move(labels)), episodes_(episodes) {}

  void take(const ClipFrame& frame);

  /// A header, and a row per person, in the order of their numbers. `method`: how the table came about, for
  /// the last column. `baselines`: adds a column of each expression with its baseline as a probability.
  std::string csv(const std::string& method, const Baselines* baselines = nullptr) const;

 private:
  struct Expression {
    double time = 0, sum = 0, squares = 0;
    float most = 0;
  };
  struct Person {
    std::size_t frames = 0;
    double first = 0, last = 0, time = 0, unsure = 0;
    std::vector<Expression> expressions = {};
  };

  void add(const ClipFrame& frame, double duration);
  std::string row(int number, const Person& person, const std::vector<Episode>& episodes) const;

  std::vector<std::string> labels_;
  EpisodeFinder episodes_;
  std::map<int, Person> people_ = {};
  std::optional<ClipFrame> before_ = {};  // whose duration is known once the next one comes
  double duration_ = 0;
};

}  // namespace regard
