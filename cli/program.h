#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <vector>

/// What the programs with `regard`'s commands share.
namespace regard {

/// Adds a command to `app`: options, help, examples, and the callback that runs it. A callback throws Error
/// where it fails (exit code 1) and CLI::ValidationError where it was used wrongly (exit code 2).
using AddCommand = std::function<void(CLI::App& app)>;

/// Runs the command that the arguments name, as part of a program called `regard`. Returns the exit code.
int run_program(int argc, char** argv, const std::vector<AddCommand>& commands);

}  // namespace regard
