#include "lab/augment/occluder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "tests/support.h"

namespace regard {
namespace {

constexpr int kSize = 48;
constexpr std::array kKinds{OccluderKind::upper, OccluderKind::bottom, OccluderKind::left_right,
                            OccluderKind::glasses_mask};

Occluder drawn(OccluderKind kind, std::uint64_t seed, int size = kSize, int channels = 1) {
  return draw_occluder(kind, seed, usual_landmarks(), size, size, channels);
}

template <class Check>
void for_many(Check check) {
  for (const OccluderKind kind : kKinds)
    for (std::uint64_t i = 0; i < 60; ++i) {
      SCOPED_TRACE("kind " + std::to_string(static_cast<int>(kind)) + ", seed " + std::to_string(i));
      check(kind, validation_seed(1, i));
    }
}

TEST(Occluder, IsAFunctionOfTheSeed) {
  for (const OccluderKind kind : kKinds) {
    const auto a = drawn(kind, 8), b = drawn(kind, 8), c = drawn(kind, 9);
    EXPECT_EQ(a.colour, b.colour);
    EXPECT_EQ(a.skin, b.skin);
    EXPECT_EQ(a.kept, b.kept);
    EXPECT_NE(a.kept, c.kept);
  }
}

TEST(Occluder, HidesAsMuchAsItSays) {
  for_many([](OccluderKind kind, std::uint64_t seed) {
    const float share = occluded(drawn(kind, seed), FacePart::face);
    EXPECT_GE(share, kMinOcclusion);
    EXPECT_LE(share, kMaxOcclusion);
  });
}

TEST(Occluder, HidesWhatItsKindClaims) {
  for_many([](OccluderKind kind, std::uint64_t seed) {
    const auto occluder = drawn(kind, seed);
    const auto share = [&](FacePart part) { return occluded(occluder, part); };
    const float eyes = std::min(share(FacePart::left_eye), share(FacePart::right_eye));
    if (kind == OccluderKind::upper) {
      EXPECT_GT(share(FacePart::brow), .6f) << occluder.object;
      EXPECT_LT(share(FacePart::mouth), .1f) << occluder.object;
    } else if (kind == OccluderKind::bottom) {
      EXPECT_GT(share(FacePart::mouth), .65f) << occluder.object;
      EXPECT_LT(eyes, .1f) << occluder.object;
    } else if (kind == OccluderKind::left_right) {
      const float left = share(FacePart::left_half), right = share(FacePart::right_half);
      EXPECT_GT(std::abs(left - right), .2f) << occluder.object;
    } else if (occluder.object == "sunglasses") {
      EXPECT_GT(eyes, .75f);
      EXPECT_LT(share(FacePart::mouth), .1f);
    } else {
      EXPECT_EQ(occluder.object, "mask");
      EXPECT_GT(share(FacePart::mouth), .85f);
      EXPECT_LT(eyes, .1f);
    }
  });
}

TEST(Occluder, ComesInManyForms) {
  std::map<OccluderKind, std::set<std::string>> objects;
  std::map<OccluderKind, int> right;
  for_many([&](OccluderKind kind, std::uint64_t seed) {
    const auto occluder = drawn(kind, seed);
    objects[kind].insert(occluder.object);
    right[kind] += occluded(occluder, FacePart::right_half) > occluded(occluder, FacePart::left_half);
  });
  EXPECT_EQ(objects[OccluderKind::upper].size(), 4);
  EXPECT_EQ(objects[OccluderKind::bottom].size(), 4);
  EXPECT_EQ(objects[OccluderKind::left_right].size(), 4);
  EXPECT_EQ(objects[OccluderKind::glasses_mask].size(), 2);
  EXPECT_GT(right[OccluderKind::left_right], 15);
  EXPECT_LT(right[OccluderKind::left_right], 45);
}

/// Hidden pixels show nothing of the image below; elsewhere there are only shadows.
TEST(Occluder, HidesWhatIsBelow) {
  for_many([](OccluderKind kind, std::uint64_t seed) {
    const auto occluder = drawn(kind, seed);
    for (std::size_t i = 0; i < occluder.kept.size(); ++i) {
      EXPECT_LE(occluder.kept[i], 1 - occluder.occluded[i] + 1e-3f);
      if (occluder.occluded[i] == 0) {
        EXPECT_EQ(occluder.colour[i] + occluder.skin[i], 0);
      }
    }
  });
}

TEST(Occluder, IsTheSameObjectAtEverySize) {
  for_many([](OccluderKind kind, std::uint64_t seed) {
    const auto small = drawn(kind, seed, 32), large = drawn(kind, seed, 96);
    EXPECT_EQ(small.object, large.object);
    EXPECT_NEAR(occluded(small, FacePart::face), occluded(large, FacePart::face), .02f);
  });
}

TEST(Occluder, FollowsTheLandmarks) {
  auto landmarks = usual_landmarks();
  for (Point& p : landmarks) p = {p.x / 2 + .5f, p.y / 2};
  const auto occluder = draw_occluder(OccluderKind::glasses_mask, 1, landmarks, 64, 64, 1);
  EXPECT_EQ(occluded(occluder, Box{0, .5f, .5f, .5f}), 0);
  EXPECT_GT(occluded(occluder, Box{.5f, 0, .5f, .5f}), .1f);
}

/// A grey image changes as the lightness of the same image in RGB.
TEST(Occluder, GreyAndColourAgree) {
  for_many([](OccluderKind kind, std::uint64_t seed) {
    Image grey(kSize, kSize, 1), colour(kSize, kSize, 3);
    std::vector<std::uint8_t> planar(grey.pixels.size() * 3);
    for (std::size_t i = 0; i < grey.pixels.size(); ++i)
      for (int c = 0; c < 3; ++c)
        planar[c * grey.pixels.size() + i] = colour.pixels[3 * i + c] = grey.pixels[i] = (i * 7) % 200;
    const auto in_colour = drawn(kind, seed, kSize, 3);
    paste(drawn(kind, seed), grey);
    paste(in_colour, colour);
    paste(in_colour, planar);
    for (std::size_t i = 0; i < grey.pixels.size(); ++i) {
      const std::uint8_t* p = &colour.pixels[3 * i];
      EXPECT_NEAR(.299f * p[0] + .587f * p[1] + .114f * p[2], grey.pixels[i], 1.1f);
      EXPECT_EQ(planar[grey.pixels.size() + i], p[1]);
    }
  });
}

TEST(Occluder, HandsAreAsBrightAsTheFace) {
  int hands = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const auto occluder = drawn(OccluderKind::bottom, seed);
    if (occluder.object != "hand") continue;
    ++hands;
    for (const int tone : {60, 180}) {
      Image face(kSize, kSize, 1);
      face.pixels.assign(face.pixels.size(), tone);
      paste(occluder, face);
      float sum = 0, count = 0;
      for (std::size_t i = 0; i < face.pixels.size(); ++i)
        sum += occluder.occluded[i] * face.pixels[i], count += occluder.occluded[i];
      EXPECT_NEAR(sum / count / tone, .95f, .3f);
    }
  }
  EXPECT_GT(hands, 3);
}

TEST(Occluder, SeedsOfTrainingAndValidationDiffer) {
  std::set<std::uint64_t> training, validation;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    training.insert(training_seed(i * 0x9e3779b97f4a7c15));
    validation.insert(validation_seed(3, i));
  }
  EXPECT_GT(training.size(), 990);
  EXPECT_EQ(validation.size(), 1000);
  for (const auto seed : validation) EXPECT_NE(training_seed(seed), seed);
  EXPECT_NE(validation_seed(3, 5), validation_seed(4, 5));
}

