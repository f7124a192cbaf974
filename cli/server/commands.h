#pragma once

#include <CLI/CLI.hpp>

#include "cli/siblings.h"

/// The command of `regard-server`; see AddCommand (cli/program.h).
namespace regard {

inline constexpr SiblingCommand kServe{
    "serve", "answers requests over HTTP, and has a page for recognition in a browser"};

void add_serve(CLI::App& app);
/// What `regard serve --isolate` starts; not in the help.
void add_decode_images(CLI::App& app);

}  // namespace regard
