#include <memory>

#include "cli/commands.h"
#include "cli/common.h"
#include "regard/core/file.h"
#include "regard/engine/graph.h"
#include "regard/model/model.h"
#include "regard/pipeline/model_files.h"

namespace regard {

namespace {

struct ExportOptions {
  std::string model, out, precision = "f32";
};

void export_model(const ExportOptions& options) {
  const auto arithmetic = options.precision == "int8" ? Arithmetic::integers : Arithmetic::floats;
  const auto onnx = onnx_model(load_model(find_model(options.model)), {}, arithmetic);
  write_text_atomically(options.out, onnx);
  print(options.out + ": " + std::to_string(onnx.size()) + " bytes\n");
}

}  // namespace

void add_export(CLI::App& app) {
  auto options = std::make_shared<ExportOptions>();
  auto* command = app.add_subcommand("export", "writes a model as ONNX (opset 17)");
  command->add_option("MODEL", options->model, "name of a shipped model, or a model file")
      ->required()
      ->type_name("MODEL");
  command->add_option("--out", options->out, "the file to write")->required()->type_name("FILE");
  command
      ->add_option("--precision", options->precision,
                   "f32, or int8: convolutions between pairs of QuantizeLinear and DequantizeLinear, for a "
                   "model that `regard quantize` made")
      ->check(CLI::IsMember({"f32", "int8"}))
      ->capture_default_str();
  command->footer(
      "Input: chip, f32 [n, 3, size, size], RGB, 0 to 255, any n. Outputs: logits and probabilities, [n, "
      "classes].\n"
      "The metadata of the file contain the labels, the size and framing of chips, and the licence.\n"
      "\n"
      "examples:\n"
      "  regard export ferplus-mobilenet --out ferplus-mobilenet.onnx\n"
      "  regard export my-run/model.safetensors --out model.onnx\n"
      "  regard export ferplus-mobilenet --precision int8 --out ferplus-mobilenet-int8.onnx");
  command->callback([options] { export_model(*options); });
}

}  // namespace regard
