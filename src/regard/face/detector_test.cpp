#include "regard/face/detector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <thread>

#include "regard/core/error.h"
#include "tests/faces.h"
#include "tests/support.h"

namespace regard {
namespace {

using test::kAstronaut;
using test::kHopper;
using test::Person;

const Detector& detector() {
  static const Detector kDetector(REGARD_SOURCE_DIR "/models/yunet-2023mar.onnx");
  return kDetector;
}

struct Placed {
  Person person;
  int width;
  double degrees;
  int x, y;
};

/// Every face found once, near where it was put, and nothing else.
void expect_found(const std::vector<Detection>& found, const std::vector<Placed>& placed) {
  EXPECT_EQ(found.size(), placed.size());
  for (const auto& [person, width, degrees, x, y] : placed) {
    int hits = 0;
    for (const auto& face : found) {
      const Box& box = face.box;
      const double distance = std::hypot(box.x + box.width / 2 - x, box.y + box.height / 2 - y);
      if (distance < .35 * width && box.width > .6 * width && box.width < 1.6 * width) ++hits;
    }
    EXPECT_EQ(hits, 1) << "person " << person << ", " << width << " pixels, " << degrees << " degrees at "
                       << x << ", " << y;
  }
}

TEST(DetectorTest, FindsTheFaceOfAPhotographWithItsLandmarks) {
  for (const Person person : {kAstronaut, kHopper}) {
    const auto& [image, face] = test::photograph(person);
    const auto found = detector().detect(image);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_GT(intersection_over_union(found[0].box, face), .7);
    EXPECT_GT(found[0].score, .85);
    EXPECT_GT(found[0].closeup, .85);
    const auto& [left_eye, right_eye, nose, left_mouth, right_mouth] = found[0].landmarks;
    EXPECT_LT(left_eye.x, nose.x);
    EXPECT_GT(right_eye.x, nose.x);
    EXPECT_LT(std::max(left_eye.y, right_eye.y), nose.y);
    EXPECT_LT(nose.y, std::min(left_mouth.y, right_mouth.y));
    EXPECT_LT(left_mouth.x, right_mouth.x);
  }
}

TEST(DetectorTest, LandmarksLieOnTheEyes) {
  const auto found = detector().detect(test::photograph(kAstronaut).image);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_NEAR(found[0].landmarks[0].x, 204, 3);  // as seen in the image
  EXPECT_NEAR(found[0].landmarks[0].y, 101, 3);
  EXPECT_NEAR(found[0].landmarks[1].x, 246, 3);
  EXPECT_NEAR(found[0].landmarks[1].y, 102, 3);
}

TEST(DetectorTest, FindsEveryFaceOfACollageOnce) {
  const std::vector<Placed> placed{
      {kAstronaut, 400, 10, 480, 540}, {kHopper, 300, -20, 1200, 400},   {kAstronaut, 150, 30, 1650, 200},
      {kHopper, 100, -30, 1700, 600},  {kAstronaut, 60, -15, 1000, 850}, {kHopper, 40, 15, 1200, 900},
      {kAstronaut, 30, 0, 1350, 900},  {kHopper, 24, 0, 1500, 900},      {kAstronaut, 24, 0, 1640, 930}};
  Image image = test::canvas(1920, 1080);
  for (const auto& [person, width, degrees, x, y] : placed)
    test::paste(image, test::head(person, width, degrees), x, y);
  expect_found(detector().detect(image), placed);
}

TEST(DetectorTest, FindsASmallFaceWhereverTilesMeet) {
  for (int i = 0; i < 12; i += test::kThreadsAreWatched ? 5 : 1) {
    const Placed face{i % 2 ? kHopper : kAstronaut, 24, 0, 60 + 163 * i, 40 + 89 * i};
    Image image = test::canvas(1920, 1080);
    test::paste(image, test::head(face.person, face.width), face.x, face.y);
    expect_found(detector().detect(image), {face});
  }
}

TEST(DetectorTest, FindsSmallFacesNearAndFarFromEachOther) {
  std::vector<Placed> faces{{kHopper, 26, 0, 40, 555}, {kAstronaut, 26, 0, 760, 45}};
  for (int i = 0; i < 12; ++i)
    faces.push_back({i % 2 ? kHopper : kAstronaut, 26, 0, 120 + 85 * (i % 4), 150 + 160 * (i / 4)});
  Image image = test::canvas(800, 600);
  for (const auto& [person, width, degrees, x, y] : faces)
    test::paste(image, test::head(person, width), x, y);
  expect_found(detector().detect(image), faces);
}

TEST(DetectorTest, FindsAFaceThatFillsTheImageAtAnySize) {
  for (const Person person : {kAstronaut, kHopper})
    for (const double width : {24., 48., 100., 333., 900., 2400.}) {
      if (test::kThreadsAreWatched && width > 400) continue;
      const Image image = test::head(person, width, 0, 1.05);
      const int centre = image.width / 2;
      expect_found(detector().detect(image), {{person, cvRound(width), 0, centre, centre}});
    }
}

TEST(DetectorTest, FindsAFaceThatTheImagesEdgeCuts) {
  Image source = test::head(kHopper, 120, 0, 2);
  Image cut(source.width, source.height);
  const int quarter = source.width * 3 / 8;  // through the cheek
  test::wrap(source)(cv::Rect(quarter, 0, source.width - quarter, source.height))
      .copyTo(test::wrap(cut)(cv::Rect(0, 0, source.width - quarter, source.height)));
  const auto found = detector().detect(cut);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_LT(found[0].box.x, 12);
}

TEST(DetectorTest, FindsFacesInGrey) {
  const std::vector<Placed> placed{{kAstronaut, 200, 0, 300, 300}, {kHopper, 90, 0, 700, 300}};
  Image image = test::canvas(900, 600);
  for (const auto& face : placed) test::paste(image, test::head(face.person, face.width), face.x, face.y);
  expect_found(detector().detect(test::to_grey(image)), placed);
}

TEST(DetectorTest, NoFaceIsAnEmptyList) {
  EXPECT_TRUE(detector().detect(test::canvas(640, 480)).empty());
  EXPECT_TRUE(detector().detect(test::canvas(1, 1)).empty());
  EXPECT_TRUE(detector().detect(test::canvas(3000, 2)).empty());
}

TEST(DetectorTest, LargeImagesAreScaledDown) {
  const int width = test::kThreadsAreWatched ? 2500 : 5000, height = width * 4 / 5, face = width * 7 / 50;
  Image image = test::canvas(width, height);
  test::paste(image, test::head(kHopper, face), width / 2, height / 2);
  expect_found(detector().detect(image), {{kHopper, face, 0, width / 2, height / 2}});
}

/// Heads along a panorama, its longer side along x or, `tall`, along y.
void expect_found_in_panorama(bool tall, int length, int height, const std::vector<Placed>& along) {
  Image image = tall ? test::canvas(height, length) : test::canvas(length, height);
  std::vector<Placed> placed;
  for (Placed face : along) {
    if (tall) std::swap(face.x, face.y);
    test::paste(image, test::head(face.person, face.width), face.x, face.y);
    placed.push_back(face);
  }
  expect_found(detector().detect(image), placed);
}

// Scaled to max_side, the small faces would be 8 pixels wide.
TEST(DetectorTest, FindsSmallAndLargeFacesAllAlongAPanorama) {
  const int length = test::kThreadsAreWatched ? 4000 : 7200;
  for (const bool tall : {false, true}) {
    SCOPED_TRACE(tall ? "tall" : "wide");
    std::vector<Placed> faces;
    for (int i = 0, x = 60; x < length - 60; ++i, x += 467)
      faces.push_back({i % 2 ? kHopper : kAstronaut, 30, 0, x, 80 + 31 * (i % 5)});
    faces.push_back({kAstronaut, 120, 0, length / 2 + 30, 290});
    expect_found_in_panorama(tall, length, 480, faces);
  }
}

TEST(DetectorTest, FindsAFaceAsHighAsThePanoramaWhereverWindowsMeet) {
  for (int x = 250; x < 2600; x += test::kThreadsAreWatched ? 900 : 230) {
    SCOPED_TRACE(x);
    expect_found_in_panorama(false, 2900, 420, {{kHopper, 180, 0, x, 210}});
  }
}

Detector detector_for(float min_face) {
  return Detector(REGARD_SOURCE_DIR "/models/yunet-2023mar.onnx", {.min_face = min_face});
}

TEST(DetectorTest, SmallerFacesThanAskedForAreLeftOut) {
  Image image = test::canvas(1400, 1200);
  const std::vector<Placed> faces{
      {kHopper, 40, 0, 200, 200}, {kAstronaut, 90, 0, 1000, 250}, {kHopper, 300, 0, 600, 750}};
  for (const auto& [person, width, degrees, x, y] : faces)
    test::paste(image, test::head(person, width), x, y);
  expect_found(detector_for(0).detect(image), faces);
  expect_found(detector_for(80).detect(image), {faces[1], faces[2]});
  expect_found(detector_for(.2f).detect(image), {faces[2]});  // 280 pixels
  EXPECT_EQ(detector_for(500).detect(image).size(), 0u);
  EXPECT_EQ(detector_for(500).candidates(image, .6f).size(), 3u);
}

TEST(DetectorTest, AFaceAsSmallAsAskedForIsFoundInAnImageOfAnySize) {
  for (const int side : {100, 400, 1500}) {
    SCOPED_TRACE(side);
    for (const float share : {.2f, .35f, .5f}) {
      const int width = static_cast<int>(1.1f * share * static_cast<float>(side));
      Image image = test::canvas(side, side);
      test::paste(image, test::head(kAstronaut, width, 0, 1.3), side / 2, side / 2);
      expect_found(detector_for(share).detect(image), {{kAstronaut, width, 0, side / 2, side / 2}});
    }
  }
}

TEST(DetectorTest, ThreadsGetTheSameAnswers) {
  const auto& image = test::photograph(kHopper).image;
  const auto expected = detector().detect(image);
  ASSERT_EQ(expected.size(), 1u);
  std::vector<std::vector<Detection>> found(4);
  std::vector<std::thread> threads;
  for (auto& mine : found)
    threads.emplace_back([&] {
      for (int i = 0; i < 3; ++i) {
        detector().detect(test::photograph(kAstronaut).image);
        mine = detector().detect(image);
      }
    });
  for (auto& thread : threads) thread.join();
  for (const auto& mine : found) {
    ASSERT_EQ(mine.size(), 1u);
    EXPECT_NEAR(mine[0].box.x, expected[0].box.x, 1e-2);
    EXPECT_NEAR(mine[0].landmarks[4].y, expected[0].landmarks[4].y, 1e-2);
    EXPECT_NEAR(mine[0].score, expected[0].score, 1e-4);
  }
}

TEST(DetectorTest, RefusesWhatIsNoDetector) {
  EXPECT_THAT(test::error_of([] { Detector("missing.onnx"); }), testing::HasSubstr("missing.onnx"));
  const test::TemporaryFolder folder;
  std::ofstream(folder / "text.onnx") << "no network";
  EXPECT_THAT(test::error_of([&] { Detector(folder / "text.onnx"); }),
              testing::AllOf(testing::HasSubstr("text.onnx"), testing::HasSubstr("cannot be loaded")));
  EXPECT_THAT(test::error_of([] { detector().detect(ImageView{}); }), testing::HasSubstr("image is empty"));
}

TEST(DetectorTest, RefusesViewsThatAreNoImage) {
  ImageView view = test::photograph(kHopper).image;
  view.channels = 4;
  EXPECT_THAT(test::error_of([&] { detector().detect(view); }), testing::HasSubstr("channels"));
  view.channels = 3, view.stride = 100;
  EXPECT_THAT(test::error_of([&] { detector().detect(view); }), testing::HasSubstr("stride"));
}

TEST(DetectorTest, RefusesOptionsOutOfRange) {
  const auto error = [](const DetectorOptions& options) {
    return test::error_of([&] { Detector(REGARD_SOURCE_DIR "/models/yunet-2023mar.onnx", options); });
  };
  for (const float score : {0.f, -1.f, 1.1f, NAN})
    EXPECT_THAT(error({.min_score = score}), testing::HasSubstr("min_score")) << score;
  for (const float overlap : {-.1f, 1.1f, NAN})
    EXPECT_THAT(error({.overlap = overlap}), testing::HasSubstr("overlap")) << overlap;
  EXPECT_THAT(error({.max_side = 0}), testing::HasSubstr("max_side"));
  for (const float size : {-1.f, NAN, INFINITY})
    EXPECT_THAT(error({.min_face = size}), testing::HasSubstr("min_face")) << size;
  EXPECT_THAT(error({.threads = -1}), testing::HasSubstr("threads"));
  EXPECT_EQ(error({.min_score = 1, .overlap = 0, .max_side = 1, .threads = 1}), "");
}

}  // namespace
}  // namespace regard
