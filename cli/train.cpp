#include <iostream>

#include "commands.h"
#include "common.h"
#include "regard/data/ferplus.h"
#include "regard/data/packed.h"

namespace regard {

namespace {

namespace fs = std::filesystem;

struct TrainOptions {
  std::string recipe, data, out;
};

// The packed data set; packed into the run's folder first where `data` is a folder or a .zip. That takes
// seconds and gives the same bytes every time, so that it need not be known whether it was done before.
fs::path packed(const TrainOptions& options) {
  const fs::path data = options.data;
  if (is_packed(data)) return data;
  const fs::path pack = fs::path(options.out) / "data.pack";
  fs::create_directories(options.out);
  std::cerr << "packing " << data.string() << " into " << pack.string() << '\n';
  std::optional<Progress> progress;
  pack_ferplus(data, pack, [&](std::int64_t done, std::int64_t total) {
    if (!progress) progress.emplace(total, "pictures");
    progress->show(done);
  });
  return pack;
}

void train(const TrainOptions& options, const std::vector<std::string>& rest) {
  require_torch();
  std::vector<std::string> arguments{"train",         options.recipe, "--packed",
                                     packed(options), "--out",        options.out};
  arguments.insert(arguments.end(), rest.begin(), rest.end());
  exec_torch(arguments);
}

constexpr const char* kExamples =
    R"(Whatever else is given is handed on to `regard-torch train`, the part of the program that needs libtorch (`make
build-train` builds it); `regard-torch train --help` lists its options. A run that was stopped goes on where it was when
the same command is given again. The recipe's values and what they mean: docs/training.md.

examples:
  regard train recipes/ferplus-mobilenet.toml --data FERPlus/data --out runs/first
  regard train recipes/ferplus-mobilenet.toml --data ferplus.pack --out runs/second --device cuda)";

}  // namespace

void add_train(CLI::App& app) {
  auto options = std::make_shared<TrainOptions>();
  auto* command = app.add_subcommand("train", "trains a network as a recipe says");
  command->add_option("RECIPE", options->recipe, "a file of recipes/, or your own")
      ->required()
      ->check(CLI::ExistingFile);
  command
      ->add_option("--data", options->data,
                   "FERPlus as a folder, as a .zip, or packed into one file (`regard pack`)")
      ->required()
      ->type_name("DIR|ZIP|PACK")
      ->check(CLI::ExistingPath);
  command->add_option("--out", options->out, "folder of the run: checkpoints, log and model")
      ->required()
      ->type_name("DIR");
  command->allow_extras();
  command->footer(kExamples);
  command->callback([options, command] { train(*options, command->remaining()); });
}

}  // namespace regard
