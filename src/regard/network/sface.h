#pragma once

#include <string>

#include "regard/network/mobilenet.h"

namespace regard {

/// The network that SFace was published with (Zhong et al., IEEE TIP 2021): the layers of MobileNet-v1,
/// except that the first one has stride 1, that PReLU follows each of them, and that layers of stride 2 pad
/// on all sides. For the same map it needs images of half the side of MobileNet-v1's. Layers have the names
/// of the published file, parameters the names used for all batch norms and convolutions here.
namespace sface {

template <class Ops>
Value<Ops> layer(Ops& ops, const std::string& name, const Value<Ops>& x, Conv2dOptions options) {
  options.padding = Padding::all(options.kernel / 2);
  return ops.prelu(name + "_relu",
                   ops.batch_norm(name + "_batchnorm", ops.conv2d(name + "_conv2d", x, options)));
}

template <class Ops>
Value<Ops> blocks(Ops& ops, Value<Ops> x, std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end; ++i) {
    const auto [in, out, stride] = mobilenet::kBlocks[i];
    const auto name = "conv_" + std::to_string(i + 2);
    x = layer(ops, name + "_dw", x, {.out = in, .kernel = 3, .stride = stride, .groups = in});
    x = layer(ops, name, x, {.out = out, .kernel = 1});
  }
  return x;
}

}  // namespace sface

/// image: [n, 3, h, w], normalised -> map [n, 512, h / 8, w / 8].
template <class Ops>
Value<Ops> sface_trunk(Ops& ops, Value<Ops> image) {
  image = sface::layer(ops, "conv_1", image, {.out = 32, .kernel = 3});
  return sface::blocks(ops, image, 0, mobilenet::kTrunkBlocks);
}

/// map: [n, 512, h, w] -> features [n, 1024], global average pooling, where the published network has a fully
/// connected layer.
template <class Ops>
Value<Ops> sface_last_stage(Ops& ops, Value<Ops> map) {
  const auto x = sface::blocks(ops, map, mobilenet::kTrunkBlocks, mobilenet::kBlocks.size());
  return ops.global_average_pool(ops.batch_norm("bn1", x, Activation::none, 2e-5f));
}

}  // namespace regard
