#include <algorithm>
#include <csignal>
#include <iostream>
#include <map>
#include <sstream>

#include "cli/common.h"
#include "cli/lab/commands.h"
#include "cli/lab/datasets.h"
#include "cli/siblings.h"
#include "lab/data/packed.h"
#include "lab/reproduce/columns.h"
#include "lab/reproduce/recall_gains.h"
#include "lab/reproduce/report.h"
#include "lab/reproduce/reproduction.h"
#include "regard/core/file.h"
#include "regard/core/toml.h"
#include "regard/pipeline/model_files.h"

namespace regard {

namespace {

namespace fs = std::filesystem;

volatile std::sig_atomic_t stop = 0;

struct ReproduceArguments {
  std::vector<std::string> names, data, subsets, splits;
  std::string dataset = "ferplus", out = "reproduced", recipes = recipes_folder(), protocol, device = "cpu";
  int seeds = 1;
  bool all = false, list = false, quick = false, as_stated = false, prepare = false;
  EngineOptions engine;
};

/// Flags that change the protocol, and where in it.
struct ProtocolFlag {
  const char* flag;
  const char* place;
  const char* help;
  bool is_number;
};

constexpr ProtocolFlag kProtocolFlags[] = {
    {"--start", "/recipe/start", "model file that all rows start from", false},
    {"--train-from", "/recipe/train_from", "first layer that is trained", false},
    {"--images", "/recipe/images", "number of training images, sampled with the seed; 0: all", true},
    {"--epochs", "/recipe/epochs", "passes over them", true},
    {"--batch", "/recipe/batch", "images per step", true},
    {"--learning-rate", "/recipe/optimizer/learning_rate", "highest learning rate", true},
    {"--seed", "/recipe/seed", "seed of initial weights, order and augmentation", true},
    {"--input-size", "/views/input_size", "input size of the networks, in pixels", true},
    {"--valid-images", "/valid_images", "number of evaluated images, sampled with a fixed seed; 0: all",
     true}};

/// "NAME=VALUE" in two; the name empty if there is none.
std::pair<std::string, std::string> named(const std::string& argument) {
  const auto equals = argument.find('=');
  if (equals == std::string::npos || fs::exists(argument)) return {"", argument};
  return {argument.substr(0, equals), argument.substr(equals + 1)};
}

/// A table's file, by its name. Throws ValidationError naming those that there are.
fs::path find_table(const std::vector<fs::path>& known, const std::string& name) {
  std::string names;
  for (const auto& path : known) {
    if (path.stem() == name) return path;
    names += (names.empty() ? "" : ", ") + path.stem().string();
  }
  throw CLI::ValidationError("unknown table or figure '" + name + "'; there are " + names);
}

std::vector<Manifest> chosen_tables(const ReproduceArguments& arguments) {
  const auto known = find_manifests(arguments.recipes);
  std::vector<Manifest> tables;
  if (arguments.all || arguments.list)
    for (const auto& path : known) tables.push_back(read_manifest(path));
  else
    for (const auto& name : arguments.names) tables.push_back(read_manifest(find_table(known, name)));
  if (tables.empty())
    throw CLI::ValidationError("which table or figure? (--list lists them, --all runs all)");
  return tables;
}

void list_tables(const std::vector<Manifest>& tables) {
  for (const auto& table : tables)
    print(table.name +
          std::string(std::max<std::size_t>(18, table.name.size() + 2) - table.name.size(), ' ') +
          table.title + " (" + std::to_string(table.rows.size()) + " rows, " + table.dataset + ")\n");
}

/// The protocol that belongs to a table's paper, or the one that was asked for, with the flags that were
/// given.
Protocol protocol_of(const Manifest& table, const ReproduceArguments& arguments, const Json& given) {
  Protocol protocol;
  protocol.about = "Every row as its recipe states it.";
  if (!arguments.as_stated)
    protocol =
        read_protocol(arguments.protocol.empty() ? table.file.parent_path().parent_path() / "protocol.toml"
                                                 : fs::path(arguments.protocol));
  Json all = to_json(protocol);
  lay_over(all, given);
  from_json(all, protocol, "protocol");
  if (arguments.quick) {
    protocol.about = "A trial of a few steps: the numbers are meaningless.";
    lay_over(protocol.recipe, Json{{"start", ""},
                                   {"fresh", Json::array()},
                                   {"images", 8},
                                   {"epochs", 1},
                                   {"batch", 4},
                                   {"precision", "f32"}});
    if (protocol.recipe.contains("train_from")) protocol.recipe["train_from"] = "";
    lay_over(protocol.views,
             Json{{"backbone", "mobilenet_v1"},
                  {"input_size", 32},
                  {"normalize", {{"grey", true}, {"mean", {0, 0, 0}}, {"std", {255, 255, 255}}}}});
  }
  if (!arguments.as_stated) adopt_start(protocol);
  return protocol;
}

/// The flags of the protocol that were given, as the protocol's own text.
Json given_protocol(const CLI::App& command) {
  Json given = Json::object();
  for (const auto& flag : kProtocolFlags) {
    const auto* option = command.get_option(flag.flag);
    if (option->count() == 0) continue;
    const auto text = option->results().back();
    Json value = flag.is_number ? Json::parse(text, nullptr, false) : Json(text);
    if (flag.is_number && !value.is_number())
      throw CLI::ValidationError(flag.flag, "wants a number, got '" + text + "'");
    given[Json::json_pointer(flag.place)] = value;
  }
  return given;
}

constexpr int kQuickFolds = 2;

/// The names that the data of a row may have: each set, aligned or not, by fold if it has folds.
std::vector<ImagesKey> keys_of(const ManifestRow& row) {
  std::vector<ImagesKey> keys;
  std::istringstream names(row.dataset + "+" + row.train_on);
  for (std::string name; std::getline(names, name, '+');)
    for (const bool aligned : {false, true})
      for (int fold = 0; fold < std::max(1, std::min(row.folds, kQuickFolds)); ++fold)
        keys.push_back({name, row.split, aligned, false, 0, row.folds, fold});
  return keys;
}

/// Made images for every data set that the tables name and that was not given.
void add_made_data(const std::vector<Manifest>& tables, const fs::path& folder,
                   std::map<std::string, DataAtHand>& data) {
  const auto given = data;
  for (const auto& table : tables)
    for (const auto& row : table.rows)
      for (const auto& key : keys_of(row)) {
        const auto file = folder / ("made-" + key.name() + ".pack");
        if (given.contains(key.dataset) || !data.emplace(key.name(), DataAtHand{file, {}, {}}).second)
          continue;
        const auto seed =
            1 + static_cast<std::uint64_t>(key.aligned) + 2 * static_cast<std::uint64_t>(key.fold);
        if (!fs::exists(file)) write_made_images(key.dataset, file, seed);
      }
}

/// "rafdb" and "occlusion" of "rafdb:occlusion".
std::pair<std::string, std::string> set_and_column(const std::string& name,
                                                   const ReproduceArguments& arguments) {
  const auto colon = name.find(':');
  if (colon == std::string::npos) return {arguments.dataset, name};
  return {name.substr(0, colon), name.substr(colon + 1)};
}

DataAtHand& given_set(std::map<std::string, DataAtHand>& data, const std::string& name, const char* flag) {
  const auto found = data.find(name);
  if (found == data.end()) throw CLI::ValidationError(flag, "there is no --data " + name + "=PATH");
  return found->second;
}

void add_lists(const ReproduceArguments& arguments, std::map<std::string, DataAtHand>& data) {
  for (const auto& argument : arguments.subsets) {
    const auto [name, path] = named(argument);
    if (name.empty())
      throw CLI::ValidationError("--subset", "wants [NAME:]COLUMN=LIST, got '" + argument + "'");
    const auto place = set_and_column(name, arguments);
    const auto &set = place.first, &column = place.second;
    if (std::ranges::none_of(table_columns(), [&](const Column& known) { return known.name == column; }))
      throw CLI::ValidationError("--subset", "there is no column '" + column + "'");
    if (!given_set(data, set, "--subset").lists.emplace(column, path).second)
      throw CLI::ValidationError("--subset", "there are two lists for " + set + ":" + column);
  }
}

/// The part that is measured of each set that is named; the one of all others is what is returned.
std::string add_splits(const ReproduceArguments& arguments, std::map<std::string, DataAtHand>& data) {
  std::string others;
  for (const auto& argument : arguments.splits) {
    const auto [name, split] = named(argument);
    if (split != "valid" && split != "test")
      throw CLI::ValidationError("--split", "wants [NAME=]valid or [NAME=]test, got '" + argument + "'");
    (name.empty() ? others : given_set(data, name, "--split").split) = split;
  }
  return others;
}

std::map<std::string, DataAtHand> given_data(const ReproduceArguments& arguments) {
  std::map<std::string, DataAtHand> data;
  for (const auto& argument : arguments.data) {
    auto [name, path] = named(argument);
    if (!fs::exists(path)) throw CLI::ValidationError("--data", "there is no '" + path + "'");
    if (name.empty()) name = is_packed(path) ? PackedDataset::open(path).dataset() : arguments.dataset;
    if (!data.emplace(name, DataAtHand{path, {}, {}}).second)
      throw CLI::ValidationError("--data", "there are two for " + name);
  }
  return data;
}

void say(const std::string& line) {
  std::cerr << line << '\n';
}

void write_reports(const TableResult& table, const ReproduceOptions& options) {
  const auto file = [&](const char* ending) { return options.folder / (table.manifest.name + ending); };
  write_text_atomically(file(".html"), html_table(table, options));
  write_text_atomically(file(".md"), markdown_table(table, options));
  write_text_atomically(file(".csv"), csv_table(table));
  write_text_atomically(file("-recalls.csv"), recall_gains_csv(table));
  for (const auto& [name, bytes] : chart_files(table)) write_text_atomically(options.folder / name, bytes);
}

ReproduceOptions options_of(const ReproduceArguments& arguments, const std::vector<Manifest>& tables) {
  ReproduceOptions options;
  options.folder = arguments.out;
  options.engine = arguments.engine;
  options.seeds = arguments.seeds;
  options.most_folds = arguments.quick ? kQuickFolds : 0;
  auto data = given_data(arguments);
  add_lists(arguments, data);
  const auto split = add_splits(arguments, data);
  if (arguments.quick) add_made_data(tables, options.folder / "data", data);
  options.images = {.folder = options.folder / "data",
                    .data = data,
                    .shipped_lists = arguments.quick ? fs::path() : fs::path(arguments.recipes) / "lists",
                    .split = split,
                    .detector = detector_file(),
                    .face_mesh = face_mesh_file(),
                    .say = say};
  options.say = say;
  options.stopped = [] { return stop != 0; };
  if (!arguments.prepare)
    options.train = [device = arguments.device](const TrainingRun& run) {
      run_sibling(kTorch,
                  {"train", run.recipe, "--packed", run.pack, "--out", run.folder, "--device", device},
                  &stop);
    };
  return options;
}

/// Whether a row failed, rather than lacked something.
bool has_failed(const TableResult& table) {
  return std::ranges::any_of(table.rows,
                             [](const auto& row) { return row.skip_reason.starts_with("failed"); });
}

void reproduce(const ReproduceArguments& arguments, const Json& given) {
  const auto tables = chosen_tables(arguments);
  if (arguments.list) return list_tables(tables);
  if (!arguments.prepare) require_sibling(kTorch);
  for (const int signal : {SIGINT, SIGTERM}) {
    struct sigaction action {};
    action.sa_handler = [](int) { stop = 1; };
    sigaction(signal, &action, nullptr);
  }
  auto options = options_of(arguments, tables);
  std::string failed;
  for (const auto& table : tables) {
    options.protocol = protocol_of(table, arguments, given);
    options.images.images = options.protocol.valid_images;
    Reproduction reproduction(options);
    const auto result =
        reproduction.run(table, [&](const TableResult& so_far) { write_reports(so_far, options); });
    write_reports(result, options);
    print(markdown_table(result, options) + "\n");
    say("wrote " + (options.folder / (table.name + ".html")).string() + ", .md and .csv");
    if (has_failed(result)) failed += (failed.empty() ? "" : ", ") + table.name;
  }
  if (!failed.empty()) throw Error("a row failed; its table says why", failed);
}

constexpr const char* kReproduceExamples =
    R"(The tables and figures are defined in recipes/, with a recipe for every row. All rows of a table follow one
protocol (recipes/ran/protocol.toml), which the report prints; --as-stated runs the recipes with the paper's
settings instead. Finished trainings and evaluations are not repeated, so an interrupted command continues. A row
whose data is missing says so.

examples:
  regard reproduce --list
  regard reproduce table4 --dataset ferplus --data FERPlus/data --out reproduced
  regard reproduce fig7 fig9 --data FERPlus/data --images 8000 --epochs 2 --start start.safetensors
  regard reproduce table4 --data FERPlus/data --seeds 5
  regard reproduce table2 --data FERPlus/data --data rafdb=RAF-DB --subset rafdb:occlusion=rafdb_occlusion_list.txt
  regard reproduce table4 --data FERPlus/data --as-stated --start msceleb-resnet18.safetensors --device cuda)";

void add_data_flags(CLI::App& command, ReproduceArguments& arguments) {
  command
      .add_option("--dataset", arguments.dataset,
                  "name of the data set in --data and --subset, unless given there")
      ->check(CLI::IsMember(dataset_names()))
      ->capture_default_str();
  repeatable(command.add_option("--data", arguments.data,
                                "a data set as a folder, a .zip or a packed file; with NAME= if there are "
                                "several; NAME-aligned= for one with aligned faces"))
      ->type_name("[NAME=]PATH");
  repeatable(command.add_option("--split", arguments.splits,
                                "split to evaluate on, valid or test, of all sets or of the named one "
                                "(default: the split of the table, or valid if the data lacks it)"))
      ->type_name("[NAME=]PART");
  repeatable(command.add_option("--subset", arguments.subsets,
                                "list of the images of a column, e.g. rafdb:occlusion=LIST; default: "
                                "synthetic occluders and packed head poses"))
      ->type_name("[NAME:]COLUMN=LIST");
}

}  // namespace

