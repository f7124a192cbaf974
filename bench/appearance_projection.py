"""Makes models/appearance.tensors: the first layers of a plain model on MobileNet v1, and which directions of the last of
them tell faces apart, and not images of one face.

    build/regard export ferplus-mobilenet --out mobilenet.onnx
    .venv/bin/python bench/appearance_projection.py --images FERPLUS/FER2013Train --network mobilenet.onnx \\
        --model models/ferplus-mobilenet.safetensors --out models/appearance.tensors

Every image, a face of 48 x 48 pixels as FERPlus has them, is changed twice at random, as images of the same face differ:
turned, moved, mirrored, blurred, lit differently. The projection (linear discriminant analysis) shrinks the directions in
which the two differ, and keeps the 64 along which faces then vary most. No labels are used, and nobody is in it twice.
Needs numpy, Pillow and openvino.
"""

import argparse
import json
import struct
from pathlib import Path

import numpy as np
import openvino
from PIL import Image

LAYER, SIZE = "conv_pw_7", 48
DIRECTIONS = 64
LEAST_VARIANCE = 0.02  # of the mean one, added to all: directions that hardly vary are not blown up
BATCH = 16


def changed(image, rng):
    image = image.rotate(rng.normal(0, 4), Image.BILINEAR, translate=tuple(rng.normal(0, 1.2, 2)))
    if rng.random() < 0.5:
        image = image.transpose(Image.FLIP_LEFT_RIGHT)
    side = int(rng.integers(20, SIZE + 1))
    image = image.resize((side, side), Image.BOX).resize((SIZE, SIZE), Image.BILINEAR)
    light = rng.uniform(0.75, 1.2) * (1 + np.linspace(-1, 1, SIZE) * rng.uniform(-0.25, 0.25))
    pixels = (np.asarray(image, np.float32) / 255) ** rng.uniform(0.7, 1.4) * light
    return np.repeat((255 * pixels.clip(0, 1))[None], 3, 0)


def layer_of(path):
    """-> function: chips [n, 3, 48, 48] -> means of the layer's map [n, channels]"""
    core = openvino.Core()
    model = core.read_model(path)
    layer = next(op for op in model.get_ordered_ops() if op.get_friendly_name() == LAYER)
    short = openvino.Model([layer.output(0)], model.get_parameters(), "layer")
    compiled = core.compile_model(short, "CPU", {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1})

    def means(chips):
        maps = next(iter(compiled(chips).values()))
        return maps.reshape(len(chips), -1, *maps.shape[1:])[:, 0].mean((2, 3))  # the first view is the face as it is

    return means


def discriminants(a, b):
    """Two images of each face [n, channels] -> mean [channels], projection [directions, channels]"""
    mean = np.concatenate([a, b]).mean(0)
    differences = (a - b) / np.sqrt(2)
    variances, axes = np.linalg.eigh(differences.T @ differences / len(a))
    variances = np.maximum(variances, 0)
    shrunk = axes / np.sqrt(variances + LEAST_VARIANCE * variances.mean())
    _, _, kept = np.linalg.svd(((a + b) / 2 - mean) @ shrunk, full_matrices=False)
    projection = (shrunk @ kept[:DIRECTIONS].T).T
    return mean, projection / np.sqrt((projection**2).sum(1).mean())


def write(path, tensors, metadata):
    entries, data = {"__metadata__": metadata}, b""
    for name, values in tensors.items():
        entries[name] = {"dtype": "F32" if values.dtype == np.float32 else "F16", "shape": list(values.shape),
                         "data_offsets": [len(data), len(data) + values.nbytes]}
        data += values.tobytes()
    header = json.dumps(entries).encode()
    header += b" " * (-len(header) % 8)
    Path(path).write_bytes(struct.pack("<Q", len(header)) + header + data)


def first_layers(path):
    """-> the tensors of all layers up to LAYER, without its batch norm, as the model file has them; and how its input is normalised"""
    data = Path(path).read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    entries = json.loads(data[8:8 + length])
    last = int(LAYER.rpartition("_")[2])
    wanted = {"conv1", "conv1_bn", LAYER}
    for block in range(1, last + 1):
        wanted |= {f"conv_{kind}_{block}{part}" for kind in ("dw", "pw") for part in ("", "_bn")}
    wanted.remove(f"{LAYER}_bn")
    layers = {}
    for name, entry in entries.items():
        if name.rpartition(".")[0] in wanted:
            begin, end = (8 + length + offset for offset in entry["data_offsets"])
            layers[name] = np.frombuffer(data[begin:end], {"F32": np.float32, "F16": np.float16}[entry["dtype"]]).reshape(entry["shape"])
    return layers, json.loads(entries["__metadata__"]["regard"])["network"]["options"]["normalize"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", required=True, help="folder of faces, 48 x 48 pixels")
    parser.add_argument("--network", required=True, help="`ferplus-mobilenet` as ONNX")
    parser.add_argument("--model", required=True, help="the same as model file")
    parser.add_argument("--count", type=int, default=1500)
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    rng, means = np.random.default_rng(0), layer_of(options.network)
    files = sorted(Path(options.images).glob("*.png"))
    files = [files[i] for i in np.random.default_rng(1).permutation(len(files))[:options.count]]
    pairs = []
    for first in range(0, len(files), BATCH // 2):
        images = [Image.open(file).convert("L") for file in files[first:first + BATCH // 2]]
        pairs.append(means(np.stack([changed(image, rng) for image in images for _ in (0, 1)])).reshape(len(images), 2, -1))
    mean, projection = discriminants(*np.concatenate(pairs).astype(float).transpose(1, 0, 2))
    layers, normalize = first_layers(options.model)
    tensors = {**layers, "mean": mean.astype(np.float32), "projection": projection.astype(np.float16)}
    tensors = dict(sorted(tensors.items(), key=lambda item: (-item[1].itemsize, item[0])))
    write(options.out, tensors, {"normalize": json.dumps(normalize), "network": Path(options.model).stem,
                                 "images": f"{len(files)} of FERPlus' training split", "licence": "Apache-2.0"})


if __name__ == "__main__":
    main()
