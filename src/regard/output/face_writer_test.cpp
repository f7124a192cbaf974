#include "regard/output/face_writer.h"

#include <gtest/gtest.h>

#include "regard/output/face_json.h"
#include "tests/support.h"

namespace regard {
namespace {

const std::vector<std::string> kLabels{"neutral", "happiness", "surprise"};

ImageFaces example() {
  const Face face{.box = {1, 2.256f, 30, 40},
                  .score = .9f,
                  .landmarks = {{{1, 2}, {3, 4}, {5, 6}, {7, 8}, {9, 10}}},
                  .pose = {.yaw = -12.6f, .pitch = 3, .roll = .125f},
                  .pose_score = .75f,
                  .expression = "happiness",
                  .probabilities = {.25f, .7f, .05f},
                  .views = {{.name = "whole face", .weight = .6f},
                            {.name = "nose", .weight = .4f, .self_attention = .5f}}};
  return {.file = "a,b.png", .width = 100, .height = 50, .faces = {face}};
}

std::unique_ptr<FaceWriter> writer(const std::string& format) {
  return make_face_writer(format, {.labels = kLabels, .views = {"whole face", "nose"}, .file_width = 10});
}

TEST(FaceWriterTest, Json) {
  EXPECT_EQ(
      writer("json")->text(example()),
      R"({"file":"a,b.png","width":100,"height":50,"faces":[{"box":[1.0,2.26,30.0,40.0],"score":0.9,)"
      R"("landmarks":[[1.0,2.0],[3.0,4.0],[5.0,6.0],[7.0,8.0],[9.0,10.0]],)"
      R"("pose":{"yaw":-12.6,"pitch":3.0,"roll":0.13},"pose_score":0.75,"expression":"happiness",)"
      R"("probabilities":{"neutral":0.25,"happiness":0.7,"surprise":0.05},)"
      R"("views":[{"name":"whole face","weight":0.6,"corners":[[0.0,0.0],[0.0,0.0],[0.0,0.0],[0.0,0.0]]},)"
      R"({"name":"nose","weight":0.4,"self_attention":0.5,)"
      R"("corners":[[0.0,0.0],[0.0,0.0],[0.0,0.0],[0.0,0.0]]}]}]})"
      "\n");
}

TEST(FaceWriterTest, Csv) {
  EXPECT_EQ(
      writer("csv")->header(),
      "file,width,height,face,x,y,w,h,score,left_eye_x,left_eye_y,right_eye_x,right_eye_y,nose_x,nose_y,"
      "mouth_left_x,mouth_left_y,mouth_right_x,mouth_right_y,yaw,pitch,roll,pose_score,expression,"
      "neutral,happiness,surprise,weight of whole face,weight of nose\n");
  EXPECT_EQ(
      writer("csv")->text(example()),
      "\"a,b.png\",100,50,1,1.00,2.26,30.00,40.00,0.900000,1.00,2.00,3.00,4.00,5.00,6.00,7.00,8.00,9.00,10."
      "00,-12.60,3.00,0.12,0.750000,happiness,0.250000,0.700000,0.050000,0.600000,0.400000\n");
  EXPECT_EQ(writer("csv")->text({.file = "none.png"}), "");
}

TEST(FaceWriterTest, Table) {
  EXPECT_EQ(writer("table")->header(),
            "image       face  x, y, width x height     score   yaw  expression\n");
  EXPECT_EQ(writer("table")->text(example()),
            "a,b.png        1  1, 2, 30 x 40             0.90   -13  happiness  70 %, or neutral 25 %; "
            "largest weight:  nose, 40 %\n");
  EXPECT_EQ(writer("table")->text({.file = "a/long/path.png"}), "...ath.png  no face\n");
}

/// The output matches the schema in the help.
TEST(FaceWriterTest, TheSchemaNamesEveryField) {
  EXPECT_EQ(
      json_schema(),
      R"({"file", "width", "height", "faces": [{"box": [x, y, w, h], "score", "landmarks": [[x, y] x 5], )"
      R"("pose": {"yaw", "pitch", "roll"}, "pose_score", "expression", "probabilities": {label: p}, )"
      R"("views": [{"name", "weight", "self_attention", "relation_attention", "corners": [[x, y] x 4]}]}]})");
  const auto json = to_json(example(), kLabels);
  for (const auto& [name, value] : json.at("faces").at(0).items()) {
    EXPECT_NE(json_schema().find('"' + name + '"'), std::string::npos) << name;
    EXPECT_NE(field_help().find("  " + name + "  "), std::string::npos) << name;
  }
}

TEST(FaceWriterTest, UnknownFormatsNameTheKnownOnes) {
  EXPECT_EQ(test::error_of([] { writer("xml"); }), "xml: unknown format; expected table, json, csv");
}

}  // namespace
}  // namespace regard
