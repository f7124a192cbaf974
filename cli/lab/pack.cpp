#include <memory>
#include <optional>

#include "cli/common.h"
#include "cli/lab/commands.h"
#include "cli/lab/datasets.h"
#include "lab/datasets/merging.h"
#include "lab/datasets/occluded_split.h"
#include "lab/evaluate/soft_targets.h"
#include "regard/core/output_file.h"
#include "regard/model/model.h"
#include "regard/pipeline/model_files.h"

namespace regard {

namespace {

struct PackArguments {
  std::string dataset = "ferplus", data, out;
  PackOptions options;
  std::optional<std::uint64_t> occlude;  // the seed
  std::vector<std::string> teachers, merge;
  float teacher_weight = 0.5f;
};

std::string summary(const PackedDataset& packed) {
  std::string text;
  for (const auto& split : packed.splits())
    text += split + ": " + std::to_string(packed.indices(split, true).size()) +
            " images with a majority label, " + std::to_string(packed.indices(split, false).size()) +
            " with soft labels for an expression\n";
  std::int64_t placed = 0, posed = 0;
  for (std::int64_t i = 0; i < packed.count(); ++i) {
    placed += packed.landmarks(i).has_value();
    posed += packed.pose(i).has_value();
  }
  const auto tell = [&](const char* what, std::int64_t known) {
    if (known > 0)
      text += std::string(what) + ": known for " + std::to_string(known) + " of " +
              std::to_string(packed.count()) + " images\n";
  };
  tell("landmarks", placed);
  tell("head pose", posed);
  for (const auto& note : packed.notes()) text += note + "\n";
  return text;
}

// The validation split alone, its images occluded; beside it the list that names what with.
void pack_occluded(const PackArguments& arguments) {
  const auto list = std::filesystem::path(arguments.out).replace_extension(".txt");
  if (!is_packed(arguments.data))
    throw Error("no packed data set", arguments.data, "for --occlude, what `regard pack` wrote");
  if (list == arguments.out)
    throw CLI::ValidationError("--out must not end in .txt, which is the name of the list");
  write_occluded(PackedDataset::open(arguments.data), "valid", *arguments.occlude, arguments.out, list);
  print(arguments.out + ": " + summary(PackedDataset::open(arguments.out)) + list.string() +
        ": the type of occlusion of each image\n");
}

// The training part's soft labels mixed with what models say.
void pack_soft_targets(const PackArguments& arguments) {
  if (!is_packed(arguments.data))
    throw Error("no packed data set", arguments.data, "for --teacher, what `regard pack` wrote");
  const auto set = PackedDataset::open(arguments.data);
  std::vector<Model> teachers;
  for (const auto& name : arguments.teachers) teachers.push_back(load_model(find_model(name)));
  Progress progress(set.indices("train", false).size(), "images");
  write_soft_targets(set, teachers, {.precision = "bf16"}, arguments.teacher_weight, arguments.out,
                     [&](std::size_t done) { progress.show(done); });
  progress.clear();
  print(arguments.out + ": " + summary(PackedDataset::open(arguments.out)));
}

void pack_merged(const PackArguments& arguments) {
  const std::vector<std::filesystem::path> packs(arguments.merge.begin(), arguments.merge.end());
  merge_packed(packs, arguments.out);
  const auto packed = PackedDataset::open(arguments.out);
  print(arguments.out + ": " + packed.dataset() + ", " + std::to_string(packed.count()) + " images\n" +
        summary(packed));
}

void pack(const PackArguments& arguments) {
  const OutputLock lock(arguments.out);
  if (!arguments.merge.empty()) return pack_merged(arguments);
  if (arguments.data.empty()) throw CLI::RequiredError("--data");
  if (arguments.occlude) return pack_occluded(arguments);
  if (!arguments.teachers.empty()) return pack_soft_targets(arguments);
  pack_shown(arguments.dataset, {.source = arguments.data, .options = arguments.options}, arguments.out);
  const auto packed = PackedDataset::open(arguments.out);
  print(arguments.out + ": " + std::to_string(packed.count()) + " images\n" + summary(packed));
}

std::string footer() {
  std::string text = "data sets, and the contents of their folders (see docs/data.md):\n";
  for (const auto& dataset : datasets()) text += "  " + dataset.name + ": " + dataset.about + "\n";
  return text +
         "\nexamples:\n"
         "  regard pack --dataset ferplus --data FERPlus/data --out ferplus.pack\n"
         "  regard pack --dataset ferplus --data ferplus.zip --align --out ferplus-aligned.pack\n"
         "  regard pack --dataset rafdb --data RAF-DB --size 160 --pose --out rafdb.pack\n"
         "  regard pack --data ferplus.pack --occlude 1 --out occluded.pack\n"
         "  regard pack --data ferplus.pack --teacher ferplus-ran --out distilled.pack\n"
         "  regard pack --merge rafdb.pack affectnet.pack --out both.pack";
}

}  // namespace

void add_pack(CLI::App& app) {
  auto arguments = std::make_shared<PackArguments>();
  auto* command = app.add_subcommand(kPack.name, kPack.description);
  command->add_option("--dataset", arguments->dataset, "which data set it is")
      ->check(CLI::IsMember(dataset_names()))
      ->capture_default_str();
  command->add_option("--data", arguments->data, "folder or .zip of the data set")->type_name("PATH");
  command->add_option("--out", arguments->out, "the file to write")->required()->type_name("FILE");
  add_flags(*command, arguments->options);
  command->add_option("--valid-share", arguments->options.valid_fraction)->group("");  // as scripts call it
  command
      ->add_option("--occlude", arguments->occlude,
                   "write the validation split of a packed data set with a synthetic occluder (a hat, a "
                   "hand, a mask, ...) over each face, and a list of the types of occlusion for evaluate's "
                   "--subset, as FILE with the extension .txt")
      ->type_name("SEED");
  repeatable(command->add_option("--teacher", arguments->teachers,
                                 "write a packed data set for distillation: the soft labels of the training "
                                 "split mixed with the mean prediction of these models; can be repeated"))
      ->type_name("MODEL")
      ->excludes("--occlude");
  command
      ->add_option("--merge", arguments->merge,
                   "merge several packed data sets into one, matching labels by name")
      ->type_name("PACK ...")
      ->expected(2, 100)
      ->excludes("--data")
      ->excludes("--occlude")
      ->excludes("--teacher");
  command
      ->add_option("--teacher-weight", arguments->teacher_weight,
                   "weight of the teachers' predictions in the soft targets")
      ->capture_default_str();
  command->footer(footer());
  command->callback([arguments] { pack(*arguments); });
}

}  // namespace regard
