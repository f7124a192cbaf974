#include "regard/core/labels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support.h"

namespace regard {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Labels = std::vector<std::string>;

TEST(CanonicalLabel, KnowsWhatDataSetsCallExpressions) {
  EXPECT_EQ(canonical_label("Angry"), "anger");
  EXPECT_EQ(canonical_label("HAPPY"), "happiness");
  EXPECT_EQ(canonical_label("neural"), "neutral");
  EXPECT_EQ(canonical_label("contempt"), "contempt");
  for (const auto label : kFerplusLabels) EXPECT_EQ(canonical_label(label), label);
  EXPECT_FALSE(canonical_label("bored"));
  EXPECT_FALSE(canonical_label(""));
}

TEST(MatchLabels, TheSameLabelsInAnotherOrder) {
  const auto match =
      match_labels(Labels{"sadness", "fear", "anger"}, Labels{"anger", "sadness", "fear"}, false, "model");
  EXPECT_THAT(match.labels, ElementsAre("sadness", "fear", "anger"));
  EXPECT_THAT(match.of_data, ElementsAre(0, 1, 2));
  EXPECT_THAT(match.in_model, ElementsAre(1, 2, 0));
}

TEST(MatchLabels, ALabelOfOneSideIsAnErrorOrLeftOut) {
  const Labels seven{"anger", "fear", "neutral"}, eight{"neutral", "contempt", "fear", "anger"};
  EXPECT_THAT(test::error_of([&] { match_labels(seven, eight, false, "model"); }),
              HasSubstr("model: model has other labels than the data set; expected anger, fear, neutral"));
  EXPECT_THAT(test::error_of([&] { match_labels(eight, seven, false, "model"); }),
              HasSubstr("got anger, fear, neutral"));

  const auto fewer_in_data = match_labels(seven, eight, true, "model");
  EXPECT_THAT(fewer_in_data.of_data, ElementsAre(0, 1, 2));
  EXPECT_THAT(fewer_in_data.in_model, ElementsAre(3, 2, 0));
  const auto fewer_in_model = match_labels(eight, seven, true, "model");
  EXPECT_THAT(fewer_in_model.labels, ElementsAre("neutral", "fear", "anger"));
  EXPECT_THAT(fewer_in_model.of_data, ElementsAre(0, -1, 1, 2));
  EXPECT_THAT(fewer_in_model.in_model, ElementsAre(2, 1, 0));
}

TEST(MatchLabels, OneLabelInCommonIsTooFew) {
  EXPECT_THAT(test::error_of([] {
                match_labels(Labels{"anger", "fear"}, Labels{"anger", "sadness"}, true, "model");
              }),
              HasSubstr("too few labels in common; expected anger, fear, got anger, sadness"));
}

}  // namespace
}  // namespace regard
