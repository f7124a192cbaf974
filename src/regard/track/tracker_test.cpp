#include "regard/track/tracker.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <vector>

#include "tests/support.h"

namespace regard {
namespace {

using test::error_of;
using Numbers = Tracker::Numbers;

/// A made-up face that looks straight ahead: somebody at a place.
struct Actor {
  double x = 0, y = 200, size = 60;
  int looks = 0;  ///< index of the appearance
  float score = .9f;
};

Detection face_of(const Actor& actor) {
  const auto at = [&](double dx, double dy) {
    return Point{static_cast<float>(actor.x + dx * actor.size),
                 static_cast<float>(actor.y + dy * actor.size)};
  };
  const auto size = static_cast<float>(actor.size);
  return {.box = {at(-.5, -.6).x, at(-.5, -.6).y, size, 1.2f * size},
          .score = actor.score,
          .landmarks = {at(-.2, -.15), at(.2, -.15), at(0, .05), at(-.17, .25), at(.17, .25)}};
}

/// Feeds a tracker and collects the numbers of all frames.
class Clip {
 public:
  explicit Clip(const TrackerOptions& options = {}) : tracker_(options) {}

  void frame(double time, const std::vector<Actor>& actors, bool cut = false) {
    std::vector<Detection> faces;
    for (const auto& actor : actors) faces.push_back(face_of(actor));
    const auto looks = [&](std::size_t face) {
      ++looked;
      AppearanceVector vector(8);
      vector[static_cast<std::size_t>(actors[face].looks)] = 1;
      return vector;
    };
    keep(tracker_.update(
        {.time = time, .faces = faces, .cut = cut, .appearance = with_looks ? Looks(looks) : Looks{}}));
  }

  std::vector<Numbers> end() {
    keep(tracker_.finish());
    return std::move(rows_);
  }

  std::size_t rows() const { return rows_.size(); }

  bool with_looks = true;
  int looked = 0;

 private:
  using Looks = std::function<AppearanceVector(std::size_t)>;

  void keep(std::vector<Numbers> rows) { rows_.insert(rows_.end(), rows.begin(), rows.end()); }