void add_reproduce(CLI::App& app) {
  auto arguments = std::make_shared<ReproduceArguments>();
  auto* command = app.add_subcommand(kReproduce.name, kReproduce.description);
  command->add_option("NAMES", arguments->names, "tables and figures (see --list)")->type_name("NAME");
  command->add_flag("--all", arguments->all, "all of them");
  command->add_flag("--list", arguments->list, "list tables and figures");
  add_data_flags(*command, *arguments);
  command->add_option("--out", arguments->out, "folder for runs and reports")
      ->type_name("DIR")
      ->capture_default_str();
  command
      ->add_option("--protocol", arguments->protocol,
                   "protocol applied to all recipes (default: the paper's)")
      ->type_name("FILE")
      ->check(CLI::ExistingFile);
  command
      ->add_option("--seeds", arguments->seeds,
                   "number of trainings per row, with consecutive seeds from the protocol's; reports means, "
                   "with intervals over runs and images")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  command->add_flag("--as-stated", arguments->as_stated, "run the recipes without a protocol");
  for (const auto& flag : kProtocolFlags)
    command->add_option(flag.flag)
        ->description(std::string("protocol: ") + flag.help)
        ->type_name(flag.is_number ? "NUMBER" : "TEXT");
  command->add_option("--device", arguments->device, "training device: cpu, cuda or cuda:N")
      ->capture_default_str();
  add_flags(*command, arguments->engine);
  command->add_option("--recipes", arguments->recipes, "folder of recipes")->type_name("DIR");
  command->add_flag("--quick", arguments->quick,
                    "a trial: a few steps, on generated images of every set that --data does not name");
  command->add_flag("--prepare", arguments->prepare,
                    "write the recipes that have not been trained yet, and train nothing");
  command->footer(kReproduceExamples);
  command->callback([arguments, command] { reproduce(*arguments, given_protocol(*command)); });
}

}  // namespace regard
