#include "regard/track/tracker.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "regard/core/error.h"
#include "regard/core/range_check.h"
#include "regard/face/head_pose.h"
#include "regard/track/assignment.h"
#include "regard/track/association.h"
#include "regard/track/motion.h"

namespace regard {
namespace {

// A track that is not a person yet ends when it is missed this often in a row.
constexpr int kMisses = 2;
// Two matches are ambiguous if their mismatches differ by less; the share of appearance in a mismatch then.
constexpr double kAmbiguous = .3, kAppearanceWeight = 1;
// Views of people are collected every so many seconds, of faces at least this large (between the eyes, in
// pixels), turned by at most this many degrees, and overlapped by nobody.
constexpr double kViewEvery = .5, kNewcomersViewEvery = .08, kSmallest = 12, kTurned = 35;
constexpr float kCovered = .05f;

/// Whom a track turned out to be.
struct Verdict {
  bool open = true;
  std::optional<std::size_t> person = {};
};

struct Track {
  Motion motion;
  std::shared_ptr<Verdict> verdict = std::make_shared<Verdict>();
  Newcomer newcomer = {};  ///< as long as the verdict is open
  int hits = 1, misses = 0;
  double next_view = 0;
};

/// A frame while its faces are given to tracks.
struct Scene {
  const TrackerFrame& frame;
  std::vector<std::shared_ptr<Verdict>> verdicts;  ///< one per face; none: of no track
  std::vector<std::optional<AppearanceVector>> appearances;

  explicit Scene(const TrackerFrame& frame)
      : frame(frame), verdicts(frame.faces.size()), appearances(frame.faces.size()) {}

  const AppearanceVector& appearance(std::size_t face) {
    auto& known = appearances[face];
    if (!known) known = frame.appearance && !frame.damaged ? frame.appearance(face) : AppearanceVector{};
    return *known;
  }

  /// Whether a face shows how its owner looks.
  bool shows_well(std::size_t face) const {
    const auto& [box, score, landmarks, closeup] = frame.faces[face];
    if (eye_distance(landmarks) < kSmallest || std::abs(pose_of_landmarks(landmarks).yaw) > kTurned ||
        reaches_out(box))
      return false;
    for (std::size_t i = 0; i < frame.faces.size(); ++i)
      if (i != face && intersection_over_union(box, frame.faces[i].box) > kCovered) return false;
    return true;
  }

  bool reaches_out(const Box& box) const {
    const auto out = [](float begin, float length, int size) {
      return size > 0 && (begin < 0 || begin + length > static_cast<float>(size));
    };
    return out(box.x, box.width, frame.width) || out(box.y, box.height, frame.height);
  }

  std::vector<std::size_t> faces_if(auto&& wanted) const {
    std::vector<std::size_t> faces;
    for (std::size_t i = 0; i < frame.faces.size(); ++i)
      if (!verdicts[i] && wanted(frame.faces[i])) faces.push_back(i);
    return faces;
  }
};

void check(const TrackerOptions& options) {
  check_range(options.sure >= 0 && options.sure <= 1, "sure", "0 to 1", options.sure);
  check_range(options.hits >= 1 && options.hits <= 100, "hits", "1 to 100", options.hits);
  check_range(options.watch >= 0 && options.watch <= 60, "watch", "0 to 60 seconds", options.watch);
  check_range(options.lost >= 0 && options.lost <= 60, "lost", "0 to 60 seconds", options.lost);
  check_range(options.remember >= 0, "remember", "0 or more seconds", options.remember);
  check_range(options.alike >= -1 && options.alike <= 1, "alike", "-1 to 1", options.alike);
  check_range(options.people >= 0, "people", "0 or more", options.people);
}

/// Pairs whose row or column has another one that is nearly as good.
std::vector<std::pair<std::size_t, std::size_t>> ambiguous(const Costs& costs) {
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  const auto rivals = [&](std::size_t i, std::size_t j) {
    int count = 0;
    for (std::size_t k = 0; k < costs.columns; ++k)
      count += k != j && std::abs(costs(i, k) - costs(i, j)) < kAmbiguous;
    for (std::size_t k = 0; k < costs.rows; ++k)
      count += k != i && std::abs(costs(k, j) - costs(i, j)) < kAmbiguous;
    return count;
  };
  for (std::size_t i = 0; i < costs.rows; ++i)
    for (std::size_t j = 0; j < costs.columns; ++j)
      if (std::isfinite(costs(i, j)) && rivals(i, j) > 0) pairs.emplace_back(i, j);
  return pairs;
}

}  // namespace

struct Tracker::Impl {
  explicit Impl(const TrackerOptions& options)
      : options(options), people(options.people, options.remember, options.alike) {}

