"""How well suspicion ranks occluded faces before unoccluded ones (docs/annotation.md): areas under the ROC curve.

    regard pack --data ferplus.pack --occlude 1 --out occluded.pack
    python3 bench/suspicion_auc.py --data ferplus.pack --occluded occluded.pack

Reads the suspicion of every image from the databases that `regard annotate occlusion` makes for both sets. Also prints the
scores that were tried instead and that a model gives: the entropy of its prediction. Needs numpy and Pillow.
"""

import argparse
import json
import sqlite3
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from packs import Pack, read_types

KINDS = ("upper", "bottom", "left or right", "glasses or mask")


def suspicions(program, data, database):
    """By the image's name without its ending."""
    command = [program, "annotate", "occlusion", "--data", data, "--split", "valid", "--port", "0", "--db", database]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as page:
        page.stdout.readline()  # the page is up: all images have been scored
        page.terminate()
    with sqlite3.connect(database) as connection:
        return {Path(name).stem: score for name, score in connection.execute("SELECT name, suspicion FROM images")}


def entropies(program, model, pack, folder):
    pack.write_images(pack.indices("valid"), folder)
    command = [program, "recognize", "--model", model, "--chips", "--format", "json", str(folder)]
    run = subprocess.run(command, capture_output=True, check=True)
    found = {}
    for line in run.stdout.decode().splitlines():
        image = json.loads(line)
        p = np.array(list(image["faces"][0]["probabilities"].values()))
        found[Path(image["file"]).stem] = float(-(p * np.log(np.maximum(p, 1e-12))).sum())
    return found


def area(occluded, free):
    """The probability that an occluded face scores higher than an unoccluded one; ties count half."""
    scores = np.concatenate([occluded, free])
    values, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    n, m = len(occluded), len(free)
    return (ranks[:n].sum() - n * (n + 1) / 2) / (n * m)


def row(title, occluded, free, types):
    groups = [list(occluded)] + [[n for n in occluded if types.get(n) == kind] for kind in range(len(KINDS))]
    cells = [area([occluded[n] for n in g], list(free.values())) for g in groups]
    return f"| {title} | " + " | ".join(f"{cell:.3f}" for cell in cells) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/regard")
    parser.add_argument("--model", default="ferplus-mobilenet")
    parser.add_argument("--data", type=Path, required=True, help="the packed data set")
    parser.add_argument("--occluded", type=Path, required=True, help="what `regard pack --occlude` made of it")
    options = parser.parse_args()
    types = read_types(options.occluded.with_suffix(".txt"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        free = suspicions(options.program, options.data, folder / "free.sqlite")
        occluded = suspicions(options.program, options.occluded, folder / "occluded.sqlite")
        free_entropy = entropies(options.program, options.model, Pack(options.data), folder / "free")
        occluded_entropy = entropies(options.program, options.model, Pack(options.occluded), folder / "occluded")
    print(f"| score, {len(occluded)} faces | all | " + " | ".join(KINDS) + " |")
    print("|---" * (len(KINDS) + 2) + "|")
    print(row("suspicion", occluded, free, types))
    print(row(f"entropy of the prediction of `{options.model}`", occluded_entropy, free_entropy, types))
    first = np.mean([occluded[n] > free[n] for n in occluded if n in free])
    print(f"\nIn {100 * first:.1f} % of the pairs the occluded face ranks before its own original.")


if __name__ == "__main__":
    main()
