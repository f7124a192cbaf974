#pragma once

#include <array>
#include <string>

#include "regard/ops/spec.h"

namespace regard {

/// MobileNet-v1, width 1.0, without its classifier (Howard et al., arXiv 1704.04861, table 1), in two parts.
/// Parameters have Keras' layer names; as in Keras, layers of stride 2 pad only at the bottom and on the
/// right.
namespace mobilenet {

struct Block {
  int in, out, stride;
};

inline constexpr std::array<Block, 13> kBlocks{{{32, 64, 1},
                                                {64, 128, 2},
                                                {128, 128, 1},
                                                {128, 256, 2},
                                                {256, 256, 1},
                                                {256, 512, 2},
                                                {512, 512, 1},
                                                {512, 512, 1},
                                                {512, 512, 1},
                                                {512, 512, 1},
                                                {512, 512, 1},
                                                {512, 1024, 2},
                                                {1024, 1024, 1}}};
inline constexpr std::size_t kTrunkBlocks = 11;

template <class Ops>
Value<Ops> layer(Ops& ops, const std::string& name, const Value<Ops>& x, Conv2dOptions options) {
  if (options.kernel == 3) options.padding = options.stride == 2 ? Padding{0, 0, 1, 1} : Padding::all(1);
  return ops.batch_norm(name + "_bn", ops.conv2d(name, x, options), Activation::relu6);
}

template <class Ops>
Value<Ops> blocks(Ops& ops, Value<Ops> x, std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end; ++i) {
    const auto [in, out, stride] = kBlocks[i];
    const auto id = std::to_string(i + 1);
    x = layer(ops, "conv_dw_" + id, x, {.out = in, .kernel = 3, .stride = stride, .groups = in});
    x = layer(ops, "conv_pw_" + id, x, {.out = out, .kernel = 1});
  }
  return x;
}

}  // namespace mobilenet

/// image: [n, 3, h, w], normalised -> map [n, 512, h / 16, w / 16].
template <class Ops>
Value<Ops> mobilenet_v1_trunk(Ops& ops, Value<Ops> image) {
  image = mobilenet::layer(ops, "conv1", image, {.out = 32, .kernel = 3, .stride = 2});
  return mobilenet::blocks(ops, image, 0, mobilenet::kTrunkBlocks);
}

/// map: [n, 512, h, w] -> features [n, 1024].
template <class Ops>
Value<Ops> mobilenet_v1_last_stage(Ops& ops, Value<Ops> map) {
  return ops.global_average_pool(
      mobilenet::blocks(ops, map, mobilenet::kTrunkBlocks, mobilenet::kBlocks.size()));
}

}  // namespace regard