  TrackerOptions options;
  People people;
  std::vector<Track> tracks;
  std::deque<std::vector<std::shared_ptr<Verdict>>> held;
  double time = -std::numeric_limits<double>::infinity();

  void take(Scene& scene) {
    if (scene.frame.cut) end_tracks();
    const auto sure = [&](const Detection& face) { return face.score >= options.sure; };
    for (auto& track : tracks) ++track.misses;
    const auto expected = [&](const Track& track, const Detection& face) {
      return mismatch(track.motion, face, scene.frame.time);
    };
    const auto in_place = [](const Track& track, const Detection& face) {
      return mismatch_in_place(track.motion, face);
    };
    const auto just_missed = [](const Track& track) { return track.misses == 1; };
    match(
        scene, scene.faces_if(sure), [](const Track& track) { return track.misses > 0; }, expected);
    match(scene, scene.faces_if(std::not_fn(sure)), just_missed, expected);
    match(scene, scene.faces_if(sure), just_missed, in_place);
    for (const auto face : scene.faces_if(sure)) begin(scene, face);
    miss(scene.frame.time);
    settle([&](const Track& track) { return track.hits >= options.hits && !is_to_be_watched(track); });
    held.push_back(std::move(scene.verdicts));
  }

  /// Gives faces to those of the tracks that are `free`, as cheaply as possible by `difference`.
  void match(Scene& scene, const std::vector<std::size_t>& faces, auto&& free, auto&& difference) {
    std::vector<Track*> candidates;
    for (auto& track : tracks)
      if (free(track)) candidates.push_back(&track);
    Costs costs(candidates.size(), faces.size());
    for (std::size_t i = 0; i < candidates.size(); ++i)
      for (std::size_t j = 0; j < faces.size(); ++j)
        costs(i, j) = difference(*candidates[i], scene.frame.faces[faces[j]]);
    for (const auto& [i, j] : ambiguous(costs))
      costs(i, j) += kAppearanceWeight * (1 - alikeness(scene, *candidates[i], faces[j]));
    const auto columns = assign(costs, kWorstMatch + 2 * kAppearanceWeight);
    for (std::size_t i = 0; i < candidates.size(); ++i)
      if (columns[i] != kUnassigned) see(scene, faces[columns[i]], *candidates[i]);
  }

  Gallery& gallery_of(Track& track) {
    return track.verdict->person ? people[*track.verdict->person].gallery : track.newcomer.gallery;
  }

  double alikeness(Scene& scene, Track& track, std::size_t face) {
    const auto& gallery = gallery_of(track);
    return gallery.empty() ? 0 : gallery.alikeness_to(scene.appearance(face));
  }

  void see(Scene& scene, std::size_t face, Track& track) {
    const auto& seen = scene.frame.faces[face];
    track.motion.see(scene.frame.time, seen.box, seen.landmarks);
    ++track.hits, track.misses = 0;
    scene.verdicts[face] = track.verdict;
    note(scene, face, track);
  }

