#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "regard/archive/inputs.h"
#include "regard/core/json.h"

/// What a run over an archive is, kept in its folder: manifest.json says which model, options, format and
/// size of chunks, inputs.csv which images. Its results are in parts, one file per chunk of images; a part
/// that exists under its name is complete.
namespace regard {

/// A share of a run: chunk i belongs to it if i mod `count` is `index` - 1.
struct ArchiveShard {
  std::size_t index = 1, count = 1;

  bool has(std::size_t chunk) const { return chunk % count == index - 1; }
};

/// "3/16". Throws Error for what is not 1/n to n/n; `where` names it in messages.
ArchiveShard parse_shard(const std::string& text, const std::string& where);

/// A run, as its folder states it.
struct ArchiveManifest {
  /// {"format", "chunk", "images", "inputs": the SHA-256 of their table}, and what the caller wants to be the
  /// same in all of the run, such as the model.
  Json json = {};

  std::string format() const { return json.at("format"); }
  std::size_t chunk() const { return json.at("chunk"); }
  std::size_t images() const { return json.at("images"); }
  /// Number of chunks, and so of parts.
  std::size_t chunks() const { return (images() + chunk() - 1) / chunk(); }
  /// How many images a chunk has.
  std::size_t images_of(std::size_t index) const;
};

/// The manifest of a folder. Throws Error if there is none, or it is damaged.
ArchiveManifest read_archive_manifest(const std::filesystem::path& folder);

/// Where the table of inputs lies.
std::filesystem::path inputs_file(const std::filesystem::path& folder);

/// Throws Error that says what differs if these are not the same run. `folder`: which has `known`.
void check_same_run(const ArchiveManifest& known, const ArchiveManifest& wanted,
                    const std::filesystem::path& folder);

/// Makes the folder of a run, or joins one that is there. Throws Error if it belongs to another run, saying
/// what differs. Any number of processes may do so at the same time. True if the folder was there.
bool open_run(const std::filesystem::path& folder, const ArchiveManifest& manifest, InputList& inputs);

/// "part-00012.csv".
std::filesystem::path part_file(const std::filesystem::path& folder, std::size_t chunk,
                                const std::string& ending);

}  // namespace regard
