#include "regard/clip/drawing.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "regard/core/file.h"
#include "tests/support.h"

namespace regard {
namespace {

using test::error_of;
using test::TemporaryFolder;

/// A grey clip of 20 frames in a second.
std::filesystem::path grey_clip(const TemporaryFolder& folder) {
  const auto path = folder / "grey.mp4";
  const auto command =
      "ffmpeg -v error -y -f lavfi -i color=gray:s=640x480:r=20:d=1 -c:v libx264 -pix_fmt yuv420p " +
      path.string();
  return std::system(command.c_str()) == 0 ? path : std::filesystem::path();
}

/// The share of the pixels that are not grey.
double colourful(const Image& image) {
  std::size_t count = 0;
  for (std::size_t i = 0; i + 2 < image.pixels.size(); i += 3)
    count += std::abs(image.pixels[i] - image.pixels[i + 2]) > 40;
  return 3 * static_cast<double>(count) / static_cast<double>(image.pixels.size());
}

TEST(ClipDrawingTest, DrawsTheFramesThatAreTaken) {
  const TemporaryFolder folder;
  const auto clip = grey_clip(folder);
  if (clip.empty()) GTEST_SKIP() << "needs the program ffmpeg";
  const auto out = folder / "drawn.mp4";
  ClipDrawing drawing(clip, out, {.labels = {"neutral", "happiness"}, .from = .25});
  for (int i = 5; i < 15; i += 2) {
    ClipFrame frame{.stamp = {.number = i, .seconds = i / 20.}};
    if (i >= 9) frame.faces = {{.person = 3, .face = {.box = {200, 150, 150, 180}}, .smoothed = {.2f, .8f}}};
    drawing.take(frame);
  }
  EXPECT_FALSE(std::filesystem::exists(out)) << "written at once";
  EXPECT_EQ(drawing.finish(), "");
  const auto reader = open_video(out);
  for (int i = 0; i < 5; ++i) {
    const auto stamp = reader->next();
    ASSERT_TRUE(stamp) << i;
    EXPECT_NEAR(stamp->seconds, i * .1, 1e-3);
    EXPECT_EQ(colourful(reader->image()) > .005, i >= 2) << i;
  }
  EXPECT_FALSE(reader->next());
}

TEST(ClipDrawingTest, NothingToDraw) {
  const TemporaryFolder folder;
  const auto clip = grey_clip(folder);
  if (clip.empty()) GTEST_SKIP() << "needs the program ffmpeg";
  const auto out = folder / "drawn.mp4";
  EXPECT_EQ(error_of([&] { ClipDrawing(clip, out, {}).finish(); }),
            out.string() + ": there is no frame to be drawn");
  EXPECT_FALSE(std::filesystem::exists(out));
  EXPECT_EQ(error_of([&] { ClipDrawing(clip, clip, {}); }), clip.string() + ": would overwrite the video");
}

TEST(ClipDrawingTest, Names) {
  check_drawing_name("a.mp4");
  EXPECT_EQ(error_of([] { check_drawing_name("a.avi"); }),
            "a.avi: unknown kind of video; expected .mp4, got .avi");
}

}  // namespace
}  // namespace regard
