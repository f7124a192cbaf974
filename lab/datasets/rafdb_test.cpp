#include "lab/datasets/rafdb.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lab/datasets/dataset_test.h"
#include "regard/core/chip.h"

namespace regard {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Four images as the archives of RAF-DB unpack.
class RafDb : public testing::Test {
 protected:
  RafDb() {
    tree_.text("basic/EmoLabel/list_patition_label.txt",
               "train_00001.jpg 5\ntrain_00002.jpg 1\r\ntest_0001.jpg 7\ntest_0002.jpg 4\n");
    int grey = 40;
    for (const std::string name : {"train_00001", "train_00002", "test_0001", "test_0002"}) {
      tree_.image("basic/Image/aligned/" + name + "_aligned.jpg", 100, 100, cv::Scalar::all(grey));
      tree_.image("basic/Image/original/" + name + ".jpg", 200, 150, {255, 0, 0}, 100);
      tree_.text("basic/Annotation/boundingbox/" + name + "_boundingbox.txt", "80 20 120 60 \n");
      tree_.text("basic/Annotation/manual/" + name + "_manu_attri.txt",
                 "90\t30\n110 30\n100\t40\n92\t50\n108\t50\n1\n0\n2\n");
      grey += 20;
    }
  }
  test::DatasetTree tree_;
};

TEST_F(RafDb, Aligned) {
  const auto data = tree_.read("rafdb");
  EXPECT_THAT(test::names_of(data), ElementsAre("train_00001_aligned.jpg", "train_00002_aligned.jpg",
                                                "test_0001_aligned.jpg", "test_0002_aligned.jpg"));
  EXPECT_THAT(test::labels_of(data, "rafdb"), ElementsAre("sadness", "surprise", "neutral", "happiness"));
  EXPECT_EQ(data.samples[1].split, "train");
  EXPECT_EQ(data.samples[2].split, "test");
  EXPECT_EQ(data.size, 16);
  EXPECT_EQ(data.channels, 3);
  for (const std::size_t i : {0, 3})
    EXPECT_NEAR(test::pixel(data, i, 8, 8), 40 + 20 * static_cast<int>(i), 2);
  EXPECT_FALSE(data.samples[0].landmarks);
}

TEST_F(RafDb, OriginalIsCutByItsBoxAndHasItsLandmarks) {
  const auto data = tree_.read("rafdb-original", {"test"});
  ASSERT_EQ(data.samples.size(), 2u);
  EXPECT_EQ(data.samples[0].name, "test_0001_aligned.jpg");
  // The box is 80 to 120, the image turns red at 100: in the middle of the chip.
  EXPECT_LT(test::pixel(data, 0, 6, 8), 20);
  EXPECT_GT(test::pixel(data, 0, 9, 8), 220);
  EXPECT_LT(test::pixel(data, 0, 9, 8, 2), 40);
  ASSERT_TRUE(data.samples[0].landmarks);
  EXPECT_NEAR((*data.samples[0].landmarks)[0].x, .25, 1e-4);
  EXPECT_NEAR((*data.samples[0].landmarks)[4].x, .70, 1e-4);
  EXPECT_NEAR((*data.samples[0].landmarks)[4].y, .75, 1e-4);
}

TEST_F(RafDb, AlignedChipsHaveTheirLandmarksInPlace) {
  auto job = tree_.job({"train"});
  job.options.align = true;
  const auto data = read_dataset(find_dataset("rafdb-original"), job);
  const auto& landmarks = data.samples.at(0).landmarks.value();
  const ChipOptions mean;
  for (std::size_t i = 0; i < landmarks.size(); ++i) {
    EXPECT_NEAR(landmarks[i].x, mean.landmarks[2 * i], .05) << i;
    EXPECT_NEAR(landmarks[i].y, mean.landmarks[2 * i + 1], .05) << i;
  }
}

TEST_F(RafDb, TheFolderBasicWillDo) {
  auto job = tree_.job();
  job.source = tree_.root() / "basic";
  EXPECT_EQ(read_dataset(find_dataset("rafdb"), job).samples.size(), 4u);
}

TEST_F(RafDb, FoldersOfLabelsWillDoWhereTheListIsMissing) {
  test::DatasetTree tree;
  for (const std::string split : {"train", "test"})
    for (int label = 1; label <= 7; ++label)
      tree.image(
          split + "/" + std::to_string(label) + "/" + split + "_000" + std::to_string(label) + "_aligned.jpg",
          100, 100, cv::Scalar::all(20 * label), 40);
  const auto data = tree.read("rafdb");
  ASSERT_EQ(data.samples.size(), 14u);
  EXPECT_EQ(data.samples[4].name, "train_0005_aligned.jpg");
  EXPECT_EQ(data.samples[7].split, "test");
  EXPECT_THAT(test::labels_of(tree.read("rafdb", {"test"}), "rafdb"),
              ElementsAre("surprise", "fear", "disgust", "happiness", "sadness", "anger", "neutral"));
  tree.remove("test/3");
  EXPECT_THAT(tree.error_of("rafdb"), HasSubstr("test/3: folder is missing"));
}

TEST_F(RafDb, AlignedAnewIsASetOfItsOwn) {
  for (const std::string name : {"train_00001", "train_00002", "test_0001", "test_0002"})
    tree_.image("basic/Image/aligned_224/" + name + "_aligned.jpg", 224, 224, cv::Scalar::all(200), 100);
  const auto data = tree_.read("rafdb-224", {"test"});
  ASSERT_EQ(data.samples.size(), 2u);
  EXPECT_EQ(data.samples[0].name, "test_0001_aligned.jpg");
  EXPECT_GT(test::pixel(data, 0, 12, 8), 180);
  EXPECT_EQ(find_dataset("rafdb-224").size, 224);
}

TEST_F(RafDb, AnotherTreeNamesTheFirstMissingFile) {
  tree_.remove("basic/Image/aligned/test_0001_aligned.jpg");
  EXPECT_THAT(tree_.left_out_of("rafdb"), HasSubstr("list_patition_label.txt:3: image is missing"));
  EXPECT_THAT(tree_.left_out_of("rafdb"), HasSubstr("basic/Image/aligned/test_0001_aligned.jpg"));
  EXPECT_EQ(tree_.error_of("rafdb", {"train"}), "");
  tree_.remove("basic/Annotation/boundingbox/train_00002_boundingbox.txt");
  EXPECT_THAT(tree_.error_of("rafdb-original"), HasSubstr("train_00002_boundingbox.txt: file is missing"));
  tree_.remove("basic/EmoLabel");
  EXPECT_THAT(tree_.error_of("rafdb"), HasSubstr("basic/EmoLabel/list_patition_label.txt: file is missing"));
}

TEST_F(RafDb, BadLinesNameFileAndLine) {
  for (const std::string line : {"train_00001.jpg 8", "train_00001.jpg", "dev_1.jpg 2", "train_../x.jpg 2"}) {
    tree_.text("basic/EmoLabel/list_patition_label.txt", "train_00001.jpg 5\n" + line + "\n");
    EXPECT_THAT(tree_.error_of("rafdb"), HasSubstr("list_patition_label.txt:2: line cannot be read")) << line;
  }
}

TEST_F(RafDb, AnnotationsHaveAllNumbers) {
  tree_.text("basic/Annotation/manual/train_00001_manu_attri.txt", "90 30\n110 x\n");
  EXPECT_THAT(tree_.error_of("rafdb-original"),
              HasSubstr("train_00001_manu_attri.txt: annotation cannot be read"));
}

TEST_F(RafDb, AValidationPartIsDrawnFromTheTrainingPart) {
  std::string list;
  for (int i = 0; i < 40; ++i) {
    list += "train_" + std::to_string(i) + ".jpg 1\n";
    tree_.image("basic/Image/aligned/train_" + std::to_string(i) + "_aligned.jpg", 20, 20, {});
  }
  tree_.text("basic/EmoLabel/list_patition_label.txt", list);
  auto job = tree_.job();
  job.options.valid_fraction = .3f;
  const auto names = [&](const std::string& split) {
    job.splits = {split};
    return test::names_of(read_dataset(find_dataset("rafdb"), job));
  };
  const auto train = names("train"), valid = names("valid");
  EXPECT_EQ(train.size() + valid.size(), 40u);
  EXPECT_GE(valid.size(), 5u);
  EXPECT_LE(valid.size(), 20u);
  for (const auto& name : valid) EXPECT_THAT(train, testing::Not(testing::Contains(name)));
  job.options.valid_fraction = 0;
  EXPECT_THAT(test::error_of([&] { names("valid"); }), HasSubstr("train, test"));
}

}  // namespace
}  // namespace regard
