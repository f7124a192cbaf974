#include "regard/pipeline/recognizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <thread>

#include "regard/core/labels.h"
#include "regard/face/alignment.h"
#include "regard/model/model.h"
#include "regard/network/network.h"
#include "regard/network/plain.h"
#include "tests/faces.h"
#include "tests/support.h"

namespace regard {
namespace {

using test::kAstronaut;
using test::kHopper;
using test::Person;

/// A model of random weights in a file, which goes away with the program.
const std::filesystem::path& random_model() {
  static const struct File {
    std::filesystem::path path = std::filesystem::temp_directory_path() /
                                 ("regard_recognizer_test" + std::to_string(getpid()) + ".safetensors");
    File() {
      Model model;
      model.name = "random";
      model.labels.assign(kFerplusLabels.begin(), kFerplusLabels.end());
      PlainOptions options;
      options.input_size = 64;
      model.network.options = to_json(options);
      model.weights = initial_weights(describe_network(model.network).parameters(), 7);
      save_model(path, model);
    }
  } kFile;
  return kFile.path;
}

const Recognizer& random_recognizer() {
  static const Recognizer kRecognizer(random_model());
  return kRecognizer;
}

void expect_equal(const std::vector<Face>& a, const std::vector<Face>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].expression, b[i].expression);
    for (std::size_t k = 0; k < a[i].probabilities.size(); ++k)
      EXPECT_NEAR(a[i].probabilities[k], b[i].probabilities[k], 1e-3);
  }
}

TEST(RecognizerTest, GivesEveryFaceProbabilitiesOfAllLabels) {
  Image image = test::canvas(900, 400);
  test::paste(image, test::head(kAstronaut, 100), 200, 200);
  test::paste(image, test::head(kHopper, 140), 600, 200);
  const auto faces = random_recognizer().recognize(image);
  ASSERT_EQ(faces.size(), 2u);
  EXPECT_GE(faces[0].score, faces[1].score);
  for (const auto& face : faces) {
    ASSERT_EQ(face.probabilities.size(), random_recognizer().labels().size());
    float sum = 0;
    for (const float p : face.probabilities) sum += p;
    EXPECT_NEAR(sum, 1, 1e-4);
    const auto best = std::max_element(face.probabilities.begin(), face.probabilities.end());
    EXPECT_EQ(face.expression, random_recognizer().labels()[best - face.probabilities.begin()]);
    EXPECT_EQ(face.probability(), *best);
  }
}

TEST(RecognizerTest, NoFaceIsAnEmptyList) {
  EXPECT_TRUE(random_recognizer().recognize(test::canvas(320, 240)).empty());
  EXPECT_TRUE(random_recognizer().recognize(test::canvas(320, 240), std::vector<Box>{}).empty());
}

TEST(RecognizerTest, TakesFilesAndPixelsAlike) {
  expect_equal(random_recognizer().recognize(REGARD_SOURCE_DIR "/samples/astronaut.png"),
               random_recognizer().recognize(test::photograph(kAstronaut).image));
  EXPECT_NE(test::error_of([] { random_recognizer().recognize("missing.png"); }).find("missing.png"),
            std::string::npos);
}

TEST(RecognizerTest, TakesDetectionsBoxesAndChips) {
  const auto& image = test::photograph(kHopper).image;
  const auto found = random_recognizer().recognize(image);
  ASSERT_EQ(found.size(), 1u);

  const std::vector<Detection> detections{{found[0].box, found[0].score, found[0].landmarks}};
  expect_equal(random_recognizer().recognize(image, detections), found);

  const Image chip = cut_chip(image, found[0].landmarks, random_recognizer().model().chip);
  const std::vector<ImageView> chips{chip.view(), chip.view(), chip.view()};
  expect_equal(random_recognizer().recognize_chips(chips), {found[0], found[0], found[0]});

  const std::vector<Box> boxes{{0, 0, 50, 60}, found[0].box};
  const auto boxed = random_recognizer().recognize(image, boxes);
  ASSERT_EQ(boxed.size(), 2u);
  EXPECT_EQ(boxed[0].box.width, 50);
  EXPECT_EQ(boxed[1].box.x, found[0].box.x);
}

TEST(RecognizerTest, SaysWhatItsModelIs) {
  const auto& model = random_recognizer().model();
  EXPECT_EQ(model.name, "random");
  EXPECT_EQ(model.hash(), load_model(random_model()).hash());
  EXPECT_EQ(model.labels, random_recognizer().labels());
  EXPECT_EQ(model.chip.size, 48);
}

TEST(RecognizerTest, JobsChangeNoResult) {
  const Recognizer several(random_model(), {.jobs = 3});
  const auto& image = test::photograph(kHopper).image;
  expect_equal(several.recognize(image), random_recognizer().recognize(image));
  EXPECT_EQ(test::error_of([] { Recognizer(random_model(), {.jobs = 0}); }),
            "jobs: number is out of range; expected 1 or more, got 0");
}

