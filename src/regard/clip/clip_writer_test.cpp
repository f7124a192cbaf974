#include "regard/clip/clip_writer.h"

#include <gtest/gtest.h>

#include <cmath>

#include "regard/core/csv.h"
#include "regard/core/json.h"
#include "tests/support.h"

namespace regard {
namespace {

const ClipWriterOptions kOptions{.face = {.labels = {"neutral", "happiness"}, .views = {"whole face"}},
                                 .method = "Made so."};

ClipFrame example() {
  const Face face{.box = {1, 2, 30, 40},
                  .score = .9f,
                  .landmarks = {{{1, 2}, {3, 4}, {5, 6}, {7, 8}, {9, 10}}},
                  .pose = {.yaw = -10},
                  .pose_score = .75f,
                  .expression = "happiness",
                  .probabilities = {.25f, .75f},
                  .views = {{.name = "whole face", .weight = 1}}};
  return {.stamp = {.number = 41, .seconds = 1.4},
          .cut = true,
          .faces = {{.person = 2, .face = face, .smoothed = {.5f, .5f}}}};
}

TEST(ClipWriterTest, Csv) {
  const auto writer = make_clip_writer("csv", kOptions);
  EXPECT_EQ(
      writer->header(),
      "frame,face_id,timestamp,confidence,success,pose_Rx,pose_Ry,pose_Rz,damaged,cut,classified,x,y,w,h,"
      "score,"
      "left_eye_x,left_eye_y,right_eye_x,right_eye_y,nose_x,nose_y,mouth_left_x,mouth_left_y,mouth_right_x,"
      "mouth_right_y,yaw,pitch,roll,pose_score,expression,neutral,happiness,weight of whole face,"
      "smoothed neutral,smoothed happiness\n");
  EXPECT_EQ(writer->text(example()),
            "42,2,1.400000,0.900000,1,0.0000,0.1745,0.0000,0,1,1,1.00,2.00,30.00,40.00,0.900000,1.00,2.00,3."
            "00,4.00,"
            "5.00,6.00,7.00,8.00,9.00,10.00,-10.00,0.00,0.00,0.750000,happiness,0.250000,0.750000,1.000000,0."
            "500000,"
            "0.500000\n");
}

TEST(ClipWriterTest, EveryRowHasEveryColumn) {
  const auto writer = make_clip_writer("csv", kOptions);
  ClipFrame carried = example();
  carried.faces[0].face.views.clear();
  const ClipFrame empty{.stamp = {.number = 7, .seconds = .25, .damaged = true}};
  const std::string text =
      writer->header() + writer->text(example()) + writer->text(carried) + writer->text(empty);
  CsvReader reader(text, "rows");
  const auto header = reader.next()->fields;
  std::vector<CsvRow> rows;
  while (auto row = reader.next()) rows.push_back(*row);
  ASSERT_EQ(rows.size(), 3u);
  for (const auto& row : rows) EXPECT_EQ(row.fields.size(), header.size());
  EXPECT_EQ(rows[2].fields[0], "8");
  EXPECT_EQ(rows[2].fields[4], "0") << "no success";
  EXPECT_EQ(rows[2].fields[8], "1") << "damaged";
}

TEST(ClipWriterTest, BaselinesHaveColumns) {
  auto options = kOptions;
  options.baseline = true;
  const auto writer = make_clip_writer("csv", options);
  EXPECT_TRUE(writer->header().ends_with(
      ",smoothed neutral,smoothed happiness,baseline-corrected neutral,baseline-corrected happiness\n"));
  auto frame = example();
  EXPECT_TRUE(writer->text(frame).ends_with(",0.500000,0.500000,,\n")) << "no baseline";
  frame.faces[0].corrected = {-.5f, .25f};
  EXPECT_TRUE(writer->text(frame).ends_with(",0.500000,0.500000,-0.5000,0.2500\n"));
  const auto lines = make_clip_writer("jsonl", options);
  EXPECT_EQ(parse_json(lines->text(frame), "line")["faces"][0]["baseline_corrected"]["happiness"], .25);
  EXPECT_TRUE(parse_json(lines->text(example()), "line")["faces"][0]["baseline_corrected"].is_null());
}

TEST(ClipWriterTest, Json) {
  const auto writer = make_clip_writer("jsonl", kOptions);
  const auto json = parse_json(writer->text(example()), "line");
  EXPECT_EQ(json["frame"], 42);
  EXPECT_EQ(json["faces"][0]["face_id"], 2);
  EXPECT_EQ(json["faces"][0]["probabilities"]["happiness"], .75);
  EXPECT_EQ(json["faces"][0]["smoothed"]["happiness"], .5);
  EXPECT_FALSE(json["faces"][0].contains("baseline_corrected"));
  EXPECT_EQ(json["method"], "Made so.") << "in the first line only";
  EXPECT_EQ(writer->text({.stamp = {.number = 0}}),
            "{\"frame\":1,\"timestamp\":0.0,\"damaged\":false,\"cut\":false,\"faces\":[]}\n");
}

TEST(ClipWriterTest, UnknownFormat) {
  EXPECT_EQ(test::error_of([] { make_clip_writer("xml", {}); }), "xml: unknown format; expected csv, jsonl");
}

/// Row by row: the product of Rx(x) Ry(y) Rz(z), as OpenFace has it.
std::array<double, 9> openface_matrix(double x, double y, double z) {
  const double c1 = std::cos(x), s1 = std::sin(x), c2 = std::cos(y), s2 = std::sin(y), c3 = std::cos(z),
               s3 = std::sin(z);
  return {c2 * c3,
          -c2 * s3,
          s2,
          c1 * s3 + c3 * s1 * s2,
          c1 * c3 - s1 * s2 * s3,
          -c2 * s1,
          s1 * s3 - c1 * c3 * s2,
          c3 * s1 + c1 * s2 * s3,
          c1 * c2};
}

TEST(ClipWriterTest, AnglesOfOpenFace) {
  const auto right = rotation_angles({.yaw = 30}), up = rotation_angles({.pitch = 20}),
             aside = rotation_angles({.roll = 40});
  EXPECT_NEAR(right.y, -30 * M_PI / 180, 1e-6);
  EXPECT_NEAR(up.x, -20 * M_PI / 180, 1e-6);
  EXPECT_NEAR(aside.z, 40 * M_PI / 180, 1e-6);
  // Where the nose of a turned head points: from -z by the head's own pitch, then its yaw, then its roll.
  const HeadPose pose{.yaw = 35, .pitch = 15, .roll = 25};
  const auto angles = rotation_angles(pose);
  const auto matrix = openface_matrix(angles.x, angles.y, angles.z);
  const double yaw = pose.yaw * M_PI / 180, pitch = pose.pitch * M_PI / 180, roll = pose.roll * M_PI / 180;
  const double x = std::cos(pitch) * std::sin(yaw), y = -std::sin(pitch);
  EXPECT_NEAR(-matrix[2], std::cos(roll) * x - std::sin(roll) * y, 1e-6);
  EXPECT_NEAR(-matrix[5], std::sin(roll) * x + std::cos(roll) * y, 1e-6);
}

}  // namespace
}  // namespace regard
