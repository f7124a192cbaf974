#include "regard/video/writer.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "regard/core/file.h"
#include "regard/core/output_file.h"
#include "regard/video/reader.h"
#include "tests/support.h"

namespace regard {
namespace {

/// The output of a program; empty if it fails.
std::string output_of(const std::string& command) {
  std::FILE* pipe = ::popen((command + " 2>/dev/null").c_str(), "r");
  std::string output(1 << 16, '\0');
  output.resize(std::fread(output.data(), 1, output.size(), pipe));
  return ::pclose(pipe) == 0 ? output : "";
}

bool make_sound(const std::filesystem::path& path, const std::string& options) {
  const auto command = "ffmpeg -v error -y -f lavfi -i sine=r=48000:d=2 -f lavfi -i color=s=64x64:r=10:d=2 " +
                       options + " " + path.string();
  return std::system(command.c_str()) == 0;
}

/// A grey image that gets lighter from frame to frame, with a red square at the left.
Image test_frame(int width, int height, int i) {
  Image image(width, height);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      auto* pixel = image.row(y) + 3 * x;
      const bool red = x < width / 4;
      pixel[0] = static_cast<std::uint8_t>(red ? 200 : 40 + 10 * i);
      pixel[1] = pixel[2] = static_cast<std::uint8_t>(red ? 30 : 40 + 10 * i);
    }
  return image;
}

void write_pictures(const std::filesystem::path& path, VideoWriterOptions options,
                    const std::vector<double>& times) {
  const auto writer = write_video(path, options);
  for (std::size_t i = 0; i < times.size(); ++i)
    writer->write(test_frame(options.width, options.height, static_cast<int>(i)), times[i]);
  writer->finish();
}

TEST(VideoWriterTest, FramesTimesAndColours) {
  const test::TemporaryFolder folder;
  const auto path = folder / "a.mp4";
  const std::vector<double> times{0, .04, .1, .5, .51};
  write_pictures(path, {.width = 161, .height = 120, .rate = 25, .comment = "Made so."}, times);
  const auto reader = open_video(path);
  EXPECT_EQ(reader->info().width, 160);
  EXPECT_EQ(reader->info().codec, "h264");
  for (std::size_t i = 0; i < times.size(); ++i) {
    const auto stamp = reader->next();
    ASSERT_TRUE(stamp);
    EXPECT_NEAR(stamp->seconds, times[i], 1e-4);
    const Image image = reader->image();
    EXPECT_NEAR(image.row(60)[3 * 100], 40 + 10 * static_cast<int>(i), 4) << i;
    EXPECT_NEAR(image.row(60)[3 * 15], 200, 8);
    EXPECT_NEAR(image.row(60)[3 * 15 + 1], 30, 12);
  }
  EXPECT_FALSE(reader->next());
  const std::string bytes = read_text(path);
  EXPECT_LT(bytes.find("moov"), bytes.find("mdat")) << "the index comes first";
  EXPECT_NE(bytes.find("Made so."), std::string::npos);
}

TEST(VideoWriterTest, AnOpenFileWithoutAName) {
  const test::TemporaryFolder folder;
  OutputFile file(folder / "a.mp4");
  write_pictures(file.open_name(), {.width = 64, .height = 64}, {0, .1, .2});
  EXPECT_FALSE(std::filesystem::exists(folder / "a.mp4"));
  file.commit();
  EXPECT_TRUE(open_video(folder / "a.mp4")->next());
}

TEST(VideoWriterTest, SoundIsCopied) {
  const test::TemporaryFolder folder;
  if (!make_sound(folder / "in.mp4", "-c:v libx264 -c:a aac")) GTEST_SKIP() << "needs the program ffmpeg";
  std::vector<double> times;
  for (int i = 0; i < 20; ++i) times.push_back(i / 10.);
  write_pictures(folder / "out.mp4", {.width = 64, .height = 64, .rate = 10, .sound = folder / "in.mp4"},
                 times);
  const auto packets = [&](const char* name) {
    return output_of("ffprobe -v error -select_streams a -show_entries packet=pts_time,size -of csv=p=0 " +
                     (folder / name).string());
  };
  EXPECT_GT(packets("in.mp4").size(), 500u);
  EXPECT_EQ(packets("out.mp4"), packets("in.mp4"));
  // From the middle on.
  times.resize(5);
  write_pictures(folder / "part.mp4",
                 {.width = 64, .height = 64, .rate = 10, .sound = folder / "in.mp4", .from = 1}, times);
  const auto count = [](const std::string& text) { return std::count(text.begin(), text.end(), '\n'); };
  EXPECT_NEAR(count(packets("part.mp4")), .5 * 48000 / 1024, 2);
}

TEST(VideoWriterTest, SoundThatItCannotHold) {
  const test::TemporaryFolder folder;
  if (!make_sound(folder / "in.mkv", "-c:v libx264 -c:a pcm_s16le"))
    GTEST_SKIP() << "needs the program ffmpeg";
  const auto writer =
      write_video(folder / "out.mp4", {.width = 64, .height = 64, .sound = folder / "in.mkv"});
  writer->write(test_frame(64, 64, 0), 0);
  writer->finish();
  EXPECT_EQ(writer->left_out(), "pcm_s16le");
}

TEST(VideoWriterTest, Errors) {
  const test::TemporaryFolder folder;
  const auto path = (folder / "a.mp4").string();
  EXPECT_EQ(test::error_of([&] { write_video(path, {.width = 1, .height = 64}); }),
            path + ": frames are too small; expected 2 x 2 pixels or more, got 1 x 64");
  EXPECT_EQ(test::error_of([&] { write_video(folder / "no" / "a.mp4", {.width = 64, .height = 64}); }),
            (folder / "no" / "a.mp4").string() + ": video cannot be written; got No such file or directory");
  EXPECT_EQ(test::error_of(
                [&] { write_video(path, {.width = 64, .height = 64})->write(test_frame(32, 64, 0), 0); }),
            path + ": frame has another size; expected 64 x 64, RGB, got 32 x 64");
}

}  // namespace
}  // namespace regard
