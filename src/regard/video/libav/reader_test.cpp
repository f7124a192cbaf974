#include "regard/video/reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "regard/core/file.h"
#include "regard/core/text.h"
#include "tests/support.h"

/// Clips are made by the program `ffmpeg`, which also says what is right.
namespace regard {
namespace {

using test::error_of;
using test::TemporaryFolder;

/// Runs ffmpeg or ffprobe; its standard output.
std::string run(const std::string& command) {
  const std::string line = command + " </dev/null 2>&1";
  std::FILE* pipe = ::popen(line.c_str(), "r");
  std::string output(1 << 22, '\0');
  output.resize(std::fread(output.data(), 1, output.size(), pipe));
  EXPECT_EQ(::pclose(pipe), 0) << line << output;
  return output;
}

class VideoReaderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (std::system("ffmpeg -version >/dev/null 2>&1") != 0) GTEST_SKIP() << "needs the program ffmpeg";
  }

  /// A clip of FFmpeg's moving test picture; `more`: options of ffmpeg for the output.
  std::filesystem::path clip(const std::string& name,
                             const std::string& more = "-c:v libx264 -pix_fmt yuv420p",
                             const std::string& source = "testsrc2=s=160x120:r=30:d=1") {
    const auto path = folder_ / name;
    run("ffmpeg -v error -y -f lavfi -i " + source + " " + more + " " + path.string());
    return path;
  }

  /// A file that holds the first part of another.
  std::filesystem::path cut(const std::filesystem::path& whole, double part) {
    const std::string bytes = read_text(whole);
    const auto path = folder_ / ("cut-" + whole.filename().string());
    write_text_atomically(path, bytes.substr(0, static_cast<std::size_t>(part * bytes.size())));
    return path;
  }

  TemporaryFolder folder_;
};

struct Frames {
  std::vector<FrameStamp> stamps = {};
  std::vector<Image> images = {};
  VideoInfo info = {};
  std::string shortfall = {};

  int damaged() const {
    int count = 0;
    for (const auto& stamp : stamps) count += stamp.damaged;
    return count;
  }
};

Frames read_all(const std::filesystem::path& path) {
  const auto reader = open_video(path);
  Frames frames{.info = reader->info()};
  while (const auto stamp = reader->next()) {
    frames.stamps.push_back(*stamp);
    frames.images.push_back(reader->image());
  }
  frames.shortfall = reader->shortfall();
  return frames;
}

/// Frame 0 as ffmpeg itself shows it: RGB, upright.
Image shown_by_ffmpeg(const std::filesystem::path& path, int width, int height,
                      const std::string& filter = "null") {
  const auto raw = path.string() + ".rgb";
  run("ffmpeg -v error -y -i " + path.string() + " -frames:v 1 -vf " + filter +
      " -f rawvideo -pix_fmt rgb24 " + raw);
  const std::string bytes = read_text(raw);
  Image image(width, height);
  EXPECT_EQ(bytes.size(), image.pixels.size());
  std::copy_n(bytes.begin(), std::min(bytes.size(), image.pixels.size()), image.pixels.begin());
  return image;
}

double mean_difference(const Image& a, const Image& b) {
  EXPECT_EQ(a.width, b.width);
  EXPECT_EQ(a.height, b.height);
  if (a.pixels.size() != b.pixels.size()) return 255;
  double sum = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) sum += std::abs(a.pixels[i] - b.pixels[i]);
  return sum / static_cast<double>(a.pixels.size());
}

TEST_F(VideoReaderTest, FramesAndTimes) {
  const auto path = clip("plain.mp4");
  const auto frames = read_all(path);
  ASSERT_EQ(frames.stamps.size(), 30u);
  for (std::size_t i = 0; i < 30; ++i) {
    EXPECT_EQ(frames.stamps[i].number, static_cast<std::int64_t>(i));
    EXPECT_NEAR(frames.stamps[i].seconds, static_cast<double>(i) / 30, 1e-4);
  }
  EXPECT_EQ(frames.damaged(), 0);
  EXPECT_EQ(frames.shortfall, "");
  EXPECT_EQ(frames.info.width, 160);
  EXPECT_EQ(frames.info.frames, 30);
  EXPECT_NEAR(frames.info.seconds, 1, 1e-6);
  EXPECT_EQ(frames.info.codec, "h264");
  EXPECT_EQ(mean_difference(frames.images[0], shown_by_ffmpeg(path, 160, 120)), 0);
}

