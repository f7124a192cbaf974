#include "cli/program.h"

#include <csignal>
#include <cstdlib>
#include <iostream>

#include "cli/common.h"
#include "regard/core/output_file.h"

namespace regard {

namespace {

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  return names;
}

std::vector<std::string> flags(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* option : app.get_options([](const CLI::Option*) { return true; }))
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

std::string suggestion(const std::string& word, const std::vector<std::string>& known) {
  const std::string near = nearest(word, known);
  return near.empty() ? "" : ", did you mean '" + near + "'?";
}

void check_command(const CLI::App& app, int argc, char** argv) {
  const auto known = command_names(app);
  if (argc < 2 || argv[1][0] == '-' || std::find(known.begin(), known.end(), argv[1]) != known.end()) return;
  throw CLI::ValidationError("unknown command '" + std::string(argv[1]) + "'" + suggestion(argv[1], known));
}

int wrong_usage(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App* innermost = &app;
  std::string name = "regard";
  for (auto parsed = app.get_subcommands(); !parsed.empty(); parsed = innermost->get_subcommands()) {
    innermost = parsed.front();
    name += " " + innermost->get_name();
  }
  const CLI::App& command = *innermost;
  std::string message = error.what();
  if (const auto extra = app.remaining(true); dynamic_cast<const CLI::ExtrasError*>(&error) && !extra.empty())
    message = (extra[0].starts_with('-') ? "unknown option '" : "unexpected argument '") + extra[0] + "'" +
              suggestion(extra[0].substr(0, extra[0].find('=')), flags(command));
  std::cerr << "regard: " << message << "\nregard: `" << name << " --help` says how it is used\n";
  return 2;
}

int parse(CLI::App& app, int argc, char** argv) {
  try {
    check_command(app, argc, argv);
    app.parse(argc, argv);
    return 0;
  } catch (const CLI::ParseError& error) {
    return error.get_exit_code() == 0 ? app.exit(error) : wrong_usage(app, error);
  } catch (const std::exception& error) {
    std::cerr << "regard: " << error.what() << '\n';
    return 1;
  }
}

/// Partial files of an interrupted run are removed.
void end_by_signal(int signal) {
  remove_unfinished_files();
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

/// Signals ignored by the parent stay ignored.
void handle_signals() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP})
    if (std::signal(signal, end_by_signal) == SIG_IGN) std::signal(signal, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a file beyond the limit is an error like a full disk
}

}  // namespace

int run_program(int argc, char** argv, const std::vector<AddCommand>& commands) {
  // OpenVINO's hwloc complains on standard error where a container hides /sys.
  setenv("HWLOC_HIDE_ERRORS", "2", /*overwrite=*/0);
  handle_signals();
  CLI::App app{"Recognises facial expressions in images and videos.", "regard"};
  app.formatter(std::make_shared<HelpFormatter>());
  app.set_help_flag("-h,--help", "show this help");
  app.set_version_flag("--version", "regard " REGARD_VERSION, "show the version");
  app.require_subcommand(1);
  app.footer(
      "`regard COMMAND --help` has the details, with examples. Exit codes: 0 success, 1 failure, 2 wrong "
      "usage.");
  for (const auto& add : commands) add(app);
  return parse(app, argc, argv);
}

}  // namespace regard
