#include "regard/archive/parts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "regard/core/file.h"
#include "tests/support.h"

namespace regard {
namespace {

using test::error_of;
using test::TemporaryFolder;
using ::testing::HasSubstr;

std::string part_of(const std::string& format, const std::vector<ImageResult>& images) {
  const auto writer = find_part_format(format).make({.labels = {"neutral", "fear"}, .views = {"nose"}});
  for (const auto& image : images) writer->add(image);
  const std::string first = writer->take();
  for (const auto& image : images) writer->add(image);
  EXPECT_EQ(writer->take(), first) << "of the second part";
  return first;
}

ImageResult image_result(const std::string& file, const std::string& error) {
  ImageResult image;
  image.file = file, image.width = 8, image.height = 6;
  if (error.empty())
    image.faces = {
        Face{.score = .5f, .expression = "fear", .probabilities = {.25f, .75f}, .views = {{.weight = 1}}}};
  else
    image.error = error;
  return image;
}

const std::string kCsvHeader =
    "file,width,height,face,x,y,w,h,score,left_eye_x,left_eye_y,right_eye_x,right_eye_y,nose_x,nose_y,"
    "mouth_left_x,mouth_left_y,mouth_right_x,mouth_right_y,yaw,pitch,roll,pose_score,expression,neutral,fear,"
    "weight of nose,error\n";

TEST(PartsTest, CsvHasARowForEveryImage) {
  const std::string zeros = ",0.00,0.00,0.00,0.00";
  EXPECT_EQ(part_of("csv", {image_result("a.jpg", ""), image_result("b.jpg", "no face")}),
            kCsvHeader + "a.jpg,8,6,1" + zeros + ",0.500000" + zeros + zeros +
                ",0.00,0.00,0.00,0.00,0.00,0.000000,fear,0.250000,0.750000,1.000000,\n" + "b.jpg,8,6,0" +
                std::string(24, ',') + "no face\n");
}

TEST(PartsTest, JsonSaysWhy) {
  const std::string text = part_of("json", {image_result("a.jpg", ""), image_result("b.jpg", "no face")});
  EXPECT_THAT(text, HasSubstr(R"({"file":"a.jpg","width":8,"height":6,"faces":[{"box")"));
  EXPECT_THAT(text, HasSubstr("\n"
                              R"({"file":"b.jpg","width":8,"height":6,"faces":[],"error":"no face"})"
                              "\n"));
}

TEST(PartsTest, Join) {
  const TemporaryFolder folder;
  const std::vector<std::filesystem::path> parts{folder / "1", folder / "2"};
  write_text_atomically(parts[0], "a,b\n1,2\n");
  write_text_atomically(parts[1], "a,b\n3,4\n5,6\n");
  find_part_format("csv").join(parts, folder / "all");
  EXPECT_EQ(read_text(folder / "all"), "a,b\n1,2\n3,4\n5,6\n");
  find_part_format("json").join(parts, folder / "all");
  EXPECT_EQ(read_text(folder / "all"), "a,b\n1,2\na,b\n3,4\n5,6\n");
  write_text_atomically(parts[1], "a,c\n3,4\n");
  EXPECT_THAT(error_of([&] { find_part_format("csv").join(parts, folder / "all"); }),
              HasSubstr("/2: part has other columns; expected a,b"));
}

TEST(PartsTest, UnknownFormat) {
  EXPECT_THAT(error_of([] { find_part_format("xml"); }), HasSubstr("unknown format; expected json, csv"));
}

}  // namespace
}  // namespace regard
