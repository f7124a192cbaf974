#include <memory>

#include "cli/commands.h"
#include "cli/common.h"
#include "regard/model/model.h"
#include "regard/pipeline/model_files.h"

namespace regard {

namespace {

struct EnsembleArguments {
  std::vector<std::string> models;
  std::string out, name;
};

void make_ensemble(const EnsembleArguments& arguments) {
  std::vector<Model> models;
  for (const auto& name : arguments.models) models.push_back(load_model(find_model(name)));
  const std::filesystem::path out = arguments.out;
  save_model(out, ensemble_of(arguments.name.empty() ? out.stem().string() : arguments.name, models),
             DType::f16);
  print(arguments.out + ": the mean of " + std::to_string(models.size()) + " models\n");
}

}  // namespace

void add_ensemble(CLI::App& app) {
  auto arguments = std::make_shared<EnsembleArguments>();
  auto* command =
      app.add_subcommand("ensemble", "combines models into one that averages their probabilities");
  command->add_option("MODELS", arguments->models, "two or more names of shipped models, or model files")
      ->required()
      ->expected(2, -1)
      ->type_name("MODEL");
  command->add_option("--out", arguments->out, "the file to write")->required()->type_name("FILE");
  command->add_option("--name", arguments->name, "name of the ensemble (default: the name of the file)");
  command->footer(
      "The models must have the same labels and the same chips. The result is a model file like any other. "
      "It can be used,\n"
      "evaluated (--fit-temperature fits the temperature of the ensemble) and exported.\n"
      "\n"
      "examples:\n"
      "  regard ensemble ferplus-mobilenet ferplus-ran --out both.safetensors\n"
      "  regard evaluate both.safetensors --data FERPlus/data --against ferplus-ran");
  command->callback([arguments] { make_ensemble(*arguments); });
}

}  // namespace regard