TEST_F(VideoReaderTest, EveryContainer) {
  const std::vector<std::pair<std::string, std::string>> kKinds{
      {"a.mkv", "-c:v libx264"},    {"a.webm", "-c:v libvpx -deadline realtime"},
      {"a.avi", "-c:v mpeg4"},      {"a.ts", "-c:v libx264"},
      {"a.mpg", "-c:v mpeg2video"}, {"a.mov", "-c:v mjpeg"},
      {"a.wmv", "-c:v wmv2"},       {"a.ogv", "-c:v libtheora"},
      {"b.mkv", "-c:v ffv1"}};
  for (const auto& [name, options] : kKinds) {
    const auto frames = read_all(clip(name, options));
    EXPECT_EQ(frames.stamps.size(), 30u) << name;
    EXPECT_EQ(frames.damaged(), 0) << name;
    EXPECT_EQ(frames.shortfall, "") << name;
    EXPECT_NEAR(frames.stamps.back().seconds - frames.stamps.front().seconds, 29. / 30, .01) << name;
    EXPECT_LT(frames.stamps.front().seconds, .1) << name << " starts at 0 whatever its clock says";
  }
}

TEST_F(VideoReaderTest, RotationAsFfmpegShowsIt) {
  const auto plain = clip("plain.mp4", "-c:v libx264 -pix_fmt yuv420p", "testsrc2=s=170x120:r=5:d=1");
  for (const auto& [degrees, rotation] : {std::pair{0, 0}, {90, 270}, {180, 180}, {270, 90}}) {
    const auto path = folder_ / formatted("turned%d.mp4", degrees);
    run("ffmpeg -v error -y -i " + plain.string() +
        formatted(" -c copy -metadata:s:v:0 rotate=%d ", 360 - degrees) + path.string());
    const auto frames = read_all(path);
    EXPECT_EQ(frames.info.rotation, rotation == 0 ? 0 : 360 - rotation) << degrees;
    EXPECT_EQ(frames.info.width, degrees % 180 ? 120 : 170) << degrees;
    EXPECT_LT(
        mean_difference(frames.images.at(0), shown_by_ffmpeg(path, frames.info.width, frames.info.height)),
        .01)
        << degrees;
  }
}

/// The image with its pixels moved as a display matrix says: x, y to a x + c y, b x + d y.
Image moved(const Image& image, int a, int b, int c, int d) {
  const bool lies = a == 0;
  Image result(lies ? image.height : image.width, lies ? image.width : image.height);
  for (int y = 0; y < image.height; ++y)
    for (int x = 0; x < image.width; ++x) {
      const int to_x = a * x + c * y, to_y = b * x + d * y;
      auto* to = result.row(to_y + (b + d < 0 ? result.height - 1 : 0)) +
                 3 * (to_x + (a + c < 0 ? result.width - 1 : 0));
      std::copy_n(image.row(y) + 3 * x, 3, to);
    }
  return result;
}

TEST_F(VideoReaderTest, EveryDisplayMatrix) {
  const auto path = clip("plain.mp4", "-c:v libx264 -pix_fmt yuv420p", "testsrc2=s=170x120:r=5:d=1");
  const std::string bytes = read_text(path);
  const Image plain = read_all(path).images.at(0);
  const auto matrix_at = bytes.find("tkhd") + 44;  // ISO/IEC 14496-12, 8.3.2, version 0
  for (const auto& [a, b, c, d] : {std::array{1, 0, 0, 1},
                                   {-1, 0, 0, 1},
                                   {-1, 0, 0, -1},
                                   {1, 0, 0, -1},
                                   {0, 1, 1, 0},
                                   {0, 1, -1, 0},
                                   {0, -1, -1, 0},
                                   {0, -1, 1, 0}}) {
    std::string turned = bytes;
    for (const auto& [index, value] : {std::pair{0, a}, {1, b}, {3, c}, {4, d}}) {
      const char sign = static_cast<char>(value < 0 ? -1 : 0);  // a number of 16.16 bits
      turned.replace(matrix_at + 4 * static_cast<std::size_t>(index), 4,
                     std::string{sign, static_cast<char>(value), 0, 0});
    }
    write_text_atomically(folder_ / "turned.mp4", turned);
    const auto frames = read_all(folder_ / "turned.mp4");
    EXPECT_EQ(mean_difference(frames.images.at(0), moved(plain, a, b, c, d)), 0)
        << a << ' ' << b << ' ' << c << ' ' << d;
    EXPECT_EQ(frames.info.mirrored, a * d - b * c < 0);
  }
}

