#!/usr/bin/env python3
"""Memory of `regard video` over a long clip: how much it holds at frame 1,000, 10,000 and so on. Two people come and go; one is away for
longer than anybody is remembered, and comes back as somebody new. Exit status 1 if memory at the end is more than 20 MB above that at
frame 1,000, if the run failed, or if there are not as many rows as frames.

usage: bench/video_memory.py --program build/regard [--frames 100000] [--fps 5] [--folder FOLDER] [options of regard video]
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "samples"
RATE, LOOP = 25, 40  # frames/s; seconds
MOST_GROWTH = 20  # MB
# Frames for which memory is written down, and the share of frames before each that it is the median of: it goes up and down a little
# from one group of frames to the next.
MARKS = (1_000, 2_000, 5_000, 10_000, 20_000, 50_000)
SHARE = 0.1


def ffmpeg(*arguments):
    subprocess.run(["ffmpeg", "-v", "error", "-y", *map(str, arguments)], check=True, stdin=subprocess.DEVNULL)


def make_clip(path, frames, folder):
    """The same 40 seconds again and again: one person moves and is there for 6 of 20 seconds, another for 4 of 40."""
    still = ["-loop", "1", "-t", str(LOOP), "-r", str(RATE), "-i"]
    graph = (f"color=gray:s=320x240:r={RATE}:d={LOOP}[c];[0]scale=-1:200[a];[1]scale=-1:200[b];"
             "[c][a]overlay=x='10+20*sin(t)':y='if(between(mod(t,20),6,12),20,-900)':shortest=1[d];"
             "[d][b]overlay=x='150+5*t/4':y='if(between(t,10,14),15,-900)'")
    loop = folder / "loop.mp4"
    ffmpeg(*still, SAMPLES / "grace_hopper.jpg", *still, SAMPLES / "astronaut.png", "-filter_complex", graph, "-c:v", "libx264",
           "-preset", "veryfast", "-bf", "0", "-pix_fmt", "yuv420p", loop)
    ffmpeg("-stream_loop", -(-frames // (RATE * LOOP)) - 1, "-i", loop, "-c", "copy", "-frames:v", frames, path)


def resident(pid):
    """In MB; none once the process has ended."""
    try:
        found = re.search(r"VmRSS:\s+(\d+) kB", pathlib.Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return None
    return int(found[1]) / 1024 if found else None


def last_frame(table):
    """The number of the frame that the last whole row of a table is of; 0: it has none."""
    if not table.exists():
        return 0
    with open(table, "rb") as file:
        file.seek(max(0, table.stat().st_size - 8192))
        lines = file.read().split(b"\n")
    whole = [line for line in lines[1:-1] if line[:1].isdigit()]
    return int(whole[-1].split(b",")[0]) if whole else 0


def watch(process, table, every):
    """Frame and memory in MB, again and again until the process ends."""
    samples = []
    while process.poll() is None:
        memory = resident(process.pid)
        frame = last_frame(table)
        if memory is not None and frame > 0:
            samples.append((frame, memory))
        time.sleep(every)
    return samples


def at(samples, frame):
    """The median of what was held shortly before a frame; none if nothing was written down there."""
    near = sorted(memory for number, memory in samples if frame * (1 - SHARE) <= number <= frame)
    return near[len(near) // 2] if near else None


def rows_per_frame(table):
    """The numbers of the frames that have rows, as often as they have."""
    with open(table, encoding="utf-8") as file:
        next(file)
        return [int(line.split(",", 1)[0]) for line in file]


def report(samples, frames):
    """Prints memory at the marks; returns by how much it grew after the first one."""
    marks = [mark for mark in MARKS if mark < frames] + [frames]
    held = {mark: at(samples, mark) for mark in marks}
    print("| frame | memory (MB) |\n|---|---|")
    for mark, memory in held.items():
        print(f"| {mark:,} | " + ("-" if memory is None else f"{memory:.1f}") + " |")
    known = [memory for memory in held.values() if memory is not None]
    return max(known) - known[0] if known else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default=str(ROOT / "build" / "regard"))
    parser.add_argument("--frames", type=int, default=100_000)
    parser.add_argument("--fps", type=int, help="frames a second that are recognised, of 25")
    parser.add_argument("--folder", type=pathlib.Path, help="keep clip and table here")
    parser.add_argument("--sample-every", type=float, default=0.2, help="seconds")
    options, flags = parser.parse_known_args()
    step = RATE // options.fps if options.fps else 1
    if options.fps:
        flags += ["--fps", str(options.fps)]
    wanted = set(range(1, options.frames + 1, step))
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder or pathlib.Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        clip, table = folder / "clip.mp4", folder / "faces.csv"
        if not clip.exists():
            make_clip(clip, options.frames, folder)
        began = time.monotonic()
        process = subprocess.Popen([options.program, "video", str(clip), "--out", str(table), *flags])
        samples = watch(process, table, options.sample_every)
        seconds = time.monotonic() - began
        growth = report(samples, options.frames)
        seen = set(rows_per_frame(table)) if process.returncode == 0 else set()
        print(f"grew by {growth:.1f} MB after frame {MARKS[0]:,}; {len(seen):,} of {len(wanted):,} frames have rows; {seconds:.0f} s")
        return 0 if process.returncode == 0 and seen == wanted and growth <= MOST_GROWTH else 1


if __name__ == "__main__":
    sys.exit(main())
