"""Images per second of the program, of Python, and of the examples for Ray, Spark and Daft, on the same images.

    python3 bench/engines.py --program build/regard --images FOLDER [--count 500] [--package build/python] [--only ray spark-pandas]
      [--engine ray=ray-venv/bin/python spark=spark-venv/bin/python daft=daft-venv/bin/python]

All use as many threads as there are cores: the program by --jobs, Python's loop by one thread per image, Python's list by its jobs, the
engines by workers of one thread each. Each is run with one image and with all, in turn with the program; a row has the seconds from start to
end with one image (what it takes to start), the images per second beyond that, (all - 1) / (seconds of all - seconds of one), and their ratio
to the program's in the same run. An engine without its Python is left out.
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
LOOP = "import pathlib, sys, regard; r = regard.Recognizer(sys.argv[2])\nfor f in pathlib.Path(sys.argv[1]).iterdir(): r.recognize(f).to_dict()"
THREADS = """import concurrent.futures, os, pathlib, sys, regard; r = regard.Recognizer(sys.argv[2])
with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool: list(pool.map(r.recognize, pathlib.Path(sys.argv[1]).iterdir()))"""
LIST = "import pathlib, sys, regard; regard.Recognizer(sys.argv[2]).recognize(pathlib.Path(sys.argv[1]).iterdir())"


def commands(options):
    """-> name: a command that takes a folder of images and one for results"""
    pythons = dict(engine.split("=", 1) for engine in options.engine)
    example = {"ray": ("ray", "ray_data.py", []), "spark-pandas": ("spark", "spark_pandas.py", []), "daft": ("daft", "daft_batches.py", []),
               "spark-pipe": ("spark", "spark_pipe.py", ["--program", options.program])}
    found = {"program": lambda images, out: [options.program, "recognize", images, "--out", out, "--model", options.model]}
    for name, script in (("loop", LOOP), ("threads", THREADS), ("list", LIST)):
        found[name] = lambda images, out, script=script: [sys.executable, "-c", script, images, options.model]
    for name, (engine, file, more) in example.items():
        if engine in pythons:
            found[name] = lambda images, out, python=pythons[engine], file=file, more=more: [
                python, ROOT / "examples" / file, images, out, "--model", options.model, *more]
    return {name: command for name, command in found.items() if not options.only or name in (*options.only, "program")}


def seconds(command, images, environment):
    with tempfile.TemporaryDirectory() as out:
        begin = time.monotonic()
        done = subprocess.run(list(map(str, command(images, f"{out}/out"))), env=environment, capture_output=True, text=True, check=False)
        taken = time.monotonic() - begin
    if done.returncode != 0:
        raise SystemExit(f"{command(images, out)}: ended with {done.returncode}\n{done.stderr[-2000:]}")
    return taken


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=os.path.abspath, required=True)
    parser.add_argument("--images", type=pathlib.Path, required=True)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--model", default="ferplus-ran")
    parser.add_argument("--package", type=os.path.abspath, default=ROOT / "build" / "python", help="the folder with the Python package")
    parser.add_argument("--engine", nargs="*", default=[], metavar="NAME=PYTHON")
    parser.add_argument("--only", nargs="*", default=[])
    options = parser.parse_args()
    environment = {**os.environ, "PYTHONPATH": str(options.package), "RAY_USAGE_STATS_ENABLED": "0", "DO_NOT_TRACK": "1"}
    with tempfile.TemporaryDirectory() as scratch:
        folders = []
        for count in (1, options.count):
            folders.append(pathlib.Path(scratch) / str(count))
            folders[-1].mkdir()
            for path in sorted(options.images.iterdir())[:count]:
                shutil.copy(path, folders[-1])
        print(f"{'':14}{'start (s)':>10}{'images/s':>10}{'ratio':>8}")
        usual = None
        for name, command in commands(options).items():
            one, all_of_them = (seconds(command, folder, environment) for folder in folders)
            rate = (options.count - 1) / (all_of_them - one)
            usual = usual or rate
            print(f"{name:14}{one:10.2f}{rate:10.1f}{rate / usual:8.2f}", flush=True)


if __name__ == "__main__":
    main()
