#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "cli/inputs.h"
#include "regard/archive/run.h"
#include "regard/pipeline/recognizer.h"

/// `regard recognize --out`: recognition of any number of images into a folder of parts.
namespace regard {

struct ArchiveFlags {
  std::string out, shard;
  bool resume = false;
  std::size_t chunk = ArchiveOptions{}.chunk;
};

/// Adds the flags to the command `recognize`; `excluded` cannot be used with them.
void add_archive_flags(CLI::App& command, ArchiveFlags& flags, const std::vector<CLI::Option*>& excluded);

/// Names of the formats in which parts are written.
std::vector<std::string> archive_format_names();

/// What a run is made of besides its inputs.
struct ArchiveSetup {
  const Recognizer& recognizer;
  FaceStage faces;
  std::string format;
  int jobs = 1;
  Json settings;  ///< see ArchiveOptions
};

/// The images that are named, and those in tar files. Throws Error if something that is named is not there.
InputList list_inputs(ImageList& list, const std::string& folder);

void recognize_archive(const ArchiveFlags& flags, InputList inputs, const ArchiveSetup& setup);

}  // namespace regard
