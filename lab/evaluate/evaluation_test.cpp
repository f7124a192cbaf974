#include "lab/evaluate/evaluation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "lab/data/packed.h"
#include "lab/report/html_report.h"
#include "lab/report/plots.h"
#include "lab/report/text_report.h"
#include "tests/support.h"

namespace regard {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
namespace fs = std::filesystem;

/// Six images of three labels: a, a, a, b, b, c; the fourth and the last are mistaken.
class Evaluating : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    dir_ = fs::temp_directory_path() / ("regard_evaluation_" + std::string(test->name()));
    fs::create_directories(dir_);
    set_ = {"made", "valid", {"calm", "<glad>", "sad"}, {}, {0, 0, 0, 1, 1, 2}, {}, {}, {}};
    for (int i = 0; i < 6; ++i) set_.names.push_back("fer000000" + std::to_string(i) + ".png");
    set_.chips.assign(6, Image(4, 4, 1));
    set_.landmarks.resize(6);
    set_.poses.resize(6);
  }
  void TearDown() override { fs::remove_all(dir_); }
  fs::path list(const std::string& name, const std::string& text) {
    std::ofstream(dir_ / name) << text;
    return dir_ / name;
  }

  fs::path dir_;
  EvaluationSet set_;
  SetPredictions predictions_{.logits = {3, 0, 0, 3, 0, 0, 1, 0, 0, 4, 1, 0, 0, 3, 0, 0, 2, 1},
                              .poses = {},
                              .view_weights = {},
                              .places = {}};
  RunInfo run_{"a-model", "cafe", "openvino f32", 1, false, {}, {}};
};

TEST_F(Evaluating, MeasuresTheWholeAndItsSubsets) {
  const std::vector<SubsetList> lists{
      {"hidden",
       list("hidden.txt", "0_fer0000000.png 8 1\r\n1_fer0000003.png 8 3\r\n\r\n0_fer0000000.png 8 1\r\n")},
      {"turned", list("turned.txt", "2/fer0000005.jpg\n2/fer0000099.jpg\n")}};
  const auto result = evaluate(set_, predictions_, run_, lists);
  EXPECT_EQ(result.overall.metrics.correct(), 4);
  ASSERT_EQ(result.subsets.size(), 2u);
  EXPECT_EQ(result.subsets[0].overall.metrics.count(), 2);
  EXPECT_EQ(result.subsets[0].types[0].first, "bottom");
  EXPECT_EQ(result.subsets[0].types[0].second.correct(), 1);
  EXPECT_EQ(result.subsets[1].absent, 1u);
  ASSERT_EQ(result.mistakes.size(), 2u);
  EXPECT_EQ(result.mistakes[0].index, 3u);  // the more certain one
  EXPECT_FALSE(result.cross_fitted_error);
}

TEST_F(Evaluating, JsonHoldsEveryNumberWithItsInterval) {
  const std::vector<SubsetList> lists{{"turned", list("turned.txt", "fer0000005")}};
  const Json json = to_json(evaluate(set_, predictions_, run_, lists));
  EXPECT_DOUBLE_EQ(json["accuracy"], 4. / 6);
  EXPECT_EQ(json["count"], 6);
  EXPECT_LT(json["interval"][0], json["accuracy"]);
  EXPECT_DOUBLE_EQ(json["recall"]["<glad>"], .5);
  EXPECT_EQ(json["confusion"], Json::parse("[[3,0,0],[1,1,0],[0,1,0]]"));
  EXPECT_EQ(json["model"]["hash"], "cafe");
  EXPECT_EQ(json["split"], "valid");
  EXPECT_EQ(json["reliability"].size(), 15u);
  EXPECT_FALSE(json.contains("ece_cross_fitted"));
  const auto& subset = json["subsets"]["turned"];
  EXPECT_EQ(subset["count"], 1);
  EXPECT_THAT(subset["list"].get<std::string>(), HasSubstr("turned.txt"));
  EXPECT_NE(subset.dump().find("\"calm\":null"), std::string::npos);  // no image, no recall
}

