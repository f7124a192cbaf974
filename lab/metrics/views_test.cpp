#include "lab/metrics/views.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support.h"

namespace regard {
namespace {

const std::vector<std::string> kNames{"whole face", "zoom 1"};
const std::vector<float> kWeights{.5f, .5f, 1, 0};

/// Two faces, the second view at the left of the one and at the right of the other.
const std::vector<float> kPlaces{1, 0, 0, 0, 1, 0, .5f, 0, 0,   0, .5f, .25f,
                                 1, 0, 0, 0, 1, 0, .7f, 0, .3f, 0, .7f, .1f};

TEST(Views, TellsWeightsAndPlaces) {
  const auto study = study_views(kNames, kWeights, kPlaces);
  ASSERT_EQ(study.views.size(), 2u);
  EXPECT_EQ(study.views[1].name, "zoom 1");
  EXPECT_NEAR(study.views[0].weight.mean, .75, 1e-6);
  EXPECT_NEAR(study.views[0].weight.std, .25, 1e-6);
  EXPECT_NEAR(study.views[0].place->x.std, 0, 1e-6);
  EXPECT_NEAR(study.views[1].place->x.mean, (.25 + .65) / 2, 1e-6);
  EXPECT_NEAR(study.views[1].place->x.std, .2, 1e-6);
  EXPECT_NEAR(study.views[1].place->y.mean, (.5 + .45) / 2, 1e-6);
  EXPECT_NEAR(study.views[1].place->side.mean, .6, 1e-6);
  EXPECT_NEAR(study.entropy, .5, 1e-6);  // 1 for the first face, 0 for the second
}

TEST(Views, HaveNoPlacesWhereTheNetworkFindsNone) {
  EXPECT_FALSE(study_views(kNames, kWeights, {}).views[0].place);
}

TEST(Views, WhatDoesNotFitIsAnError) {
  EXPECT_THAT(test::error_of([&] {
                study_views(kNames, std::vector<float>{.5f, .5f}, kPlaces);
              }),
              testing::HasSubstr("weights and places of views do not fit; expected 2 views of each face, got "
                                 "2 weights, 24 numbers"));
  EXPECT_THAT(
      test::error_of([&] {
        study_views(kNames, std::vector<float>{.5f, .5f, 1}, {});
      }),
      testing::HasSubstr(
          "weights and places of views do not fit; expected 2 views of each face, got 3 weights, 0 numbers"));
  EXPECT_THAT(
      test::error_of([&] { study_views({}, {}, {}); }),
      testing::HasSubstr(
          "weights and places of views do not fit; expected 0 views of each face, got 0 weights, 0 numbers"));
  EXPECT_THAT(
      test::error_of([&] { study_views(kNames, {}, {}); }),
      testing::HasSubstr(
          "weights and places of views do not fit; expected 2 views of each face, got 0 weights, 0 numbers"));
}

}  // namespace
}  // namespace regard
