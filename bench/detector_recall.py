"""How many faces the detector finds by their size, and what it costs.

    python3 bench/detector_recall.py --portraits FOLDER [--against OTHER_REGARD] [--min-face 48 96 192] [--picture recall.svg]

Faces of photographs with one face each are scaled to a width, rotated by up to 30 degrees, pasted with soft edges into scenes
of 1350 x 1350 pixels without faces, a third of them in grey, a quarter of the scenes dark. Recall is the share that `regard
recognize` finds; the cost is the time that detection takes in the portraits at 1350 pixels, the least of three runs of `regard
bench` on one thread, the programs in turn. With --min-face the program is also run with each of these values. The picture shows
recall against cost. Needs numpy and Pillow.
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
COLOURS = ["#c0392b", "#e67e22", "#b7950b", "#27ae60", "#16a085", "#2980b9", "#8e44ad", "#2c3e50", "#7f8c8d", "#d35400", "#000000"]


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


class Way:
    """A program and its flags."""

    def __init__(self, program, *flags, label):
        self.program, self.flags, self.label = program, flags, label
        self.name = " ".join([program, *flags])


def ways_of(options):
    smaller = [Way(options.program, "--min-face", f"{size:g}", label=f"--min-face {size:g}") for size in options.min_face]
    others = [Way(options.against, label="the other program")] if options.against else []
    return [Way(options.program, label="default"), *smaller, *others]


def write_scenes(options, heads, folder):
    """-> by file, the width of its faces and their middles."""
    scenes = {}
    for width in options.widths:
        random = np.random.default_rng(width)
        for i in range(options.scenes):
            image, middles = crowd(heads, width, random, i % 4 == 3)
            path = folder / f"{width}-{i}.png"
            image.save(path, compress_level=1)
            scenes[str(path)] = (width, middles)
    return scenes


def recall(options, ways, heads, folder):
    """Prints a table. -> by way and width, the share of faces that are found."""
    scenes = write_scenes(options, heads, folder)
    total = {width: sum(len(middles) for of, middles in scenes.values() if of == width) for width in options.widths}
    counts = {(way, width): np.zeros(2, int) for way in ways for width in options.widths}
    for way in ways:
        for image in recognize(way.program, folder, *way.flags):
            width, middles = scenes[image["file"]]
            counts[way, width] += found(image["faces"], middles, width)
    print("| width | faces | " + " | ".join(f"{way.name}: found | others" for way in ways) + " |")
    print("|---" * (2 + 2 * len(ways)) + "|")
    for width in options.widths:
        cells = (f"{hit} ({hit / total[width]:.1%}) | {others}" for hit, others in (counts[way, width] for way in ways))
        print(f"| {width} | {total[width]} | " + " | ".join(cells) + " |", flush=True)
    return {key: hit / total[key[1]] for key, (hit, _) in counts.items()}


def detection_ms(way, folder):
    run = subprocess.run([way.program, "bench", "--images", folder, "--runs", "3", "--threads", "1", "--format", "json", *way.flags],
                         capture_output=True, check=True)
    return [image["detect"]["minimum"] for image in json.loads(run.stdout)["images"]]


def cost(options, ways, folder):
    """Prints the milliseconds of detection, the median over the portraits, and over the rounds the ratio to the other program, or without
    one to the default. -> by way, the median of the ratios."""
    reference = ways[-1] if options.against else ways[0]
    for path in sorted(options.portraits.iterdir())[:options.costs]:
        if path.suffix.lower() in (".jpg", ".jpeg", ".png"):
            image = Image.open(path).convert("RGB")
            factor = SIDE / max(image.size)
            image.resize((round(image.width * factor), round(image.height * factor)), Image.LANCZOS).save(folder / f"{path.stem}.png")
    times = {way: [] for way in ways}
    for _ in range(options.rounds):
        for way, rounds in times.items():
            rounds.append(statistics.median(detection_ms(way, folder)))
    costs = {}
    for way, rounds in times.items():
        ratios = [a / b for a, b in zip(rounds, times[reference])]
        costs[way] = statistics.median(ratios)
        print(f"{way.name}: {statistics.median(rounds):.1f} ms ({min(rounds):.1f} to {max(rounds):.1f}); "
              f"ratio {costs[way]:.3f} ({min(ratios):.3f} to {max(ratios):.3f})", flush=True)
    return costs


def picture(ways, widths, recalls, costs, path):
    """Writes recall against cost as SVG, a line for each width; the ways are numbered."""
    left, top, w, h = 70, 34, 560, 340
    most = max(costs.values())
    x, y = (lambda cost: left + w * cost / most), (lambda share: top + h * (1 - share))
    parts = [f'<rect x="{left}" y="{top}" width="{w}" height="{h}" fill="none" stroke="#999"/>']
    for tenth in range(0, 11, 2):
        parts.append(f'<text x="{left - 8}" y="{y(tenth / 10) + 4}" text-anchor="end">{10 * tenth} %</text>'
                     f'<path d="M{left} {y(tenth / 10)}h{w}" stroke="#eee"/>')
        parts.append(f'<text x="{x(most * tenth / 10)}" y="{top + h + 18}" text-anchor="middle">{most * tenth / 10:.2f}</text>')
    parts.append(f'<text x="{left + w / 2}" y="{top + h + 38}" text-anchor="middle">time of detection at {SIDE} pixels, relative</text>')
    for i, width in enumerate(widths):
        points = sorted((x(costs[way]), y(recalls[way, width])) for way in ways)
        line = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{COLOURS[i]}" stroke-width="2"/>')
        parts += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{COLOURS[i]}"/>' for a, b in points]
        parts.append(f'<text x="{left + w + 12}" y="{top + 14 + 18 * i}" fill="{COLOURS[i]}">{width} pixels wide</text>')
    for number, way in enumerate(ways, 1):
        close = sum(abs(x(costs[way]) - x(costs[other])) < 12 for other in ways[:number - 1])
        parts.append(f'<text x="{x(costs[way]):.1f}" y="{top - 8 - 12 * close}" text-anchor="middle">{number}</text>')
        parts.append(f'<text x="{left}" y="{top + h + 58 + 16 * number}">{number}: {way.label}</text>')
    path.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" width="780" height="{top + h + 80 + 16 * len(ways)}" font-family="sans-serif" '
                    f'font-size="12"><rect width="100%" height="100%" fill="white"/>{"".join(parts)}</svg>\n')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/regard")
    parser.add_argument("--against")
    parser.add_argument("--min-face", type=float, nargs="+", default=[], help="also with each of these")
    parser.add_argument("--portraits", type=Path, default=Path("samples"))
    parser.add_argument("--scenes", type=int, default=4, help="of each width")
    parser.add_argument("--costs", type=int, default=10, help="portraits that detection is timed on; 0: none")
    parser.add_argument("--rounds", type=int, default=3, help="of timing each program")
    parser.add_argument("--widths", type=int, nargs="+", default=WIDTHS)
    parser.add_argument("--picture", type=Path, help="an SVG file")
    options = parser.parse_args()
    ways = ways_of(options)
    with tempfile.TemporaryDirectory() as name:
        recalls = recall(options, ways, heads_of(options.program, options.portraits), Path(name))
    with tempfile.TemporaryDirectory() as name:
        costs = cost(options, ways, Path(name)) if options.costs else {}
    if options.picture:
        picture(ways, options.widths, recalls, costs, options.picture)


if __name__ == "__main__":
    main()