TEST_F(VideoReaderTest, VariableRate) {
  // Every frame is shown longer than the one before.
  const auto path =
      clip("vfr.mp4", "-vf setpts='N*N/10/TB' -vsync passthrough -c:v libx264 -pix_fmt yuv420p -bf 2",
           "testsrc2=s=160x120:r=30:d=0.5");
  const auto frames = read_all(path);
  std::istringstream probed(
      run("ffprobe -v error -show_entries frame=best_effort_timestamp_time -of csv=p=0 " + path.string()));
  std::vector<double> times;
  for (std::string line; std::getline(probed, line);)
    if (!line.empty()) times.push_back(std::strtod(line.c_str(), nullptr));
  ASSERT_EQ(frames.stamps.size(), times.size());
  ASSERT_EQ(times.size(), 15u);
  for (std::size_t i = 0; i < times.size(); ++i) EXPECT_NEAR(frames.stamps[i].seconds, times[i], 1e-5);
}

TEST_F(VideoReaderTest, SquarePixels) {
  const auto path =
      clip("dv.mkv", "-vf setsar=16/11 -c:v libx264 -pix_fmt yuv420p", "testsrc2=s=176x120:r=5:d=1");
  const auto frames = read_all(path);
  EXPECT_EQ(frames.info.width, 256);
  EXPECT_LT(
      mean_difference(frames.images.at(0), shown_by_ffmpeg(path, 256, 120, "scale=256:120:flags=bicubic")),
      1);
}

TEST_F(VideoReaderTest, OddSizesAndDepths) {
  for (const auto& [name, options, bits] : {std::tuple{"odd.mkv", "-c:v libx264 -pix_fmt yuv444p", 8},
                                            {"ten.mkv", "-c:v ffv1 -pix_fmt yuv420p10le", 10},
                                            {"grey.mkv", "-c:v ffv1 -pix_fmt gray", 8},
                                            {"rgb.mkv", "-c:v ffv1 -pix_fmt bgra", 8},
                                            {"full.mkv", "-c:v mjpeg -q:v 2 -pix_fmt yuvj420p", 8}}) {
    const auto path = clip(name, options, "testsrc=s=163x121:r=5:d=1");
    const auto frames = read_all(path);
    EXPECT_EQ(frames.info.bits, bits) << name;
    EXPECT_LT(mean_difference(frames.images.at(0), shown_by_ffmpeg(path, 163, 121)), 1.5) << name;
  }
}

TEST_F(VideoReaderTest, ColourMatrixOfHighDefinition) {
  // Where nothing is stated, 720 lines are BT.709: pure green must come out green.
  const auto path = clip("hd.mkv",
                         "-vf scale=out_color_matrix=bt709,format=yuv420p -c:v libx264 -bsf:v "
                         "h264_metadata=matrix_coefficients=2",
                         "color=c=0x00ff00:s=1280x720:r=5:d=0.4");
  const auto image = read_all(path).images.at(0);
  const auto* pixel = image.row(360) + 3 * 640;
  EXPECT_LT(pixel[0], 12);
  EXPECT_GT(pixel[1], 243);
  EXPECT_LT(pixel[2], 12);
}

TEST_F(VideoReaderTest, HighDynamicRangeIsSaid) {
  const auto frames = read_all(clip("hdr.mkv",
                                    "-c:v libx264 -pix_fmt yuv420p10le -color_trc arib-std-b67 "
                                    "-colorspace bt2020nc -color_primaries bt2020"));
  EXPECT_TRUE(frames.info.hdr);
  EXPECT_EQ(frames.stamps.size(), 30u);
}

