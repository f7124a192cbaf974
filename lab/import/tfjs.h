#pragma once

#include <filesystem>

#include "regard/model/model.h"

namespace regard {

/// Reads a MobileNet-v1 that was exported as a TensorFlow.js graph model (`model.json` beside its shards) as
/// a network to start training from: "plain" over "mobilenet_v1", seen in grey at 160 pixels, with a fresh
/// classifier of FERPlus' eight expressions. Made for faceres-deep, which knows faces from VGGFace2.
///
/// What the exporter folded away comes back as a batch norm of mean 0 and variance 1 that leaves the function
/// as it is. The file's network takes blue, green, red; its first kernel is turned round, so that the result
/// takes red, green, blue as all of regard does. Where the input's size is a multiple of 32, features are
/// those of the file's network; for others it pads odd images on all sides, where ours pads below and to
/// the right.
///
/// Throws Error where the JSON or a shard is missing, damaged, quantised or too short, and where a weight is
/// missing or has another shape.
Model import_tfjs(const std::filesystem::path& json);

/// Turns a kernel [out, 3, k, k] that takes blue, green, red into one that takes red, green, blue, or back.
void reverse_input_channels(Weight& kernel);

}  // namespace regard
