#!/usr/bin/env python3
"""What a trained network sees of the views of a face, clean and occluded, for the experiments of study.py.

    regard pack --data FERPlus/data --out ferplus.pack
    regard export MODEL --out model.onnx          # a plain MobileNet-v1 at 160 px, trained without the fold
    python3 bench/attention/view_features.py --data ferplus.pack --fold 0 --onnx model.onnx --out features.npz

The images are those of a fold that the network was not trained on, with a majority label: as they are, and with an occluder
of `regard pack --occlude` over each. Schemes of views, the whole face first:

    image    the five regions of the RAN paper, cut from the image and enlarged
    block5   the same regions, cut from the map after block 5 (20 x 20 cells)
    block11  the same regions, cut from the map after block 11 (10 x 10 cells)
    parts    eight regions of side .4 to .5 around brows, eyes, nose, mouth and in both halves, by the face's landmarks
    grid     the 25 cells of the last map, each a view

Written for each scheme: clean and occluded [images, views, 1024] (f16), covered [images, views], the part of a view that the
occluder hides; beside them labels, groups of near-duplicates and the classifier's weights. Needs NumPy, torch, onnx, OpenVINO.
"""

import argparse
import csv
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
import openvino
import torch
import torch.nn.functional as F

sys.path.insert(0, str(Path(__file__).parent.parent))
import make_folds  # noqa: E402
from packs import Pack  # noqa: E402

SIZE = 160
BATCH = 64
MEAN = torch.tensor([123.68, 116.779, 103.939]).reshape(1, 3, 1, 1)
HIDDEN = 12  # levels of grey from which a pixel counts as occluded
WHOLE = (0, 0, 1, 1)
PAPER = [(0, 0, .75, .75), (.25, 0, 1, .75), (.125, .25, .875, 1), (.05, .05, .95, .95), (.075, .075, .925, .925)]
MAPS = {"block5": ("relu6_10:0", 20), "block11": ("relu6_22:0", 10)}  # tensor, cells
LAST_MAP, FEATURE = "relu6_27:0", "global_average_pool:0"


def boxes_of_parts(landmarks):
    """[images, 5, 2] -> [images, 8, 4]: brows, left and right eye, nose, mouth, mouth's corners with cheeks, both halves."""
    left_eye, right_eye, nose, left_mouth, right_mouth = landmarks.transpose(1, 0, 2)
    eyes, mouth = (left_eye + right_eye) / 2, (left_mouth + right_mouth) / 2
    up = np.array([0, -.08])
    centres = [(eyes + up, .5), (left_eye, .4), (right_eye, .4), (nose, .4), (mouth, .4), (mouth - up, .5),
               ((left_eye + left_mouth) / 2, .5), ((right_eye + right_mouth) / 2, .5)]
    return np.stack([np.concatenate([c - side / 2, c + side / 2], 1) for c, side in centres], 1)


def cut(images, boxes, size):
    """[n, c, h, w] and [n, k, 4] -> [n k, c, size, size], bilinear; the border repeats beyond the edge."""
    count = boxes.shape[1]
    x0, y0, x1, y1 = (boxes.reshape(-1, 4)[:, i] for i in range(4))
    steps = (torch.arange(size) + .5) / size
    x = x0[:, None] + (x1 - x0)[:, None] * steps
    y = y0[:, None] + (y1 - y0)[:, None] * steps
    grid = torch.stack([x[:, None, :].expand(-1, size, -1), y[:, :, None].expand(-1, -1, size)], -1) * 2 - 1
    return F.grid_sample(images.repeat_interleave(count, 0), grid, align_corners=False, padding_mode="border")


class Stages:
    """The network in pieces: from a named tensor to others."""

    def __init__(self, path):
        self.path, self.core, self.folder = path, openvino.Core(), tempfile.TemporaryDirectory()

    def compile(self, begin, ends):
        part = Path(self.folder.name, begin.replace(":", "_") + ".onnx")
        onnx.utils.extract_model(self.path, str(part), [begin], ends, check_model=False)
        model = self.core.read_model(part)
        shape = model.input(0).partial_shape
        model.reshape({0: openvino.PartialShape([-1, shape[1].get_length(), -1, -1])})
        return self.core.compile_model(model, "CPU", {"INFERENCE_NUM_THREADS": 1, "PERFORMANCE_HINT": "LATENCY"})


def covered(clean, occluded, boxes):
    """The part of each box [n, k, 4] in which the two images differ."""
    hidden = ((clean - occluded).abs().amax(1, keepdim=True) > HIDDEN).float()
    cuts = cut(hidden, boxes, 24)
    return cuts.mean((1, 2, 3)).reshape(boxes.shape[:2])


