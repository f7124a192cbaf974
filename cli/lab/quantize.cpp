#include <memory>

#include "cli/common.h"
#include "cli/lab/commands.h"
#include "lab/quantize/calibration.h"
#include "regard/core/output_file.h"
#include "regard/model/model.h"
#include "regard/pipeline/model_files.h"

namespace regard {

namespace {

struct QuantizeArguments {
  std::string model, data, split = "train", out;
  CalibrationOptions options;
};

void quantize_model(const QuantizeArguments& arguments) {
  const auto file = find_model(arguments.model);
  auto model = load_model(file);
  const auto set = PackedDataset::open(arguments.data);
  Progress progress(static_cast<std::size_t>(arguments.options.images), "images");
  model.quantization = calibrate(model, set, arguments.split, arguments.options,
                                 [&](std::size_t done) { progress.show(done); });
  progress.clear();
  save_model(arguments.out, model, DType::f16);
  print(arguments.out + ": " + std::to_string(model.quantization.layers.size()) + " layers in 8-bit integers\n");
}

}  // namespace

void add_quantize(CLI::App& app) {
  auto arguments = std::make_shared<QuantizeArguments>();
  auto* command = app.add_subcommand(kQuantize.name, kQuantize.description);
  command->add_option("MODEL", arguments->model, "a model file, or the name of a shipped model")->required();
  command->add_option("--data", arguments->data, "a file written by `regard pack`")->required()->type_name("PACK");
  command->add_option("--split", arguments->split, "split of the data set")->capture_default_str();
  command->add_option("--out", arguments->out, "the file to write")->required()->type_name("FILE");
  add_flags(*command, arguments->options);
  command->callback([arguments] { quantize_model(*arguments); });
}

}  // namespace regard
