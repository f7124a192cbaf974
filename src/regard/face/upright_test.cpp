#include "regard/face/upright.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/faces.h"
#include "tests/support.h"

namespace regard {
namespace {

using test::kAstronaut;
using test::kHopper;
using test::Person;

FoundFaces find(ImageView image) {
  static const Detector kDetector(REGARD_SOURCE_DIR "/models/yunet-2023mar.onnx");
  static const HeadPoseEstimator kHeads(REGARD_SOURCE_DIR "/models/mediapipe-face-landmark.tflite");
  return FaceFinder(kDetector, kHeads).find(image);
}

/// A head in a square, turned clockwise about its middle.
Image turned_head(Person person, double clockwise, double width = 150) {
  return test::head(person, width, -clockwise, 2.4);
}

/// Where a place of a square image lies after the image was turned clockwise about its middle.
Point turned(Point place, int side, double clockwise) {
  const double c = std::cos(clockwise * M_PI / 180), s = std::sin(clockwise * M_PI / 180);
  const double x = place.x - side / 2., y = place.y - side / 2.;
  return {static_cast<float>(side / 2. + c * x - s * y), static_cast<float>(side / 2. + s * x + c * y)};
}

class UprightTest : public testing::TestWithParam<std::tuple<Person, double>> {};

TEST_P(UprightTest, AFaceIsFoundWhicheverWayUpItIs) {
  const auto [person, angle] = GetParam();
  const Image image = turned_head(person, angle);
  const auto upright = find(turned_head(person, 0)), found = find(image);
  ASSERT_EQ(upright.faces.size(), 1u);
  ASSERT_EQ(found.faces.size(), 1u);
  EXPECT_GT(found.faces[0].score, .8);
  EXPECT_GT(found.poses[0].presence, .99);
  EXPECT_LT(std::abs(std::remainder(found.poses[0].pose.roll - upright.poses[0].pose.roll - angle, 360)), 10);
  const auto &known = upright.faces[0].landmarks, &landmarks = found.faces[0].landmarks;
  const float eyes = std::hypot(known[1].x - known[0].x, known[1].y - known[0].y);
  for (std::size_t i = 0; i < landmarks.size(); ++i) {
    const Point place = turned(known[i], image.width, angle);
    EXPECT_LT(std::hypot(landmarks[i].x - place.x, landmarks[i].y - place.y), .25 * eyes) << "landmark " << i;
  }
  const double turn = angle * M_PI / 180;
  const Affine map{{static_cast<float>(std::cos(turn)), static_cast<float>(-std::sin(turn)), 0,
                    static_cast<float>(std::sin(turn)), static_cast<float>(std::cos(turn)), 0}};
  Box box = transform(upright.faces[0], map).box;
  const auto& before = upright.faces[0].box;
  const Point middle =
      turned({before.x + before.width / 2, before.y + before.height / 2}, image.width, angle);
  box.x = middle.x - box.width / 2, box.y = middle.y - box.height / 2;
  EXPECT_GT(intersection_over_union(found.faces[0].box, box), .6);
}

INSTANTIATE_TEST_SUITE_P(Samples, UprightTest,
                         testing::Combine(testing::Values(kAstronaut, kHopper),
                                          testing::Values(0., 45., 90., 135., 180., 225., 270., 315.)));

TEST(UprightTest, GreyFacesUpsideDownAreFound) {
  for (const Person person : {kAstronaut, kHopper}) {
    const auto found = find(test::to_grey(turned_head(person, 180)));
    ASSERT_EQ(found.poses.size(), 1u);
    EXPECT_GT(std::abs(found.poses[0].pose.roll), 160);
    EXPECT_LE(found.poses[0].pose.roll, 180);
  }
}

TEST(UprightTest, UprightPhotographsCostNoFurtherLook) {
  for (const Person person : {kAstronaut, kHopper}) {
    const auto found = find(test::photograph(person).image);
    EXPECT_EQ(found.faces.size(), 1u);
    EXPECT_EQ(found.doubts, 0);
    EXPECT_EQ(found.turns, 0);
  }
}

TEST(UprightTest, AnImageWithoutFacesIsTurnedThreeTimesAndNoMore) {
  for (const auto& image : {test::canvas(640, 480), test::canvas(3000, 2), test::canvas(1, 1)}) {
    const auto found = find(image);
    EXPECT_TRUE(found.faces.empty());
    EXPECT_EQ(found.turns, 3);
  }
}

TEST(UprightTest, OneConvincingFaceKeepsTheImageFromBeingTurned) {
  Image image = test::canvas(900, 450);
  test::paste(image, test::head(kHopper, 120, 0, 2), 220, 225);
  test::paste(image, test::head(kAstronaut, 120, 90, 2), 670, 225);
  EXPECT_EQ(find(image).turns, 0);
}

TEST(UprightTest, ScoresShrinkWithTheDoubtAboutTheHead) {
  EXPECT_FLOAT_EQ(doubted_score(.9f, 1, .6f), .9f);
  EXPECT_FLOAT_EQ(doubted_score(.9f, .5f, .6f), .75f);
  EXPECT_GE(doubted_score(.9f, .03f, .6f), .6f);
  EXPECT_EQ(doubted_score(.9f, .01f, .6f), 0);
}

TEST(UprightTest, BadImagesAreAnError) {
  EXPECT_NE(test::error_of([] { find({}); }).find("image"), std::string::npos);
}

}  // namespace
}  // namespace regard
