#!/usr/bin/env python3
"""Kills commands that write files at random moments, two of them at a time into the same place.

Whatever comes first, under a final name there is a whole file, the old one or one of those that the commands write; a
command that ends with 0 has written its own, and one that was not killed may only fail because another has the lock.

usage: kill_commands_test.py --program build/regard [--torch build/regard-torch] [--kills N] [--only NAME ...] [--seed N]
"""

import argparse
import hashlib
import json
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time

import evaluate_test
import kill_test

ROOT = pathlib.Path(__file__).resolve().parent.parent
IMAGES = ROOT / "tests" / "images"
MODELS = ["ferplus-mobilenet", "ferplus-ran"]
LOCKED = "another run is"
SECONDS = 300  # that any command may take


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def is_whole_tensor_file(path):
    """By its header: https://huggingface.co/docs/safetensors, no tensor ends after the file, one ends with it."""
    data = path.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + length])
    ends = [tensor["data_offsets"][1] for name, tensor in header.items() if name != "__metadata__"]
    return max(ends) == len(data) - 8 - length


def is_whole_log(path):
    lines = path.read_text().split("\n")
    return lines[-1] == "" and all(json.loads(line) for line in lines[:-1])


class Command:
    """Two command lines that write into `out`, a folder, and what may stand there."""

    def __init__(self, name, lines, deterministic=True):
        self.name, self.lines, self.deterministic = name, lines, deterministic
        self.good = {}  # digests by the file's name

    def prepare(self, out):
        """What straight runs of both write, and how long they take."""
        began = time.monotonic()
        for line in self.lines:
            shutil.rmtree(out, ignore_errors=True)
            out.mkdir()
            run = subprocess.run(line, capture_output=True, check=False, timeout=SECONDS)
            if run.returncode != 0:
                sys.exit(f"{self.name}: a straight run failed: {run.stderr.decode()}")
            for path in self.files(out):
                self.good.setdefault(path.name, set()).add(digest(path))
        self.seconds = (time.monotonic() - began) / len(self.lines)

    @staticmethod
    def files(out):
        return [path for path in out.iterdir() if path.is_file() and not path.name.startswith(".")]

    def check(self, out):
        for path in self.files(out):
            if self.deterministic and digest(path) not in self.good.get(path.name, ()):
                return f"{path.name} is none of the files that the commands write: {path.stat().st_size} bytes"
            if not self.deterministic and path.suffix == ".safetensors" and not is_whole_tensor_file(path):
                return f"{path.name} is cut short"
            if not self.deterministic and path.suffix == ".jsonl" and not is_whole_log(path):
                return f"{path.name} has half a line"
        return None

    def has_all(self, out):
        return all((out / name).exists() for name in self.good)


class Occlusion(Command):
    """The database of marks: SQLite keeps it whole by its journal."""

    def prepare(self, out):
        self.seconds = 2
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()

    def check(self, out):
        path = out / "marks.sqlite"
        if not path.exists() or path.stat().st_size == 0:
            return None
        with sqlite3.connect(path) as database:
            told = database.execute("PRAGMA integrity_check").fetchone()[0]
            tables = database.execute("SELECT count(*) FROM sqlite_master WHERE type = 'table'").fetchone()[0]
            images = database.execute("SELECT count(*) FROM images").fetchone()[0] if tables else None
        return None if told == "ok" and images in (None, 18) else f"database: {told}, {images} images"

    def has_all(self, out):
        return True


def commands_of(options, folder, out):
    tree = folder / "tree"
    evaluate_test.write_tree(tree)
    other = folder / "other"
    evaluate_test.write_tree(other, count=16)
    for name, source in (("a", "head_turned.png"), ("b", "head_yaw_40.png")):
        (folder / name).mkdir()
        shutil.copy(IMAGES / source, folder / name / "face.png")
    regard = str(options.program)
    commands = [
        Command("pack", [[regard, "pack", "--data", str(data), "--out", str(out / "set.pack")] for data in (tree, other)]),
        Command("recognize", [[regard, "recognize", str(folder / name), "--draw", str(out) + "/"] for name in "ab"]),
        Command("export", [[regard, "export", model, "--out", str(out / "model.onnx")] for model in MODELS]),
        Command("annotate", [[regard, "annotate", "pose", "--data", str(data), "--out", str(out)] for data in (tree, other)]),
        Command("evaluate", [[regard, "evaluate", model, "--data", str(tree), "--format", "html", "--out",
                              str(out / "page.html")] for model in MODELS]),
        Occlusion("occlusion", [[regard, "annotate", "occlusion", "--data", str(tree), "--db", str(out / "marks.sqlite"),
                                 "--port", "0"]] * 2)]
    if options.torch:
        kill_test.write_packed(folder / "train.pack")
        (folder / "recipe.toml").write_text(kill_test.RECIPE.replace("epochs = 25", "epochs = 6"))
        line = [str(options.torch), "train", str(folder / "recipe.toml"), "--packed", str(folder / "train.pack"),
                "--out", str(out), "--checkpoint-seconds", "0"]
        commands.append(Command("train", [line, line], deterministic=False))
    return [command for command in commands if not options.only or command.name in options.only]


def start(line):
    return subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)


def run_twice(command, out, draw):
    """Starts both lines and kills most of them; how many were killed, and what is wrong, if anything."""
    lines = draw.sample(command.lines, 2)
    runs = [start(lines[0])]
    time.sleep(draw.uniform(0, command.seconds))
    runs.append(start(lines[1]))
    waits = sorted((draw.uniform(0, 1.5 * command.seconds), i) for i in range(2))
    before = 0.0
    for wait, i in waits:
        time.sleep(wait - before)
        before = wait
        if command.name == "occlusion" or draw.random() < 0.8:
            runs[i].send_signal(signal.SIGKILL)
    killed = 0
    for run in runs:
        message = run.communicate(timeout=SECONDS)[1].decode(errors="replace")
        killed += run.returncode == -signal.SIGKILL
        if run.returncode == 0 and not command.has_all(out):
            return killed, "a command ended with 0, and not all of its files are there"
        if run.returncode not in (0, -signal.SIGKILL) and LOCKED not in message:
            return killed, f"a command that was not killed ended with {run.returncode}: {message}"
    return killed, command.check(out)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--torch", type=pathlib.Path)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    draw = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        out = folder / "out"
        commands = commands_of(options, folder, out)
        for command in commands:
            command.prepare(out)
        kills, counts = 0, {command.name: 0 for command in commands}
        while kills < options.kills:
            command = min(commands, key=lambda one: (counts[one.name], draw.random()))
            if draw.random() < 0.7 or counts[command.name] == 0:  # else what the last left is there
                shutil.rmtree(out, ignore_errors=True)
                out.mkdir()
            elif any(path.name not in command.good for path in command.files(out)):
                shutil.rmtree(out)
                out.mkdir()
            killed, wrong = run_twice(command, out, draw)
            kills += killed
            counts[command.name] += killed
            if wrong:
                sys.exit(f"{command.name}, after {kills} kills (seed {options.seed}): {wrong}; {sorted(os.listdir(out))}")
            if kills // 50 != (kills - killed) // 50:
                print(f"{kills} kills: {counts}", flush=True)
        print(f"{kills} kills, no file spoilt: {counts}")


if __name__ == "__main__":
    main()
