"""How many faces `regard` still gets right when photographs are turned, and what looking for them costs.

    python3 bench/turned_faces.py --program build/regard --ferplus ferplus-train-valid.zip [--half report]

A portrait is a face of FERPlus' validation part, enlarged and pasted with soft edges into a generated scene. It
is turned about its middle by every multiple of 45 degrees and by some odd angles, without EXIF; what lies beyond
the frame is cut off. Right is an answer that is the upright one's, with a face within a third of its size of
where it must be, and a roll within 15 degrees of the angle. The detector's thresholds were chosen on `--half choose`
(the even portraits); `--half report` has the odd ones. `--photographs FOLDER`: further upright photographs of one
face each. `--keep FOLDER` keeps the images. `--against OTHER`: another program, timed in turn with this one on the
upright portraits. Needs numpy and Pillow.
"""

import argparse
import csv
import io
import json
import math
import resource
import statistics
import subprocess
import tempfile
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

ANGLES = [0, 45, 90, 135, 180, 225, 270, 315, 20, 70, 110, 160, 200, 250, 290, 340]
SIDE = 480  # of a portrait, in pixels


def ferplus_faces(archive, count):
    """Names and images of the first `count` faces of the validation part with at least 6 soft labels for one expression."""
    with zipfile.ZipFile(archive) as file:
        rows = csv.reader(io.TextIOWrapper(file.open("data/FER2013Valid/label.csv")))
        sure = [row[0] for row in rows if max(map(float, row[2:10])) >= 6]
        return [(name, Image.open(file.open(f"data/FER2013Valid/{name}")).convert("RGB")) for name in sure[:count]]


