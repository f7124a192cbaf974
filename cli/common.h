#pragma once

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "flags.h"

/// What the commands share.
namespace regard {

/// Whether a person sees what is written there.
bool is_terminal(std::FILE* stream);

/// The first few names: "a, b, c and 4 more"; "nothing" where there is none.
std::string some_of(const std::vector<std::string>& names);

/// The words of a text in lines that fit a help text, all but the first indented.
std::string wrapped(const std::string& text, std::size_t indent);

/// Writes to standard output and flushes. Throws Error where that is not possible.
void print(std::string_view text);

/// A line on standard error that tells how far a long command is; nothing where nobody sees it.
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

/// Throws Error, saying how to build it, where `regard-torch` is not beside this program.
void require_torch();

/// Runs `regard-torch`, the part of the program that needs libtorch, in place of this process. Throws Error
/// where it has not been built.
[[noreturn]] void exec_torch(const std::vector<std::string>& arguments);

/// Runs `regard-torch` beside this process and waits for it; what it prints goes to standard error. Throws
/// Error where it has not been built or fails. `stop`: set by a signal's handler, upon which it is asked to
/// end.
void run_torch(const std::vector<std::string>& arguments, const volatile std::sig_atomic_t* stop = nullptr);

/// The help of the program and of its commands: usage, options, examples.
class HelpFormatter : public CLI::FormatterBase {
 public:
  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override;
};

}  // namespace regard
