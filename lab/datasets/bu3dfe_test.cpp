#include "lab/datasets/bu3dfe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lab/datasets/dataset_test.h"

namespace regard {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Bu3dfe : public testing::Test {
 protected:
  void image(const std::string& name) {
    tree_.image(name.substr(0, 5) + "/" + name, 32, 32, cv::Scalar::all(90));
  }
  LoadedDataset read() {
    auto job = tree_.job();
    job.options.people.folds = 2;
    return read_dataset(find_dataset("bu3dfe"), job);
  }
  test::DatasetTree tree_;
};

TEST_F(Bu3dfe, NamesTellExpressionAndView) {
  for (const std::string name : {"F0001_AN01WH_y+30_p-15.png", "F0001_NE00WH_F3D_y-45_p+0.png",
                                 "M0044_SU04IN_y+90_p+30.jpg", "F0001_AN01WH_F2D.bmp"})
    image(name);
  tree_.text("F0001/F0001_AN01WH_F3D.wrl", "#VRML V2.0 utf8");
  const auto data = read();
  EXPECT_THAT(test::labels_of(data, "bu3dfe"), ElementsAre("anger", "neutral", "surprise"));
  const auto pose = [&](std::size_t i) { return data.samples[i].pose.value(); };
  EXPECT_EQ(pose(0).yaw, 30);
  EXPECT_EQ(pose(0).pitch, -15);
  EXPECT_EQ(pose(1).yaw, -45);
  EXPECT_EQ(pose(1).pitch, 0);
  EXPECT_EQ(pose(2).yaw, 90);
  EXPECT_EQ(pose(2).pitch, 30);
  EXPECT_NE(data.samples[0].split, data.samples[2].split);
  EXPECT_EQ(data.samples[0].split, data.samples[1].split);
}

TEST_F(Bu3dfe, RenderingsWithoutAViewAreErrors) {
  image("M0044_SU04IN_y+90_p+30.png");
  for (const std::string name : {"F0001_AN01WH.png", "F0001_AN01WH_30_15.png", "F0001_XX01WH_y+30_p-15.png",
                                 "F0001_AN01WH_y+30_p-1500.png"}) {
    image(name);
    EXPECT_THAT(tree_.error_of("bu3dfe"), HasSubstr("name of a rendering cannot be read")) << name;
    tree_.remove("F0001");
  }
}

TEST_F(Bu3dfe, AnotherTreeNamesTheFirstMissingFile) {
  EXPECT_THAT(tree_.error_of("bu3dfe"), HasSubstr("F0001_AN01WH_y+0_p+0.png: file is missing"));
}

}  // namespace
}  // namespace regard
