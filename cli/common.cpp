#include "cli/common.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstring>
#include <iostream>
#include <utility>

#include "regard/core/json.h"

namespace regard {

std::string wrapped(const std::string& text, std::size_t indent) {
  constexpr std::size_t kWidth = 100;
  std::istringstream words(text);
  std::string out, word;
  std::size_t column = indent;
  while (words >> word) {
    if (column > indent && column + 1 + word.size() > kWidth) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    }
    if (column > indent) out += ' ', ++column;
    out += word;
    column += word.size();
  }
  return out;
}

namespace {

constexpr std::size_t kHelpColumn = 26;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string row(const std::string& name, const std::string& text) {
  std::string left = "  " + name;
  if (text.empty()) return left + "\n";
  left += left.size() + 2 > kHelpColumn ? "\n" + std::string(kHelpColumn, ' ')
                                        : std::string(kHelpColumn - left.size(), ' ');
  return left + wrapped(text, kHelpColumn) + "\n";
}

// The value of an option: the name of its type, or the choices of its check ("TEXT:{a,b}").
std::string argument_of(const CLI::Option& option) {
  if (option.get_items_expected_max() == 0) return "";
  const std::string type = option.get_type_name();
  const auto choices = type.find('{');
  return " " + (choices == std::string::npos ? type.substr(0, type.find(':')) : type.substr(choices));
}

std::string names_of(const CLI::Option& option) {
  std::string names;
  for (const auto& name : option.get_snames()) names += (names.empty() ? "-" : ", -") + name;
  for (const auto& name : option.get_lnames()) names += (names.empty() ? "--" : ", --") + name;
  return names + argument_of(option);
}

std::string positional_of(const CLI::Option& option) {
  const std::string name = option.get_name(true) + (option.get_expected_max() > 1 ? "..." : "");
  return option.get_required() ? name : "[" + name + "]";
}

std::string option_row(const CLI::Option& option) {
  std::string text = option.get_description();
  if (!option.get_default_str().empty()) text += " (default: " + option.get_default_str() + ")";
  return row(option.get_positional() ? positional_of(option) : names_of(option), text);
}

}  // namespace

bool is_terminal(std::FILE* stream) {
  return isatty(fileno(stream)) != 0;
}

void print(std::string_view text) {
  std::cout << text << std::flush;
  if (!std::cout) throw Error("cannot be written to", "standard output", "", std::strerror(errno));
}

Progress::Progress(std::size_t total, std::string unit, Where where)
    : total_(total),
      unit_(std::move(unit)),
      seen_(is_terminal(stderr)),
      logged_(!seen_ && where == kAlsoInLogs),
      start_(now()),
      last_(start_) {}

double Progress::seconds() const {
  return now() - start_;
}

bool Progress::is_due() {
  if (logged_ ? now() - last_ < 60 : !seen_ || (shown_ && now() - last_ < 0.1)) return false;
  last_ = now();
  return true;
}

void Progress::show(std::size_t done) {
  if (!is_due()) return;
  const double rate = done / std::max(seconds(), 1e-3);
  show_line(done, total_ && done ? std::optional((total_ - std::min(done, total_)) / rate) : std::nullopt);
}

void Progress::show(std::size_t done, double part) {
  if (!is_due()) return;
  show_line(done, part > 0 ? std::optional(seconds() * (1 - std::min(part, 1.)) / part) : std::nullopt);
}

void Progress::show_line(std::size_t done, std::optional<double> left) {
  std::ostringstream line;
  line.precision(1);
  line << std::fixed << (logged_ ? "regard: " : "\r\x1b[K") << done;
  if (total_) line << " of " << total_;
  line << ' ' << unit_ << ", " << done / std::max(seconds(), 1e-3) << " a second";
  if (left) line << ", " << std::ceil(*left) << " s left";
  std::cerr << line.str() << (logged_ ? "\n" : "") << std::flush;
  shown_ = !logged_;
}

void Progress::clear() {
  if (shown_) std::cerr << "\r\x1b[K" << std::flush;
  shown_ = false;
}

std::string HelpFormatter::make_help(const CLI::App* app, std::string, CLI::AppFormatMode) const {
  const auto commands = app->get_subcommands([](const CLI::App*) { return true; });
  std::string name = app->get_name();
  for (auto* parent = app->get_parent(); parent; parent = parent->get_parent())
    name = parent->get_name() + " " + name;
  std::string usage = "usage: " + name + (commands.empty() ? "" : " COMMAND"), arguments, options;
  for (const auto* option : app->get_options([](const CLI::Option*) { return true; })) {
    if (option->get_group().empty()) continue;
    if (option->get_positional()) usage += " " + positional_of(*option);
    if (option->get_required() && !option->get_positional()) usage += " " + names_of(*option);
    (option->get_positional() ? arguments : options) += option_row(*option);
  }
  std::string help = wrapped(app->get_description(), 0) + "\n\n" + usage + " [options]\n";
  if (!arguments.empty()) help += "\narguments:\n" + arguments;
  if (!commands.empty()) help += "\ncommands:\n";
  for (const auto* command : commands) help += row(command->get_name(), command->get_description());
  help += "\noptions:\n" + options;
  return app->get_footer().empty() ? help : help + "\n" + app->get_footer() + "\n";
}

}  // namespace regard
