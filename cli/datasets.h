#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "lab/datasets/packing.h"

/// What the commands that read data sets share.
namespace regard {

/// What --dataset takes.
std::vector<std::string> dataset_names();

/// Packs a data set as the job says, telling on standard error how far it is.
void pack_shown(const std::string& dataset, PackJob job, const std::filesystem::path& out);

}  // namespace regard