TEST_F(Evaluating, ATemperatureFittedHereIsCrossFitted) {
  const Evaluation plain = evaluate(set_, predictions_, run_);
  run_.fitted_here = true;
  const Evaluation fitted = evaluate(set_, predictions_, run_);
  const Json json = to_json(fitted);
  const double before = plain.overall.metrics.calibration_error();
  EXPECT_EQ(json["ece"], before);
  EXPECT_EQ(json["ece_cross_fitted"], fitted.calibration_error());
  const std::string was = fixed(before, 4), is = fixed(fitted.calibration_error(), 4);
  ASSERT_NE(was, is);
  const std::string text = text_report(fitted), page = html_report(fitted, set_);
  EXPECT_LT(text.find(is), text.find(was));  // in the table; the fitted one is named below
  EXPECT_THAT(text, HasSubstr("The fitted one is " + was));
  EXPECT_THAT(page, HasSubstr("<td>" + is + "<span class='soft'>fitted " + was));
  EXPECT_THAT(text_report(plain), testing::Not(HasSubstr("fitted")));
}

TEST_F(Evaluating, WhatDoesNotFitIsAnError) {
  SetPredictions few = predictions_;
  few.logits.resize(15);
  EXPECT_THAT(test::error_of([&] { evaluate(set_, few, run_); }),
              testing::HasSubstr("logits do not fit the images; expected 18 values, got 15"));
  const std::vector<SubsetList> twice{{"a", list("a.txt", "fer0000000")}, {"a", list("a.txt", "fer0000000")}};
  EXPECT_THAT(test::error_of([&] { evaluate(set_, predictions_, run_, twice); }),
              testing::HasSubstr("a: two subsets have the same name"));
  const std::vector<SubsetList> none{{"a", list("none.txt", "fer0000077")}};
  EXPECT_THAT(test::error_of([&] { evaluate(set_, predictions_, run_, none); }),
              testing::HasSubstr("list names none of the split's images; got fer0000077"));
}

TEST_F(Evaluating, PredictionsAreOneLineAnImage) {
  const std::string csv = predictions_csv(set_, predictions_.logits, 1);
  EXPECT_THAT(csv,
              testing::StartsWith("name,label,predicted,calm,<glad>,sad\nfer0000000.png,calm,calm,0.909"));
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 7);
}

TEST_F(Evaluating, TheTextFitsATerminal) {
  const std::vector<SubsetList> lists{{"hidden", list("hidden.txt", "0_fer0000000.png 8 1\n")}};
  const std::string text = text_report(evaluate(set_, predictions_, run_, lists));
  EXPECT_THAT(text,
              testing::AllOf(HasSubstr("66.7"), HasSubstr("hidden"), HasSubstr("bottom"), HasSubstr("cafe")));
}

TEST_F(Evaluating, TheHtmlPageStandsAlone) {
  const std::vector<SubsetList> lists{{"<turned>", list("turned.txt", "fer0000005")}};
  const std::string page = html_report(evaluate(set_, predictions_, run_, lists), set_);
  EXPECT_THAT(page,
              testing::AllOf(HasSubstr("&lt;turned&gt;"), HasSubstr("&lt;glad&gt;"), HasSubstr("<svg"),
                             HasSubstr("data:image/png;base64,iVBORw0KGgo"), HasSubstr("fer0000003.png")));
  for (const char* outside : {"http://", "https://", "<script", "<link", "@import", "<glad>", "nan"})
    EXPECT_EQ(page.find(outside), std::string::npos) << outside;
}

