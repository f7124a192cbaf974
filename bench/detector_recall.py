"""How many faces the detector finds by their size, and what it costs.

    python3 bench/detector_recall.py --portraits FOLDER [--against OTHER_REGARD]

Faces of photographs with one face each are scaled to a width, rotated by up to 30 degrees, pasted with soft edges into scenes
of 1350 x 1350 pixels without faces, a third of them in grey, a quarter of the scenes dark. Recall is the share that `regard
recognize` finds; the cost is the time that detection takes in the portraits at 1350 pixels, by `regard bench` on one thread, the
programs in turn. Needs numpy and Pillow.
"""

import argparse
import json
import statistics
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from detector_small_faces import found, head, heads_of, recognize
from turned_faces import scene

SIDE = 1350
WIDTHS = [16, 20, 24, 32, 48, 64, 96, 140, 200, 300, 500]


def soft_ellipse(side):
    mask = Image.new("L", (side, side), 0)
    ImageDraw.Draw(mask).ellipse([side * .06, side * .02, side * .94, side * .98], fill=255)
    return mask.filter(ImageFilter.GaussianBlur(max(1, side / 40)))


def crowd(heads, width, random, dark):
    """As many faces of this width as a scene has room for, 36 at most; -> the image and the middles of the faces."""
    image, middles = scene(random, SIDE), []
    per_row = max(1, min(6, SIDE // int(2.6 * width)))
    cell = SIDE // per_row
    for i in range(per_row ** 2):
        part = head(*heads[random.integers(len(heads))], width, random.uniform(-30, 30))
        if i % 3 == 0:
            part = part.convert("L").convert("RGB")
        x, y = (int(v) for v in random.integers(0, max(1, cell - part.width), 2))
        x, y = x + i % per_row * cell, y + i // per_row * cell
        image.paste(part, (x, y), soft_ellipse(part.width))
        middles.append((x + part.width / 2, y + part.height / 2))
    return (image.point(lambda v: int(.4 * v)) if dark else image), np.array(middles)


def programs_of(options):
    return [options.program] + ([options.against] if options.against else [])


def recall(options, heads, folder):
    programs = programs_of(options)
    print("| width | faces | " + " | ".join(f"{program}: found | others" for program in programs) + " |")
    print("|---" * (2 + 2 * len(programs)) + "|")
    for width in options.widths:
        random = np.random.default_rng(width)
        total, hits = 0, {program: [0, 0] for program in programs}
        for i in range(options.scenes):
            image, middles = crowd(heads, width, random, i % 4 == 3)
            path = folder / "crowd.png"
            image.save(path, compress_level=1)
            total += len(middles)
            for program, counts in hits.items():
                hit, others = found(recognize(program, path)[0]["faces"], middles, width)
                counts[0] += hit
                counts[1] += others
        print(f"| {width} | {total} | " + " | ".join(f"{hit} ({hit / total:.1%}) | {others}" for hit, others in hits.values()) + " |",
              flush=True)


def detection_ms(program, folder):
    run = subprocess.run([program, "bench", "--images", folder, "--runs", "3", "--threads", "1", "--format", "json"],
                         capture_output=True, check=True)
    return [image["detect"]["median"] for image in json.loads(run.stdout)["images"]]


def cost(options, folder):
    """Prints the milliseconds of detection, the median over the portraits, and the ratio's over the rounds."""
    for path in sorted(options.portraits.iterdir())[:options.costs]:
        if path.suffix.lower() in (".jpg", ".jpeg", ".png"):
            image = Image.open(path).convert("RGB")
            factor = SIDE / max(image.size)
            image.resize((round(image.width * factor), round(image.height * factor)), Image.LANCZOS).save(folder / f"{path.stem}.png")
    times = {program: [] for program in programs_of(options)}
    for _ in range(options.rounds):
        for program, rounds in times.items():
            rounds.append(statistics.median(detection_ms(program, folder)))
    for program, rounds in times.items():
        print(f"{program}: {statistics.median(rounds):.1f} ms ({min(rounds):.1f} to {max(rounds):.1f})")
    if options.against:
        ratios = [a / b for a, b in zip(times[options.program], times[options.against])]
        print(f"ratio {statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/regard")
    parser.add_argument("--against")
    parser.add_argument("--portraits", type=Path, default=Path("samples"))
    parser.add_argument("--scenes", type=int, default=4, help="of each width")
    parser.add_argument("--costs", type=int, default=10, help="portraits that detection is timed on; 0: none")
    parser.add_argument("--rounds", type=int, default=3, help="of timing each program")
    parser.add_argument("--widths", type=int, nargs="+", default=WIDTHS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        recall(options, heads_of(options.program, options.portraits), folder)
    with tempfile.TemporaryDirectory() as name:
        if options.costs:
            cost(options, Path(name))


if __name__ == "__main__":
    main()
