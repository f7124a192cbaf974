#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

#include "regard/archive/inputs.h"
#include "regard/archive/manifest.h"
#include "regard/core/json.h"
#include "regard/output/face_writer.h"
#include "regard/pipeline/pipeline.h"

/// Recognition of any number of images, in parts, which can be killed and continued at any time.
namespace regard {

struct ArchiveOptions {
  std::filesystem::path folder = {};  ///< of the results
  std::string format = "json";        ///< a name of part_formats()
  std::size_t chunk = 1000;           ///< images in a part
  ArchiveShard shard = {};            ///< the share of this process
  bool resume = false;                ///< continue what is in the folder
  int jobs = 1;                       ///< images at the same time
  Json settings = Json::object();     ///< what else must be the same in all of the run: model, options, ...
  FaceWriterOptions writer = {};
  std::function<void(std::size_t done, std::size_t total)> progress = {};  ///< images of this process
  std::stop_token stop = {};  ///< once asked to stop, the part that is in progress is given up
};

struct ArchiveReport {
  std::size_t images = 0;       ///< recognised by this process
  std::size_t unreadable = 0;   ///< of these
  std::size_t done_before = 0;  ///< parts of the shard that were there
  std::size_t parts = 0;        ///< written by this process
  std::size_t left = 0;  ///< parts of the shard that are not there yet: stopped, or another run has them
};

/// Recognises the images of `inputs`. Each chunk of them becomes a part in the folder, with at least one row
/// for each image; an image that cannot be read has a row that says why. A part is written atomically, by one
/// process at a time; processes that work in the same folder share what is to be done. Parts do not depend on
/// the number of processes or jobs, nor on how often a run was killed. At most a chunk's results are in
/// memory.
///
/// Throws Error if the folder is in use and `resume` is false, and if it is of another run.
ArchiveReport run_archive(InputList& inputs, const FaceStage& faces, const ArchiveOptions& options);

}  // namespace regard
