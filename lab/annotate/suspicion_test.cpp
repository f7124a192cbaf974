#include "lab/annotate/suspicion.h"

#include <gtest/gtest.h>

#include "lab/augment/occluder.h"
#include "regard/face/alignment.h"
#include "regard/face/detector.h"
#include "tests/faces.h"

namespace regard {
namespace {

constexpr const char* kDetector = REGARD_SOURCE_DIR "/models/yunet-2023mar.onnx";
constexpr const char* kFaceMesh = REGARD_SOURCE_DIR "/models/mediapipe-face-landmark.tflite";

TEST(SuspicionTest, RisesAsTheNetworksAreLessSure) {
  EXPECT_LT(suspicion({.9, .999}), suspicion({.6, .999}));
  EXPECT_LT(suspicion({.9, .999}), suspicion({.9, .2}));
  EXPECT_GT(suspicion({0, 0}), .95);
  EXPECT_LT(suspicion({1, 1}), .3);
  EXPECT_GT(suspicion({1, 1}), 0);
}

TEST(SuspicionTest, OccludedFacesAreMoreSuspicious) {
  const Detector detector(kDetector);
  std::vector<Image> chips;
  for (const auto person : {test::kAstronaut, test::kHopper}) {
    const Image head = test::head(person, 150, 0, 2.4);
    chips.push_back(cut_chip(head, detector.detect(head).at(0).landmarks, ChipOptions{.size = 96}));
  }
  for (int i = 0; i < 8; ++i) {
    const auto occluder =
        draw_occluder(static_cast<OccluderKind>(i % 4), validation_seed(1, i), usual_landmarks(), 96, 96, 3);
    Image occluded = chips[static_cast<std::size_t>(i / 4)];
    paste(occluder, occluded);
    chips.push_back(occluded);
  }
  std::size_t seen = 0;
  const auto found = suspicions(std::vector<ImageView>(chips.begin(), chips.end()), kDetector, kFaceMesh,
                                [&](std::size_t done) { seen = done; });
  ASSERT_EQ(found.size(), 10u);
  EXPECT_EQ(seen, 10u);
  int above = 0;
  for (std::size_t i = 2; i < found.size(); ++i) above += found[i] > found[(i - 2) / 4];
  EXPECT_GE(above, 7);
}

TEST(SuspicionTest, NothingAtAllIsTheMostSuspicious) {
  const Image empty = test::canvas(96, 96);
  const ImageView view = empty;
  EXPECT_GT(suspicions({&view, 1}, kDetector, kFaceMesh)[0], .95);
}

}  // namespace
}  // namespace regard