TEST(Occluder, RefusesWhatItCannotDraw) {
  const auto landmarks = usual_landmarks();
  EXPECT_THAT(test::error_of([&] { draw_occluder(OccluderKind::upper, 1, landmarks, 0, 48, 1); }),
              testing::HasSubstr(
                  "occluder cannot have this form; expected a size, and 1 or 3 channels, got 0 x 48 x 1"));
  EXPECT_THAT(test::error_of([&] { draw_occluder(OccluderKind::upper, 1, landmarks, 48, 48, 2); }),
              testing::HasSubstr(
                  "occluder cannot have this form; expected a size, and 1 or 3 channels, got 48 x 48 x 2"));
  EXPECT_THAT(test::error_of([&] { draw_occluder(OccluderKind::upper, 1, Landmarks{}, 48, 48, 1); }),
              testing::HasSubstr("the landmarks' eyes coincide"));
  std::vector<std::uint8_t> other(47 * 48);
  EXPECT_THAT(
      test::error_of([&] { paste(drawn(OccluderKind::upper, 1), other); }),
      testing::HasSubstr("image has another form than the occluder; expected 48 x 48 x 1, got 2256 samples"));
  Image image(48, 48, 3);
  EXPECT_THAT(
      test::error_of([&] { paste(drawn(OccluderKind::upper, 1), image); }),
      testing::HasSubstr("image has another form than the occluder; expected 48 x 48 x 1, got 48 x 48 x 3"));
}

}  // namespace
}  // namespace regard