TEST_F(VideoReaderTest, ColoursThatNoStandardHas) {
  // UndefinedBehaviorSanitizer ends the test where such a number is read as FFmpeg's enumeration.
  const auto frames = read_all(clip("odd.h264",
                                    "-c:v libx264 -bsf:v h264_metadata=transfer_characteristics=255:"
                                    "matrix_coefficients=255:colour_primaries=255"));
  EXPECT_FALSE(frames.info.hdr);
  EXPECT_EQ(frames.images.size(), 30u);
}

TEST_F(VideoReaderTest, CutOffBeforeTheIndex) {
  const auto path = cut(clip("end.mp4"), .6);
  EXPECT_EQ(error_of([&] { open_video(path); }),
            path.string() +
                ": the video's index (its 'moov' box) is missing: the recording was cut off before it was "
                "written; expected a whole file");
}

TEST_F(VideoReaderTest, CutOffAfterTheIndex) {
  for (const auto& [name, options] : {std::pair{"a.mp4", "-c:v libx264 -movflags +faststart -g 5"},
                                      {"a.mkv", "-c:v libx264 -g 5"},
                                      {"a.avi", "-c:v mpeg4"}}) {
    const auto frames = read_all(cut(clip(name, options), .6));
    EXPECT_GT(frames.stamps.size(), 5u) << name;
    EXPECT_LT(frames.stamps.size(), 29u) << name;
    EXPECT_TRUE(frames.shortfall.starts_with("the file was cut off: it has ")) << frames.shortfall;
    EXPECT_NE(frames.shortfall.find(" frames ("), std::string::npos) << frames.shortfall;
  }
}

TEST_F(VideoReaderTest, FlippedBitsAreMarkedAndNoFrameIsLost) {
  const auto path = clip("bits.mkv", "-c:v libx264 -g 10", "testsrc2=s=320x240:r=30:d=2");
  std::string bytes = read_text(path);
  for (std::size_t i = 0; i < 40; ++i) bytes[2000 + (bytes.size() - 2000) / 41 * i] ^= 0x10;
  write_text_atomically(path, bytes);
  const auto frames = read_all(path);
  EXPECT_GT(frames.damaged(), 0);
  EXPECT_GE(frames.stamps.size(), 57u);
  EXPECT_LE(frames.stamps.size(), 60u);
  for (std::size_t i = 1; i < frames.stamps.size(); ++i)
    EXPECT_GE(frames.stamps[i].seconds, frames.stamps[i - 1].seconds);
}

TEST_F(VideoReaderTest, StartInTheMiddleKeepsTheFramesThatCannotBeDecoded) {
  const auto whole = clip("whole.ts", "-c:v libx264 -g 15 -bf 0");
  const std::string bytes = read_text(whole);
  constexpr std::size_t kPacket = 188;
  write_text_atomically(folder_ / "late.ts", bytes.substr(bytes.size() / 3 / kPacket * kPacket));
  const auto frames = read_all(folder_ / "late.ts");
  EXPECT_GT(frames.stamps.size(), 10u);
  EXPECT_LT(frames.stamps.size(), 30u);
}

TEST_F(VideoReaderTest, OneFrame) {
  const auto frames = read_all(clip("one.mp4", "-frames:v 1 -c:v libx264 -pix_fmt yuv420p"));
  ASSERT_EQ(frames.stamps.size(), 1u);
  EXPECT_EQ(frames.stamps[0].seconds, 0);
  EXPECT_FALSE(frames.images[0].empty());
}

TEST_F(VideoReaderTest, NoFrame) {
  const auto path = folder_ / "none.mkv";
  run("ffmpeg -v quiet -y -f lavfi -i testsrc2=s=160x120:r=30:d=1 -frames:v 0 -c:v libx264 " + path.string() +
      " || true");
  EXPECT_NE(error_of([&] { read_all(path); }).find("there is not one frame in this video"), std::string::npos)
      << error_of([&] { read_all(path); });
  const auto empty = folder_ / "none.mp4";
  run("ffmpeg -v quiet -y -f lavfi -i testsrc2=s=160x120:r=30:d=1 -frames:v 0 -c:v libx264 " +
      empty.string() + " || true");
  EXPECT_EQ(error_of([&] { open_video(empty); }),
            empty.string() + ": there is no video in this file; expected a video stream, got nothing");
}

