#include "lab/datasets/fedro.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lab/datasets/dataset_test.h"

namespace regard {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class FedRo : public testing::Test {
 protected:
  void faces(const std::string& root) {
    for (const std::string name : {"neural", "happy", "sad", "surprise", "fear", "disgust", "anger"})
      tree_.image(root + name + "/" + name + "1.jpg", 50, 60, cv::Scalar::all(77));
  }
  test::DatasetTree tree_;
};

TEST_F(FedRo, FoldersByClass) {
  faces("");
  tree_.text("readme.txt", "not an image");
  tree_.text("happy/Thumbs.db", "not an image");
  const auto data = tree_.read("fedro");
  EXPECT_THAT(test::labels_of(data, "fedro"),
              ElementsAre("neutral", "happiness", "sadness", "surprise", "fear", "disgust", "anger"));
  EXPECT_EQ(data.samples[0].split, "test");
  EXPECT_NEAR(test::pixel(data, 0, 8, 8), 77, 2);
}

TEST_F(FedRo, FoldersInOneMoreFolder) {
  faces("FED-RO_crop/");
  EXPECT_EQ(tree_.read("fedro").samples.size(), 7u);
}

TEST_F(FedRo, AnotherTreeNamesTheFirstMissingFolder) {
  EXPECT_THAT(tree_.error_of("fedro"), HasSubstr("neural: folder is missing"));
  faces("");
  tree_.remove("sad");
  EXPECT_THAT(tree_.error_of("fedro"), HasSubstr("sadness: folder is missing"));
  EXPECT_THAT(tree_.error_of("fedro", {"train"}), HasSubstr("no such split"));
}

}  // namespace
}  // namespace regard
