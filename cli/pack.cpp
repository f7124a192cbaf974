#include <memory>

#include "commands.h"
#include "common.h"
#include "regard/data/ferplus.h"

namespace regard {

namespace {

struct PackOptions {
  std::string dataset = "ferplus";
  std::string data;
  std::string out;
};

std::string summary(const PackedDataset& packed) {
  std::string text;
  for (const auto& split : packed.splits())
    text += split + ": " + std::to_string(packed.indices(split, true).size()) +
            " pictures with a majority label, " + std::to_string(packed.indices(split, false).size()) +
            " with votes for an expression\n";
  return text;
}

void pack(const PackOptions& options) {
  {
    std::unique_ptr<Progress> progress;
    pack_ferplus(options.data, options.out, [&](std::int64_t done, std::int64_t total) {
      if (!progress) progress = std::make_unique<Progress>(total, "pictures");
      progress->show(done);
    });
  }
  const auto packed = PackedDataset::open(options.out);
  print(options.out + ": " + std::to_string(packed.count()) + " pictures\n" + summary(packed));
}

}  // namespace

void add_pack(CLI::App& app) {
  auto options = std::make_shared<PackOptions>();
  auto* command = app.add_subcommand("pack", "packs a data set into one file, as `train` wants it");
  command->add_option("--dataset", options->dataset, "which data set it is")
      ->check(CLI::IsMember({"ferplus"}))
      ->capture_default_str();
  command
      ->add_option(
          "--data", options->data,
          "where it lies: a folder (or a .zip file) with FER2013Train, FER2013Valid, FER2013Test, each with "
          "its label.csv and pictures; folders that are missing are left out")
      ->required()
      ->type_name("PATH");
  command->add_option("--out", options->out, "the file to write")->required()->type_name("FILE");
  command->footer(
      "examples:\n"
      "  regard pack --dataset ferplus --data FERPlus/data --out ferplus.pack\n"
      "  regard pack --dataset ferplus --data ferplus.zip --out ferplus.pack");
  command->callback([options] { pack(*options); });
}

}  // namespace regard
