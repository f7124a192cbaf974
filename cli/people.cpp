#include "cli/commands.h"
#include "cli/common.h"
#include "regard/clip/journal.h"
#include "regard/clip/people_table.h"
#include "regard/core/error.h"

namespace regard {

namespace {

struct PeopleOptions {
  std::string table, out;
  std::vector<std::string> merges, names;
};

constexpr const char* kPeopleExamples =
    R"(Changes who is who in a table of `regard video` (CSV or JSON lines) without recognising anything again: where the same
person has got two numbers, or to give people names. A merged person has the first of the numbers. Names are in the column
`name`. The table is replaced as a whole, or not at all. A summary and other files of the same run stay as they are.

examples:
  regard people faces.csv --merge 3,7
  regard people faces.csv --merge 3,7 --name 3=mother --name 1=child --out named.csv)";

void change(const PeopleOptions& options) {
  if (options.merges.empty() && options.names.empty())
    throw CLI::ValidationError("nothing is to be changed: name people by --merge or --name");
  if (const auto journal = journal_of(options.table); std::filesystem::exists(journal))
    throw Error("the run that writes this table is not finished; `regard video --resume` continues it",
                options.table);
  PeopleChanges changes;
  for (const auto& text : options.merges) changes.merges.push_back(parse_merge(text, "--merge"));
  for (const auto& text : options.names) changes.names.insert(parse_name(text, "--name"));
  change_people(options.table, changes, options.out.empty() ? options.table : options.out);
}

}  // namespace

void add_people(CLI::App& app) {
  auto options = std::make_shared<PeopleOptions>();
  auto* command = app.add_subcommand("people", "merges and names the people in a table of `regard video`");
  command->add_option("TABLE", options->table, "the table, which is replaced unless there is --out")
      ->required();
  repeatable(
      command->add_option("--merge", options->merges,
                          "numbers of one and the same person, such as 3,7; may be given several times"))
      ->type_name("NUMBERS");
  repeatable(command->add_option("--name", options->names,
                                 "what a person is called, such as 3=mother; may be given several times"))
      ->type_name("NUMBER=NAME");
  command->add_option("--out", options->out, "write the changed table to this file instead")
      ->type_name("FILE");
  command->footer(kPeopleExamples);
  command->callback([options] { change(*options); });
}

}  // namespace regard
