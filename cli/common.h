#pragma once

#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/flags.h"
#include "regard/core/text.h"

/// Shared by the commands.
namespace regard {

/// Whether it is a terminal.
bool is_terminal(std::FILE* stream);

/// Wraps a text for the help, with all but the first line indented.
std::string wrapped(const std::string& text, std::size_t indent);

/// Writes to standard output and flushes. Throws Error on failure.
void print(std::string_view text);

/// A progress line on standard error; nothing if it is not a terminal, or a line a minute for logs.
class Progress {
 public:
  enum Where { kOnTerminals, kAlsoInLogs };

  /// `total` 0: not known. `unit`: what is counted, e.g. "images".
  Progress(std::size_t total, std::string unit, Where where = kOnTerminals);
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(std::size_t done);
  /// `part`: of the work that is done, 0 to 1, where the total is not known in units.
  void show(std::size_t done, double part);
  /// Wipes the line, so that something else can be printed.
  void clear();

 private:
  double seconds() const;
  bool is_due();
  void show_line(std::size_t done, std::optional<double> left);

  std::size_t total_;
  std::string unit_;
  bool seen_, logged_, shown_ = false;
  double start_, last_;
};

/// The help of the program and of its commands: usage, options, examples.
class HelpFormatter : public CLI::FormatterBase {
 public:
  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override;
};

}  // namespace regard
