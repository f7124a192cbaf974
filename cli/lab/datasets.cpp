#include "cli/lab/datasets.h"

#include <iostream>

#include "cli/common.h"
#include "regard/pipeline/model_files.h"

namespace regard {

std::vector<std::string> dataset_names() {
  std::vector<std::string> names;
  for (const auto& dataset : datasets()) names.push_back(dataset.name);
  return names;
}

JobReport::JobReport(PackJob& job) {
  constexpr std::size_t kMostNamed = 20;
  job.progress = [this](std::int64_t done, std::int64_t total) {
    if (!progress_) progress_.emplace(total, "images");
    progress_->show(done);
  };
  job.left_out = [this](const LeftOut& image) {
    if (++left_out_ > kMostNamed) return;
    if (progress_) progress_->clear();
    std::cerr << "regard: left out: " << image.what << '\n';
  };
}

void JobReport::finish() {
  progress_.reset();
  if (left_out_ > 0) std::cerr << "regard: " << left_out_ << " images left out\n";
}

void pack_shown(const std::string& dataset, PackJob job, const std::filesystem::path& out) {
  JobReport report(job);
  job.detector = detector_file();
  job.face_mesh = face_mesh_file();
  pack_dataset(find_dataset(dataset), job, out);
  report.finish();
}

}  // namespace regard
