#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>

#include "commands.h"
#include "common.h"
#include "regard/core/json.h"
#include "regard/image/decode.h"
#include "regard/output/explanation_image.h"
#include "regard/output/face_writer.h"
#include "regard/pipeline/explainer.h"

namespace regard {

namespace {

namespace fs = std::filesystem;

struct ExplainOptions {
  std::string image, model, out, format = "auto";
  RecognizerOptions recognizer;
};

std::string formatted(const char* format, auto... values) {
  std::string text(std::snprintf(nullptr, 0, format, values...), '\0');
  std::snprintf(text.data(), text.size() + 1, format, values...);
  return text;
}

struct TopClass {
  std::string expression;
  float probability = 0;
};

TopClass top_class_of(const std::vector<float>& probabilities, const std::vector<std::string>& labels) {
  const auto top = std::max_element(probabilities.begin(), probabilities.end());
  return {labels[static_cast<std::size_t>(top - probabilities.begin())], *top};
}

Json json_of(const Explanation& explained, const Explainer& explainer) {
  const auto& labels = explainer.recognizer().labels();
  Explanation shown = explained;
  shown.face.views.assign(shown.views.begin(), shown.views.end());
  Json face = to_json(shown.face, labels);
  for (std::size_t i = 0; i < explained.views.size(); ++i) {
    auto& view = face["views"][i];
    const auto& without = explained.views[i].without;
    if (!explainer.weighs_views()) view.erase("weight");
    view["without"] = {{"expression", top_class_of(without, labels).expression},
                       {"probabilities", by_label(without, labels)}};
  }
  return face;
}

std::string as_json(const ExplainOptions& options, ImageView image, const Explainer& explainer,
                    const std::vector<Explanation>& explanations) {
  Json faces = Json::array();
  for (const auto& explained : explanations) faces.push_back(json_of(explained, explainer));
  return json_shown({{"file", options.image},
                     {"width", image.width},
                     {"height", image.height},
                     {"model", explainer.recognizer().model().name},
                     {"by", explainer.weighs_views() ? "attention" : "occlusion"},
                     {"faces", std::move(faces)}}) +
         "\n";
}

std::string shown(const TopClass& top) {
  return formatted("%s %.0f %%", top.expression.c_str(), std::min(99.f, 100 * top.probability));
}

std::string shown(const std::optional<float>& attention) {
  return attention ? formatted("%.2f", *attention) : "-";
}

std::string table_of(const Explanation& explained, const Explainer& explainer) {
  const auto& labels = explainer.recognizer().labels();
  std::string lines = explainer.weighs_views() ? formatted("  %-20s  %6s  %5s  %8s  %s\n", "region", "weight",
                                                           "self", "relation", "without it")
                                               : formatted("  %-20s  %s\n", "occluded", "then");
  for (const auto& view : explained.views) {
    lines += formatted("  %-20s", view.name.c_str());
    if (explainer.weighs_views())
      lines += formatted("  %4.0f %%  %5s  %8s", 100 * view.weight, shown(view.self_attention).c_str(),
                         shown(view.relation_attention).c_str());
    lines += "  " + shown(top_class_of(view.without, labels)) + "\n";
  }
  return lines;
}

std::string as_table(const ExplainOptions& options, const Explainer& explainer,
                     const std::vector<Explanation>& explanations) {
  const auto& labels = explainer.recognizer().labels();
  if (explanations.empty()) return options.image + ": no face\n";
  std::string lines;
  for (std::size_t i = 0; i < explanations.size(); ++i)
    lines += formatted("%s%s, face %zu: %s\n", i ? "\n" : "", options.image.c_str(), i + 1,
                       shown(top_class_of(explanations[i].face.probabilities, labels)).c_str()) +
             table_of(explanations[i], explainer);
  return lines;
}

// The output path; never the input image.
fs::path target_of(const ExplainOptions& options) {
  const fs::path image = options.image;
  const fs::path out =
      options.out.empty() ? fs::path(image.stem().string() + "-explained.png") : fs::path(options.out);
  std::error_code ignored;
  if (fs::equivalent(out, image, ignored))
    throw CLI::ValidationError("--out: '" + out.string() + "' is the input image");
  return out;
}

void explain(const ExplainOptions& options) {
  const auto out = target_of(options);
  const Image image = read_image(options.image);
  const Explainer explainer(options.model, options.recognizer);
  const auto explanations = explainer.explain(image);
  const bool table = options.format == "table" || (options.format == "auto" && is_terminal(stdout));
  if (!explanations.empty()) write_image(out, draw_explanations(image, explanations, explainer));
  print(table ? as_table(options, explainer, explanations)
              : as_json(options, image, explainer, explanations));
  if (table && !explanations.empty()) print("\n" + out.string() + " shows it\n");
}

constexpr const char* kExamples =
    R"(The image has one panel per face: its regions, drawn wider the larger their weight; a bar for the weight of each
region and thin bars for both attentions; and the prediction without it. A model without attention is explained by
occlusion, which is something else: parts of the face are occluded in turn, and the model runs again.

JSON has the same numbers on one line:
  {"file", "width", "height", "model", "by": "attention" or "occlusion", "faces": [{as of `regard recognize`, "views":
   [{"name", "weight", "self_attention", "relation_attention", "corners": [[x, y] x 4], "without": {"expression",
   "probabilities"}}]}]}

examples:
  regard explain photo.jpg
  regard explain photo.jpg --out why.png --format json
  regard explain photo.jpg --model my-run/model.safetensors)";

}  // namespace

void add_explain(CLI::App& app) {
  auto options = std::make_shared<ExplainOptions>();
  auto* command = app.add_subcommand("explain", "shows which regions of a face a prediction is based on");
  command->add_option("PHOTO", options->image, "an image")->required();
  command
      ->add_option("--model", options->model,
                   "a model file, or the name of a shipped model (see `regard models`)")
      ->type_name("MODEL")
      ->default_str(kDefaultModel);
  command
      ->add_option("--out", options->out,
                   "image to write: .png, .jpg, .webp or .bmp; default: the name of PHOTO with "
                   "-explained.png, in the current folder")
      ->type_name("FILE");
  command
      ->add_option("--format", options->format,
                   "output format; auto: a table on a terminal, else one line of JSON")
      ->check(CLI::IsMember({"auto", "table", "json"}))
      ->capture_default_str();
  add_flags(*command, options->recognizer);
  command->footer(kExamples);
  command->callback([options] { explain(*options); });
}

}  // namespace regard
