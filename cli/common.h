#pragma once

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "flags.h"

/// Shared by the commands.
namespace regard {

/// Whether it is a terminal.
bool is_terminal(std::FILE* stream);

/// The first few names: "a, b, c and 4 more"; "nothing" if empty.
std::string some_of(const std::vector<std::string>& names);

/// Wraps a text for the help, with all but the first line indented.
std::string wrapped(const std::string& text, std::size_t indent);

/// Writes to standard output and flushes. Throws Error on failure.
void print(std::string_view text);

/// A progress line on standard error; nothing if it is not a terminal.
class Progress {
 public:
  /// `total` 0: not known. `unit`: what is counted, e.g. "images".
  Progress(std::size_t total, std::string unit);
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(std::size_t done);
  /// Wipes the line, so that something else can be printed.
  void clear();

 private:
  double seconds() const;

  std::size_t total_;
  std::string unit_;
  bool seen_, shown_ = false;
  double start_, last_ = 0;
};

/// The folder of the running program.
std::filesystem::path program_folder();

/// Throws Error, saying how to build it, if `regard-torch` is not next to this program.
void require_torch();

/// Runs `regard-torch`, the part of the program that needs libtorch, in place of this process. Throws Error
/// if it has not been built.
[[noreturn]] void exec_torch(const std::vector<std::string>& arguments);

/// Runs `regard-torch` beside this process and waits for it; its output goes to standard error. Throws Error
/// if it has not been built or fails. `stop`: set by a signal handler to end it.
void run_torch(const std::vector<std::string>& arguments, const volatile std::sig_atomic_t* stop = nullptr);

/// The help of the program and of its commands: usage, options, examples.
class HelpFormatter : public CLI::FormatterBase {
 public:
  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override;
};

}  // namespace regard