  Tracker tracker_;
  std::vector<Numbers> rows_;
};

std::vector<Numbers> always(std::size_t frames, const Numbers& numbers) {
  return std::vector<Numbers>(frames, numbers);
}

TEST(Tracker, GivesPeopleNumbersFromTheirFirstFrameOn) {
  Clip clip;
  for (int i = 0; i < 10; ++i) clip.frame(i / 30., {{.x = 100. + i}, {.x = 400. - i, .looks = 1}});
  EXPECT_EQ(clip.end(), always(10, {1, 2}));
}

TEST(Tracker, HoldsFramesOnlyUntilTheirNumbersAreFinal) {
  Clip clip;
  for (int i = 0; i < 2; ++i) clip.frame(i / 30., {{.x = 100}});
  EXPECT_EQ(clip.rows(), 0);
  clip.frame(2 / 30., {{.x = 100}});
  EXPECT_EQ(clip.rows(), 3);
  clip.frame(3 / 30., {});
  EXPECT_EQ(clip.rows(), 4);
}

TEST(Tracker, NumbersNobodyWhoIsSeenOnce) {
  Clip clip;
  for (int i = 0; i < 10; ++i)
    if (i == 4)
      clip.frame(i / 30., {{.x = 400, .looks = 1}, {.x = 100}});
    else
      clip.frame(i / 30., {{.x = 100}});
  auto expected = always(10, {1});
  expected[4] = {kNobody, 1};
  EXPECT_EQ(clip.end(), expected);
}

TEST(Tracker, CountsWhoIsSeenInTheOnlyOrLastFrame) {
  Clip clip;
  clip.frame(0, {{.x = 100}});
  EXPECT_EQ(clip.end(), always(1, {1}));
}

TEST(Tracker, FollowsDoubtfulFacesButBeginsWithNone) {
  Clip clip;
  for (int i = 0; i < 20; ++i)
    clip.frame(i / 30., {{.x = 100. + 3 * i, .score = i < 5 ? .9f : .35f}, {.x = 400, .score = .35f}});
  EXPECT_EQ(clip.end(), always(20, {1, kNobody}));
}

TEST(Tracker, KeepsTheNumberThroughAGap) {
  Clip clip;
  clip.with_looks = false;
  for (int i = 0; i < 40; ++i) {
    std::vector<Actor> seen;
    if (i < 10 || i > 30) seen.push_back({.x = 100. + 5 * i});
    clip.frame(i / 30., seen);
  }
  const auto rows = clip.end();
  EXPECT_EQ(rows[0], Numbers{1});
  EXPECT_EQ(rows[39], Numbers{1});
}

TEST(Tracker, TellsPeopleApartWhoCross) {
  for (const bool with_looks : {true, false}) {
    Clip clip;
    clip.with_looks = with_looks;
    for (int i = 0; i < 60; ++i) {
      const double left = 100 + 5 * i, right = 395 - 5 * i;
      std::vector<Actor> seen{{.x = left}};
      if (std::abs(left - right) > 40)
        seen.push_back({.x = right, .looks = 1});  // otherwise behind the other
      clip.frame(i / 30., seen);
    }
    const auto rows = clip.end();
    EXPECT_EQ(rows[0], (Numbers{1, 2}));
    for (const auto& row : rows) EXPECT_EQ(row[0], 1) << with_looks;
    EXPECT_EQ(rows[59], (Numbers{1, 2})) << with_looks;
  }
}

TEST(Tracker, KnowsWhoComesBack) {
  Clip clip;
  for (int i = 0; i < 240; ++i) {
    std::vector<Actor> seen{{.x = 100}};
    if (i < 30 || i > 180) seen.push_back({.x = i < 30 ? 300. : 500., .looks = 1});
    if (i > 90) seen.push_back({.x = 700, .looks = 2});
    clip.frame(i / 30., seen);
  }
  EXPECT_EQ(clip.end().back(), (Numbers{1, 2, 3}));
}

TEST(Tracker, WatchesNewcomersWhileSomebodyIsAway) {
  Clip clip;
  for (int i = 0; i < 120; ++i) {
    std::vector<Actor> seen;
    if (i < 30) seen.push_back({.x = 300});
    if (i >= 90) seen.push_back({.x = 300});
    clip.frame(i / 30., seen);
    if (i == 100) {
      EXPECT_EQ(clip.rows(), 90);
    }
  }
  EXPECT_EQ(clip.end().back(), Numbers{1});
}

TEST(Tracker, TakesNobodyForSomebodyElse) {
  Clip clip;
  for (int i = 0; i < 100; ++i) {
    std::vector<Actor> seen;
    if (i < 30) seen.push_back({.x = 100});
    if (i > 90) seen.push_back({.x = 100, .looks = 1});
    clip.frame(i / 30., seen);
  }
  EXPECT_EQ(clip.end().back(), Numbers{2});
}

TEST(Tracker, ForgetsMotionButNobodyAtACut) {
  Clip clip;
  for (int i = 0; i < 20; ++i)
    if (i < 10)
      clip.frame(i / 30., {{.x = 100}, {.x = 300, .looks = 1}});
    else
      clip.frame(i / 30., {{.x = 100, .looks = 1}, {.x = 300}, {.x = 500, .looks = 2}}, i == 10);
  const auto rows = clip.end();
  EXPECT_EQ(rows[9], (Numbers{1, 2}));
  EXPECT_EQ(rows[10], (Numbers{2, 1, 3}));
  EXPECT_EQ(rows[19], (Numbers{2, 1, 3}));
}

TEST(Tracker, IsToldHowManyPeopleThereAre) {
  TrackerOptions options;
  options.people = 2;
  Clip clip(options);
  for (int i = 0; i < 120; ++i) {
    std::vector<Actor> seen{{.x = 100}};
    if (i < 30) seen.push_back({.x = 400, .looks = 1});
    if (i > 90) seen.push_back({.x = 450, .looks = 2});  // looks like nobody
    if (i > 100) seen.push_back({.x = 700, .looks = 3});
    clip.frame(i / 30., seen);
  }
  EXPECT_EQ(clip.end().back(), (Numbers{1, 2, kNobody}));
}

TEST(Tracker, AsksForAppearanceRarelyWhereMotionDecides) {
  Clip clip;
  for (int i = 0; i < 300; ++i) clip.frame(i / 30., {{.x = 100}, {.x = 400, .looks = 1}});
  EXPECT_LT(clip.looked, 60);
}

TEST(Tracker, FollowsFramesOfAnyLength) {
  Clip clip;
  clip.with_looks = false;
  double time = 0;
  for (int i = 0; i < 60; ++i) {
    clip.frame(time, {{.x = 100 + 150 * time}, {.x = 600 - 150 * time, .y = 330}});
    time += i % 7 == 0 ? .2 : i % 3 == 0 ? .02 : .04;
  }
  EXPECT_EQ(clip.end(), always(60, {1, 2}));
}

TEST(Tracker, FollowsWhatIsShaken) {
  Clip clip;
  clip.with_looks = false;
  for (int i = 0; i < 40; ++i) {
    const double jolt = 18 * std::sin(2 * M_PI * 3.1 * i / 10);
    clip.frame(i / 10., {{.x = 200 + jolt}, {.x = 500 + jolt}});
  }
  EXPECT_EQ(clip.end(), always(40, {1, 2}));
}

TEST(Tracker, StartsAfreshAfterTheEnd) {
  Tracker tracker;
  const std::vector<Detection> faces{face_of({.x = 100})};
  for (int clip = 0; clip < 2; ++clip) {
    tracker.update({.time = 0, .faces = faces});
    EXPECT_EQ(tracker.finish(), always(1, {1}));
  }
}

TEST(Tracker, RefusesTimesThatStandStillAndOptionsOutOfRange) {
  Tracker tracker;
  tracker.update({.time = 1});
  EXPECT_EQ(error_of([&] { tracker.update({.time = 1}); }),
            "frame: time does not go on; expected after 1.000000, got 1.000000");
  EXPECT_EQ(error_of([] { Tracker({.hits = 0}); }), "hits: number is out of range; expected 1 to 100, got 0");
}

}  // namespace
}  // namespace regard
