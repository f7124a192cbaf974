#include "regard/server/recognition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "regard/core/file.h"
#include "regard/image/encode.h"
#include "regard/output/face_json.h"
#include "regard/pipeline/model_files.h"
#include "regard/server/request_images.h"
#include "tests/support.h"

namespace regard {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const ServedModel& served_model() {
  static const ServedModel model("", {});
  return model;
}

/// A service without a server.
struct TestService {
  explicit TestService(ServiceOptions given = {}) : options(std::move(given)) {}
  operator ServiceContext() { return {served_model(), options, reader, metrics}; }

  ServiceOptions options;
  ImageReader reader{options};
  ServerMetrics metrics;
};

HttpRequest photo_request(const std::string& query) {
  return {.query = query,
          .fields = {{"Content-Type", "image/png"}},
          .body = read_text(samples_folder() / "astronaut.png")};
}

HttpRequest grey_request(const std::string& query) {
  const auto bytes = encode_png(Image(64, 64));
  return {.query = query, .fields = {{"Content-Type", "image/png"}}, .body = {bytes.begin(), bytes.end()}};
}

TEST(RecognitionTest, AnswersAreThoseOfTheLibrary) {
  TestService service;
  const auto answer = recognize_answer(photo_request("file=a.png"), service);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.type, "application/json");
  const auto& recognizer = served_model().recognizer();
  const ImageFaces faces{"a.png", 512, 512, recognizer.recognize(samples_folder() / "astronaut.png")};
  EXPECT_EQ(answer.body, json_shown(to_json(faces, recognizer.labels())) + "\n");
  EXPECT_THAT(service.metrics.text({}), HasSubstr("regard_faces_total 1\n"));
}

TEST(RecognitionTest, TablesAreToBeHad) {
  TestService service;
  EXPECT_THAT(recognize_answer(photo_request("format=csv"), service).body, StartsWith("file,"));
  EXPECT_THAT(test::error_of([&] { recognize_answer(photo_request("format=xml"), service); }),
              HasSubstr("json, csv, table"));
}

TEST(RecognitionTest, ExplanationsAreNumbersOrAPicture) {
  TestService service;
  const auto numbers = explain_answer(photo_request("file=a.png"), service);
  EXPECT_THAT(numbers.body, HasSubstr("\"by\":\"occlusion\""));
  const auto drawn = explain_answer(photo_request("format=png"), service);
  EXPECT_EQ(drawn.type, "image/png");
  EXPECT_THAT(drawn.body, StartsWith("\x89PNG"));
  EXPECT_EQ(explain_answer(grey_request("format=png"), service).status, 422);
  EXPECT_THAT(explain_answer(grey_request(""), service).body, HasSubstr("\"faces\":[]"));
}

TEST(RecognitionTest, OtherFormatsAre415) {
  TestService jpeg({.formats = {"JPEG"}});
  EXPECT_EQ(recognize_answer(photo_request(""), jpeg).status, 415);
  EXPECT_EQ(explain_answer(photo_request(""), jpeg).status, 415);
  EXPECT_EQ(preview_answer(photo_request(""), jpeg).status, 415);
}

TEST(RecognitionTest, PreviewsAreSmallJpegs) {
  const auto bytes = encode_png(Image(5000, 10));
  const HttpRequest request{.fields = {{"Content-Type", "image/png"}}, .body = {bytes.begin(), bytes.end()}};
  TestService service;
  const auto answer = preview_answer(request, service);
  EXPECT_EQ(answer.type, "image/jpeg");
  const Image preview = decode_here({"preview", answer.body}, {});
  EXPECT_EQ(preview.width, 1666);
  EXPECT_EQ(preview.height, 3);
}

}  // namespace
}  // namespace regard
