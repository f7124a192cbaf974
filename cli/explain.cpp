#include <filesystem>

#include "cli/commands.h"
#include "cli/common.h"
#include "regard/image/decode.h"
#include "regard/output/explanation_image.h"
#include "regard/output/explanation_writer.h"
#include "regard/pipeline/explainer.h"

namespace regard {

namespace {

namespace fs = std::filesystem;

struct ExplainOptions {
  std::string image, model, out, format = "auto";
  RecognizerOptions recognizer;
};

// The output path; never the input image.
fs::path explanation_path(const ExplainOptions& options) {
  const fs::path image = options.image;
  const fs::path out =
      options.out.empty() ? fs::path(image.stem().string() + "-explained.png") : fs::path(options.out);
  std::error_code ignored;
  if (fs::equivalent(out, image, ignored))
    throw CLI::ValidationError("--out: '" + out.string() + "' is the input image");
  return out;
}

void explain(const ExplainOptions& options) {
  const auto out = explanation_path(options);
  const Image image = read_image(options.image);
  const Explainer explainer(options.model, options.recognizer);
  const auto explanations = explainer.explain(image);
  const bool table = options.format == "table" || (options.format == "auto" && is_terminal(stdout));
  const ExplainedImage explained{options.image, image.width, image.height, explanations};
  if (!explanations.empty()) write_image(out, draw_explanations(image, explanations, explainer));
  print(table ? explanations_as_table(explained, explainer) : explanations_as_json(explained, explainer));
  if (table && !explanations.empty()) print("\n" + out.string() + " shows it\n");
}

constexpr const char* kExplainExamples =
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
                   "image to write: .png or .jpg; default: the name of PHOTO with -explained.png, in the "
                   "current folder")
      ->type_name("FILE");
  command
      ->add_option("--format", options->format,
                   "output format; auto: a table on a terminal, else one line of JSON")
      ->check(CLI::IsMember({"auto", "table", "json"}))
      ->capture_default_str();
  add_flags(*command, options->recognizer);
  command->footer(kExplainExamples);
  command->callback([options] { explain(*options); });
}

}  // namespace regard
