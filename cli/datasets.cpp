#include "datasets.h"

#include <optional>

#include "common.h"
#include "regard/pipeline/model_files.h"

namespace regard {

std::vector<std::string> dataset_names() {
  std::vector<std::string> names;
  for (const auto& dataset : datasets()) names.push_back(dataset.name);
  return names;
}

void pack_shown(const std::string& dataset, PackJob job, const std::filesystem::path& out) {
  std::optional<Progress> progress;
  job.detector = detector_file();
  job.face_mesh = face_mesh_file();
  job.progress = [&](std::int64_t done, std::int64_t total) {
    if (!progress) progress.emplace(total, "images");
    progress->show(done);
  };
  pack_dataset(find_dataset(dataset), job, out);
}

}  // namespace regard
