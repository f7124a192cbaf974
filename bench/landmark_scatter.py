"""How far a face's landmarks scatter when its photograph is scaled (kCloseups in src/regard/face/detector.cpp).

    python3 bench/landmark_scatter.py

Scales every photograph to many widths, runs `regard recognize`, and takes the landmarks back to the photograph. Prints the
root mean square distance from their mean position, in per cent of the distance between the eyes. To measure another number of
close-ups, change kCloseups and build again. Needs numpy and Pillow.
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image


def recognize(program, folder):
    run = subprocess.run([program, "recognize", "--format", "json", str(folder)], capture_output=True, check=True)
    return [json.loads(line) for line in run.stdout.decode().splitlines()]


def landmarks_by_size(program, path, widths):
    """[sizes, 5, 2] as fractions of the photograph's width."""
    photograph = Image.open(path).convert("RGB")
    with tempfile.TemporaryDirectory() as folder:
        for width in widths:
            size = (width, round(width * photograph.height / photograph.width))
            photograph.resize(size, Image.BOX if width < photograph.width else Image.BICUBIC).save(Path(folder) / f"{width}.png")
        images = recognize(program, folder)
    return np.array([np.array(image["faces"][0]["landmarks"]) / image["width"] for image in images if image["faces"]])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/regard")
    parser.add_argument("--samples", type=Path, default="samples")
    parser.add_argument("--sizes", type=int, default=48)
    options = parser.parse_args()
    widths = np.unique(np.geomspace(150, 1900, options.sizes).round().astype(int))
    squares = []
    for path in sorted(p for p in options.samples.iterdir() if p.suffix in (".png", ".jpg")):
        places = landmarks_by_size(options.program, path, widths)
        mean = places.mean(0)
        eyes = np.linalg.norm(mean[1] - mean[0])
        squares.append((((places - mean) ** 2).sum(2) / eyes ** 2).mean())
        print(f"{path.name}: {len(places)} of {len(widths)} sizes, scatter {100 * squares[-1] ** .5:.1f} %")
    print(f"both: {100 * np.mean(squares) ** .5:.1f} % of the distance between the eyes")


if __name__ == "__main__":
    main()
