#include "regard/archive/join.h"

#include "cli/commands.h"
#include "regard/archive/manifest.h"

namespace regard {

namespace {

struct JoinOptions {
  std::vector<std::filesystem::path> folders;
  std::filesystem::path out;
};

constexpr const char* kJoinExamples =
    R"(The folders must be of the same run and have all of its parts together; else nothing is written, and the missing ones are
named. A CSV has one header.

examples:
  regard join results/ --out faces.csv
  regard join machine1/ machine2/ --out faces.parquet)";

}  // namespace

void add_join(CLI::App& app) {
  auto options = std::make_shared<JoinOptions>();
  auto* command =
      app.add_subcommand("join", "makes one file of the parts that `regard recognize --out` has written");
  command->add_option("FOLDERS", options->folders, "folders of results")->required();
  command->add_option("--out", options->out, "the file to write, in the parts' format")
      ->required()
      ->type_name("FILE");
  command->footer(kJoinExamples);
  command->callback([options] { join_parts(options->folders, options->out); });
}

}  // namespace regard
