#include "lab/evaluate/training_words.h"

#include <gtest/gtest.h>

namespace regard {
namespace {

TEST(TrainingWords, SaySplitsAndWhatWasHeldOut) {
  Json data{{"dataset", "ferplus"}, {"images", 25706}};
  data["train_on"] = std::vector<std::string>{"train", "valid"};
  EXPECT_EQ(training_words(data, "ferplus", "test"), "train and valid of ferplus (25706 images)");
  data["held_out"] = {{"folds", "ferplus.csv"}, {"fold", 3}, {"images", 6427}};
  EXPECT_EQ(training_words(data, "ferplus", "test"),
            "train and valid of ferplus (25706 images), fold 3 of ferplus.csv (6427 images) held out");
}

TEST(TrainingWords, AreNoneOfModelsThatDoNotSay) {
  EXPECT_EQ(training_words(Json::object(), "ferplus", "valid"), "");
  EXPECT_EQ(training_words({{"dataset", "ferplus"}, {"split", "train"}}, "ferplus", "valid"),
            "train of ferplus");
}

TEST(TrainingWords, SayWhenTheseImagesWereTrainedOn) {
  const Json data{{"dataset", "ferplus"}, {"split", "train"}};
  EXPECT_EQ(training_words(data, "ferplus", "train"),
            "train of ferplus; images that are evaluated here are among them");
  EXPECT_EQ(training_words(data, "rafdb", "train"), "train of ferplus");
}

}  // namespace
}  // namespace regard
