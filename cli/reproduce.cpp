#include <algorithm>
#include <csignal>
#include <iostream>
#include <map>

#include "commands.h"
#include "common.h"
#include "datasets.h"
#include "lab/reproduce/report.h"
#include "lab/reproduce/reproduction.h"
#include "regard/core/file.h"
#include "regard/core/toml.h"
#include "regard/pipeline/recognizer.h"

namespace regard {

namespace {

namespace fs = std::filesystem;

volatile std::sig_atomic_t stop = 0;

struct Arguments {
  std::vector<std::string> names, data, subsets;
  std::string dataset = "ferplus", out = "reproduced", recipes = REGARD_SOURCE_RECIPES, protocol,
              split = "valid", device = "cpu";
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

std::vector<Manifest> chosen_tables(const Arguments& arguments) {
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
Protocol protocol_of(const Manifest& table, const Arguments& arguments, const Json& given) {
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
    protocol.about = "A trial on generated images: the numbers are meaningless.";
    lay_over(protocol.recipe, Json{{"start", ""},
                                   {"fresh", Json::array()},
                                   {"images", 8},
                                   {"epochs", 1},
                                   {"batch", 4},
                                   {"precision", "f32"}});
    if (protocol.recipe.contains("train_from")) protocol.recipe["train_from"] = "";
    lay_over(protocol.views, Json{{"backbone", "mobilenet_v1"}, {"input_size", 32}});
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

/// Made images for every data set that the tables name.
std::map<std::string, fs::path> made_data(const std::vector<Manifest>& tables, const fs::path& folder) {
  std::map<std::string, fs::path> data;
  for (const auto& table : tables)
    for (const auto& row : table.rows)
      for (const auto& dataset : {row.dataset, row.train_on})
        for (const std::string ending : {"", "-aligned"}) {
          const auto file = folder / ("made-" + dataset + ending + ".pack");
          if (!data.emplace(dataset + ending, file).second || fs::exists(file)) continue;
          write_made_images(dataset.substr(0, dataset.find('+')), file, ending.empty() ? 1 : 2);
        }
  return data;
}

std::map<std::string, fs::path> given_data(const Arguments& arguments) {
  std::map<std::string, fs::path> data;
  for (const auto& argument : arguments.data) {
    const auto [name, path] = named(argument);
    if (!fs::exists(path)) throw CLI::ValidationError("--data", "there is no '" + path + "'");
    data[name.empty() ? arguments.dataset : name] = path;
  }
  return data;
}

std::vector<SubsetList> given_lists(const Arguments& arguments) {
  std::vector<SubsetList> lists;
  for (const auto& argument : arguments.subsets) {
    const auto [name, path] = named(argument);
    if (name.empty()) throw CLI::ValidationError("--subset wants NAME=LIST, got '" + argument + "'");
    lists.push_back({name, path});
  }
  return lists;
}

void say(const std::string& line) {
  std::cerr << line << '\n';
}

void write_reports(const TableResult& table, const Reproduction::Options& options) {
  const auto file = [&](const char* ending) { return options.folder / (table.manifest.name + ending); };
  write_text_atomically(file(".html"), html_table(table, options));
  write_text_atomically(file(".md"), markdown_table(table, options));
  write_text_atomically(file(".csv"), csv_table(table, options));
  for (const auto& [name, bytes] : chart_files(table)) write_text_atomically(options.folder / name, bytes);
}

Reproduction::Options options_of(const Arguments& arguments, const std::map<std::string, fs::path>& data) {
  Reproduction::Options options;
  options.folder = arguments.out;
  options.engine = arguments.engine;
  options.image_sets = {.folder = options.folder / "data",
                        .data = data,
                        .lists = given_lists(arguments),
                        .shipped_lists = arguments.quick ? fs::path() : fs::path(arguments.recipes) / "lists",
                        .split = arguments.split,
                        .detector = detector_file(),
                        .face_mesh = face_mesh_file(),
                        .say = say};
  options.say = say;
  options.stopped = [] { return stop != 0; };
  if (!arguments.prepare)
    options.train = [device = arguments.device](const TrainingRun& run) {
      run_torch({"train", run.recipe, "--packed", run.pack, "--out", run.folder, "--device", device}, &stop);
    };
  return options;
}

/// Whether a row failed, rather than lacked something.
bool has_failed(const TableResult& table) {
  return std::ranges::any_of(table.rows,
                             [](const auto& row) { return row.skip_reason.starts_with("failed"); });
}

void reproduce(const Arguments& arguments, const Json& given) {
  const auto tables = chosen_tables(arguments);
  if (arguments.list) return list_tables(tables);
  if (!arguments.prepare) require_torch();
  for (const int signal : {SIGINT, SIGTERM}) {
    struct sigaction action {};
    action.sa_handler = [](int) { stop = 1; };
    sigaction(signal, &action, nullptr);
  }
  const auto data =
      arguments.quick ? made_data(tables, fs::path(arguments.out) / "data") : given_data(arguments);
  std::string failed;
  for (const auto& table : tables) {
    auto options = options_of(arguments, data);
    options.protocol = protocol_of(table, arguments, given);
    options.image_sets.images = options.protocol.valid_images;
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

constexpr const char* kExamples =
    R"(The tables and figures are defined in recipes/, with a recipe for every row. All rows of a table follow one
protocol (recipes/ran/protocol.toml), which the report prints; --as-stated runs the recipes with the paper's
settings instead. Finished trainings and evaluations are not repeated, so an interrupted command continues. A row
whose data is missing says so.

examples:
  regard reproduce --list
  regard reproduce table4 --dataset ferplus --data FERPlus/data --out reproduced
  regard reproduce fig7 fig9 --data FERPlus/data --images 8000 --epochs 2 --start start.safetensors
  regard reproduce table2 --data FERPlus/data --data rafdb=RAF-DB --subset pose30=pose_30_list.txt --split test
  regard reproduce table4 --data FERPlus/data --as-stated --start msceleb-resnet18.safetensors --device cuda)";

void add_data_flags(CLI::App& command, Arguments& arguments) {
  command.add_option("--dataset", arguments.dataset, "name of the data set in --data, unless given there")
      ->check(CLI::IsMember(dataset_names()))
      ->capture_default_str();
  repeatable(command.add_option("--data", arguments.data,
                                "a data set as a folder, a .zip or a packed file; with NAME= if there are "
                                "several; NAME-aligned= for one with aligned faces"))
      ->type_name("[NAME=]PATH");
  command.add_option("--split", arguments.split, "split to evaluate on")
      ->check(CLI::IsMember({"valid", "test"}))
      ->capture_default_str();
  repeatable(command.add_option("--subset", arguments.subsets,
                                "list of images for the columns occlusion, pose30 or pose45; default: "
                                "synthetic occluders and packed head poses"))
      ->type_name("NAME=LIST");
}

}  // namespace

void add_reproduce(CLI::App& app) {
  auto arguments = std::make_shared<Arguments>();
  auto* command = app.add_subcommand("reproduce",
                                     "reproduces the tables and figures of a paper and compares the results");
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
  command->add_flag("--as-stated", arguments->as_stated, "run the recipes without a protocol");
  for (const auto& flag : kProtocolFlags)
    command->add_option(flag.flag)
        ->description(std::string("protocol: ") + flag.help)
        ->type_name(flag.is_number ? "NUMBER" : "TEXT");
  command->add_option("--device", arguments->device, "training device: cpu, cuda or cuda:N")
      ->capture_default_str();
  add_flags(*command, arguments->engine);
  command->add_option("--recipes", arguments->recipes, "folder of recipes")->type_name("DIR");
  command->add_flag("--quick", arguments->quick, "a trial: a few steps on generated images");
  command->add_flag("--prepare", arguments->prepare,
                    "write the recipes that have not been trained yet, and train nothing");
  command->footer(kExamples);
  command->callback([arguments, command] { reproduce(*arguments, given_protocol(*command)); });
}

}  // namespace regard
