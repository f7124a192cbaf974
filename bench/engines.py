"""Images per second of the program, of loops in Python, and of the examples for Ray, Spark and Daft, on the same images.

    python3 bench/engines.py --program build/regard --images FOLDER [--count 2000] [--package build/python] [--only loop ray ...]
      [--engine ray=ray-venv/bin/python spark=spark-venv/bin/python daft=daft-venv/bin/python]

All use as many cores as there are: the program by its jobs, Python by threads or by a list, the engines by workers of one thread each; only
the plain loop works on one image at a time. Each is run with one image, which is what it takes to start, and with all, right after the program
with all. A row has the seconds to start, the images per second beyond that, (all - 1) / (seconds of all - seconds of one), and its
ratio to the program's. An engine without its Python is left out.
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
IMPORT = "import concurrent.futures, os, pathlib, sys, regard; images = list(pathlib.Path(sys.argv[1]).iterdir())\n"
PYTHON = {
    "loop": "recognizer = regard.Recognizer(sys.argv[2])\nfor image in images: recognizer.recognize(image)",
    "threads": "recognizer = regard.Recognizer(sys.argv[2], threads=1)\n"
               "with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool: list(pool.map(recognizer.recognize, images))",
    "list": "regard.Recognizer(sys.argv[2]).recognize(images)",
}
EXAMPLES = {"ray": ("ray", "ray_data.py"), "spark-pandas": ("spark", "spark_pandas.py"), "spark-pipe": ("spark", "spark_pipe.py"),
            "daft": ("daft", "daft_batches.py")}


def program(options, images, out):
    return [options.program, "recognize", images, "--out", out, "--model", options.model]


def commands(options):
    """-> name: the command for a folder of images and a folder for results."""
    found = {name: lambda images, out, script=script: [sys.executable, "-c", IMPORT + script, images, options.model]
             for name, script in PYTHON.items()}
    pythons = dict(engine.split("=", 1) for engine in options.engine)
    for name, (engine, file) in EXAMPLES.items():
        if engine in pythons:
            more = ["--workers", os.cpu_count(), "--chunk", options.chunk] if name != "ray" else ["--workers", os.cpu_count()]
            more += ["--program", options.program] if name == "spark-pipe" else []
            found[name] = lambda images, out, start=(pythons[engine], ROOT / "examples" / file), more=more: [
                *start, images, out, "--model", options.model, *more]
    return {name: command for name, command in found.items() if not options.only or name in options.only}


def seconds(command, environment):
    begin = time.monotonic()
    done = subprocess.run(list(map(str, command)), env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{command}: ended with {done.returncode}\n{done.stderr[-2000:]}")
    return time.monotonic() - begin


def measure(command, one, all_of_them, count, environment):
    """-> seconds to start, images per second"""
    with tempfile.TemporaryDirectory() as out:
        start = seconds(command(one, f"{out}/one"), environment)
        return start, (count - 1) / (seconds(command(all_of_them, f"{out}/all"), environment) - start)


def chosen(options, scratch, count):
    folder = pathlib.Path(scratch) / str(count)
    folder.mkdir()
    for path in sorted(options.images.iterdir())[:count]:
        shutil.copy(path, folder)
    return folder


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=os.path.abspath, required=True)
    parser.add_argument("--images", type=pathlib.Path, required=True)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--chunk", type=int, default=500, help="images that an engine does at a time")
    parser.add_argument("--model", default="ferplus-ran")
    parser.add_argument("--package", type=os.path.abspath, default=ROOT / "build" / "python", help="the folder with the Python package")
    parser.add_argument("--engine", nargs="*", default=[], metavar="NAME=PYTHON")
    parser.add_argument("--only", nargs="*", default=[])
    options = parser.parse_args()
    environment = {**os.environ, "PYTHONPATH": str(options.package), "RAY_USAGE_STATS_ENABLED": "0", "DO_NOT_TRACK": "1"}
    with tempfile.TemporaryDirectory() as scratch:
        folders = chosen(options, scratch, 1), chosen(options, scratch, options.count)
        print(f"{'':14}{'start (s)':>10}{'images/s':>10}{'program':>10}{'ratio':>8}")
        for name, command in commands(options).items():
            _, usual = measure(lambda *paths: program(options, *paths), *folders, options.count, environment)
            start, rate = measure(command, *folders, options.count, environment)
            print(f"{name:14}{start:10.2f}{rate:10.1f}{usual:10.1f}{rate / usual:8.2f}", flush=True)


if __name__ == "__main__":
    main()
