"""How the view weights of a model change when a known part of every face is occluded (models/ferplus-ran.md).

    regard pack --data ferplus.pack --occlude 1 --out occluded.pack
    python3 bench/attention_shift.py --data ferplus.pack --occluded occluded.pack

Prints the mean weight of each view, and its mean change by kind of occluder with the half width of the 95 % interval.
Needs numpy and Pillow.
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from packs import Pack, read_types

KINDS = ("upper part", "bottom", "left or right half", "glasses or mask")


def weights_of(program, model, pack, indices, folder):
    """Names of the views; their weights by the image's name."""
    pack.write_images(indices, folder)
    command = [program, "recognize", "--model", model, "--chips", "--format", "json", str(folder)]
    run = subprocess.run(command, capture_output=True, check=True)
    names, weights = [], {}
    for line in run.stdout.decode().splitlines():
        image = json.loads(line)
        views = image["faces"][0]["views"]
        names = [view["name"] for view in views]
        weights[Path(image["file"]).stem] = [view["weight"] for view in views]
    return names, weights


def row(name, values, sign=""):
    return f"| {name} | " + " | ".join(f"{v:{sign}.3f}" for v in values) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/regard")
    parser.add_argument("--model", default="ferplus-ran")
    parser.add_argument("--data", type=Path, required=True, help="the packed data set")
    parser.add_argument("--occluded", type=Path, required=True, help="what `regard pack --occlude` made of it")
    options = parser.parse_args()
    types = read_types(options.occluded.with_suffix(".txt"))
    with tempfile.TemporaryDirectory() as folder:
        plain, covered = Pack(options.data), Pack(options.occluded)
        names, before = weights_of(options.program, options.model, plain, plain.indices("valid"), Path(folder) / "a")
        _, after = weights_of(options.program, options.model, covered, covered.indices("valid"), Path(folder) / "b")
    print(row("weight", [], "") [:-1] + " | ".join(names) + " |")
    print("|---" * (len(names) + 1) + "|")
    print(row("no occluder", np.mean(list(before.values()), 0)))
    for kind, title in enumerate(KINDS):
        changes = np.array([np.subtract(after[n], before[n]) for n in after if types.get(n) == kind])
        print(row(f"{title} ({len(changes)})", changes.mean(0), "+"))
        print(row("+-", 1.96 * changes.std(0, ddof=1) / np.sqrt(len(changes))))


if __name__ == "__main__":
    main()
