#pragma once

#include <filesystem>

#include "regard/model/model.h"

namespace regard {

/// Reads a MobileNet-v1 that was exported as a TensorFlow.js graph model (`model.json` beside its shards) as
/// a network to start training from: "plain" over "mobilenet_v1", seen in grey at 160 pixels, with a fresh
/// classifier of FERPlus' eight expressions. Made for faceres-deep, which was trained on VGGFace2.
///
/// Folded batch norms are restored with mean 0 and variance 1, which leaves the function unchanged. The
/// network in the file takes BGR; its first kernel is reversed, so that the result takes RGB. Where the
/// input's size is a multiple of 32, features are those of the file's network; for others it pads odd images
/// on all sides, where ours pads below and to the right.
///
/// Throws Error if the JSON or a shard is missing, damaged, quantised or too short, and if a weight is
/// missing or has another shape.
Model import_tfjs(const std::filesystem::path& json);

/// Converts a kernel [out, 3, k, k] from BGR to RGB or back.
void reverse_input_channels(Weight& kernel);

}  // namespace regard
