#!/usr/bin/env python3
"""How many instructions `regard recognize` executes for the two sample photographs, start included, against the number that was
recorded: unlike time, it does not depend on what else the machine does. Fails above 3 % more.

usage: bench/instructions.py --program build/regard [--update]
  --update  record the number: in the commit that means to change it

Counted by callgrind, whose virtual processor has AVX2 at most, with one thread and without the cache of compiled networks. Another
compiler makes other code, so that with another than the recorded one nothing is compared.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
RECORD = pathlib.Path(__file__).with_suffix(".json")
IMAGES = [ROOT / "samples" / "astronaut.png", ROOT / "samples" / "grace_hopper.jpg"]
MOST = 1.03  # of the recorded number


def version_of(command):
    return subprocess.run([command, "--version"], check=True, capture_output=True, text=True).stdout.splitlines()[0]


def count(program):
    with tempfile.TemporaryDirectory() as scratch:
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={scratch}/counts", program, "recognize", *map(str, IMAGES),
                   "--jobs", "1", "--threads", "1", "--format", "json"]
        run = subprocess.run(command, env={**os.environ, "REGARD_CACHE": "off"}, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        sys.exit(f"instructions: {' '.join(command)} ended with {run.returncode}\n{run.stderr[-2000:]}")
    return int(re.search(r"Collected : (\d+)", run.stderr)[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=os.path.abspath, required=True)
    parser.add_argument("--update", action="store_true")
    options = parser.parse_args()
    tools = {"compiler": version_of("g++"), "valgrind": version_of("valgrind")}
    recorded = json.loads(RECORD.read_text())
    if not options.update and any(recorded[name] != tool for name, tool in tools.items()):
        print(f"instructions: not compared: recorded with {recorded['compiler']}, {recorded['valgrind']}; here are {', '.join(tools.values())}")
        return
    number = count(options.program)
    ratio = number / recorded["instructions"]
    print(f"instructions: {number / 1e9:.3f} billion, {ratio:.4f} of what was recorded")
    if options.update:
        RECORD.write_text(json.dumps({"instructions": number, **tools}, indent=2) + "\n")
    elif ratio > MOST:
        sys.exit(f"instructions: {ratio:.3f} of the recorded number; expected at most {MOST}. If that is meant: --update")


if __name__ == "__main__":
    main()
