#pragma once

#include <CLI/CLI.hpp>

/// The program's commands, one file each: every function adds its command to `app`, with options, help,
/// examples and the callback that runs it. A callback throws regard::Error where it fails (exit code 1) and
/// CLI::ValidationError where it was used wrongly (exit code 2).
namespace regard {

void add_recognize(CLI::App& app);
void add_explain(CLI::App& app);
void add_train(CLI::App& app);
void add_evaluate(CLI::App& app);
void add_reproduce(CLI::App& app);
void add_pack(CLI::App& app);
void add_render(CLI::App& app);
void add_annotate(CLI::App& app);
void add_import(CLI::App& app);
void add_export(CLI::App& app);
void add_ensemble(CLI::App& app);
void add_models(CLI::App& app);
void add_bench(CLI::App& app);
void add_completion(CLI::App& app);

}  // namespace regard
