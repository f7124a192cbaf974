#include "lab/datasets/sfew.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lab/datasets/dataset_test.h"
#include "regard/image/decode.h"
#include "tests/faces.h"

namespace regard {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::vector<std::string> kClasses{"Angry", "Disgust", "Fear", "Happy", "Neutral", "Sad", "Surprise"};

class Sfew : public testing::Test {
 protected:
  void faces(const std::string& folder, int width = 143, int height = 181) {
    int grey = 10;
    for (const auto& name : kClasses) {
      grey += 20;
      tree_.image(folder + "/" + name + "/Film_" + std::to_string(grey) + ".png", width, height,
                  cv::Scalar::all(grey));
    }
  }
  test::DatasetTree tree_;
};

TEST_F(Sfew, AlignedFacesByClass) {
  faces("Train/Train_Aligned_Faces");
  faces("Val/Val_Aligned_Faces_new/Val_Aligned_Faces");
  const auto data = tree_.read("sfew");
  ASSERT_EQ(data.samples.size(), 14u);
  EXPECT_THAT(test::labels_of(tree_.read("sfew", {"valid"}), "sfew"),
              ElementsAre("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral"));
  EXPECT_EQ(data.samples[0].name, "Film_30.png");
  EXPECT_EQ(data.samples[6].name, "Film_110.png");  // neutral, the fifth folder
  EXPECT_EQ(data.samples[7].split, "valid");
  EXPECT_EQ(test::pixel(data, 0, 8, 8), 30);
  EXPECT_EQ(test::pixel(data, 6, 0, 15), 110);  // edges are repeated to make it square
}

TEST_F(Sfew, OtherPlacesOfTheSameFolders) {
  faces("Train_Aligned_Faces");
  faces("Val/Val_Aligned_Faces");
  EXPECT_EQ(tree_.read("sfew").samples.size(), 14u);
}

TEST_F(Sfew, AnotherTreeNamesTheFirstMissingFolder) {
  faces("Train/Train_Aligned_Faces");
  EXPECT_THAT(tree_.error_of("sfew"),
              HasSubstr("Val/Val_Aligned_Faces_new/Val_Aligned_Faces/Angry: folder is missing"));
  EXPECT_EQ(tree_.error_of("sfew", {"train"}), "");
  EXPECT_THAT(tree_.error_of("sfew", {"test"}), HasSubstr("expected train, valid, got test"));
  tree_.remove("Train/Train_Aligned_Faces/Fear");
  EXPECT_THAT(tree_.error_of("sfew", {"train"}),
              HasSubstr("Train/Train_Aligned_Faces/fear: folder is missing"));
  EXPECT_THAT(tree_.error_of("sfew-full"), HasSubstr("Train/Angry: folder is missing"));
}

TEST_F(Sfew, FullFramesGiveTheLargestFace) {
  faces("Train", 60, 40);  // nobody there
  Image frame = test::canvas(640, 320);
  test::paste(frame, test::head(test::kHopper, 110), 480, 160);
  test::paste(frame, test::head(test::kAstronaut, 50), 120, 120);
  write_image(tree_.root() / "Train/Happy/Zfilm.png", frame);
  auto job = tree_.job({"train"});
  job.options.size = 64;
  const auto data = read_dataset(find_dataset("sfew-full"), job);
  ASSERT_EQ(data.samples.size(), 8u);
  EXPECT_FALSE(data.samples[3].landmarks);
  EXPECT_EQ(data.samples[4].name, "Zfilm.png");
  ASSERT_TRUE(data.samples[4].landmarks);
  const auto& eyes = *data.samples[4].landmarks;
  EXPECT_NEAR(eyes[1].x - eyes[0].x, .38, .06);  // framed as FERPlus
  EXPECT_NEAR((eyes[0].y + eyes[1].y) / 2, .37, .06);
}

TEST_F(Sfew, FacesAreFoundAndAlignedInFaceImages) {
  faces("Train_Aligned_Faces");
  write_image(tree_.root() / "Train_Aligned_Faces/Happy/Zfilm.png", test::head(test::kHopper, 90, 15, 1.1));
  auto job = tree_.job({"train"});
  job.options.size = 64;
  EXPECT_FALSE(read_dataset(find_dataset("sfew"), job).samples[4].landmarks);
  job.options.landmarks = true;
  const auto found = read_dataset(find_dataset("sfew"), job).samples[4].landmarks;
  ASSERT_TRUE(found);
  EXPECT_GT(std::abs((*found)[1].y - (*found)[0].y), .06);  // turned
  job.options.align = true;
  const auto data = read_dataset(find_dataset("sfew"), job);
  const auto aligned = data.samples[4].landmarks.value();
  EXPECT_LT(std::abs(aligned[1].y - aligned[0].y), .04);
  EXPECT_NEAR(aligned[0].x, .303, .05);
  EXPECT_FALSE(data.samples[3].landmarks);
  EXPECT_EQ(test::pixel(data, 3, 8, 8), 90);  // no face there: as it was
}

}  // namespace
}  // namespace regard
