#pragma once

#include <array>
#include <string>

#include "regard/ops/spec.h"

namespace regard {

/// MobileNet-v1, width 1.0, without its classifier (Howard et al., arXiv 1704.04861, table 1).
/// image: [n, 3, h, w], normalised -> features [n, 1024]; every layer halves or keeps the picture, 32-fold in
/// all. Parameters bear Keras' layer names; as there, layers of stride 2 pad below and to the right only.
template <class Ops>
Value<Ops> mobilenet_v1(Ops& ops, Value<Ops> image) {
  struct Block {
    int out, stride;
  };
  constexpr std::array<Block, 13> kBlocks{{{64, 1},
                                           {128, 2},
                                           {128, 1},
                                           {256, 2},
                                           {256, 1},
                                           {512, 2},
                                           {512, 1},
                                           {512, 1},
                                           {512, 1},
                                           {512, 1},
                                           {512, 1},
                                           {1024, 2},
                                           {1024, 1}}};
  const auto padding = [](int stride) { return stride == 2 ? Padding{0, 0, 1, 1} : Padding::all(1); };
  const auto layer = [&](const std::string& name, const Value<Ops>& x, const Conv2dOptions& options) {
    return ops.batch_norm(name + "_bn", ops.conv2d(name, x, options), Activation::relu6);
  };

  auto x = layer("conv1", image, {.out = 32, .kernel = 3, .stride = 2, .padding = padding(2)});
  int channels = 32, number = 1;
  for (const auto [out, stride] : kBlocks) {
    const auto id = std::to_string(number++);
    x = layer(
        "conv_dw_" + id, x,
        {.out = channels, .kernel = 3, .stride = stride, .padding = padding(stride), .groups = channels});
    x = layer("conv_pw_" + id, x, {.out = out, .kernel = 1});
    channels = out;
  }
  return ops.global_average_pool(x);
}

}  // namespace regard
