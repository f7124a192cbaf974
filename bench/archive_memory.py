#!/usr/bin/env python3
"""Memory of `regard recognize --out` over many images: how much it holds once 1,000, 2,000, 5,000, ... of them are done. Exit status 1
if it holds more than 20 MB more at any later time than at 2,000, or if the run failed.

usage: bench/archive_memory.py --program build/regard --images FOLDER [options of regard recognize]
"""

import argparse
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

from video_memory import MOST_GROWTH, resident

PART = 1000  # images in a part of the output
MARKS = (1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--images", type=pathlib.Path, required=True)
    options, rest = parser.parse_known_args()
    held = {}  # by number of images that are done
    with tempfile.TemporaryDirectory() as scratch:
        results = pathlib.Path(scratch, "results")
        process = subprocess.Popen([options.program, "recognize", options.images, "--out", results, "--format", "json", *rest],
                                   stderr=subprocess.DEVNULL)
        while process.poll() is None:
            memory = resident(process.pid)
            if memory:
                held.setdefault(PART * len(list(results.glob("part-*"))), []).append(memory)
            time.sleep(0.25)
    medians = {done: statistics.median(samples) for done, samples in sorted(held.items())}
    for done, memory in medians.items():
        if done in MARKS or done == max(medians):
            print(f"{done:7} images {memory:7.1f} MB")
    growth = max((memory - medians[2 * PART] for done, memory in medians.items() if done > 2 * PART), default=0)
    print(f"after 2,000 images at most {growth:.1f} MB more")
    return 1 if process.returncode != 0 or growth > MOST_GROWTH else 0


if __name__ == "__main__":
    sys.exit(main())
