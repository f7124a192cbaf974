#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "lab/data/packed.h"

namespace regard {

/// Writes a split of a packed data set with one occluder (lab/augment/occluder.h) over every face, placed by
/// its landmarks or by the average ones: a test set of occluded faces without new images. The kinds
/// alternate, so that each has a quarter of the images with a majority label, and an occluder depends only on
/// the seed, its kind and the index in the split. `list` is written as well: the kind for each image, in the
/// format of the published lists (lab/datasets/lists.h): "3_fer0000000.png 8 1", for those with a majority
/// label. Throws Error if there is no such split or a file cannot be written.
void write_occluded(const PackedDataset& set, const std::string& split, std::uint64_t seed,
                    const std::filesystem::path& out, const std::filesystem::path& list);

}  // namespace regard
