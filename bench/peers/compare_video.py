"""Runs `regard video` and its peers over the same clip, in turn, and prints one table.

    cd bench/peers && python3 compare_video.py --program ../../build/regard [--size 1280x720] [--rounds 3] [--only regard fer]

How the peers are installed is said in compare.py. The clip is made by ffmpeg: a sample photograph that moves over a grey background for
20 seconds at 25 frames a second, H.264. Each program is given a short and a long beginning of it; frames a second are the frames between
the two by the seconds between them, so that starting does not count. The ratios are those to regard's in the same round, lowest to highest. All
peers look for faces in every frame, as their users call them; decoding is part of the time for all.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import tempfile

from compare import HERE, programs, run

LENGTHS = {"regard": (50, 500), "regard --every 2": (50, 500), "regard, bf16": (50, 500), "regard, int8": (50, 500), "regard, int8, --every 2": (50, 500),
           "human": (5, 45), "face-api": (5, 25), "fer": (3, 13)}  # frames


def make_clip(path, size, frames):
    width, height = map(int, size.split("x"))
    graph = (f"color=gray:s={size}:r=25[c];[1]scale=-2:{height * 3 // 4}[a];"
             f"[c][a]overlay=x='{width / 8}+{width / 4}*(1+sin(t/2))':y={height // 8}:shortest=1")
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "nullsrc=s=16x16", "-loop", "1", "-r", "25", "-i",
                    HERE.parent.parent / "samples" / "grace_hopper.jpg", "-filter_complex", graph, "-frames:v", str(frames), "-c:v", "libx264",
                    "-preset", "veryfast", "-pix_fmt", "yuv420p", path], check=True, stdin=subprocess.DEVNULL)


def rate(name, command, environment, clips):
    short, long = LENGTHS[name]
    seconds = []
    for frames in (short, long):
        taken, _, memory, said = run(command, environment, clips[frames])
        if len(said) != frames or not all(len(line["faces"]) == 1 for line in said):
            print(f"{name}: {len(said)} of {frames} frames, {sum(bool(line['faces']) for line in said)} with a face")
        seconds.append(taken)
    return (long - short) / (seconds[1] - seconds[0]), memory


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--fer", type=pathlib.Path, default=HERE / "fer" / "bin" / "python")
    parser.add_argument("--node-modules", type=pathlib.Path, default=HERE / "node_modules")
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="*", default=[])
    options = parser.parse_args()
    video = [str(options.program), "video", "--format", "jsonl"]
    found = {**programs(options), "regard": (video, None), "regard --every 2": ([*video, "--every", "2"], None),
             "regard, bf16": ([*video, "--precision", "bf16"], None),
             "regard, int8": ([*video, "--precision", "int8"], None),
             "regard, int8, --every 2": ([*video, "--precision", "int8", "--every", "2"], None)}
    names = [name for name in LENGTHS if name in found and (not options.only or name in (*options.only, "regard"))]
    with tempfile.TemporaryDirectory() as scratch:
        clips = {}
        for frames in sorted({frames for name in names for frames in LENGTHS[name]}):
            clips[frames] = os.path.join(scratch, f"{frames}.mp4")
            make_clip(clips[frames], options.size, frames)
        rates = {name: [] for name in names}
        peaks = {}
        for _ in range(options.rounds):
            for name in names:
                found_rate, peaks[name] = rate(name, *found[name], clips)
                rates[name].append(found_rate)
    print(f"{'':24}{'frames/s':>10}{'ratio':>16}{'MB':>8}")
    for name in names:
        ratios = [usual / own for usual, own in zip(rates["regard"], rates[name])]
        print(f"{name:24}{statistics.median(rates[name]):10.1f}{min(ratios):8.2f}..{max(ratios):<6.2f}{peaks[name]:8.0f}")


if __name__ == "__main__":
    main()