TEST_F(VideoReaderTest, AudioOnly) {
  const auto path = clip("sound.m4a", "-c:a aac", "sine=d=1");
  EXPECT_EQ(error_of([&] { open_video(path); }),
            path.string() + ": there is no video in this file; expected a video stream, got audio (aac)");
}

TEST_F(VideoReaderTest, AudioIsNoCoverPicture) {
  const auto path = folder_ / "cover.m4a";
  run("ffmpeg -v error -y -f lavfi -i sine=d=1 -f lavfi -i color=s=64x64:d=0.1 -frames:v 1 -map 0 -map 1 "
      "-c:a aac -c:v "
      "mjpeg -f mp4 "
      "-disposition:v attached_pic " +
      path.string());
  EXPECT_NE(error_of([&] { open_video(path); }).find("got audio (aac), a cover picture"), std::string::npos)
      << error_of([&] { open_video(path); });
}

TEST_F(VideoReaderTest, TooLarge) {
  const auto path = clip("large.mkv", "-c:v ffv1", "color=s=8400x8400:r=1:d=1");
  EXPECT_EQ(error_of([&] { open_video(path); }), path.string() + ": frames are too large; expected " +
                                                     std::to_string(kMaxVideoPixels) +
                                                     " pixels at most, got 8400 x 8400");
}

TEST_F(VideoReaderTest, EightK) {
  if (kMaxVideoPixels < 7680 * 4320) GTEST_SKIP() << "builds for fuzzing read small frames only";
  const auto frames = read_all(clip("8k.mkv", "-c:v mjpeg -q:v 20", "color=s=7680x4320:r=2:d=1"));
  ASSERT_EQ(frames.images.size(), 2u);
  EXPECT_EQ(frames.images[1].width, 7680);
}

TEST_F(VideoReaderTest, NoOtherFileIsRead) {
  const auto secret = clip("secret.mp4");
  std::ofstream(folder_ / "list.m3u8") << "#EXTM3U\n#EXTINF:1,\n" << secret.string() << "\n#EXT-X-ENDLIST\n";
  std::ofstream(folder_ / "list.ffconcat") << "ffconcat version 1.0\nfile secret.mp4\n";
  for (const auto* name : {"list.m3u8", "list.ffconcat"})
    EXPECT_NE(error_of([&] { open_video(folder_ / name); }).find("is no video that can be read"),
              std::string::npos);
  EXPECT_NE(error_of([&] {
              open_video("concat:" + secret.string() + "|" + secret.string());
            }).find("cannot be read"),
            std::string::npos);
  EXPECT_NE(error_of([&] { open_video("http://127.0.0.1/clip.mp4"); }).find("cannot be read"),
            std::string::npos);
}

TEST_F(VideoReaderTest, ADeviceOfFfmpeg) {
  const auto camera = open_camera("testsrc2=s=160x120:r=30:d=0.5", "lavfi");
  EXPECT_EQ(camera->info().width, 160);
  int frames = 0;
  while (const auto stamp = camera->next()) {
    EXPECT_NEAR(stamp->seconds, frames++ / 30., 1e-3);
    EXPECT_EQ(camera->image().height, 120);
  }
  EXPECT_EQ(frames, 15);
}

TEST_F(VideoReaderTest, NoCamera) {
  EXPECT_EQ(error_of([] { open_camera("987"); }),
            "/dev/video987: camera cannot be opened; expected the number or the device of a camera that "
            "nothing else "
            "uses, got No such file or directory");
}

TEST(VideoReaderErrorTest, NoVideo) {
  const std::string text = REGARD_SOURCE_DIR "/README.md";
  EXPECT_NE(error_of([&] { open_video(text); }).find("is no video that can be read; expected MP4"),
            std::string::npos);
  EXPECT_NE(error_of([&] { open_video(text); }).find("got text ("), std::string::npos);
  EXPECT_EQ(error_of([] { open_video("/no/such.mp4"); }),
            "/no/such.mp4: file cannot be read; got No such file or directory");
}

}  // namespace
}  // namespace regard
