#!/usr/bin/env python3
"""Kills a training run ten times at random moments and resumes it: the weights must be those of a straight run.

usage: kill_test.py REGARD_TORCH
"""

import hashlib
import json
import pathlib
import random
import signal
import struct
import subprocess
import sys
import tempfile
import time

KILLS = 10

RECIPE = """
epochs = 25
batch = 8
precision = "bf16"

[options]
input_size = 32
"""


def write_packed(path, count=40, size=16, classes=8):
    """A packed data set of made images (see lab/data/packed.h), written without the project's code."""
    draw = random.Random(1)
    names = [f"made{i}.png" for i in range(count)]
    ends = [sum(len(name) for name in names[: i + 1]) for i in range(count)]
    soft_labels = [[0.65 if c == i % classes else 0.05 for c in range(classes)] for i in range(count)]
    tensors = {
        "chips": ("U8", [count, 1, size, size], bytes(draw.randrange(256) for _ in range(count * size * size))),
        "labels": ("I8", [count], bytes(i % classes for i in range(count))),
        "name_ends": ("I64", [count], struct.pack(f"<{count}q", *ends)),
        "names": ("U8", [ends[-1]], "".join(names).encode()),
        "splits": ("U8", [count], bytes(i >= 32 for i in range(count))),
        "soft_labels": ("F32", [count, classes], struct.pack(f"<{count * classes}f", *sum(soft_labels, []))),
    }
    labels = ["neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt"]
    header = {
        "__metadata__": {
            "dataset": "ferplus",
            "labels": json.dumps(labels),
            "splits": json.dumps(["train", "valid"]),
            "source": "made",
        }
    }
    body = b""
    for name, (dtype, shape, data) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + body)


def changed(path):
    return path.stat().st_mtime_ns if path.exists() else None


def digests(run):
    files = ("checkpoint.safetensors", "model.safetensors", "log.jsonl")
    return {name: hashlib.sha256((run / name).read_bytes()).hexdigest() for name in files}


def main(program):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        write_packed(folder / "data.pack")
        (folder / "recipe.toml").write_text(RECIPE)

        def start(run):
            command = [program, "train", folder / "recipe.toml", "--packed", folder / "data.pack"]
            command += ["--out", folder / run, "--checkpoint-seconds", "0"]
            return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

        def finish(process, run):
            if process.wait() != 0:
                sys.exit(f"the run failed: {process.stderr.read().decode()}")
            return digests(folder / run)

        def wait_for_checkpoint(process, run):
            checkpoint = folder / run / "checkpoint.safetensors"
            before = changed(checkpoint)
            while process.poll() is None and changed(checkpoint) == before:
                time.sleep(0.001)

        process = start("straight")
        wait_for_checkpoint(process, "straight")
        began = time.monotonic()
        straight = finish(process, "straight")
        seconds = time.monotonic() - began

        draw = random.Random(2)
        kills = runs = 0
        while True:
            run = f"killed{runs}"
            process = start(run)
            wait_for_checkpoint(process, run)
            if kills < KILLS:
                time.sleep(draw.uniform(0, seconds / KILLS))
                process.kill()
            if process.wait() == -signal.SIGKILL:
                kills += 1
                continue
            # Over, all kills done or too fast for them: then a fresh run takes the rest.
            if finish(process, run) != straight:
                sys.exit(f"weights differ after {kills} kills: {straight} {digests(folder / run)}")
            if kills == KILLS:
                break
            runs += 1
            if runs == KILLS:
                sys.exit(f"runs end before they can be killed: {kills} kills in {runs} runs")
        print(f"{kills} kills, the same weights, checkpoint and log")


if __name__ == "__main__":
    main(sys.argv[1])
