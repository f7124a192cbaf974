#include "lab/annotate/poses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "lab/datasets/lists.h"
#include "tests/faces.h"
#include "tests/support.h"

namespace regard {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::vector<PosedImage> kImages{{"a.png", 0, HeadPose{-31, 0, 0}},
                                      {"b.png", 1, HeadPose{0, 46, 0}},
                                      {"c.png", 2, HeadPose{30, 30, 80}},
                                      {"d.png", 3, std::nullopt},
                                      {"e.png", -1, HeadPose{80, 0, 0}}};

TEST(PosesTest, ListsHaveWhoIsTurnedByMoreThanThat) {
  EXPECT_EQ(pose_list(kImages, 30), "0/a.jpg\n1/b.jpg\n");
  EXPECT_EQ(pose_list(kImages, 45), "1/b.jpg\n");
  const test::TemporaryFolder folder;
  std::ofstream(folder / "list.txt") << pose_list(kImages, 30);
  const std::vector<std::string> names{"a.png", "b.png", "c.png"};
  EXPECT_THAT(match_list(read_list(folder / "list.txt"), names, "list").members, ElementsAre(0, 1));
}

TEST(PosesTest, TheTableLeavesEmptyWhatIsNotKnown) {
  EXPECT_EQ(pose_table(kImages, {"neutral", "happiness", "surprise", "sadness"}),
            "name,label,yaw,pitch,roll\na.png,neutral,-31.0,0.0,0.0\nb.png,happiness,0.0,46.0,0.0\n"
            "c.png,surprise,30.0,30.0,80.0\nd.png,sadness,,,\ne.png,,80.0,0.0,0.0\n");
}

/// A packed set of one face that looks to the right and one image without a face.
void write_pack(const std::filesystem::path& path, std::optional<HeadPose> known) {
  constexpr int kSide = 96;
  Image head = read_image(REGARD_SOURCE_DIR "/tests/images/head_yaw_40.png"), small(kSide, kSide);
  cv::Mat pixels = test::wrap(small);
  cv::resize(test::wrap(head), pixels, pixels.size(), 0, 0, cv::INTER_AREA);
  const Image empty = test::canvas(kSide, kSide);
  std::vector<std::uint8_t> chips;
  for (const Image* image : std::array<const Image*, 2>{&small, &empty})
    for (std::size_t c = 0; c < 3; ++c)
      for (std::size_t i = c; i < image->pixels.size(); i += 3) chips.push_back(image->pixels[i]);
  write_packed(path, "fedro", {"neutral", "happiness"}, "", 3, kSide,
               {{"right.png", "test", 0, {1, 0}, {}, known}, {"nobody.png", "test", 1, {0, 1}}}, chips);
}

PackJob job_of(const std::filesystem::path& source) {
  return {.source = source,
          .splits = {"test"},
          .detector = REGARD_SOURCE_DIR "/models/yunet-2023mar.onnx",
          .face_mesh = REGARD_SOURCE_DIR "/models/mediapipe-face-landmark.tflite"};
}

TEST(PosesTest, PackedChipsAreLookedAtUnlessTheirPosesAreKnown) {
  const test::TemporaryFolder folder;
  write_pack(folder / "plain.pack", {});
  write_pack(folder / "posed.pack", HeadPose{-12, 3, 4});
  const auto found = find_poses(find_dataset("fedro"), job_of(folder / "plain.pack"));
  ASSERT_EQ(found.size(), 2u);
  ASSERT_TRUE(found[0].pose);
  EXPECT_NEAR(found[0].pose->yaw, 40, 15);
  EXPECT_FALSE(found[1].pose);
  const auto known = find_poses(find_dataset("fedro"), job_of(folder / "posed.pack"));
  EXPECT_EQ(known[0].pose->yaw, -12);
  EXPECT_FALSE(known[1].pose);
}

TEST(PosesTest, AnotherPackedSetIsAnError) {
  const test::TemporaryFolder folder;
  write_pack(folder / "plain.pack", {});
  EXPECT_THAT(test::error_of([&] { find_poses(find_dataset("ferplus"), job_of(folder / "plain.pack")); }),
              HasSubstr("expected ferplus, got fedro"));
}

}  // namespace
}  // namespace regard
