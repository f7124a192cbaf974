#include <memory>
#include <optional>

#include "commands.h"
#include "common.h"
#include "regard/data/ferplus.h"
#include "regard/data/occluded_split.h"

namespace regard {

namespace {

struct PackOptions {
  std::string dataset = "ferplus";
  std::string data;
  std::string out;
  std::optional<std::uint64_t> occlude;  // the seed
};

std::string summary(const PackedDataset& packed) {
  std::string text;
  for (const auto& split : packed.splits())
    text += split + ": " + std::to_string(packed.indices(split, true).size()) +
            " pictures with a majority label, " + std::to_string(packed.indices(split, false).size()) +
            " with votes for an expression\n";
  return text;
}

// The validation split alone, its pictures covered; beside it the list that names what with.
void pack_occluded(const PackOptions& options) {
  const auto list = std::filesystem::path(options.out).replace_extension(".txt");
  if (!is_packed(options.data))
    throw Error("no packed data set", options.data, "for --occlude, what `regard pack` wrote");
  if (list == options.out) throw CLI::ValidationError("--out must not end in .txt: the list is called so");
  write_occluded(PackedDataset::open(options.data), "valid", *options.occlude, options.out, list);
  print(options.out + ": " + summary(PackedDataset::open(options.out)) + list.string() +
        ": what covers which picture\n");
}

void pack(const PackOptions& options) {
  if (options.occlude) return pack_occluded(options);
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
  command
      ->add_option(
          "--occlude", options->occlude,
          "write a packed data set's validation split with a drawn hat, hand, mask or the like over each "
          "face, and, as FILE with the ending .txt, a list of what covers which, for evaluate's --subset")
      ->type_name("SEED");
  command->footer(
      "examples:\n"
      "  regard pack --dataset ferplus --data FERPlus/data --out ferplus.pack\n"
      "  regard pack --dataset ferplus --data ferplus.zip --out ferplus.pack\n"
      "  regard pack --data ferplus.pack --occlude 1 --out occluded.pack");
  command->callback([options] { pack(*options); });
}

}  // namespace regard
