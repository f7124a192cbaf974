#pragma once

#include <string>

#include "regard/ops/spec.h"

/// ResNet-18 (He et al., CVPR 2016, table 1) with the names of torchvision's state dict, in two parts for
/// networks that cut several regions from one feature map.
namespace regard {

/// Two 3 x 3 convolutions and a shortcut (fig. 2): [n, c, h, w] -> [n, out, h / stride, w / stride]. The
/// shortcut is a 1 x 1 convolution if the shape changes (option B), else the identity.
template <class Ops>
Value<Ops> basic_block(Ops& ops, const std::string& name, Value<Ops> x, int out, int stride,
                       bool same_shape) {
  constexpr float kEpsilon = 1e-5f;
  auto y = ops.conv2d(name + ".conv1", x, {.out = out, .stride = stride, .padding = Padding::all(1)});
  y = ops.batch_norm(name + ".bn1", y, Activation::relu, kEpsilon);
  y = ops.conv2d(name + ".conv2", y, {.out = out, .padding = Padding::all(1)});
  y = ops.batch_norm(name + ".bn2", y, Activation::none, kEpsilon);
  if (!same_shape) {
    x = ops.conv2d(name + ".downsample.0", x, {.out = out, .kernel = 1, .stride = stride});
    x = ops.batch_norm(name + ".downsample.1", x, Activation::none, kEpsilon);
  }
  return ops.relu(ops.add(y, x));
}

/// Two blocks; the first one changes the shape if `stride` is 2.
template <class Ops>
Value<Ops> resnet18_layer(Ops& ops, const std::string& name, Value<Ops> x, int out, int stride) {
  x = basic_block(ops, name + ".0", x, out, stride, stride == 1);
  return basic_block(ops, name + ".1", x, out, 1, true);
}

/// conv1 to layer3: image [n, 3, h, w], normalised -> [n, 256, h / 16, w / 16].
template <class Ops>
Value<Ops> resnet18_trunk(Ops& ops, Value<Ops> image) {
  auto x = ops.conv2d("conv1", image, {.out = 64, .kernel = 7, .stride = 2, .padding = Padding::all(3)});
  x = ops.batch_norm("bn1", x, Activation::relu, 1e-5f);
  x = ops.max_pool(x, /*kernel=*/3, /*stride=*/2, /*padding=*/1);
  x = resnet18_layer(ops, "layer1", x, 64, 1);
  x = resnet18_layer(ops, "layer2", x, 128, 2);
  return resnet18_layer(ops, "layer3", x, 256, 2);
}

/// layer4 and global average pooling: the trunk's map [n, 256, h, w] -> features [n, 512].
template <class Ops>
Value<Ops> resnet18_last_stage(Ops& ops, Value<Ops> x) {
  return ops.global_average_pool(resnet18_layer(ops, "layer4", x, 512, 2));
}

}  // namespace regard
