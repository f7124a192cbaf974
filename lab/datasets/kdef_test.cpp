#include "lab/datasets/kdef.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lab/datasets/dataset_test.h"

namespace regard {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Kdef : public testing::Test {
 protected:
  /// All images of a person in a session.
  void person(const std::string& root, const std::string& name) {
    for (const std::string expression : {"AF", "AN", "DI", "HA", "NE", "SA", "SU"})
      for (const std::string angle : {"FL", "HL", "S", "HR", "FR"})
        tree_.image(root + name + "/" + name + expression + angle + ".JPG", 28, 38, cv::Scalar::all(90));
  }
  LoadedDataset read(const FoldOptions& people) {
    auto job = tree_.job();
    job.options.people = people;
    return read_dataset(find_dataset("kdef"), job);
  }
  test::DatasetTree tree_;
};

TEST_F(Kdef, NamesTellPersonExpressionAndPose) {
  for (const std::string name : {"AF02", "AM31", "BF01"}) person("KDEF_and_AKDEF/KDEF/", name);
  tree_.text("KDEF_and_AKDEF/KDEF/AM31/Thumbs.db", "not an image");
  const auto data = read({.folds = 2});
  ASSERT_EQ(data.samples.size(), 3u * 35);
  EXPECT_EQ(data.samples[0].name, "AF02AFFL.JPG");
  EXPECT_THAT(test::labels_of(data, "kdef"), testing::Contains("sadness").Times(15));
  for (const auto& sample : data.samples) {
    const auto angle = sample.name.substr(6, sample.name.find('.') - 6);
    const float yaw = angle == "FL" ? -90 : angle == "HL" ? -45 : angle == "S" ? 0 : angle == "HR" ? 45 : 90;
    ASSERT_TRUE(sample.pose);
    EXPECT_EQ(sample.pose->yaw, yaw) << sample.name;
    const auto expression = sample.name.substr(4, 2);
    EXPECT_EQ(kdef().labels[static_cast<std::size_t>(sample.label)], expression == "AF"   ? "fear"
                                                                     : expression == "AN" ? "anger"
                                                                     : expression == "DI" ? "disgust"
                                                                     : expression == "HA" ? "happiness"
                                                                     : expression == "NE" ? "neutral"
                                                                     : expression == "SA" ? "sadness"
                                                                                          : "surprise");
  }
}

TEST_F(Kdef, BlackImagesAreNoDataAndMisnamedOnesAre) {
  for (const std::string name : {"AF31", "AM31", "BM21", "BM22"}) person("", name);
  tree_.remove("AF31/AF31SAHL.JPG");
  tree_.image("AF31/AF31V.JPG", 28, 38, cv::Scalar::all(90));
  tree_.image("AM31/AM31H.JPG", 28, 38, cv::Scalar::all(90));  // beside AM31SUHR, which somebody has mended
  tree_.image("AM31/copy.JPG", 28, 38, cv::Scalar::all(90));
  const auto data = read({.folds = 2});
  const auto names = test::names_of(data);
  EXPECT_THAT(names, testing::SizeIs(4 * 35 - 2));
  EXPECT_THAT(names, testing::Contains("AF31SAHL.JPG"));
  EXPECT_THAT(names, testing::Contains("AM31SUHR.JPG").Times(1));
  for (const auto* gone : {"AF31V.JPG", "BM21DIFL.JPG", "BM22DIHL.JPG", "copy.JPG"})
    EXPECT_THAT(names, testing::Not(testing::Contains(gone)));
  EXPECT_THAT(data.notes, testing::IsSupersetOf({"left out, black in the published archive: 2",
                                                 "left out, name without person, expression and angle: 1"}));
}

TEST_F(Kdef, BothSessionsOfAPersonAreInOnePart) {
  for (const std::string name : {"AF01", "AM31", "BF01", "BM31", "AF02"}) person("", name);
  const auto data = read({.folds = 3, .fold = 1});
  std::map<std::string, std::string> splits;
  for (const auto& sample : data.samples)
    EXPECT_EQ(splits.emplace(sample.name.substr(1, 3), sample.split).first->second, sample.split);
  EXPECT_THAT(splits, testing::SizeIs(3));
  EXPECT_THAT(tree_.error_of("kdef"), HasSubstr("2 to 3"));  // ten folds of three people
}

TEST_F(Kdef, AnotherTreeNamesTheFirstMissingFile) {
  tree_.text("readme.txt", "nothing here");
  EXPECT_THAT(tree_.error_of("kdef"), HasSubstr("KDEF/AF01/AF01ANS.JPG: file is missing"));
}

}  // namespace
}  // namespace regard
