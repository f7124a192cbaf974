#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "common.h"
#include "lab/datasets/packing.h"

/// What the commands that read data sets share.
namespace regard {

/// What --dataset takes.
std::vector<std::string> dataset_names();

/// Tells on standard error how far a job is, and of the images that it leaves out.
class JobReport {
 public:
  /// `job` must not outlive this.
  explicit JobReport(PackJob& job);
  /// How many were left out, where that were any.
  void finish();

 private:
  std::optional<Progress> progress_;
  std::size_t left_out_ = 0;
};

/// Packs a data set as the job says, telling on standard error how far it is.
void pack_shown(const std::string& dataset, PackJob job, const std::filesystem::path& out);

}  // namespace regard
