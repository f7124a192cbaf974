#pragma once

#include <CLI/CLI.hpp>

/// The commands of `regard`, one file each; see AddCommand (program.h). `cli/lab` has those of `regard-lab`.
namespace regard {

void add_recognize(CLI::App& app);
void add_join(CLI::App& app);
void add_video(CLI::App& app);
void add_people(CLI::App& app);
void add_explain(CLI::App& app);
void add_export(CLI::App& app);
void add_ensemble(CLI::App& app);
void add_models(CLI::App& app);

}  // namespace regard
