#pragma once

#include <CLI/CLI.hpp>

#include "cli/siblings.h"

/// The commands of `regard-lab`, one file each; see AddCommand (cli/program.h).
namespace regard {

inline constexpr SiblingCommand kEvaluate{"evaluate", "evaluates a model on a split of a data set"};
inline constexpr SiblingCommand kTrain{"train", "trains a network from a recipe"};
inline constexpr SiblingCommand kReproduce{
    "reproduce", "reproduces the tables and figures of a paper and compares the results"};
inline constexpr SiblingCommand kPack{"pack", "packs a data set into one file"};
inline constexpr SiblingCommand kQuantize{
    "quantize", "measures what a model needs to run in 8-bit integers (--precision int8)"};
inline constexpr SiblingCommand kRender{"render", "renders scans of faces (BU-3DFE) in several head poses"};
inline constexpr SiblingCommand kAnnotate{"annotate",
                                          "makes lists of non-frontal and occluded faces of a data set"};
inline constexpr SiblingCommand kImport{"import",
                                        "converts weights of another program into a model to train from"};
inline constexpr SiblingCommand kBench{
    "bench", "measures the time of each stage, of several networks, and the overhead of the engine"};
inline constexpr SiblingCommand kCompletion{"completion", "prints a completion script for a shell"};

void add_evaluate(CLI::App& app);
void add_train(CLI::App& app);
void add_reproduce(CLI::App& app);
void add_pack(CLI::App& app);
void add_quantize(CLI::App& app);
void add_render(CLI::App& app);
void add_annotate(CLI::App& app);
void add_import(CLI::App& app);
void add_bench(CLI::App& app);
/// Of all commands, also those that `regard` does itself.
void add_completion(CLI::App& app);

}  // namespace regard
