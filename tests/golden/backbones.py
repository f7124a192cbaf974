#!/usr/bin/env python3
"""Golden features of MobileNet-v1, ResNet-18, VGG-16 and SFace, written with torch.nn.functional and no code of this project. Weights and
images are numbers that follow from a name and a place, so that the file holds results only."""

import json
import math
import pathlib

import numpy as np
import torch
import torch.nn.functional as F


def numbers(name, shape):
    """In [-1, 1): a hash of the name (FNV-1a) plus the place, mixed (lowbias32)."""
    seed = 2166136261
    for byte in name.encode():
        seed = (seed ^ byte) * 16777619 % 2**32
    x = (np.arange(math.prod(shape), dtype=np.uint64) + seed).astype(np.uint32)
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B), (16, 1)):
        x = (x ^ (x >> np.uint32(shift))) * np.uint32(factor)
    return torch.from_numpy((x * 2.0**-31 - 1).astype(np.float32).reshape(shape))


class StateDict:
    """Makes each parameter when it is asked for and keeps its shape."""

    def __init__(self):
        self.shapes = {}

    def get(self, name, *shape):
        self.shapes[name] = list(shape)
        values = numbers(name, shape)
        if len(shape) > 1:
            return values * math.sqrt(6 / math.prod(shape[1:]))
        return values * 0.3 + (1 if name.endswith((".running_var", ".weight")) else 0)


def mobilenet_v1(state, x):
    """As Keras has it: layers of stride 2 pad below and to the right, epsilon 1e-3, ReLU6."""

    def layer(name, x, channels, size, stride=1, groups=1):
        if size == 3:
            x = F.pad(x, (0, 1, 0, 1) if stride == 2 else (1, 1, 1, 1))
        x = F.conv2d(x, state.get(name + ".weight", channels, x.shape[1] // groups, size, size), stride=stride, groups=groups)
        mean, variance, weight, bias = (
            state.get(f"{name}_bn.{part}", channels) for part in ("running_mean", "running_var", "weight", "bias")
        )
        return F.relu6(F.batch_norm(x, mean, variance, weight, bias, training=False, eps=1e-3))

    x = layer("conv1", x, 32, 3, stride=2)
    for number, channels in enumerate((64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024), 1):
        grows = x.shape[1] < channels and number > 1
        x = layer(f"conv_dw_{number}", x, x.shape[1], 3, stride=2 if grows else 1, groups=x.shape[1])
        x = layer(f"conv_pw_{number}", x, channels, 1)
    return x.mean((2, 3))


def resnet18(state, x):
    def conv(name, x, channels, size, stride):
        kernel = state.get(name + ".weight", channels, x.shape[1], size, size)
        return F.conv2d(x, kernel, stride=stride, padding=size // 2)

    def norm(name, x):
        mean, variance, weight, bias = (
            state.get(f"{name}.{part}", x.shape[1]) for part in ("running_mean", "running_var", "weight", "bias")
        )
        return F.batch_norm(x, mean, variance, weight, bias, training=False, eps=1e-5)

    x = F.relu(norm("bn1", conv("conv1", x, 64, 7, 2)))
    x = F.max_pool2d(x, kernel_size=3, stride=2, padding=1)
    for layer, channels in enumerate((64, 128, 256, 512), 1):
        for block in (0, 1):
            name = f"layer{layer}.{block}"
            first = layer > 1 and block == 0
            y = F.relu(norm(name + ".bn1", conv(name + ".conv1", x, channels, 3, 2 if first else 1)))
            y = norm(name + ".bn2", conv(name + ".conv2", y, channels, 3, 1))
            if first:
                x = norm(name + ".downsample.1", conv(name + ".downsample.0", x, channels, 1, 2))
            x = F.relu(y + x)
    return F.adaptive_avg_pool2d(x, 1).flatten(1)


def vgg16(state, x):
    place = 0
    for channels, depth in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _ in range(depth):
            kernel = state.get(f"features.{place}.weight", channels, x.shape[1], 3, 3)
            x = F.relu(F.conv2d(x, kernel, state.get(f"features.{place}.bias", channels), padding=1))
            place += 2
        x = F.max_pool2d(x, 2)
        place += 1
    x = x.flatten(1)
    weight = state.get("classifier.0.weight", 4096, x.shape[1])
    return F.relu(F.linear(x, weight, state.get("classifier.0.bias", 4096)))


def sface(state, x):
    def norm(name, x, eps):
        mean, variance, weight, bias = (
            state.get(f"{name}.{part}", x.shape[1]) for part in ("running_mean", "running_var", "weight", "bias")
        )
        return F.batch_norm(x, mean, variance, weight, bias, training=False, eps=eps)

    def layer(name, x, channels, size, stride=1, groups=1):
        kernel = state.get(name + "_conv2d.weight", channels, x.shape[1] // groups, size, size)
        x = F.conv2d(x, kernel, stride=stride, padding=size // 2, groups=groups)
        x = norm(name + "_batchnorm", x, 1e-3)
        return F.prelu(x, state.get(name + "_relu.weight", channels) - 1)  # slopes about 0, not about 1

    x = layer("conv_1", x, 32, 3)
    for number, channels in enumerate((64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024), 2):
        grows = x.shape[1] < channels and number > 2
        x = layer(f"conv_{number}_dw", x, x.shape[1], 3, stride=2 if grows else 1, groups=x.shape[1])
        x = layer(f"conv_{number}", x, channels, 1)
    return norm("bn1", x, 2e-5).mean((2, 3))


NETWORKS = ((mobilenet_v1, (2, 3, 70, 52), 8), (resnet18, (2, 3, 70, 52), 4), (vgg16, (1, 3, 66, 40), 16), (sface, (2, 3, 33, 26), 16))


def golden():
    values = {}
    for network, shape, step in NETWORKS:
        state = StateDict()
        with torch.no_grad():
            features = network(state, numbers("image", shape))
        values[network.__name__] = {
            "image": list(shape),
            "parameters": state.shapes,
            "step": step,  # every how many features
            "features": [float(f"{v:.7g}") for v in features.flatten()[::step].tolist()],
        }
    return values


if __name__ == "__main__":
    pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(golden()) + "\n")