def scene(random, side):
    """A smooth ground with blurred things on it."""
    coarse = random.integers(60, 200, (4, 4, 3), dtype=np.uint8)
    image = Image.fromarray(coarse).resize((side, side), Image.BICUBIC)
    draw = ImageDraw.Draw(image)
    for _ in range(12):
        x, y, width, height = random.integers(0, side, 4)
        shape = draw.ellipse if random.random() < .5 else draw.rectangle
        shape([x, y, x + width // 3, y + height // 3], fill=tuple(map(int, random.integers(20, 236, 3))))
    return image.filter(ImageFilter.GaussianBlur(side / 150))


def portrait(random, face):
    """The face in a scene that is large enough to be turned, at its middle, and the face's side in pixels."""
    size = int(random.integers(SIDE // 5, SIDE // 2))
    image = scene(random, math.ceil(SIDE * 1.5))
    inner = Image.new("L", (size, size), 0)
    ImageDraw.Draw(inner).rounded_rectangle([size // 20, size // 20, size * 19 // 20, size * 19 // 20], size // 5, 255)
    at = (image.width - size) // 2
    image.paste(face.resize((size, size), Image.BICUBIC), (at, at), inner.filter(ImageFilter.GaussianBlur(size / 40)))
    return image, size


def turned(image, angle, side):
    """Turned clockwise about the middle, of which a square is kept."""
    image = image.rotate(-angle, Image.BICUBIC)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.crop([left, top, left + side, top + side])


def photograph(path):
    """A photograph on a square ground of its mean colour that holds it at any angle."""
    image = Image.open(path).convert("RGB")
    image.thumbnail((800, 800))
    side = math.ceil(math.hypot(*image.size))
    ground = Image.new("RGB", (side, side), tuple(int(v) for v in np.asarray(image).mean((0, 1))))
    ground.paste(image, ((side - image.width) // 2, (side - image.height) // 2))
    return ground


def make(options, folder):
    """Writes the images; yields (name, side, face's side or 0 where the upright answer must tell)."""
    for i, (name, face) in enumerate(ferplus_faces(options.ferplus, 2 * options.count)):
        if options.half != "both" and i % 2 != (options.half == "report"):
            continue
        image, size = portrait(np.random.default_rng(i), face)
        yield Path(name).stem, SIDE
        for angle in options.angles:
            turned(image, angle, SIDE).save(folder / f"{Path(name).stem}-{angle}.png", compress_level=1)
    for path in sorted(options.photographs.iterdir()) if options.photographs else []:
        if path.suffix.lower() not in (".jpg", ".jpeg", ".png"):
            continue
        image = photograph(path)
        yield path.stem, image.width
        for angle in options.angles:
            turned(image, angle, image.width).save(folder / f"{path.stem}-{angle}.png", compress_level=1)


def recognize(options, program, images):
    run = subprocess.run([program, "recognize", "--model", options.model, "--format", "json", *images],
                         capture_output=True, check=True)
    lines = [json.loads(line) for line in run.stdout.decode().splitlines()]
    return {Path(line["file"]).stem: line["faces"] for line in lines}


def verdict(upright, faces, angle, side):
    """right, wrong (a sure face with another answer), doubtful (a score below .7) or none."""
    if not faces:
        return "none"
    best = faces[0]
    x, y, w, h = upright["box"]
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    dx, dy = x + w / 2 - side / 2, y + h / 2 - side / 2
    place = np.array([side / 2 + c * dx - s * dy, side / 2 + s * dx + c * dy])
    box = best["box"]
    off = np.hypot(*(place - [box[0] + box[2] / 2, box[1] + box[3] / 2]))
    roll = math.remainder(best["pose"]["roll"] - upright["pose"]["roll"] - angle, 360)
    if best["expression"] == upright["expression"] and off < max(w, h) / 3 and abs(roll) < 15:
        return "right"
    return "doubtful" if best["score"] < .7 else "wrong"


def user_time(options, program, images):
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    recognize(options, program, images)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


def compare_times(options, images):
    times = {options.program: [], options.against: []}
    for _ in range(options.runs):
        for program, spent in times.items():
            spent.append(user_time(options, program, images))
    ratios = [a / b for a, b in zip(times[options.program], times[options.against])]
    for program, spent in times.items():
        print(f"{program}: {statistics.median(spent):.2f} s of user time for {len(images)} upright portraits")
    print(f"ratio {statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})")


def measure(options, folder):
    sides = dict(make(options, folder))
    predictions = recognize(options, options.program, [str(path) for path in sorted(folder.glob("*.png"))])
    known = {name: predictions[f"{name}-0"][0] for name in sides if predictions[f"{name}-0"]}
    print(f"{len(known)} of {len(sides)} found upright\n\n| angle | right | wrong | doubtful | none |\n|---|---|---|---|---|")
    for angle in options.angles:
        found = [verdict(upright, predictions[f"{name}-{angle}"], angle, sides[name]) for name, upright in known.items()]
        print(f"| {angle} | " + " | ".join(str(found.count(kind)) for kind in ("right", "wrong", "doubtful", "none")) + " |")
        if options.verbose:
            print("\n".join(f"    {name}: {kind}" for name, kind in zip(known, found) if kind != "right"))
    if options.against:
        compare_times(options, [str(folder / f"{name}-0.png") for name in sides])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/regard")
    parser.add_argument("--against")
    parser.add_argument("--model", default="ferplus-mobilenet")
    parser.add_argument("--ferplus", type=Path, required=True, help="the training and validation parts, a zip")
    parser.add_argument("--photographs", type=Path)
    parser.add_argument("--count", type=int, default=40, help="portraits of each half")
    parser.add_argument("--half", choices=["choose", "report", "both"], default="report")
    parser.add_argument("--angles", type=int, nargs="+", default=ANGLES)
    parser.add_argument("--runs", type=int, default=7, help="of each program, for times")
    parser.add_argument("--verbose", action="store_true", help="name the portraits that are not right")
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
        return measure(options, options.keep)
    with tempfile.TemporaryDirectory() as folder:
        measure(options, Path(folder))


if __name__ == "__main__":
    main()
