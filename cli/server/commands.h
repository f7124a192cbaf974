#pragma once

#include <CLI/CLI.hpp>

/// The command of `regard-server`; see AddCommand (cli/program.h). `regard` has its name for its help, and
/// hands it over.
namespace regard {

struct ServerCommand {
  const char* name;
  const char* description;
};

inline constexpr ServerCommand kServe{
    "serve", "answers requests over HTTP, and has a page for recognition in a browser"};

void add_serve(CLI::App& app);
/// What `regard serve --isolate` starts; not in the help.
void add_decode_images(CLI::App& app);

}  // namespace regard
