#include "regard/pipeline/pipeline.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

#include "regard/core/file.h"
#include "regard/regard.h"
#include "tests/faces.h"
#include "tests/support.h"

namespace regard {
namespace {

/// Frames of one pixel, named by their number.
ImageSource frames(int count) {
  return [i = 0, count]() mutable -> std::optional<ImageInput> {
    if (i == count) return std::nullopt;
    return ImageInput{.file = std::to_string(i++), .pixels = Image(1, 1)};
  };
}

/// One face that tells the image's number, after a while that differs from image to image.
std::vector<Face> slow_faces(const std::string& file, ImageView) {
  const int number = std::stoi(file);
  std::this_thread::sleep_for(std::chrono::milliseconds(number % 3));
  return {{.score = static_cast<float>(number)}};
}

TEST(PipelineTest, ResultsComeInOrder) {
  for (const int jobs : {1, 4}) {
    int seen = 0;
    run_pipeline(frames(40), slow_faces,
                 [&](const ImageOutput& output) {
                   EXPECT_EQ(output.file, std::to_string(seen));
                   ASSERT_EQ(output.faces.size(), 1u);
                   EXPECT_EQ(output.faces[0].score, seen++);
                 },
                 {.jobs = jobs});
    EXPECT_EQ(seen, 40);
  }
}

TEST(PipelineTest, AnErrorInTheMiddleBelongsToItsImage) {
  std::string seen;
  std::vector<std::string> errors;
  run_pipeline(
      [names = std::vector<std::string>{"first", "missing.png", "bad", "odd", "last"},
       i = std::size_t{0}]() mutable -> std::optional<ImageInput> {
        if (i == names.size()) return std::nullopt;
        ImageInput input{.file = names[i++]};
        if (input.file != "missing.png") input.pixels = Image(2, 1);
        return input;
      },
      [](const std::string& file, ImageView) -> std::vector<Face> {
        if (file == "bad") throw Error("no face for you", file);
        if (file == "odd") throw std::runtime_error("something else");
        return {};
      },
      [&](const ImageOutput& output) {
        seen += output.file + (output.error ? " fails" : " is done") + "; ";
        if (output.error) errors.emplace_back(output.error->what());
      },
      {.jobs = 3});
  EXPECT_EQ(seen, "first is done; missing.png fails; bad fails; odd fails; last is done; ");
  ASSERT_EQ(errors.size(), 3u);
  EXPECT_TRUE(errors[0].starts_with("missing.png: ")) << errors[0];
  EXPECT_EQ(errors[1], "bad: no face for you");
  EXPECT_EQ(errors[2], "odd: something else");
}

TEST(PipelineTest, ImagesThatAreNoFiles) {
  std::string seen;
  run_pipeline(
      [i = 0]() mutable -> std::optional<ImageInput> {
        if (i == 3) return std::nullopt;
        return ImageInput{.file = "a.tar/" + std::to_string(i), .read = [width = i++] {
                            if (width == 1) throw Error("tar file is cut off", "a.tar/1");
                            return Image(width + 1, 1);
                          }};
      },
      [](const std::string&, ImageView) { return std::vector<Face>(); },
      [&](const ImageOutput& output) {
        seen +=
            output.file + ": " + (output.error ? output.error->what() : std::to_string(output.width)) + "; ";
      },
      {.jobs = 2});
  EXPECT_EQ(seen, "a.tar/0: 1; a.tar/1: a.tar/1: tar file is cut off; a.tar/2: 3; ");
}

/// Counts images, not time: whatever the stream's length, no more than the window are between source and
/// sink, and no more than `jobs` + 1 are decoded.
TEST(PipelineTest, MemoryIsBoundedByTheWindow) {
  std::atomic<int> given = 0, taken = 0, inside = 0;
  int most_under_way = 0;
  std::atomic<int> most_inside = 0;
  run_pipeline(
      [&]() -> std::optional<ImageInput> {
        if (given == 500) return std::nullopt;
        most_under_way = std::max(most_under_way, ++given - taken);
        return ImageInput{.file = std::to_string(given), .pixels = Image(1, 1)};
      },
      [&](const std::string&, ImageView) {
        const int now = ++inside;
        for (int before = most_inside; before < now && !most_inside.compare_exchange_weak(before, now);) {
        }
        std::this_thread::yield();
        --inside;
        return std::vector<Face>();
      },
      [&](const ImageOutput&) {
        if (taken % 100 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(30));  // a slow sink
        ++taken;
      },
      {.jobs = 3, .window = 7});
  EXPECT_EQ(taken, 500);
  EXPECT_LE(most_under_way, 7);
  EXPECT_GE(most_under_way, 6) << "the window is not used";
  EXPECT_LE(most_inside, 4);
}

TEST(PipelineTest, CanBeStopped) {
  std::stop_source stop;
  int seen = 0;
  run_pipeline(frames(100000), slow_faces,
               [&](const ImageOutput& output) {
                 EXPECT_EQ(output.file, std::to_string(seen));
                 if (++seen == 5) stop.request_stop();
               },
               {.jobs = 2, .window = 6, .stop = stop.get_token()});
  EXPECT_GE(seen, 5);
  EXPECT_LE(seen, 5 + 6);
}

TEST(PipelineTest, ErrorsOfSourceAndSinkEndIt) {
  EXPECT_EQ(test::error_of([] {
              run_pipeline([]() -> std::optional<ImageInput> { throw Error("list is broken"); }, slow_faces,
                           [](const ImageOutput&) {});
            }),
            "list is broken");
  EXPECT_EQ(test::error_of([] {
              run_pipeline(frames(1000), slow_faces, [](const ImageOutput&) { throw Error("disk is full"); });
            }),
            "disk is full");
}

TEST(PipelineTest, DrawsWhereTheImageIs) {
  run_pipeline(frames(3), slow_faces, [](const ImageOutput& output) { EXPECT_EQ(output.drawing.width, 7); },
               {.draw = [](ImageView, std::span<const Face> faces) {
                 EXPECT_EQ(faces.size(), 1u);
                 return Image(7, 1);
               }});
}

/// What stands between two marks in a text.
std::string between(const std::string& text, const std::string& first, const std::string& last) {
  const auto begin = text.find(first) + first.size();
  return text.substr(begin, text.find(last, begin) - begin);
}

TEST(PipelineTest, TheManualShowsTheExample) {
  const std::string folder = REGARD_SOURCE_DIR;
  const auto shown = between(read_text(folder + "/docs/library.md"), "```cpp\n", "```");
  const auto compiled =
      between(read_text(folder + "/src/regard/pipeline/pipeline_test.cpp"), "  // [begin]\n", "  // [end]\n");
  EXPECT_EQ(shown, compiled);
}

TEST(PipelineTest, ExampleOfTheManual) {
  const std::vector<std::string> files{REGARD_SOURCE_DIR "/samples/astronaut.png", "missing.png",
                                       REGARD_SOURCE_DIR "/samples/grace_hopper.jpg"};
  std::string said;
  // [begin]
  const int jobs = 2;
  const Recognizer recognizer("ferplus-mobilenet", {.jobs = jobs});
  std::size_t next = 0;
  run_pipeline(
      [&]() -> std::optional<ImageInput> {
        if (next == files.size()) return std::nullopt;
        return ImageInput{.file = files[next++]};
      },
      [&](const std::string&, ImageView image) { return recognizer.recognize(image); },
      [&](const ImageOutput& output) {
        if (output.error) said += std::string(output.error->what()) + "\n";
        for (const auto& face : output.faces) said += output.file + ": " + face.expression + "\n";
      },
      {.jobs = jobs});
  // [end]
  const auto lines = std::count(said.begin(), said.end(), '\n');
  EXPECT_EQ(lines, 3) << said;
  EXPECT_NE(said.find("astronaut.png: happiness"), std::string::npos) << said;
  EXPECT_LT(said.find("missing.png"), said.find("grace_hopper.jpg"));
}

}  // namespace
}  // namespace regard
