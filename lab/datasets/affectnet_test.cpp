#include "lab/datasets/affectnet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lab/datasets/dataset_test.h"

namespace regard {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// 68 points of which the six that count lie at known places; the eyes' six points around their centres.
std::vector<Point> points() {
  std::vector<Point> all(68, {0, 0});
  for (int i = 0; i < 6; ++i) {
    const float dx = static_cast<float>(i % 2 ? 3 : -3), dy = static_cast<float>(i / 2 - 1);
    all[static_cast<std::size_t>(36 + i)] = {90 + dx, 60 + dy};
    all[static_cast<std::size_t>(42 + i)] = {110 + dx, 60 + dy};
  }
  all[30] = {100, 70};
  all[48] = {92, 80};
  all[54] = {108, 80};
  return all;
}

void expect_places(const Sample& sample, Point left_eye, Point mouth) {
  ASSERT_TRUE(sample.landmarks);
  EXPECT_NEAR((*sample.landmarks)[0].x, left_eye.x, 1e-4);
  EXPECT_NEAR((*sample.landmarks)[0].y, left_eye.y, 1e-4);
  EXPECT_NEAR((*sample.landmarks)[4].x, mouth.x, 1e-4);
  EXPECT_NEAR((*sample.landmarks)[4].y, mouth.y, 1e-4);
}

const std::string kHeader =
    "subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,"
    "arousal\n";

class AffectNet : public testing::Test {
 protected:
  static std::string row(const std::string& name, const std::string& box, int expression) {
    std::string text = name + "," + box + ",";
    for (const auto& [x, y] : points()) text += std::to_string(x) + ";" + std::to_string(y) + ";";
    text.pop_back();
    return text + "," + std::to_string(expression) + ",0.5,-0.2\n";
  }
  void image(const std::string& name) {
    tree_.image("Manually_Annotated_Images/" + name, 200, 150, {255, 0, 0}, 100);
  }
  void original() {
    tree_.text("Manually_Annotated_file_lists/training.csv",
               kHeader + row("1/aa.jpg", "80,40,40,40", 1) + row("22/bb.jpg", "80,40,40,40", 7) +
                   row("22/cc.jpg", "80,40,40,40", 8) + row("22/dd.jpg", "80,40,40,40", 10));
    tree_.text("Manually_Annotated_file_lists/validation.csv", row("3/ee.png", "80,40,40,20", 6));
    for (const char* name : {"1/aa.jpg", "22/bb.jpg", "3/ee.png"}) image(name);
  }
  static std::string npy(const std::string& type, const std::string& shape, std::string data) {
    std::string header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + shape + "), }";
    header.resize(117, ' ');
    header += '\n';
    return std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(header.size()) + '\0' + header + data;
  }
  static std::string as_text(char digit) { return npy("<U1", "", std::string{digit, 0, 0, 0}); }
  static std::string as_points() {
    std::vector<double> xy;
    for (const auto& [x, y] : points()) xy.insert(xy.end(), {x, y});
    return npy("<f8", "136,", {reinterpret_cast<const char*>(xy.data()), xy.size() * sizeof(double)});
  }
  void numbered() {
    int number = 0;
    for (const char digit : {'0', '7', '5'}) {
      const std::string set = number < 2 ? "train_set" : "val_set", id = std::to_string(9 + number++);
      tree_.text(set + "/annotations/" + id + "_exp.npy", as_text(digit));
      tree_.text(set + "/annotations/" + id + "_lnd.npy", as_points());
      tree_.image(set + "/images/" + id + ".jpg", 200, 200, cv::Scalar::all(90));
    }
  }
  test::DatasetTree tree_;
};

TEST_F(AffectNet, OriginalRelease) {
  original();
  const auto data = tree_.read("affectnet");
  EXPECT_THAT(test::names_of(data), ElementsAre("1/aa.jpg", "22/bb.jpg", "3/ee.png"));
  EXPECT_THAT(test::labels_of(data, "affectnet"), ElementsAre("happiness", "contempt", "anger"));
  EXPECT_EQ(data.samples[1].split, "train");
  EXPECT_EQ(data.samples[2].split, "valid");
  EXPECT_EQ(data.samples[0].soft_labels.size(), 8u);
  EXPECT_LT(test::pixel(data, 0, 6, 8), 20);  // the box is 80 to 120, the image turns red at 100
  EXPECT_GT(test::pixel(data, 0, 9, 8), 220);
  expect_places(data.samples[0], {.25f, .5f}, {.70f, 1.f});
  expect_places(data.samples[2], {.25f, .75f}, {.70f, 1.25f});  // a flat box is made square
}

TEST_F(AffectNet, SevenLabelsLeaveContemptOut) {
  original();
  const auto data = tree_.read("affectnet7");
  EXPECT_THAT(test::names_of(data), ElementsAre("1/aa.jpg", "3/ee.png"));
  EXPECT_EQ(data.samples[0].soft_labels.size(), 7u);
  EXPECT_THAT(data.notes, ElementsAre("left out, labelled as no emotion of the eight: 1",
                                      "left out, labelled as no face: 1", "left out, labelled contempt: 1"));
  EXPECT_EQ(find_dataset("affectnet7").labels.size(), 7u);
}

TEST_F(AffectNet, OtherPlacesOfTheSameFiles) {
  tree_.text("validation.csv", kHeader + row("3/ee.png", "80,40,40,40", 0));
  tree_.image("Manually_Annotated/Manually_Annotated_Images/3/ee.png", 200, 150, {});
  EXPECT_THAT(test::names_of(tree_.read("affectnet")), ElementsAre("3/ee.png"));
  EXPECT_THAT(tree_.error_of("affectnet", {"train"}), HasSubstr("training.csv: file is missing"));
}

TEST_F(AffectNet, ARowWithoutABoxIsLookedAtWhole) {
  tree_.text("training.csv", "4/ff.jpg,NULL,NULL,NULL,NULL,NULL,3,-2,-2\n");
  image("4/ff.jpg");
  const auto data = tree_.read("affectnet");
  ASSERT_EQ(data.samples.size(), 1u);
  EXPECT_FALSE(data.samples[0].landmarks);
  EXPECT_LT(test::pixel(data, 0, 6, 8), 20);
  EXPECT_GT(test::pixel(data, 0, 9, 8), 220);
}

TEST_F(AffectNet, NumberedRelease) {
  numbered();
  const auto data = tree_.read("affectnet");
  EXPECT_THAT(test::names_of(data), ElementsAre("9.jpg", "10.jpg", "11.jpg"));  // by number
  EXPECT_THAT(test::labels_of(data, "affectnet"), ElementsAre("neutral", "contempt", "disgust"));
  EXPECT_EQ(data.samples[2].split, "valid");
  expect_places(data.samples[0], {.45f, .3f}, {.54f, .4f});
  EXPECT_THAT(test::names_of(tree_.read("affectnet7", {"train"})), ElementsAre("9.jpg"));
}

TEST_F(AffectNet, NumbersAreReadWhateverTheirType) {
  numbered();
  tree_.text("val_set/annotations/11_exp.npy", npy("<i8", "", std::string("\x04\0\0\0\0\0\0\0", 8)));
  EXPECT_THAT(test::labels_of(tree_.read("affectnet", {"valid"}), "affectnet"), ElementsAre("fear"));
  tree_.text("val_set/annotations/11_exp.npy", npy("|O", "", "x"));
  EXPECT_THAT(tree_.error_of("affectnet"), HasSubstr("11_exp.npy: array has no numbers"));
  for (const std::string& bad :
       {std::string("x"), std::string("\x93NUMPY\x01\x00\xff\xff{}", 12), npy("", "", "").substr(0, 40)}) {
    tree_.text("val_set/annotations/11_exp.npy", bad);
    EXPECT_THAT(tree_.error_of("affectnet"), HasSubstr("11_exp.npy: file is no .npy array"));
  }
}

TEST_F(AffectNet, FoldersOfLabels) {
  for (const std::string split : {"train", "val"})
    for (int label = 0; label < 8; ++label)
      tree_.image(split + "/" + std::to_string(label) + "/" + split + std::to_string(label) + ".jpg", 60, 60,
                  cv::Scalar::all(90), 20);
  EXPECT_THAT(
      test::labels_of(tree_.read("affectnet", {"valid"}), "affectnet"),
      ElementsAre("neutral", "happiness", "sadness", "surprise", "fear", "disgust", "anger", "contempt"));
  const auto seven = tree_.read("affectnet7");
  EXPECT_EQ(seven.samples.size(), 14u);
  EXPECT_EQ(seven.samples[0].soft_labels.size(), 7u);
  EXPECT_THAT(seven.notes, ElementsAre("left out, labelled contempt: 2"));
  tree_.remove("val/2");
  EXPECT_THAT(tree_.error_of("affectnet"), HasSubstr("val/2: folder is missing"));
}

TEST_F(AffectNet, AnotherTreeNamesTheFirstMissingFile) {
  EXPECT_THAT(tree_.error_of("affectnet"),
              HasSubstr("Manually_Annotated_file_lists/training.csv: file is missing"));
  numbered();
  tree_.remove("val_set");
  EXPECT_THAT(tree_.error_of("affectnet", {"valid"}),
              HasSubstr("val_set/annotations/0_exp.npy: file is missing"));
  tree_.remove("train_set/images/10.jpg");
  EXPECT_THAT(tree_.left_out_of("affectnet"), HasSubstr("train_set/images/10.jpg"));
  original();
  tree_.remove("Manually_Annotated_Images/22/bb.jpg");
  EXPECT_THAT(tree_.left_out_of("affectnet"), HasSubstr("training.csv:3: image is missing"));
}

TEST_F(AffectNet, BadRowsNameFileAndLine) {
  for (const std::string bad : {"1/aa.jpg,1,2,3", "1/aa.jpg,1,2,3,4,0;0,x,0,0", "../../x.jpg,1,2,3,4,,1,0,0",
                                "aa.jpg,1,2,3,4,,1,0,0"}) {
    tree_.text("training.csv", kHeader + bad + "\n");
    EXPECT_THAT(tree_.error_of("affectnet"), HasSubstr("training.csv:2: row cannot be read")) << bad;
  }
  tree_.text("training.csv", kHeader + row("1/aa.jpg", "1,2,3,4", 11));
  EXPECT_THAT(tree_.error_of("affectnet"),
              HasSubstr("training.csv:2: expression is none; expected 0 to 10, got 11"));
}

}  // namespace
}  // namespace regard
