"""Errors of regard's head pose on heads with known pose (rendered_heads.py).

    python3 bench/head_pose.py --program build/regard --heads heads [--chips 48]

`--chips N` renders them like FERPlus images instead: grey, N x N pixels, the face filling the image. Needs numpy and Pillow.
"""

import argparse
import csv
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from rendered_heads import rotation


def recognize(program, arguments):
    """The best face of each image that has one, by the image's name."""
    run = subprocess.run([program, "recognize", "--format", "json", *arguments], capture_output=True, check=True)
    images = [json.loads(line) for line in run.stdout.decode().splitlines()]
    return {Path(p["file"]).name: p["faces"][0] for p in images if p["faces"]}


def cut_chips(folder, poses, side, out):
    """A square around the face, framed about as FERPlus frames it."""
    for name, angles in poses.items():
        image = Image.open(folder / name).convert("L")
        full = image.width
        x, y, _ = rotation(*angles) @ [0, -0.07, 0.28]  # the middle of the face, in heights of the head
        middle = np.array([full / 2 + 0.66 * full * x, full / 2 - 0.66 * full * y])
        half = 0.30 * 0.66 * full
        box = [*(middle - half), *(middle + half)]
        image.crop([int(round(v)) for v in box]).resize((side, side), Image.BOX).save(out / name)


def table(rows):
    """rows: yaw, pitch, roll as they are and their errors -> lines of Markdown by |yaw|."""
    yield "| true \\|yaw\\| | heads | yaw | pitch | roll | pitch's mean error |"
    yield "|---|---|---|---|---|---|"
    for low, high in ((0, 15), (15, 30), (30, 45), (45, 60), (60, 75), (75, 90), (0, 60), (0, 90)):
        part = rows[(np.abs(rows[:, 0]) >= low) & (np.abs(rows[:, 0]) < high)]
        if len(part):
            yaw, pitch, roll = np.abs(part[:, 3:]).mean(0)
            yield (f"| {low} to {high} | {len(part)} | {yaw:.1f} | {pitch:.1f} | {roll:.1f} | "
                   f"{part[:, 4].mean():+.1f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/regard")
    parser.add_argument("--heads", type=Path, required=True, help="the folder that rendered_heads.py wrote")
    parser.add_argument("--chips", type=int, default=0, help="side of FERPlus-like images, in pixels")
    parser.add_argument("--most-pitch", type=float, default=90, help="heads that nod further are left out")
    options = parser.parse_args()
    with open(options.heads / "poses.csv", newline="") as file:
        poses = {row["file"]: tuple(float(row[k]) for k in ("yaw", "pitch", "roll")) for row in csv.DictReader(file)}
    poses = {name: p for name, p in poses.items() if abs(p[1]) <= options.most_pitch}
    with tempfile.TemporaryDirectory() as folder:
        if options.chips:
            folder = Path(folder)
            cut_chips(options.heads, poses, options.chips, folder)
            boxes = folder / "boxes.csv"
            boxes.write_text("file,x,y,w,h\n" + "".join(
                f"{folder / name},{0.07 * options.chips},0,{0.86 * options.chips},{1.0 * options.chips}\n"
                for name in poses))
            faces = recognize(options.program, [*(str(folder / name) for name in poses), "--boxes", str(boxes)])
        else:
            faces = recognize(options.program, [str(options.heads / name) for name in poses])
    rows = [[*true, *((face["pose"][k] - t + 180) % 360 - 180 for k, t in zip(("yaw", "pitch", "roll"), true)),
             face["pose_score"]] for name, true in poses.items() if (face := faces.get(name))]
    print(f"{len(poses)} heads, faces found on {len(rows)}; means of absolute errors, in degrees\n")
    print("\n".join(table(np.array(rows)[:, :6])))


if __name__ == "__main__":
    main()
