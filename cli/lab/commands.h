#pragma once

#include <CLI/CLI.hpp>

/// The commands of `regard-lab`, one file each; see AddCommand (cli/program.h). `regard` has their names for
/// its help, and hands them over.
namespace regard {

struct LabCommand {
  const char* name;
  const char* description;
};

inline constexpr LabCommand kEvaluate{"evaluate", "evaluates a model on a split of a data set"};
inline constexpr LabCommand kTrain{"train", "trains a network from a recipe"};
inline constexpr LabCommand kReproduce{
    "reproduce", "reproduces the tables and figures of a paper and compares the results"};
inline constexpr LabCommand kPack{"pack", "packs a data set into one file"};
inline constexpr LabCommand kRender{"render", "renders scans of faces (BU-3DFE) in several head poses"};
inline constexpr LabCommand kAnnotate{"annotate",
                                      "makes lists of non-frontal and occluded faces of a data set"};
inline constexpr LabCommand kImport{"import",
                                    "converts weights of another program into a model to train from"};
inline constexpr LabCommand kBench{
    "bench", "measures the time of each stage, of several networks, and the overhead of the engine"};
inline constexpr LabCommand kCompletion{"completion", "prints a completion script for a shell"};

void add_evaluate(CLI::App& app);
void add_train(CLI::App& app);
void add_reproduce(CLI::App& app);
void add_pack(CLI::App& app);
void add_render(CLI::App& app);
void add_annotate(CLI::App& app);
void add_import(CLI::App& app);
void add_bench(CLI::App& app);
/// Of all commands, also those that `regard` does itself.
void add_completion(CLI::App& app);

}  // namespace regard
