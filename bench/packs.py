"""Reads packed data sets (`regard pack`) and writes their chips as images, for the scripts beside this file.

Needs numpy; writing images needs Pillow.
"""

import json
from pathlib import Path

import numpy as np


class Pack:
    """chips [count, channels, size, size] (u8), labels [count], soft_labels [count, classes], landmarks [count, 5, 2] (fractions
    of the chip, NaN where none were found; None if the file has none), names and splits, all in the order of the file."""

    def __init__(self, path):
        data = np.memmap(path, np.uint8, "r")
        length = int(data[:8].view("<u8")[0])
        header = json.loads(bytes(data[8:8 + length]))
        types = {"U8": "u1", "I8": "i1", "F32": "<f4", "I64": "<i8"}

        def tensor(name):
            entry = header[name]
            begin, end = (8 + length + offset for offset in entry["data_offsets"])
            return np.frombuffer(data[begin:end].tobytes(), types[entry["dtype"]]).reshape(entry["shape"])

        self.dataset = header["__metadata__"]["dataset"]
        self.expressions = json.loads(header["__metadata__"]["labels"])
        self.chips, self.labels, self.soft_labels = tensor("chips"), tensor("labels"), tensor("soft_labels")
        self.landmarks = tensor("landmarks") if "landmarks" in header else None
        splits = json.loads(header["__metadata__"]["splits"])
        self.splits = np.array([splits[i] for i in tensor("splits")])
        text, ends = tensor("names").tobytes(), [0, *tensor("name_ends")]
        self.names = [text[a:b].decode() for a, b in zip(ends, ends[1:])]

    def indices(self, split, majority_only=True):
        """Of the images of a split, in order; with a majority label only, or with soft labels."""
        labelled = self.labels >= 0 if majority_only else self.soft_labels.sum(1) > 0
        return np.flatnonzero((self.splits == split) & labelled)

    def image(self, index):
        from PIL import Image

        chip = self.chips[index]
        return Image.fromarray(chip[0] if len(chip) == 1 else chip.transpose(1, 2, 0))

    def write_images(self, indices, folder):
        """One PNG per image, named as in the data set; -> the paths, in order."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        paths = [folder / f"{Path(self.names[i]).stem}.png" for i in indices]
        for path, index in zip(paths, indices):
            self.image(index).save(path)
        return paths


def read_types(path):
    """The types of an occlusion list ("3_fer0000000.png 8 1"), by the image's name without its ending."""
    types = {}
    for line in Path(path).read_text().splitlines():
        name, _, kind = line.split()
        types[Path(name.split("_", 1)[1]).stem] = int(kind)
    return types