TEST(RecognizerTest, GivenBoxesAreChecked) {
  const auto& image = test::photograph(kHopper).image;
  const auto error = [&](const Box& box) {
    const std::vector<Box> boxes{{10, 10, 50, 50}, box};
    const std::vector<Detection> detections{{boxes[0], 1, landmarks_of_box(boxes[0])},
                                            {box, 1, landmarks_of_box(boxes[0])}};
    const auto text = test::error_of([&] { random_recognizer().recognize(image, boxes); });
    EXPECT_EQ(test::error_of([&] { random_recognizer().recognize(image, detections); }), text);
    return text;
  };
  EXPECT_THAT(error({NAN, 0, 5, 5}), testing::HasSubstr("boxes[1]: box is out of range"));
  EXPECT_THAT(error({0, 0, -5, 5}), testing::HasSubstr("boxes[1]: box is empty"));
  EXPECT_THAT(error({9000, 0, 5, 5}), testing::HasSubstr("boxes[1]: box lies outside of the image"));
}

TEST(RecognizerTest, ThreadsShareOneRecognizer) {
  const auto expected = random_recognizer().recognize(test::photograph(kHopper).image);
  std::vector<std::vector<Face>> found(4);
  std::vector<std::thread> threads;
  for (auto& mine : found)
    threads.emplace_back([&] {
      random_recognizer().recognize(test::photograph(kAstronaut).image);
      mine = random_recognizer().recognize(test::photograph(kHopper).image);
    });
  for (auto& thread : threads) thread.join();
  for (const auto& mine : found) expect_equal(mine, expected);
}

/// The shipped model on photographs: what networks trained on small grey faces easily get wrong.
class ShippedModelTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const auto models = std::filesystem::path(REGARD_SOURCE_DIR) / "models";
    recognizer_ = std::make_unique<Recognizer>(models / (GetParam() + std::string(".safetensors")));
  }

  Face only_face(ImageView image) const {
    const auto faces = recognizer_->recognize(image);
    EXPECT_EQ(faces.size(), 1u);
    return faces.empty() ? Face{} : faces[0];
  }

  std::unique_ptr<Recognizer> recognizer_;
};

INSTANTIATE_TEST_SUITE_P(Models, ShippedModelTest, testing::Values("ferplus-mobilenet", "ferplus-ran"),
                         [](const auto& test) { return std::string(test.param).substr(8); });

TEST_P(ShippedModelTest, SeesASmilingAstronautAndASoberAdmiral) {
  const Face astronaut = only_face(test::photograph(kAstronaut).image);
  EXPECT_EQ(astronaut.expression, "happiness");
  EXPECT_GT(astronaut.probability(), .6);
  const Face hopper = only_face(test::photograph(kHopper).image);
  EXPECT_NE(hopper.expression, "happiness");
  EXPECT_NE(hopper.expression, "surprise");
}

TEST_P(ShippedModelTest, SeesTheSameExpressionWhicheverWayUpTheImageIs) {
  for (const Person person : {kAstronaut, kHopper}) {
    const Face upright = only_face(test::head(person, 150, 0, 2.4));
    for (int clockwise = 45; clockwise < 360; clockwise += 45) {
      SCOPED_TRACE(testing::Message() << "person " << person << ", " << clockwise << " degrees");
      const Face face = only_face(test::head(person, 150, -clockwise, 2.4));
      EXPECT_EQ(face.expression, upright.expression);
      EXPECT_LT(std::abs(std::remainder(face.pose.roll - upright.pose.roll - clockwise, 360)), 10);
    }
  }
}

TEST_P(ShippedModelTest, KeepsItsMindWhateverTheSizeColourAndBlur) {
  for (const Person person : {kAstronaut, kHopper}) {
    const Face reference = only_face(test::photograph(person).image);
    const auto label = std::max_element(reference.probabilities.begin(), reference.probabilities.end()) -
                       reference.probabilities.begin();
    for (const int width : {40, 80, 300})
      for (const bool grey : {false, true})
        for (const bool blurred : {false, true}) {
          Image image = test::head(person, width, 0, 2.2);
          cv::Mat pixels = test::wrap(image);
          if (blurred) cv::GaussianBlur(pixels, pixels, {}, .012 * width);
          const Face face = only_face(grey ? test::to_grey(image) : image);
          SCOPED_TRACE(testing::Message() << "person " << person << ", " << width << " pixels, grey " << grey
                                          << ", blurred " << blurred);
          ASSERT_FALSE(face.probabilities.empty());
          EXPECT_EQ(face.expression, reference.expression);
          EXPECT_NEAR(face.probabilities[label], reference.probabilities[label], .1);
        }
  }
}

}  // namespace
}  // namespace regard
