#include <iostream>

#include "cli/common.h"
#include "cli/lab/commands.h"
#include "cli/lab/datasets.h"
#include "cli/siblings.h"
#include "lab/data/packed.h"
#include "lab/recipe/input_size.h"
#include "train/options.h"

namespace regard {

namespace {

namespace fs = std::filesystem;

struct TrainArguments {
  std::string recipe, dataset = "ferplus", data, out;
  TrainOptions options;
};

// The packed data set; packed into the run's folder first where `data` is a folder or a .zip. That takes
// seconds and gives the same bytes every time, so that it need not be known whether it was done before.
fs::path packed(const TrainArguments& arguments) {
  const fs::path data = arguments.data;
  if (is_packed(data)) return data;
  const fs::path pack = fs::path(arguments.out) / "data.pack";
  fs::create_directories(arguments.out);
  std::cerr << "packing " << data.string() << " into " << pack.string() << '\n';
  PackJob job{.source = data};
  const auto recipe = read_recipe(arguments.recipe);
  if (!find_dataset(arguments.dataset).check) job.options.size = input_size_of(recipe);
  if (recipe.validate_on.empty()) job.options.valid_fraction = 0;
  pack_shown(arguments.dataset, job, pack);
  return pack;
}

void train(const TrainArguments& arguments, const std::vector<std::string>& flags) {
  require_sibling(kTorch);
  std::vector<std::string> handed_on{"train",           arguments.recipe, "--packed",
                                     packed(arguments), "--out",          arguments.out};
  handed_on.insert(handed_on.end(), flags.begin(), flags.end());
  exec_sibling(kTorch, handed_on);
}

constexpr const char* kTrainExamples =
    R"(Training runs in a separate program, `regard-torch`, which needs libtorch (`make build-train` builds it).
`regard-torch train --help` lists the keys of a recipe; see also docs/training.md. An interrupted run continues when the
same command is given again.

examples:
  regard train recipes/ferplus-mobilenet.toml --data FERPlus/data --out runs/first
  regard train recipes/ferplus-mobilenet.toml --data ferplus.pack --out runs/second --device cuda)";

}  // namespace

void add_train(CLI::App& app) {
  auto arguments = std::make_shared<TrainArguments>();
  auto* command = app.add_subcommand(kTrain.name, kTrain.description);
  command->add_option("RECIPE", arguments->recipe, "a file in recipes/, or your own")
      ->required()
      ->check(CLI::ExistingFile);
  command
      ->add_option("--dataset", arguments->dataset,
                   "name of the data set (see `regard pack --help`); ignored for packed data")
      ->check(CLI::IsMember(dataset_names()))
      ->capture_default_str();
  command
      ->add_option("--data", arguments->data,
                   "the data set as a folder, a .zip, or a file written by `regard pack`")
      ->required()
      ->type_name("DIR|ZIP|PACK")
      ->check(CLI::ExistingPath);
  command->add_option("--out", arguments->out, "folder of the run: checkpoints, log and model")
      ->required()
      ->type_name("DIR");
  add_flags(*command, arguments->options);
  command->footer(kTrainExamples);
  command->callback([arguments, command] { train(*arguments, given_flags<TrainOptions>(*command)); });
}

}  // namespace regard
