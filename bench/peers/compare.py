"""Runs `regard recognize` and its peers over the same images, in turn, and prints one table.

    cd bench/peers && npm install                                       # face-api and human, on WebAssembly
    python3 -m venv fer && fer/bin/pip install torch==2.13.0 fer==25.10.3 setuptools==80.9.0 'opencv-contrib-python<5'
    python3 compare.py --program ../../build/regard --images IMAGES [--sizes 320 640 1350] [--rounds 3]

IMAGES holds images of one face each, in a folder per expression (happiness/a.jpg, neutral/b.png, ...). They are written as
JPEG with their longer side of each size and given to every program as one folder. Peers that are not installed are left
out. Needs Pillow.

Of each program the table has the wall time of an image, (all images - one image) / (number - 1), as the median over rounds;
the ratio to regard's, round by round, lowest to highest; processor time per image, the same way; the peak of its memory;
the time from start to the first answer; in how many images it found a face; and how many expressions were right, of the
largest face, a missed face being wrong. Every program has its own settings, where all but faces and expressions is off.
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


def scaled(images, size, folder):
    """Writes the images with this longer side. -> expected expressions by file name"""
    expected = {}
    for i, path in enumerate(images):
        image = Image.open(path).convert("RGB")
        factor = size / max(image.size)
        image = image.resize([max(1, round(side * factor)) for side in image.size], Image.LANCZOS)
        name = f"{i:04d}.jpg"
        image.save(folder / name, quality=92)
        expected[name] = path.parent.name
    return expected


def judge(said, expected):
    """-> shares of images with a face, and of right expressions"""
    found = right = 0
    for line in said:
        if not line["faces"]:
            continue
        found += 1
        face = max(line["faces"], key=lambda face: face["box"][2] * face["box"][3])
        right += NAMES.get(face["expression"], face["expression"]) == expected[pathlib.Path(line["file"]).name]
    return found / len(expected), right / len(expected)


def measure(options, images, size):
    with tempfile.TemporaryDirectory() as temporary:
        folder, single = pathlib.Path(temporary, "all"), pathlib.Path(temporary, "one")
        folder.mkdir(), single.mkdir()
        expected = scaled(images, size, folder)
        scaled(images[:1], size, single)
        runs = {name: [] for name in programs(options)}
        for _ in range(options.rounds):
            for name, (command, environment) in programs(options).items():
                first = run(command, environment, single)
                whole = run(command, environment, folder)
                runs[name].append((first, whole))
    ours = [whole[0] - first[0] for first, whole in runs["regard"]]
    for name, rounds in runs.items():
        per_image = [[1000 * (whole[k] - first[k]) / (len(images) - 1) for first, whole in rounds] for k in (0, 1)]
        ratios = [(whole[0] - first[0]) / own for (first, whole), own in zip(rounds, ours)]
        found, right = judge(rounds[0][1][3], expected)
        print(f"| {size} | {name} | {statistics.median(per_image[0]):.0f} | {min(ratios):.1f} to {max(ratios):.1f} | "
              f"{statistics.median(per_image[1]):.0f} | {max(whole[2] for _, whole in rounds):.0f} | "
              f"{statistics.median(first[0] for first, _ in rounds):.1f} | {100 * found:.0f} | {100 * right:.0f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, type=pathlib.Path)
    parser.add_argument("--images", required=True, type=pathlib.Path)
    parser.add_argument("--sizes", nargs="+", type=int, default=[320, 640, 1350])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--node-modules", type=pathlib.Path, default=HERE / "node_modules")
    parser.add_argument("--fer", type=pathlib.Path, default=HERE / "fer/bin/python", help="the Python that has it")
    options = parser.parse_args()
    images = sorted(path for path in options.images.glob("*/*") if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
    if len(images) < 2:
        parser.error(f"{options.images}: expected two or more images in folders of expressions, got {len(images)}")
    print(f"{len(images)} images, {options.rounds} rounds\n")
    print("| longer side | program | ms an image | times regard's | CPU ms | MB | start s | found % | right % |")
    print("|---|---|---|---|---|---|---|---|---|")
    for size in options.sizes:
        measure(options, images, size)


if __name__ == "__main__":
    main()