/// The other model gets image 3 (glad) and 5 (sad) right, where this one errs, and 0 and 1 (calm) wrong.
TEST_F(Evaluating, ComparesRecallByExpression) {
  const std::vector<float> others{0, 3, 0, 0, 3, 0, 1, 0, 0, 1, 4, 0, 0, 3, 0, 0, 1, 2};
  auto result = evaluate(set_, predictions_, run_);
  result.against = compare(set_, predictions_.logits, others, run_);
  const auto& recalls = result.against->recalls;
  ASSERT_EQ(recalls.size(), 3u);
  EXPECT_EQ(recalls[0].label, "calm");
  EXPECT_EQ(recalls[0].count, 3u);
  EXPECT_DOUBLE_EQ(recalls[0].paired.difference, 2. / 3);
  EXPECT_EQ(recalls[0].paired.only_second, 2);
  EXPECT_DOUBLE_EQ(recalls[1].paired.difference, -.5);
  EXPECT_LE(recalls[1].paired.interval.low, -1);
  EXPECT_DOUBLE_EQ(recalls[1].paired.interval.high, 0);
  EXPECT_DOUBLE_EQ(recalls[2].paired.difference, -1);
  double sum = 0;
  for (const auto& one : recalls) sum += static_cast<double>(one.count) * one.paired.difference;
  EXPECT_NEAR(sum / 6, result.against->all.difference, 1e-12);

  const Json json = to_json(result)["against"]["recall"];
  EXPECT_DOUBLE_EQ(json["<glad>"]["difference"], -.5);
  EXPECT_EQ(json["calm"]["count"], 3);
  EXPECT_THAT(text_report(result), HasSubstr("  <glad> (2)                     -50.00  -100.00 to +0.00"));
  EXPECT_THAT(html_report(result, set_), HasSubstr("&lt;glad&gt; (2)<td>-50.00"));
  set_.truth[5] = 1;
  EXPECT_EQ(compare(set_, predictions_.logits, others, run_).recalls.size(), 2u) << "a label without images";
}

TEST_F(Evaluating, LoadsAPackedSplit) {
  const std::vector<std::uint8_t> chips{1, 2, 3};
  write_packed(dir_ / "a.pack", "ferplus", {"calm", "glad"}, "", 1, 1,
               {{"x", "valid", 1, {0, 1}}, {"y", "valid", -1, {.5f, .5f}}, {"z", "train", 0, {1, 0}}}, chips);
  const auto set = load_evaluation_set("ferplus", dir_ / "a.pack", "valid", 48);
  EXPECT_THAT(set.names, ElementsAre("x"));
  EXPECT_THAT(set.truth, ElementsAre(1));
  EXPECT_EQ(set.chips[0].channels, 1);
  EXPECT_THAT(test::error_of([&] { load_evaluation_set("ferplus", dir_ / "a.pack", "test", 48); }),
              testing::HasSubstr("data set has no such split; expected valid, train, got test"));
  EXPECT_THAT(test::error_of([&] { load_evaluation_set("ferplus", dir_ / "b.pack", "valid", 48); }),
              testing::HasSubstr("data set is not there; expected a folder or a .zip file"));
  EXPECT_THAT(test::error_of([&] { load_evaluation_set("rafdb", dir_ / "a.pack", "valid", 48); }),
              testing::HasSubstr("another data set is packed there; expected rafdb, got ferplus"));
}

TEST_F(Evaluating, OfAPackedSetOnlyTheNameMayBeLeftOut) {
  write_packed(dir_ / "a.pack", "rafdb", {"a", "b"}, "", 3, 2, {{"x.png", "test", 1, {0, 1}}},
               std::vector<std::uint8_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  const auto set = load_evaluation_set("", dir_ / "a.pack", "test", 48);
  EXPECT_EQ(set.dataset, "rafdb");
  EXPECT_THAT(set.chips.at(0).pixels, ElementsAre(1, 5, 9, 2, 6, 10, 3, 7, 11, 4, 8, 12));
}

TEST_F(Evaluating, OtherLabelsArePutInOrderOrLeftOut) {
  const std::vector<std::string> model{"sad", "bored", "calm"};
  const auto match = match_labels(set_.labels, model, true, "model");
  set_.landmarks[5] = Landmarks{};
  const auto kept = keep_labels(set_, match);
  ASSERT_EQ(kept.landmarks.size(), 4u);
  EXPECT_TRUE(kept.landmarks[3] && !kept.landmarks[2]);
  EXPECT_THAT(kept.labels, ElementsAre("calm", "sad"));
  EXPECT_THAT(kept.truth, ElementsAre(0, 0, 0, 1));
  EXPECT_THAT(kept.names,
              ElementsAre("fer0000000.png", "fer0000001.png", "fer0000002.png", "fer0000005.png"));
  EXPECT_EQ(kept.chips.size(), 4u);
  const std::vector<float> logits{1, 2, 3, 4, 5, 6};
  EXPECT_THAT(select_outputs(logits, 3, match), ElementsAre(3, 1, 6, 4));
  set_.truth.assign(6, 1);
  EXPECT_THAT(test::error_of([&] { keep_labels(set_, match); }),
              testing::HasSubstr("made: no image has a label that the model knows"));
}

}  // namespace
}  // namespace regard
