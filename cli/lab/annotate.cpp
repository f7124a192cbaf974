#include <algorithm>
#include <iostream>
#include <memory>
#include <unordered_map>

#include "cli/common.h"
#include "cli/lab/commands.h"
#include "cli/lab/datasets.h"
#include "lab/annotate/marks.h"
#include "lab/annotate/poses.h"
#include "lab/annotate/server.h"
#include "lab/annotate/suspicion.h"
#include "lab/evaluate/evaluation.h"
#include "regard/core/output_file.h"
#include "regard/pipeline/model_files.h"

namespace regard {

namespace {

namespace fs = std::filesystem;

// Size of images cut from photographs, for display.
constexpr int kShownSize = 224;

struct AnnotateArguments {
  std::string dataset, data, split = "valid", out, database, list;
  int port = 8017;
};

/// Writes no file for an empty list, which could not be read.
void write_list(const fs::path& path, const std::string& lines) {
  const auto count = std::count(lines.begin(), lines.end(), '\n');
  if (count > 0) write_text_atomically(path, lines);
  print(path.string() + ": " +
        (count > 0 ? std::to_string(count) + " images\n" : "not written, no image is\n"));
}

/// The data set: as requested, else from the packed file, else ferplus.
std::string dataset_of(const AnnotateArguments& arguments) {
  if (!arguments.dataset.empty()) return arguments.dataset;
  return is_packed(arguments.data) ? PackedDataset::open(arguments.data).dataset() : "ferplus";
}

void annotate_pose(const AnnotateArguments& arguments) {
  const Dataset& dataset = find_dataset(dataset_of(arguments));
  PackJob job{.source = arguments.data,
              .splits = {arguments.split},
              .detector = detector_file(),
              .face_mesh = face_mesh_file()};
  JobReport report(job);
  const auto images = find_poses(dataset, job);
  report.finish();
  const auto labelled =
      std::count_if(images.begin(), images.end(), [](const auto& p) { return p.label >= 0; });
  const auto posed =
      std::count_if(images.begin(), images.end(), [](const auto& p) { return p.label >= 0 && p.pose; });
  const fs::path out = arguments.out;
  const OutputLock lock(out);
  write_text_atomically(out / "poses.csv", pose_table(images, dataset.labels));
  print((out / "poses.csv").string() + ": head poses of " + std::to_string(posed) + " of the " +
        std::to_string(labelled) + " images with a majority label\n");
  write_list(out / "pose30.txt", pose_list(images, 30));
  write_list(out / "pose45.txt", pose_list(images, 45));
}

void export_marks(const AnnotateArguments& arguments) {
  const MarkStore store = MarkStore::open(arguments.database);
  write_list(arguments.list, occlusion_list(store));
  const auto counts = store.counts();
  std::int64_t left = store.count();
  for (std::size_t i = 0; i < kMarks; ++i) {
    print(std::string(name_of(static_cast<Mark>(i))) + ": " + std::to_string(counts[i]) + "\n");
    left -= counts[i];
  }
  print("not marked: " + std::to_string(left) + "\n");
}

/// A new store, the set's images in it sorted by how likely they are occluded.
MarkStore new_store(const fs::path& path, const EvaluationSet& set) {
  MarkedSet marked{set.dataset, set.split, set.labels, {}};
  Progress progress(set.count(), "images");
  const std::vector<ImageView> chips(set.chips.begin(), set.chips.end());
  const auto found =
      suspicions(chips, detector_file(), face_mesh_file(), [&](std::size_t done) { progress.show(done); });
  for (std::size_t i = 0; i < set.count(); ++i)
    marked.candidates.push_back({set.names[i], set.truth[i], found[i]});
  if (MarkStore::exists(path)) return MarkStore::open(path);  // of another run, which began at the same time
  return MarkStore::create(path, marked);
}

void annotate_occlusion(const AnnotateArguments& arguments) {
  if (!arguments.list.empty()) return export_marks(arguments);
  if (arguments.data.empty()) throw CLI::ValidationError("--data is required unless --export is given");
  const fs::path path = arguments.database;
  MarkServer server(arguments.port);  // fails early
  std::optional<MarkStore> store;
  if (MarkStore::exists(path)) store.emplace(MarkStore::open(path));
  const auto set = load_evaluation_set(dataset_of(arguments), arguments.data, arguments.split, kShownSize);
  if (!store) store.emplace(new_store(path, set));
  store->check_is_of(set.dataset, set.split, set.names);
  std::unordered_map<std::string, std::size_t> index_of;
  for (std::size_t i = 0; i < set.count(); ++i) index_of.emplace(set.names[i], i);

  std::int64_t done = 0;
  for (const auto count : store->counts()) done += count;
  print("http://127.0.0.1:" + std::to_string(server.port()) + "/ shows " + std::to_string(store->count()) +
        " images of " + set.dataset + " " + set.split + ", " + std::to_string(done) +
        " of them marked. Every mark is saved in " + path.string() + "; Ctrl-C ends.\n");
  server.run(*store, [&](const std::string& name) { return set.chips[index_of.at(name)].view(); });
}

void add_set(CLI::App& command, AnnotateArguments& arguments, bool data_required) {
  command
      .add_option("--dataset", arguments.dataset,
                  "name of the data set (see `regard pack --help`); ignored for packed data")
      ->check(CLI::IsMember(dataset_names()))
      ->default_str("ferplus");
  command
      .add_option("--data", arguments.data,
                  "folder or .zip of the data set, or a file written by `regard pack`")
      ->required(data_required)
      ->type_name("PATH");
  command.add_option("--split", arguments.split, "split of the data set")
      ->check(CLI::IsMember({"train", "valid", "test"}))
      ->capture_default_str();
}

void add_pose(CLI::App& app) {
  auto arguments = std::make_shared<AnnotateArguments>();
  auto* command = app.add_subcommand("pose", "estimates head poses, and lists the non-frontal faces");
  add_set(*command, *arguments, true);
  command
      ->add_option("--out", arguments->out,
                   "folder to write: poses.csv with yaw, pitch and roll in degrees; pose30.txt and "
                   "pose45.txt, the images with |yaw| or |pitch| above 30 and 45 degrees")
      ->required()
      ->type_name("FOLDER");
  command->footer(
      "examples:\n"
      "  regard annotate pose --dataset ferplus --data FERPlus/data --split valid --out lists\n"
      "  regard evaluate MODEL --data FERPlus/data --subset pose30=lists/pose30.txt");
  command->callback([arguments] { annotate_pose(*arguments); });
}

void add_occlusion(CLI::App& app) {
  auto arguments = std::make_shared<AnnotateArguments>();
  auto* command = app.add_subcommand("occlusion", "serves a page for marking occluded faces by hand");
  add_set(*command, *arguments, false);
  command
      ->add_option("--db", arguments->database, "SQLite database of the marks; an existing one is continued")
      ->required()
      ->type_name("FILE");
  command->add_option("--port", arguments->port, "port of the page at 127.0.0.1; 0: any free one")
      ->check(CLI::Range(0, 65535))
      ->type_name("INT")
      ->capture_default_str();
  command
      ->add_option("--export", arguments->list,
                   "instead of serving the page, write the list of occluded images for evaluate's --subset "
                   "and print the counts")
      ->type_name("LIST");
  command->footer(
      "examples:\n"
      "  regard annotate occlusion --data FERPlus/data --split valid --db valid.sqlite\n"
      "  regard annotate occlusion --db valid.sqlite --export occlusion.txt\n"
      "  regard evaluate MODEL --data FERPlus/data --subset occlusion=occlusion.txt");
  command->callback([arguments] { annotate_occlusion(*arguments); });
}

}  // namespace

void add_annotate(CLI::App& app) {
  auto* command = app.add_subcommand(kAnnotate.name, kAnnotate.description);
  command->require_subcommand(1);
  add_pose(*command);
  add_occlusion(*command);
  command->footer(
      "examples:\n"
      "  regard annotate pose --data FERPlus/data --split valid --out lists\n"
      "  regard annotate occlusion --data FERPlus/data --split valid --db valid.sqlite\n"
      "\n"
      "`regard annotate pose --help` and `regard annotate occlusion --help` have the details.");
}

}  // namespace regard
