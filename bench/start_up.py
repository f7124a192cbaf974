"""How long `regard recognize` takes from the start of the process to the answer on one photograph, and for what.

    python3 bench/start_up.py [--photograph FILE] [--against OTHER_REGARD]

Three commands are timed, in turn, the programs and the states of the cache too: `regard --version` (start), `regard recognize` on a
file that is no image (also reading the models and making the networks ready: load), and on the photograph (also decoding and
recognising: work). Load and work are the differences of medians. The cache is off, empty, or filled by a run before. Wall-clock time
and processor time (of all threads) in milliseconds: median, and minimum to maximum. Needs Python's standard library only.
"""

import argparse
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

STATES = ("off", "empty", "filled")


def timed(command, cache):
    """-> wall-clock and processor time, ms."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "REGARD_CACHE": cache})
    _, _, usage = os.wait4(process.pid, 0)
    return 1e3 * (time.perf_counter() - begin), 1e3 * (usage.ru_utime + usage.ru_stime)


def one_round(programs, photograph, folder):
    no_image = folder / "no-image.jpg"
    no_image.write_text("no image\n")
    commands = {"start": ["--version"], "ready": ["recognize", str(no_image)], "answer": ["recognize", str(photograph)]}
    times = {}  # by program, state and command
    for state in STATES:
        for program in programs:
            for name, arguments in commands.items():
                with tempfile.TemporaryDirectory() as empty:
                    cache = {"off": "off", "empty": empty, "filled": str(folder / "filled")}[state]
                    times[program, state, name] = timed([program, *arguments], cache)
    return times


def spread(values):
    return f"{statistics.median(values):.0f} ({min(values):.0f} to {max(values):.0f})"


def report(rounds, programs):
    print("| program | cache | | start | load | work | in all |\n|---|---|---|---|---|---|---|")
    for program in programs:
        for state in STATES:
            for unit, name in enumerate(("wall", "processor")):
                start, ready, answer = ([one[program, state, command][unit] for one in rounds] for command in ("start", "ready", "answer"))
                middle = statistics.median
                print(f"| {program} | {state} | {name} | {middle(start):.0f} | {middle(ready) - middle(start):.0f} | "
                      f"{middle(answer) - middle(ready):.0f} | {spread(answer)} |")


def compare(rounds, program, other):
    for state in STATES:
        for unit, name in enumerate(("wall-clock", "processor")):
            ratios = [one[program, state, "answer"][unit] / one[other, state, "answer"][unit] for one in rounds]
            print(f"cache {state}: ratio of {name} times {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/regard")
    parser.add_argument("--against")
    parser.add_argument("--photograph", type=Path, default=Path("samples/astronaut.png"))
    parser.add_argument("--rounds", type=int, default=11)
    options = parser.parse_args()
    programs = [options.program] + ([options.against] if options.against else [])
    with tempfile.TemporaryDirectory() as name:
        one_round(programs, options.photograph, Path(name))  # fills the caches, also the system's of files
        rounds = [one_round(programs, options.photograph, Path(name)) for _ in range(options.rounds)]
    report(rounds, programs)
    if options.against:
        compare(rounds, options.program, options.against)


if __name__ == "__main__":
    main()
