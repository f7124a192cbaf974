#include "regard/output/face_columns.h"

#include <gtest/gtest.h>

#include <cmath>

#include "regard/core/text.h"
#include "regard/output/face_writer.h"

namespace regard {
namespace {

const std::vector<std::string> kTwoLabels{"neutral", "happiness"};
const std::vector<std::string> kViews{"whole face", "nose"};

ImageFaces two_faces() {
  const Face face{.box = {1, 2.256f, 30, 40},
                  .score = .9f,
                  .expression = "happiness",
                  .probabilities = {.25f, .75f},
                  .views = {{.name = "whole face", .weight = .6f}, {.name = "nose", .weight = .4f}}};
  return {.file = "a.png", .width = 100, .height = 50, .faces = {face, face}};
}

std::vector<FaceColumn> columns_of(const std::vector<const ImageFaces*>& images) {
  return face_columns(images, kTwoLabels, kViews);
}

template <class Value>
std::vector<Value> values(const std::vector<FaceColumn>& columns, const std::string& name) {
  for (const auto& column : columns)
    if (column.name == name) return std::get<std::vector<Value>>(column.values);
  throw std::out_of_range(name);
}

TEST(FaceColumnsTest, OneRowPerFace) {
  const ImageFaces two = two_faces(), none{.file = "none.png"};
  const auto columns = columns_of({&two, &none, &two});
  EXPECT_EQ(values<std::string>(columns, "file"), std::vector<std::string>(4, "a.png"));
  EXPECT_EQ(values<std::int32_t>(columns, "face"), (std::vector<std::int32_t>{1, 2, 1, 2}));
  EXPECT_EQ(values<float>(columns, "y"), std::vector<float>(4, 2.256f));
  EXPECT_EQ(values<float>(columns, "happiness"), std::vector<float>(4, .75f));
  EXPECT_EQ(values<float>(columns, "weight of nose"), std::vector<float>(4, .4f));
}

TEST(FaceColumnsTest, MissingNumbersAreNaN) {
  const ImageFaces image{.faces = {Face{.score = .5f}}};
  const auto columns = columns_of({&image});
  EXPECT_TRUE(std::isnan(values<float>(columns, "neutral").at(0)));
  EXPECT_TRUE(std::isnan(values<float>(columns, "weight of nose").at(0)));
  EXPECT_EQ(values<float>(columns, "score").at(0), .5f);
}

TEST(FaceColumnsTest, ResultsHaveARowForEveryImage) {
  ImageResult two, none;
  static_cast<ImageFaces&>(two) = two_faces();
  none.file = "none.png", none.width = 8, none.error = "no face";
  const auto columns = result_columns(std::vector{none, two}, kTwoLabels, kViews);
  EXPECT_EQ(values<std::string>(columns, "file"), (std::vector<std::string>{"none.png", "a.png", "a.png"}));
  EXPECT_EQ(values<std::int32_t>(columns, "width"), (std::vector<std::int32_t>{8, 100, 100}));
  EXPECT_EQ(values<std::int32_t>(columns, "face"), (std::vector<std::int32_t>{0, 1, 2}));
  for (const char* name : {"x", "score", "yaw", "happiness", "weight of nose"}) {
    EXPECT_TRUE(std::isnan(values<float>(columns, name).at(0))) << name;
    EXPECT_FALSE(std::isnan(values<float>(columns, name).at(1))) << name;
  }
  EXPECT_EQ(values<std::string>(columns, "error"), (std::vector<std::string>{"no face", "", ""}));
  EXPECT_EQ(columns.back().name, "error");
}

TEST(FaceColumnsTest, TheColumnsAreThoseOfTheCsv) {
  std::vector<std::string> names;
  for (const auto& column : columns_of({})) names.push_back(column.name);
  const auto csv = make_face_writer("csv", {.labels = kTwoLabels, .views = kViews});
  EXPECT_EQ(join(names, ",") + "\n", csv->header());
}

}  // namespace
}  // namespace regard