class Extractor:
    def __init__(self, onnx_path):
        stages = Stages(onnx_path)
        maps = [tensor for tensor, _ in MAPS.values()]
        self.whole = stages.compile("normalized:0", [*maps, LAST_MAP, FEATURE])
        self.plain = stages.compile("normalized:0", [FEATURE])
        self.rest = {name: stages.compile(tensor, [FEATURE]) for name, (tensor, _) in MAPS.items()}

    def __call__(self, chips, parts):
        """chips [n, 1, 48, 48] 0-255, parts [n, 8, 4] -> features by scheme, [n, views, 1024]."""
        count = len(chips)

        def pooled(network, x):
            return network(np.ascontiguousarray(x.numpy()))[0].reshape(count, -1, 1024)

        def enlarged(boxes):
            return cut(chips, boxes, SIZE).expand(-1, 3, -1, -1) - MEAN

        regions = torch.tensor([PAPER] * count)
        answers = self.whole(np.ascontiguousarray(enlarged(torch.tensor([[WHOLE]] * count)).numpy()))
        *maps, last, feature = (answers[i] for i in range(len(answers)))
        first = feature.reshape(count, 1, -1)
        features = {
            "image": np.concatenate([first, pooled(self.plain, enlarged(regions))], 1),
            "parts": np.concatenate([first, pooled(self.plain, enlarged(parts))], 1),
            "grid": last.reshape(count, last.shape[1], -1).transpose(0, 2, 1),
        }
        for (name, (_, cells)), values in zip(MAPS.items(), maps):
            cuts = cut(torch.from_numpy(values.copy()), regions, cells)
            features[name] = np.concatenate([first, pooled(self.rest[name], cuts)], 1)
        return {name: values.astype(np.float16) for name, values in features.items()}


def with_fold_as_validation(pack_path, folds, fold, out):
    """A copy of the pack whose validation split is one fold."""
    data = bytearray(Path(pack_path).read_bytes())
    pack, rows = Pack(pack_path), csv.reader(line for line in Path(folds).open() if not line.startswith("#"))
    of = {name: int(number) for name, number in rows}
    splits = np.array([of.get(Path(name).name) == fold for name in pack.names], np.uint8)  # ["train", "valid"]
    length = int.from_bytes(data[:8], "little")
    begin, end = json.loads(data[8:8 + length])["splits"]["data_offsets"]
    data[8 + length + begin:8 + length + end] = splits.tobytes()
    out.write_bytes(data)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/regard")
    parser.add_argument("--data", required=True)
    parser.add_argument("--folds", default="recipes/folds/ferplus.csv")
    parser.add_argument("--fold", type=int, default=0)
    parser.add_argument("--onnx", required=True)
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        path, occluded_path = Path(folder, "fold.pack"), Path(folder, "occluded.pack")
        with_fold_as_validation(options.data, options.folds, options.fold, path)
        subprocess.run([options.program, "pack", "--data", path, "--occlude", "1", "--out", occluded_path], check=True)
        clean, occluded = Pack(path), Pack(occluded_path)
    chosen, hidden = clean.indices("valid"), {name: i for i, name in enumerate(occluded.names)}
    landmarks = clean.landmarks
    usual = landmarks[np.isfinite(landmarks).all((1, 2))].mean(0)
    extractor, written = Extractor(options.onnx), {}
    for begin in range(0, len(chosen), BATCH):
        rows = chosen[begin:begin + BATCH]
        marks = landmarks[rows]
        marks = np.where(np.isfinite(marks).all((1, 2), keepdims=True), marks, usual)
        parts = torch.from_numpy(boxes_of_parts(marks).astype(np.float32))
        images = [torch.from_numpy(p.chips[r].astype(np.float32))
                  for p, r in ((clean, rows), (occluded, [hidden[clean.names[i]] for i in rows]))]
        whole = torch.tensor([[WHOLE]] * len(rows))
        cells = torch.tensor([[(x / 5, y / 5, (x + 1) / 5, (y + 1) / 5) for y in range(5) for x in range(5)]] * len(rows))
        paper = torch.cat([whole, torch.tensor([PAPER] * len(rows))], 1)
        boxes = {"image": paper, "block5": paper, "block11": paper, "parts": torch.cat([whole, parts], 1), "grid": cells}
        for kind, image in zip(("clean", "occluded"), images):
            for scheme, values in extractor(image, parts).items():
                written.setdefault(f"{scheme}_{kind}", []).append(values)
        for scheme, of_scheme in boxes.items():
            written.setdefault(f"{scheme}_covered", []).append(covered(*images, of_scheme).numpy())
        print(f"\r{begin + len(rows)} of {len(chosen)}", end="", file=sys.stderr, flush=True)
    groups = np.empty(len(chosen), np.int64)
    for number, group in enumerate(make_folds.groups_of(
            len(chosen), make_folds.alike(make_folds.thumbnails(clean.chips[chosen]), .93))):
        groups[group] = number
    weights = {t.name: onnx.numpy_helper.to_array(t) for t in onnx.load(options.onnx).graph.initializer}
    np.savez(options.out, labels=clean.labels[chosen].astype(np.int64), groups=groups, fc_weight=weights["fc.weight"],
             fc_bias=weights["fc.bias"], **{name: np.concatenate(values) for name, values in written.items()})


if __name__ == "__main__":
    main()
