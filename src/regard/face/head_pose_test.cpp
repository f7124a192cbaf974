#include "regard/face/head_pose.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <fstream>

#include "regard/core/error.h"
#include "regard/core/file.h"
#include "regard/core/json.h"
#include "regard/face/detector.h"
#include "tests/faces.h"
#include "tests/support.h"

namespace regard {
namespace {

using test::kAstronaut;
using test::kHopper;
using test::Person;

const HeadPoseEstimator& estimator() {
  static const HeadPoseEstimator kEstimator(REGARD_SOURCE_DIR "/models/mediapipe-face-landmark.tflite");
  return kEstimator;
}

Landmarks landmarks_in(ImageView image) {
  static const Detector kDetector(REGARD_SOURCE_DIR "/models/yunet-2023mar.onnx");
  const auto found = kDetector.detect(image);
  if (found.empty()) throw Error("no face in the test's image");
  return found[0].landmarks;
}

HeadEstimate estimate(ImageView image) {
  const HeadView view{image, landmarks_in(image)};
  return estimator().estimate({&view, 1})[0];
}

Image mirrored(Image image) {
  cv::flip(test::wrap(image), test::wrap(image), 1);
  return image;
}

TEST(HeadPoseTest, MeshesAgreeWithNumPy) {
  const auto golden = Json::parse(read_text(REGARD_SOURCE_DIR "/tests/golden/head_pose.json"));
  const auto numbers = golden["numbers"].get<std::vector<std::size_t>>();
  for (const auto& test : golden["cases"]) {
    std::vector<float> mesh(3 * 468);
    for (std::size_t i = 0; i < numbers.size(); ++i)
      for (std::size_t k = 0; k < 3; ++k) mesh[3 * numbers[i] + k] = test["points"][i][k].get<float>();
    const auto pose = pose_of_mesh(mesh);
    EXPECT_NEAR(pose.yaw, test["pose"][0].get<double>(), 1e-3) << test["turned"];
    EXPECT_NEAR(pose.pitch, test["pose"][1].get<double>(), 1e-3) << test["turned"];
    EXPECT_NEAR(pose.roll, test["pose"][2].get<double>(), 1e-3) << test["turned"];
  }
  EXPECT_EQ(golden["cases"].size(), 6u);
  EXPECT_THAT(test::error_of([] { pose_of_mesh(std::vector<float>(9)); }),
              testing::HasSubstr("mesh has the wrong size; expected 1404, got 9"));
}

class HeadPosePersonTest : public testing::TestWithParam<Person> {};

TEST_P(HeadPosePersonTest, MirroringChangesTheSignsOfYawAndRoll) {
  const Image image = test::head(GetParam(), 150, 12, 2.4);
  const auto pose = estimate(image).pose, other = estimate(mirrored(image)).pose;
  EXPECT_NEAR(pose.yaw, -other.yaw, 5);
  EXPECT_NEAR(pose.pitch, other.pitch, 5);
  EXPECT_NEAR(pose.roll, -other.roll, 3);
}

TEST_P(HeadPosePersonTest, RollAloneFollowsTheTurnedImage) {
  const auto upright = estimate(test::head(GetParam(), 150, 0, 2.4)).pose;
  for (const double clockwise : {-30., -15., 15., 30.}) {
    const auto pose = estimate(test::head(GetParam(), 150, -clockwise, 2.4)).pose;
    EXPECT_NEAR(pose.roll - upright.roll, clockwise, 3);
    EXPECT_NEAR(pose.yaw, upright.yaw, 5);
    EXPECT_NEAR(pose.pitch, upright.pitch, 5);
  }
}

TEST_P(HeadPosePersonTest, SmallGreyFacesComeNearLargeOnes) {
  const auto large = estimate(test::head(GetParam(), 150, 0, 2.4));
  const auto small = estimate(test::to_grey(test::head(GetParam(), 40, 0, 2.4)));
  EXPECT_GT(small.presence, .5f);
  EXPECT_NEAR(small.pose.yaw, large.pose.yaw, 8);
  EXPECT_NEAR(small.pose.pitch, large.pose.pitch, 8);
}

INSTANTIATE_TEST_SUITE_P(Samples, HeadPosePersonTest, testing::Values(kAstronaut, kHopper));

struct Rendered {
  const char* file;
  HeadPose pose;
};

class HeadPoseRenderedTest : public testing::TestWithParam<Rendered> {};

// Heads rendered by bench/rendered_heads.py, for the meaning of the signs.
TEST_P(HeadPoseRenderedTest, KnownDirections) {
  const auto found = estimate(read_image(std::string(REGARD_SOURCE_DIR "/tests/images/") + GetParam().file));
  EXPECT_GT(found.presence, .9f);
  EXPECT_NEAR(found.pose.yaw, GetParam().pose.yaw, 10);
  EXPECT_NEAR(found.pose.pitch, GetParam().pose.pitch, 12);
  EXPECT_NEAR(found.pose.roll, GetParam().pose.roll, 6);
}

INSTANTIATE_TEST_SUITE_P(Heads, HeadPoseRenderedTest,
                         testing::Values(Rendered{"head_yaw_40.png", {40, 0, 0}},
                                         Rendered{"head_pitch_25.png", {0, 25, 0}},
                                         Rendered{"head_pitch_-25.png", {0, -25, 0}},
                                         Rendered{"head_turned.png", {-35, -15, 20}}),
                         [](const auto& info) { return "Head" + std::to_string(info.index); });

TEST(HeadPoseTest, ManyHeadsAreAsOne) {
  const Image image = test::head(kHopper, 120, 0, 2.4), other = test::head(kAstronaut, 120, 0, 2.4);
  std::vector<HeadView> views(19, HeadView{image, landmarks_in(image)});
  views[11] = {other, landmarks_in(other)};
  const auto many = estimator().estimate(views);
  ASSERT_EQ(many.size(), views.size());
  for (std::size_t i = 0; i < views.size(); ++i) {
    const auto alone = estimator().estimate({&views[i], 1})[0];
    EXPECT_NEAR(many[i].pose.yaw, alone.pose.yaw, .05) << i;
    EXPECT_NEAR(many[i].pose.roll, alone.pose.roll, .05) << i;
  }
  EXPECT_TRUE(estimator().estimate({}).empty());
}

Landmarks turned(const Landmarks& landmarks, double degrees) {
  const double c = std::cos(degrees * M_PI / 180), s = std::sin(degrees * M_PI / 180);
  Landmarks result;
  for (std::size_t i = 0; i < result.size(); ++i) {
    const double x = landmarks[i].x - 100, y = landmarks[i].y - 100;
    result[i] = {static_cast<float>(100 + c * x - s * y), static_cast<float>(100 + s * x + c * y)};
  }
  return result;
}

// As placed by YuNet in frontal faces, and in profiles to the right of the image.
constexpr Landmarks kFrontal{{{80, 80}, {120, 80}, {100, 100}, {84, 120}, {116, 120}}};
constexpr Landmarks kInProfile{{{110, 80}, {120, 80}, {126, 100}, {108, 120}, {116, 120}}};

TEST(HeadPoseTest, LandmarksAloneTellYawAndRoll) {
  EXPECT_NEAR(pose_of_landmarks(kFrontal).yaw, 0, .01);
  EXPECT_GT(pose_of_landmarks(kInProfile).yaw, 60);
  const auto tilted = pose_of_landmarks(turned(kInProfile, 25));
  EXPECT_NEAR(tilted.yaw, pose_of_landmarks(kInProfile).yaw, .1);
  EXPECT_NEAR(tilted.roll - pose_of_landmarks(kInProfile).roll, 25, .1);
  Landmarks mirrored;
  for (std::size_t i = 0; i < 5; ++i)
    mirrored[i] = {200 - kInProfile[std::array{1, 0, 2, 4, 3}[i]].x,
                   kInProfile[std::array{1, 0, 2, 4, 3}[i]].y};
  EXPECT_NEAR(pose_of_landmarks(mirrored).yaw, -pose_of_landmarks(kInProfile).yaw, .01);
}

TEST(HeadPoseTest, WhereTheNetworkSeesNoFaceOnlyProfilesLandmarksCount) {
  const Image empty = test::canvas(200, 200);
  EXPECT_FALSE(pose_of_face(estimator(), empty, kFrontal, std::nullopt));
  EXPECT_FALSE(pose_of_face(estimator(), empty, kFrontal, kFrontal));
  const auto profile = pose_of_face(estimator(), empty, kFrontal, kInProfile);
  ASSERT_TRUE(profile);
  EXPECT_EQ(profile->yaw, pose_of_landmarks(kInProfile).yaw);
}

TEST(HeadPoseTest, OwnLandmarksHelpWhereTheUsualPlacesShowNoFace) {
  Image wide = test::canvas(420, 200);
  test::paste(wide, test::head(kHopper, 60, 0, 2.4), 310, 100);
  Landmarks left = kFrontal;
  EXPECT_FALSE(pose_of_face(estimator(), wide, left, std::nullopt));
  const auto found = pose_of_face(estimator(), wide, left, landmarks_in(wide));
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->yaw, estimate(test::head(kHopper, 60, 0, 2.4)).pose.yaw, 5);
}

TEST(HeadPoseTest, NoFaceIsSeenWhereThereIsNone) {
  const Image empty = test::canvas(200, 200);
  const HeadView view{empty, {{{70, 70}, {130, 70}, {100, 100}, {80, 130}, {120, 130}}}};
  EXPECT_LT(estimator().estimate({&view, 1})[0].presence, .1f);
}

TEST(HeadPoseTest, BadInputIsAnError) {
  const Image image = test::canvas(64, 64);
  const HeadView coinciding{image, {}}, empty{{}, landmarks_in(test::head(kHopper, 120))};
  EXPECT_THAT(test::error_of([&] {
                estimator().estimate({&coinciding, 1});
              }),
              testing::HasSubstr("chip cannot be cut"));
  EXPECT_THAT(test::error_of([&] {
                estimator().estimate({&empty, 1});
              }),
              testing::HasSubstr("image is empty"));
  const test::TemporaryFolder folder;
  const auto broken = folder / "broken.tflite";
  EXPECT_THAT(test::error_of([&] { HeadPoseEstimator{broken}; }), testing::HasSubstr("broken.tflite"));
  std::ofstream(broken) << "no network";
  EXPECT_THAT(test::error_of([&] { HeadPoseEstimator{broken}; }),
              testing::HasSubstr("broken.tflite: is no TensorFlow Lite network"));
  EXPECT_THAT(test::error_of([&] { HeadPoseEstimator{REGARD_SOURCE_DIR "/models/yunet-2023mar.onnx"}; }),
              testing::HasSubstr("yunet-2023mar.onnx: is no TensorFlow Lite network"));
}

}  // namespace
}  // namespace regard
