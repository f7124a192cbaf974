#include "regard/reproduce/scales.h"

#include <gtest/gtest.h>

#include <cmath>

#include "regard/core/error.h"

namespace regard {
namespace {

const std::vector<std::string> kNames{"whole face", "zoom 1"};

/// Two faces, the second scale at the left of the one and at the right of the other.
const std::vector<float> kPlaces{1, 0, 0, 0, 1, 0, .5f, 0, 0,   0, .5f, .25f,
                                 1, 0, 0, 0, 1, 0, .7f, 0, .3f, 0, .7f, .1f};

TEST(Scales, TellsWeightsAndPlaces) {
  const auto study = study_scales(kNames, std::vector<float>{.5f, .5f, 1, 0}, kPlaces);
  ASSERT_EQ(study.scales.size(), 2u);
  EXPECT_EQ(study.scales[1].name, "zoom 1");
  EXPECT_NEAR(study.scales[0].weight.mean, .75, 1e-6);
  EXPECT_NEAR(study.scales[0].weight.deviation, .25, 1e-6);
  EXPECT_NEAR(study.scales[0].x.deviation, 0, 1e-6);
  EXPECT_NEAR(study.scales[1].x.mean, (.25 + .65) / 2, 1e-6);
  EXPECT_NEAR(study.scales[1].x.deviation, .2, 1e-6);
  EXPECT_NEAR(study.scales[1].y.mean, (.5 + .45) / 2, 1e-6);
  EXPECT_NEAR(study.scales[1].side.mean, .6, 1e-6);
  EXPECT_NEAR(study.entropy, .5, 1e-6);  // 1 for the first face, 0 for the second
}

TEST(Scales, WhatDoesNotFitIsAnError) {
  EXPECT_THROW(study_scales(kNames, std::vector<float>{.5f, .5f}, kPlaces), Error);
  EXPECT_THROW(study_scales({}, {}, {}), Error);
  EXPECT_THROW(study_scales(kNames, {}, {}), Error);
}

}  // namespace
}  // namespace regard