  void begin(Scene& scene, std::size_t face) {
    const auto& seen = scene.frame.faces[face];
    tracks.push_back({.motion = Motion(scene.frame.time, seen.box, seen.landmarks),
                      .newcomer = {.since = scene.frame.time, .first_box = seen.box}});
    scene.verdicts[face] = tracks.back().verdict;
    note(scene, face, tracks.back());
  }

  /// Notes where the track's person was, and how they looked.
  void note(Scene& scene, std::size_t face, Track& track) {
    const auto& [open, person] = *track.verdict;
    if (open)
      note_in(track.newcomer, scene, face);
    else if (person)
      note_in(people[*person], scene, face);
    if (scene.frame.time < track.next_view || !scene.shows_well(face)) return;
    track.next_view = scene.frame.time + (open ? kNewcomersViewEvery : kViewEvery);
    gallery_of(track).add(scene.appearance(face));
  }

  static void note_in(auto& record, const Scene& scene, std::size_t face) {
    record.last_seen = scene.frame.time;
    record.last_box = scene.frame.faces[face].box;
  }

  void miss(double now) {
    const auto ends = [&](const Track& track) {
      return track.verdict->open ? track.misses >= kMisses : now - track.motion.last_seen() > options.lost;
    };
    for (auto& track : tracks) {
      if (track.misses > 0) track.motion.miss(now);
      if (ends(track)) track.verdict->open = false;
    }
    std::erase_if(tracks, ends);
  }

  /// Whether it would be too early to say whom a track shows: somebody who may come back.
  bool is_to_be_watched(const Track& track) const {
    return time - track.newcomer.since < options.watch && people.anybody_is_away(track.newcomer.since);
  }

  /// Finds out whom tracks that have been seen often enough show.
  void settle(auto&& enough) {
    std::vector<std::shared_ptr<Verdict>> verdicts;
    std::vector<Newcomer> newcomers;
    for (const auto& track : tracks)
      if (track.verdict->open && enough(track))
        verdicts.push_back(track.verdict), newcomers.push_back(track.newcomer);
    const auto who = people.identify(newcomers);
    for (std::size_t i = 0; i < who.size(); ++i) decide(*verdicts[i], who[i]);
  }

  void decide(Verdict& verdict, std::optional<std::size_t> person) {
    // Whoever is seen here is not lost elsewhere.
    if (person) std::erase_if(tracks, [&](const Track& track) { return track.verdict->person == person; });
    verdict = {.open = false, .person = person};
  }

  /// What is seen up to the end counts, however briefly.
  void end_tracks() {
    settle([](const Track& track) { return track.misses == 0; });
    for (auto& track : tracks) track.verdict->open = false;
    tracks.clear();
  }

  std::vector<Numbers> release() {
    const auto open = [](const auto& verdict) { return verdict && verdict->open; };
    std::vector<Numbers> released;
    for (; !held.empty() && std::ranges::none_of(held.front(), open); held.pop_front()) {
      Numbers numbers;
      for (const auto& verdict : held.front())
        numbers.push_back(verdict && verdict->person ? people.number_of(*verdict->person) : kNobody);
      released.push_back(std::move(numbers));
    }
    return released;
  }
};

Tracker::Tracker(const TrackerOptions& options) {
  check(options);
  impl_ = std::make_unique<Impl>(options);
}
Tracker::~Tracker() = default;
Tracker::Tracker(Tracker&&) noexcept = default;
Tracker& Tracker::operator=(Tracker&&) noexcept = default;

std::vector<Tracker::Numbers> Tracker::update(const TrackerFrame& frame) {
  if (!(frame.time > impl_->time))
    throw Error("time does not go on", "frame", "after " + std::to_string(impl_->time),
                std::to_string(frame.time));
  impl_->time = frame.time;
  Scene scene(frame);
  impl_->take(scene);
  return impl_->release();
}

std::vector<Tracker::Numbers> Tracker::finish() {
  impl_->end_tracks();
  auto rest = impl_->release();
  impl_ = std::make_unique<Impl>(impl_->options);
  return rest;
}

}  // namespace regard
