#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "lab/data/packed.h"

namespace regard {

/// Writes a split of a packed data set again, with one occluder (data/occluder.h) over every image, where
/// its landmarks lie or else usually lie: a test of occluded faces that needs no more images. The kinds take
/// turns, so that each has a quarter of the images with a majority label, and an image's occluder depends
/// on the seed, its kind and its place in the split alone. `list`: written as well, which image has which
/// kind, as the published lists have it (data/lists.h): "3_fer0000000.png 8 1", for those with a majority
/// label. Throws Error where there is no such split or a file cannot be written.
void write_occluded(const PackedDataset& set, const std::string& split, std::uint64_t seed,
                    const std::filesystem::path& out, const std::filesystem::path& list);

}  // namespace regard
