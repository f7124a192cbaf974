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
  const OutputLock lock(arguments.out);
  if (!is_packed(arguments.data))
    throw Error("no packed data set", arguments.data, "what `regard pack` wrote");
  const auto file = TensorFile::open(find_model(arguments.model));
  auto model = load_model(file);
  Progress progress(static_cast<std::size_t>(arguments.options.images), "images");
  model.quantization = calibrate(model, PackedDataset::open(arguments.data), arguments.split,
                                 arguments.options, [&](std::size_t done) { progress.show(done); });
  progress.clear();
  model.results.erase("int8");
  save_model(arguments.out, model, stored_type(file));
  print(arguments.out + ": " + std::to_string(model.quantization.layers.size()) +
        " convolutions can run in 8-bit integers\n");
}

}  // namespace

void add_quantize(CLI::App& app) {
  auto arguments = std::make_shared<QuantizeArguments>();
  auto* command = app.add_subcommand(kQuantize.name, kQuantize.description);
  command->add_option("MODEL", arguments->model, "name of a shipped model, or a model file")
      ->required()
      ->type_name("MODEL");
  command->add_option("--data", arguments->data, "a data set as `regard pack` writes it")
      ->required()
      ->type_name("PACK");
  command
      ->add_option("--split", arguments->split,
                   "split of the data set; for results that say something, not the one that the model is "
                   "evaluated on")
      ->check(CLI::IsMember({"train", "valid", "test"}))
      ->capture_default_str();
  command->add_option("--out", arguments->out, "the model file to write")->required()->type_name("FILE");
  add_flags(*command, arguments->options);
  command->footer(
      "Measures the range of what goes into every convolution, and by how much rounded weights are wrong in "
      "the mean.\n"
      "The weights stay as they are: the file is as good in f32 and bf16 as before.\n"
      "\n"
      "examples:\n"
      "  regard quantize my-run/model.safetensors --data ferplus.pack --out quantized.safetensors\n"
      "  regard evaluate quantized.safetensors --data ferplus.pack --precision int8 --fit-temperature");
  command->callback([arguments] { quantize_model(*arguments); });
}

}  // namespace regard
