#include "regard/clip/subtitles.h"

#include <gtest/gtest.h>

#include "tests/support.h"

namespace regard {
namespace {

const SubtitleContext kSubtitleContext{
    .labels = {"neutral", "happiness"}, .width = 640, .height = 360, .method = "Made so."};

std::vector<Caption> example_captions() {
  Captions captions;
  for (int i = 0; i < 20; ++i) {
    ClipFrame frame{.stamp = {.seconds = 3600 + i / 10.}};
    if (i >= 5)
      frame.faces.push_back({.person = 2,
                             .face = {.box = {100, 60, 40, 50}},
                             .smoothed = {i < 10 ? .8f : .1f, i < 10 ? .2f : .9f}});
    captions.take(frame);
  }
  return captions.captions();
}

TEST(SubtitlesTest, OneForEveryHalfSecondAndPerson) {
  const auto captions = example_captions();
  ASSERT_EQ(captions.size(), 3u);
  EXPECT_DOUBLE_EQ(captions[0].from, 3600.5);
  EXPECT_DOUBLE_EQ(captions[0].to, 3601);
  EXPECT_EQ(captions[0].label, 0u);
  EXPECT_EQ(captions[1].label, 1u);
  EXPECT_NEAR(captions[1].probability, .9f, 1e-6);
  EXPECT_EQ(captions[1].place.x, 120);
}

TEST(SubtitlesTest, WebVtt) {
  const auto captions = example_captions();
  EXPECT_EQ(subtitle_format("a.vtt").text({&captions[0], 1}, kSubtitleContext),
            "WEBVTT\n\nNOTE Made so.\n\n01:00:00.500 --> 01:00:01.000 line:11% position:19% align:center "
            "size:30%\n2: neutral "
            "80 %\n");
}

TEST(SubtitlesTest, SubStation) {
  const auto captions = example_captions();
  const auto text = subtitle_format("a.ass").text({&captions[0], 1}, kSubtitleContext);
  EXPECT_NE(text.find("[Script Info]\n; Made so.\nScriptType"), std::string::npos) << text;
  EXPECT_NE(text.find("PlayResX: 640\nPlayResY: 360\n"), std::string::npos);
  EXPECT_NE(
      text.find("\nDialogue: 0,1:00:00.50,1:00:01.00,Face,person 2,0,0,0,,{\\pos(120,56)}2: neutral 80 %\n"),
      std::string::npos)
      << text;
}

TEST(SubtitlesTest, UnknownKind) {
  EXPECT_EQ(test::error_of([] { subtitle_format("a.srt"); }),
            "a.srt: unknown kind of subtitles; expected .vtt, .ass, got .srt");
}

}  // namespace
}  // namespace regard
