#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "lab/data/packed.h"

namespace regard {

/// Several packed data sets as one, e.g. to train on RAF-DB and AffectNet together (FED-RO's row of Wang et
/// al., IEEE TIP 2020). Labels are matched by name: those of the first set, then additional ones of the
/// others. Every image keeps its split, and its name is prefixed with that of its set,
/// "rafdb/train_00001_aligned.jpg"; if one set is in colour, grey images get three equal channels. The result
/// is named "rafdb+affectnet". Throws Error for fewer than two, for chips of different sizes, and for a set
/// that is there twice.
void merge_packed(std::span<const std::filesystem::path> packs, const std::filesystem::path& out);

}  // namespace regard
