#include "regard/server/recognition.h"

#include <algorithm>
#include <array>

#include "regard/core/table.h"
#include "regard/image/encode.h"
#include "regard/output/explanation_image.h"
#include "regard/output/explanation_writer.h"
#include "regard/output/face_json.h"
#include "regard/output/face_writer.h"
#include "regard/server/request_images.h"

namespace regard {
namespace {

constexpr int kPreviewSide = 2048;

/// Media types of the formats of FaceWriter.
struct AnswerType {
  std::string_view name;
  const char* type;
};
constexpr std::array kAnswerTypes{AnswerType{"json", "application/json"},
                                  AnswerType{"csv", "text/csv; charset=utf-8"},
                                  AnswerType{"table", "text/plain; charset=utf-8"}};

ImageFaces recognized(const RequestImage& image, const ServiceContext& context) {
  const Image pixels = context.reader.read(image);
  return faces_in(image.name, pixels, context);
}

/// One line for each image, with the faces or the error.
HttpAnswer lines_answer(const std::vector<RequestImage>& images, const ServiceContext& context) {
  HttpAnswer answer{.type = "application/x-ndjson"};
  for (const auto& image : images) {
    ImageResult result;
    result.file = image.name;
    try {
      static_cast<ImageFaces&>(result) = recognized(image, context);
    } catch (const Error& error) {
      result.error = error.what();
    }
    answer.body += json_shown(to_json(result, context.model.recognizer().labels())) + "\n";
  }
  return answer;
}

/// The only image of a request.
RequestImage single_image(const HttpRequest& request, const ServiceOptions& options) {
  auto images = images_of(request, options);
  if (images.size() != 1) throw Error("has several images", "request", "1", std::to_string(images.size()));
  return std::move(images[0]);
}

/// Every n-th pixel of every n-th row, so that no side is longer than kPreviewSide.
Image thinned(Image image) {
  const int step = (std::max(image.width, image.height) + kPreviewSide - 1) / kPreviewSide;
  if (step <= 1) return image;
  Image thin(image.width / step, image.height / step, image.channels);
  for (int y = 0; y < thin.height; ++y)
    for (int x = 0; x < thin.width; ++x)
      std::copy_n(image.row(y * step) + x * step * image.channels, image.channels,
                  thin.row(y) + x * image.channels);
  return thin;
}

/// 415 if the format is not read.
std::optional<HttpAnswer> wrong_format(const RequestImage& image, const ServiceOptions& options) {
  try {
    check_format(image, options);
  } catch (const Error& error) {
    return error_answer(415, error.what());
  }
  return std::nullopt;
}

}  // namespace

ImageFaces faces_in(const std::string& name, ImageView image, const ServiceContext& context) {
  ImageFaces found{.file = name,
                   .width = image.width,
                   .height = image.height,
                   .faces = context.model.recognizer().recognize(image)};
  context.metrics.note_image(found.faces.size());
  return found;
}

HttpAnswer recognize_answer(const HttpRequest& request, const ServiceContext& context) {
  const auto format = request.asked("format").value_or("json");
  const auto& type = find_row(kAnswerTypes, format, "format");
  const auto images = images_of(request, context.options);
  if (images.size() > 1 && format == "json") return lines_answer(images, context);
  const auto& recognizer = context.model.recognizer();
  const auto writer = make_face_writer(format, {.labels = recognizer.labels(), .views = recognizer.views()});
  HttpAnswer answer{.type = type.type, .body = writer->header()};
  for (const auto& image : images) {
    if (auto wrong = wrong_format(image, context.options)) return *std::move(wrong);
    answer.body += writer->text(recognized(image, context));
  }
  return answer;
}

HttpAnswer explain_answer(const HttpRequest& request, const ServiceContext& context) {
  const auto format = request.asked("format").value_or("json");
  if (format != "json" && format != "png") throw Error("unknown format", format, "json, png");
  const auto image = single_image(request, context.options);
  if (auto wrong = wrong_format(image, context.options)) return *std::move(wrong);
  const Image pixels = context.reader.read(image);
  const auto explanations = context.model.explainer().explain(pixels.view());
  context.metrics.note_image(explanations.size());
  if (format == "json")
    return {.type = "application/json",
            .body = explanations_as_json({image.name, pixels.width, pixels.height, explanations},
                                         context.model.explainer())};
  if (explanations.empty())
    return error_answer(422, image.name + ": no face, so that there is nothing to draw");
  return {.type = "image/png",
          .body = body_of(encode_png(draw_explanations(pixels, explanations, context.model.explainer())))};
}

HttpAnswer preview_answer(const HttpRequest& request, const ServiceContext& context) {
  const auto image = single_image(request, context.options);
  if (auto wrong = wrong_format(image, context.options)) return *std::move(wrong);
  return {.type = "image/jpeg", .body = body_of(encode_jpeg(thinned(context.reader.read(image)), 85))};
}

}  // namespace regard
