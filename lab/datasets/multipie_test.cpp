#include "lab/datasets/multipie.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lab/datasets/dataset_test.h"

namespace regard {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class MultiPie : public testing::Test {
 protected:
  void image(const std::string& person, const std::string& session, const std::string& recording,
             const std::string& camera, const std::string& root = "", const std::string& flash = "06") {
    const auto digits = camera.substr(0, 2) + camera.substr(3);
    tree_.image(root + "session" + session + "/multiview/" + person + "/" + recording + "/" + camera + "/" +
                    person + "_" + session + "_" + recording + "_" + digits + "_" + flash + ".png",
                40, 30, cv::Scalar::all(90));
  }
  LoadedDataset read(const FoldOptions& people = {.folds = 2}) {
    auto job = tree_.job();
    job.options.people = people;
    return read_dataset(find_dataset("multipie"), job);
  }
  test::DatasetTree tree_;
};

TEST_F(MultiPie, SessionAndRecordingTellTheExpression) {
  for (const std::string person : {"001", "346"})
    for (const std::string session : {"01", "02", "03", "04"})
      for (const std::string recording : {"01", "02", "03"}) image(person, session, recording, "05_1");
  const auto data = read();
  ASSERT_EQ(data.samples.size(), 22u);  // session 1 has no third recording
  EXPECT_EQ(data.samples[0].name, "001_01_01_051_06.png");
  auto labels = test::labels_of(data, "multipie");
  std::vector<std::string> first;
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (data.samples[i].name.starts_with("001")) first.push_back(labels[i]);
  EXPECT_THAT(first, ElementsAre("neutral", "happiness", "neutral", "surprise", "squint", "neutral",
                                 "happiness", "disgust", "neutral", "neutral", "scream"));
}

TEST_F(MultiPie, TakesTheFlashesThatAreAskedFor) {
  for (const std::string person : {"001", "002"})
    for (const std::string flash : {"00", "07", "19"}) image(person, "01", "01", "05_1", "", flash);
  auto job = tree_.job();
  job.options.people = {.folds = 2};
  const auto names = [&](std::vector<int> flashes) {
    job.options.flashes = std::move(flashes);
    return test::names_of(read_dataset(find_dataset("multipie"), job));
  };
  EXPECT_THAT(names({}), testing::SizeIs(6));
  EXPECT_THAT(names({7}), ElementsAre("001_01_01_051_07.png", "002_01_01_051_07.png"));
  EXPECT_THAT(names({0, 19}), testing::SizeIs(4));
  EXPECT_THAT(test::error_of([&] { names({7, 8}); }), HasSubstr("no image has this flash; got 8"));
}

TEST_F(MultiPie, CamerasAreYaws) {
  const std::vector<std::string> cameras{"11_0", "12_0", "09_0", "08_0", "13_0", "14_0", "05_1",
                                         "05_0", "04_1", "19_0", "20_0", "01_0", "24_0"};
  for (const auto& camera : cameras) image("001", "01", "01", camera, "data/");
  image("002", "01", "01", "05_1", "data/");
  image("002", "01", "01", "08_1", "data/");  // from above
  const auto data = read();
  ASSERT_EQ(data.samples.size(), 14u);
  for (std::size_t i = 0; i < cameras.size(); ++i) {
    const auto digits = cameras[i].substr(0, 2) + cameras[i].substr(3);
    const auto found = std::find_if(data.samples.begin(), data.samples.end(), [&](const Sample& sample) {
      return sample.name == "001_01_01_" + digits + "_06.png";
    });
    ASSERT_NE(found, data.samples.end()) << cameras[i];
    EXPECT_EQ(found->pose.value().yaw, -90 + 15 * static_cast<float>(i));
  }
}

TEST_F(MultiPie, PeopleStayTogetherOverSessions) {
  for (const std::string person : {"001", "002", "003", "004"})
    for (const std::string session : {"01", "02"}) image(person, session, "01", "05_1");
  std::map<std::string, std::string> splits;
  for (const auto& sample : read({.folds = 4}).samples)
    EXPECT_EQ(splits.emplace(sample.name.substr(0, 3), sample.split).first->second, sample.split);
  EXPECT_EQ(splits.size(), 4u);
}

TEST_F(MultiPie, AnotherTreeNamesTheFirstMissingFile) {
  EXPECT_THAT(tree_.error_of("multipie"), HasSubstr("001_01_01_051_00.png: file is missing"));
}

}  // namespace
}  // namespace regard
