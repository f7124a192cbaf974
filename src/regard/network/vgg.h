#pragma once

#include <array>
#include <string>
#include <vector>

#include "regard/ops/spec.h"

namespace regard {

/// VGG-16 up to its first fully connected layer (Simonyan and Zisserman, ICLR 2015, table 1, column D), by
/// the names of torchvision's state dict. image: [n, 3, h, w], normalised -> features [n, 4096].
///
/// The fully connected layer sees every place of the last feature map, so that its weights belong to one
/// input size: at the 224 pixels of published weights they are [4096, 512 x 7 x 7].
template <class Ops>
Value<Ops> vgg16(Ops& ops, Value<Ops> image) {
  constexpr int kPool = 0;
  constexpr std::array kLayers{64,    64,  kPool, 128, 128,   kPool, 256, 256, 256,
                               kPool, 512, 512,   512, kPool, 512,   512, 512, kPool};
  auto x = image;
  int number = 0;  // torchvision counts every layer, convolutions and ReLUs and pools
  for (const int out : kLayers) {
    if (out == kPool) {
      x = ops.max_pool(x, /*kernel=*/2, /*stride=*/2);
      number += 1;
    } else {
      const auto name = "features." + std::to_string(number);
      x = ops.relu(ops.conv2d(name, x, {.out = out, .padding = Padding::all(1), .bias = true}));
      number += 2;
    }
  }
  return ops.relu(ops.linear("classifier.0", ops.flatten(x), 4096));
}

}  // namespace regard
