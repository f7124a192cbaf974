"""How many faces the detector finds where they are small (models/yunet-2023mar.md).

    python3 bench/detector_small_faces.py --data ferplus.pack

Runs `regard recognize` on chips of a data set as they are, and on the faces of the sample photographs, scaled to a given
width, rotated by up to 30 degrees, and pasted side by side into an image of 1920 x 1080, in colour and in grey. Needs numpy
and Pillow.
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from packs import Pack

COLUMNS, ROWS = 10, 7
SIZE = (1920, 1080)


def recognize(program, *arguments):
    run = subprocess.run([program, "recognize", "--format", "json", *map(str, arguments)], capture_output=True, check=True)
    return [json.loads(line) for line in run.stdout.decode().splitlines()]


def heads_of(program, samples):
    """(photograph, the box of its face) of every sample with one face."""
    return [(Image.open(image["file"]).convert("RGB"), image["faces"][0]["box"])
            for image in recognize(program, samples) if len(image["faces"]) == 1]


def head(photograph, box, width, degrees, room=1.8):
    """The face, `width` pixels wide, rotated, with its surroundings."""
    x, y, w, h = box
    factor, side = width / w, int(round(room * width * h / w))
    middle = (x + w / 2, y + h / 2)
    turned = photograph.rotate(degrees, Image.BICUBIC, center=middle)
    half = side / factor / 2
    area = tuple(int(round(v)) for v in (middle[0] - half, middle[1] - half, middle[0] + half, middle[1] + half))
    return turned.crop(area).resize((side, side), Image.BOX)


def crowd(heads, width, random):
    """70 faces on grey; -> the image and the middles of the faces."""
    image, middles = Image.new("RGB", SIZE, (128, 128, 128)), []
    for row in range(ROWS):
        for column in range(COLUMNS):
            part = head(*heads[(row + column) % len(heads)], width, random.uniform(-30, 30))
            x = int((column + .5) * SIZE[0] / COLUMNS - part.width / 2)
            y = int((row + .5) * SIZE[1] / ROWS - part.height / 2)
            image.paste(part, (x, y))
            middles.append((x + part.width / 2, y + part.height / 2))
    return image, np.array(middles)


def found(faces, middles, width):
    """How many middles lie in a box of about the right size, and how many boxes hold none of them."""
    hit, others = set(), 0
    for face in faces:
        x, y, w, h = face["box"]
        inside = [i for i, (a, b) in enumerate(middles) if x < a < x + w and y < b < y + h]
        hit.update(inside)
        others += not inside or not width / 2 < w < 2 * width
    return len(hit), others


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/regard")
    parser.add_argument("--samples", default="samples")
    parser.add_argument("--data", type=Path, help="a packed data set; without it only the samples are used")
    parser.add_argument("--count", type=int, default=400, help="of the data set's validation images")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random = np.random.default_rng(options.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.data:
            pack = Pack(options.data)
            chosen = random.permutation(pack.indices("valid"))[:options.count]
            pack.write_images(chosen, folder / "chips")
            faces = [len(image["faces"]) for image in recognize(options.program, folder / "chips")]
            print(f"{len(faces)} validation images, {pack.chips.shape[-1]} pixels a side: a face in "
                  f"{sum(n > 0 for n in faces)}, more than one in {sum(n > 1 for n in faces)}")
        heads = heads_of(options.program, options.samples)
        for width, grey in ((24, False), (24, True), (40, True)):
            image, middles = crowd(heads, width, random)
            path = folder / f"crowd-{width}-{grey}.png"
            (image.convert("L") if grey else image).save(path)
            hit, others = found(recognize(options.program, path)[0]["faces"], middles, width)
            print(f"{len(middles)} faces, {width} pixels wide, {'grey' if grey else 'colour'}: {hit} found, {others} others")


if __name__ == "__main__":
    main()
