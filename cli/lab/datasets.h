#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/common.h"
#include "lab/datasets/packing.h"

/// What the commands that read data sets share.
namespace regard {

/// What --dataset takes.
std::vector<std::string> dataset_names();

/// Reports the progress of a job and its skipped images on standard error.
class JobReport {
 public:
  /// `job` must not outlive this.
  explicit JobReport(PackJob& job);
  /// The number of skipped images, if any.
  void finish();

 private:
  std::optional<Progress> progress_;
  std::size_t left_out_ = 0;
};

/// Packs a data set as the job says, telling on standard error how far it is.
void pack_shown(const std::string& dataset, PackJob job, const std::filesystem::path& out);

}  // namespace regard
