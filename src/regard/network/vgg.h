#pragma once

#include <array>
#include <span>
#include <string>

#include "regard/ops/spec.h"

/// VGG-16 up to its first fully connected layer (Simonyan and Zisserman, ICLR 2015, table 1, column D), with
/// the names of torchvision's state dict, in two parts for networks that cut regions from the map between
/// them.
namespace regard {

namespace vgg {

inline constexpr int kPool = 0;
inline constexpr std::array kLayers{64,    64,  kPool, 128, 128,   kPool, 256, 256, 256,
                                    kPool, 512, 512,   512, kPool, 512,   512, 512, kPool};
inline constexpr std::size_t kTrunkLayers = 14;

template <class Ops>
Value<Ops> layers(Ops& ops, Value<Ops> x, std::size_t begin, std::size_t end) {
  int number = 0;  // torchvision numbers every layer: convolutions, ReLUs and pooling layers
  for (std::size_t i = 0; i < end; ++i) {
    const int out = kLayers[i];
    if (i >= begin && out == kPool) x = ops.max_pool(x, /*kernel=*/2, /*stride=*/2);
    if (i >= begin && out != kPool) {
      const auto name = "features." + std::to_string(number);
      x = ops.relu(ops.conv2d(name, x, {.out = out, .padding = Padding::all(1), .bias = true}));
    }
    number += out == kPool ? 1 : 2;
  }
  return x;
}

}  // namespace vgg

/// Up to the fourth pooling layer: image [n, 3, h, w], normalised -> map [n, 512, h / 16, w / 16].
template <class Ops>
Value<Ops> vgg16_trunk(Ops& ops, Value<Ops> image) {
  return vgg::layers(ops, image, 0, vgg::kTrunkLayers);
}

/// map: [n, 512, h, w] -> features [n, 4096].
///
/// The fully connected layer covers the whole last feature map, so its weights fit only one input size: for
/// the 224 pixels of published weights (a map of 14 x 14) they are [4096, 512 x 7 x 7].
template <class Ops>
Value<Ops> vgg16_last_stage(Ops& ops, Value<Ops> map) {
  const auto x = vgg::layers(ops, map, vgg::kTrunkLayers, vgg::kLayers.size());
  return ops.relu(ops.linear("classifier.0", ops.flatten(x), 4096));
}

}  // namespace regard
