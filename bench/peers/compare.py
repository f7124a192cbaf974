"""Runs `regard recognize` and its peers over the same images, in turn, and prints one table.

    cd bench/peers && npm install                                       # face-api and human, on WebAssembly
    python3 -m venv fer && fer/bin/pip install torch==2.13.0 fer==25.10.3 setuptools==80.9.0 'opencv-contrib-python<5'
    python3 compare.py --program ../../build/regard --images IMAGES [--sizes 320 640 1350 3840] [--group 12]

IMAGES holds images of one face each, in a folder per expression (happiness/a.jpg, neutral/b.png, ...). They are written as
JPEG with their longer side of each size and given to every program as one folder. With --group N they are also put side by
side, N into a picture of the largest size. Peers that are not installed are left out. Needs Pillow.

Of each program the table has the wall time of a picture, (all - one) / (number - 1), as the median over rounds; the ratio to
regard's, round by round, lowest to highest; processor time per picture, the same way; the peak of its memory; the time from
start to the first answer; how many of the faces it found; and of how many the expression was right, a missed face being
wrong. Where it found several at one place the largest counts. Every program has its own settings, where all but faces and
expressions is off.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

from PIL import Image

HERE = pathlib.Path(__file__).resolve().parent
GROUPS = 5
NAMES = {"happy": "happiness", "sad": "sadness", "angry": "anger", "surprised": "surprise", "fearful": "fear", "disgusted": "disgust"}


def programs(options):
    node = {**os.environ, "NODE_PATH": str(options.node_modules)}
    found = {"regard": ([str(options.program), "recognize", "--format", "json"], None)}
    if options.node_modules.is_dir():
        for name, script in (("human", "human.js"), ("face-api", "face_api.js")):
            found[name] = (["node", str(HERE / script)], node)
    if options.fer.exists():
        found["fer"] = ([str(options.fer), str(HERE / "fer_faces.py")], None)
    return found


def run(command, environment, images):
    """-> wall and processor seconds, peak memory in MB, what it says of each file"""
    begin = time.monotonic()
    process = subprocess.Popen([*command, str(images)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)
    said = [json.loads(line) for line in process.stdout if line.startswith("{")]
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{command}: ended with {process.returncode}")
    return time.monotonic() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, said


def portraits(images, size, folder):
    """Writes a square picture of this side for each image. -> by file name, the places of its faces and what they express"""
    expected = {}
    for i, path in enumerate(images):
        expected[f"{i:04d}.jpg"] = write_picture([path], size, size, size, folder / f"{i:04d}.jpg")
    return expected


def groups(images, number, size, folder):
    """Writes GROUPS pictures, each of the next `number` images in rows of 4. -> as portraits()"""
    side = size // 4
    expected = {}
    for i in range(GROUPS):
        some = [images[(i * number + k) % len(images)] for k in range(number)]
        expected[f"{i:04d}.jpg"] = write_picture(some, size, side * -(-number // 4), round(side * .8), folder / f"{i:04d}.jpg")
    return expected


def write_picture(images, width, height, side, file):
    """Each image in the middle of a cell, four cells a row, one where there is one image. -> [(cell, expression)]"""
    picture = Image.new("RGB", (width, height), (128, 128, 128))
    columns = min(4, len(images))
    cell_width, cell_height = width // columns, height // -(-len(images) // columns)
    faces = []
    for i, path in enumerate(images):
        image = Image.open(path).convert("RGB")
        factor = side / max(image.size)
        image = image.resize([max(1, round(length * factor)) for length in image.size], Image.LANCZOS)
        left, top = i % columns * cell_width, i // columns * cell_height
        picture.paste(image, (left + (cell_width - image.width) // 2, top + (cell_height - image.height) // 2))
        faces.append(((left, top, left + cell_width, top + cell_height), path.parent.name))
    picture.save(file, quality=92)
    return faces


def judge(said, expected):
    """-> shares of the faces that were found, and whose expression was right"""
    faces = {pathlib.Path(line["file"]).name: line["faces"] for line in said}
    found = right = number = 0
    for name, places in expected.items():
        for cell, expression in places:
            number += 1
            here = [face for face in faces.get(name, []) if is_in(face["box"], cell)]
            if here:
                found += 1
                face = max(here, key=lambda face: face["box"][2] * face["box"][3])
                right += NAMES.get(face["expression"], face["expression"]) == expression
    return found / number, right / number


def is_in(box, cell):
    x, y = box[0] + box[2] / 2, box[1] + box[3] / 2
    return cell[0] <= x < cell[2] and cell[1] <= y < cell[3]


def measure(options, title, write):
    """`write(folder)` writes the pictures and returns what is expected of them."""
    with tempfile.TemporaryDirectory() as temporary:
        folder, single = pathlib.Path(temporary, "all"), pathlib.Path(temporary, "one")
        folder.mkdir(), single.mkdir()
        expected = write(folder)
        name = min(expected)
        (single / name).write_bytes((folder / name).read_bytes())
        runs = {name: [] for name in programs(options)}
        for _ in range(options.rounds):
            for name, (command, environment) in programs(options).items():
                first = run(command, environment, single)
                whole = run(command, environment, folder)
                runs[name].append((first, whole))
    ours = [whole[0] - first[0] for first, whole in runs["regard"]]
    for name, rounds in runs.items():
        per_image = [[1000 * (whole[k] - first[k]) / (len(expected) - 1) for first, whole in rounds] for k in (0, 1)]
        ratios = [(whole[0] - first[0]) / own for (first, whole), own in zip(rounds, ours)]
        found, right = judge(rounds[0][1][3], expected)
        print(f"| {title} | {name} | {statistics.median(per_image[0]):.0f} | {min(ratios):.1f} to {max(ratios):.1f} | "
              f"{statistics.median(per_image[1]):.0f} | {max(whole[2] for _, whole in rounds):.0f} | "
              f"{statistics.median(first[0] for first, _ in rounds):.1f} | {100 * found:.0f} | {100 * right:.0f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, type=pathlib.Path)
    parser.add_argument("--images", required=True, type=pathlib.Path)
    parser.add_argument("--sizes", nargs="+", type=int, default=[320, 640, 1350, 3840])
    parser.add_argument("--group", type=int, help="faces in a group")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--node-modules", type=pathlib.Path, default=HERE / "node_modules")
    parser.add_argument("--fer", type=pathlib.Path, default=HERE / "fer/bin/python", help="the Python that has it")
    options = parser.parse_args()
    images = sorted((path for path in options.images.glob("*/*") if path.suffix.lower() in (".jpg", ".jpeg", ".png")),
                    key=lambda path: (path.name, path.parent))
    if len(images) < 2:
        parser.error(f"{options.images}: expected two or more images in folders of expressions, got {len(images)}")
    print(f"{len(images)} images, {options.rounds} rounds\n")
    print("| picture | program | ms a picture | times regard's | CPU ms | MB | start s | found % | right % |")
    print("|---|---|---|---|---|---|---|---|---|")
    for size in options.sizes:
        measure(options, size, lambda folder: portraits(images, size, folder))
    if options.group:
        size = max(options.sizes)
        measure(options, f"{size}, {options.group} faces", lambda folder: groups(images, options.group, size, folder))


if __name__ == "__main__":
    main()
