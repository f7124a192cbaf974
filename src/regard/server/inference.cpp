#include "regard/server/inference.h"

#include "regard/core/table.h"
#include "regard/output/face_json.h"
#include "regard/server/request_images.h"
#include "regard/server/tensors.h"

namespace regard {
namespace {

/// A model of the protocol.
struct InferModel {
  std::string name;
  TensorSpec input;
  std::vector<TensorSpec> outputs;
  std::vector<InferTensor> (*run)(const InferTensor& input, const ServiceContext& context);
};

std::string faces_text(const std::string& name, ImageView image, const ServiceContext& context) {
  return json_shown(to_json(faces_in(name, image, context), context.model.recognizer().labels()));
}

InferTensor texts_tensor(const std::string& name, std::vector<std::string> texts) {
  const auto count = static_cast<std::int64_t>(texts.size());
  return {.name = name, .datatype = "BYTES", .shape = {count}, .texts = std::move(texts)};
}

InferTensor numbers_tensor(const std::string& name, std::int64_t rows, const std::vector<float>& numbers) {
  const auto columns = rows > 0 ? static_cast<std::int64_t>(numbers.size()) / rows : 0;
  return {.name = name,
          .datatype = "FP32",
          .shape = {rows, columns},
          .bytes = {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(float)}};
}

std::vector<InferTensor> infer_images(const InferTensor& input, const ServiceContext& context) {
  if (input.texts.size() > static_cast<std::size_t>(context.options.max_images))
    throw Error("has too many images", input.name, std::to_string(context.options.max_images) + " at most",
                std::to_string(input.texts.size()));
  std::vector<std::string> faces;
  for (const auto& bytes : input.texts) {
    const std::string name = "image " + std::to_string(faces.size());
    faces.push_back(faces_text(name, context.reader.read({name, bytes}), context));
  }
  return {texts_tensor("faces", std::move(faces))};
}

/// Borrows the bytes.
ImageView view_of(const char* bytes, std::int64_t height, std::int64_t width) {
  return {.data = reinterpret_cast<const std::uint8_t*>(bytes),
          .width = static_cast<int>(width),
          .height = static_cast<int>(height),
          .channels = 3,
          .stride = static_cast<std::ptrdiff_t>(3 * width)};
}

std::vector<InferTensor> infer_pixels(const InferTensor& input, const ServiceContext& context) {
  const auto view = view_of(input.bytes.data(), input.shape[0], input.shape[1]);
  return {texts_tensor("faces", {faces_text("pixels", view, context)})};
}

std::vector<InferTensor> infer_chips(const InferTensor& input, const ServiceContext& context) {
  const auto size = input.shape[1];
  std::vector<ImageView> chips;
  for (std::int64_t i = 0; i < input.shape[0]; ++i)
    chips.push_back(view_of(input.bytes.data() + i * size * size * 3, size, size));
  std::vector<float> probabilities, poses;
  std::vector<std::string> expressions;
  for (const auto& face : context.model.recognizer().recognize_chips(chips)) {
    probabilities.insert(probabilities.end(), face.probabilities.begin(), face.probabilities.end());
    poses.insert(poses.end(), {face.pose.yaw, face.pose.pitch, face.pose.roll});
    expressions.push_back(face.expression);
  }
  context.metrics.note_image(chips.size());
  return {numbers_tensor("probabilities", input.shape[0], probabilities),
          texts_tensor("expression", std::move(expressions)), numbers_tensor("pose", input.shape[0], poses)};
}

/// The table of models, for the one that is served.
std::vector<InferModel> infer_models(const ServedModel& served) {
  const auto& model = served.recognizer().model();
  const std::int64_t size = model.chip.size;
  const auto labels = static_cast<std::int64_t>(model.labels.size());
  return {
      {model.name, {"image", "BYTES", {-1}}, {{"faces", "BYTES", {-1}}}, infer_images},
      {model.name + "-pixels", {"pixels", "UINT8", {-1, -1, 3}}, {{"faces", "BYTES", {1}}}, infer_pixels},
      {model.name + "-chips",
       {"chips", "UINT8", {-1, size, size, 3}},
       {{"probabilities", "FP32", {-1, labels}}, {"expression", "BYTES", {-1}}, {"pose", "FP32", {-1, 3}}},
       infer_chips}};
}

Json described(const TensorSpec& spec) {
  return {{"name", spec.name}, {"datatype", spec.datatype}, {"shape", spec.shape}};
}

}  // namespace

HttpAnswer server_metadata(const std::string& version) {
  return json_answer({{"name", "regard"}, {"version", version}, {"extensions", {"binary_tensor_data"}}});
}

bool has_infer_model(const ServedModel& model, const std::string& name, const std::string& version) {
  const auto models = infer_models(model);
  const bool known =
      std::any_of(models.begin(), models.end(), [&](const auto& row) { return row.name == name; });
  return known && (version.empty() || version == "1");
}

HttpAnswer infer_model_metadata(const ServedModel& model, const std::string& name) {
  const auto models = infer_models(model);
  const auto& row = find_row(models, name, "model");
  Json outputs = Json::array();
  for (const auto& output : row.outputs) outputs.push_back(described(output));
  const auto& info = model.recognizer().model();
  return json_answer({{"name", row.name},
                      {"versions", {"1"}},
                      {"platform", "regard"},
                      {"inputs", Json::array({described(row.input)})},
                      {"outputs", outputs},
                      {"parameters", {{"labels", info.labels}, {"sha256", info.hash()}}}});
}

HttpAnswer infer(const std::string& name, const HttpRequest& request, const ServiceContext& context) {
  const auto models = infer_models(context.model);
  const auto& row = find_row(models, name, "model");
  const InferRequest parsed = parse_infer_request(request);
  if (parsed.inputs.size() != 1)
    throw Error("number of inputs is wrong", "inputs", "1", std::to_string(parsed.inputs.size()));
  check_tensor(parsed.inputs[0], row.input);
  return infer_answer(parsed, row.name, row.run(parsed.inputs[0], context));
}

}  // namespace regard
