#!/usr/bin/env python3
"""Trains with two processes on one machine, started by hand and by torchrun: the gradients must be those of one process
on the whole batch, all processes must keep the same weights, and a run that is killed must end like one that was not.

usage: distributed_test.py REGARD_TORCH [TORCHRUN]
"""

import hashlib
import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest

import kill_test

# Nothing that differs between a part of a batch and the whole: no batch norm by the batch, no randomness in an image.
EXACT = """
epochs = 1
batch = 8
batch_norm = "running"
[options]
input_size = 32
dropout = 0.0
[augment]
rotation = 0.0
scale = 0.0
shift = 0.0
flip = false
contrast = 0.0
brightness = 0.0
blur = 0.0
noise = 0.0
random_erasing = 0.0
"""
USUAL = """
epochs = 6
batch = 8
precision = "bf16"
[options]
input_size = 32
"""
SECONDS = 300  # that anything may take


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def tensors(path):
    """Values of a checkpoint's f32 tensors, by name."""
    data = path.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + length])
    found = {}
    for name, tensor in header.items():
        if name != "__metadata__" and tensor["dtype"] == "F32":
            begin, end = (8 + length + offset for offset in tensor["data_offsets"])
            found[name] = struct.unpack(f"<{(end - begin) // 4}f", data[begin:end])
    return found


class Distributed(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        kill_test.write_packed(self.folder / "data.pack")

    def command(self, recipe, run, *more):
        (self.folder / "recipe.toml").write_text(recipe)
        return [Options.program, "train", str(self.folder / "recipe.toml"), "--packed", str(self.folder / "data.pack"),
                "--out", str(self.folder / run), "--checkpoint-seconds", "0", *more]

    def start(self, command, size=2, **more):
        """One process for each rank."""
        port = free_port()
        return [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                 env={**os.environ, "OMP_NUM_THREADS": "1", "RANK": str(rank), "WORLD_SIZE": str(size), "MASTER_ADDR": "127.0.0.1",
                                      "MASTER_PORT": str(port), **more}) for rank in range(size)]

    def finish(self, processes):
        """What they print on stdout, rank by rank."""
        said = [process.communicate(timeout=SECONDS) for process in processes]
        for process, (_, errors) in zip(processes, said):
            self.assertEqual(process.returncode, 0, errors)
        return [out for out, _ in said]

    def train(self, recipe, run, *more, size=2):
        return self.finish(self.start(self.command(recipe, run, *more), size))

    def digest(self, run):
        return hashlib.sha256((self.folder / run / "checkpoint.safetensors").read_bytes()).hexdigest()

    def epochs(self, run):
        """Those in its log."""
        log = [json.loads(line) for line in (self.folder / run / "log.jsonl").read_text().splitlines()]
        return [line["epoch"] for line in log[1:]]

    def torchrun(self, recipe, run, *more):
        if not Options.torchrun:
            self.skipTest("no torchrun")
        return subprocess.Popen([Options.torchrun, "--no-python", "--nproc-per-node", "2", "--master-port", str(free_port()),
                                 *more, *self.command(recipe, run)],
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def test_gradients_are_those_of_the_whole_batch(self):
        for run, size in (("one", 1), ("two", 2), ("four", 4)):
            self.train(EXACT, run, size=size)
        one = tensors(self.folder / "one" / "checkpoint.safetensors")
        self.assertTrue(any(name.startswith("momentum") for name in one), list(one)[:3])
        largest = max(abs(value) for name, values in one.items() if name.startswith("momentum") for value in values)
        self.assertGreater(largest, 1e-3, "nothing was learnt")
        for run in ("two", "four"):
            several = tensors(self.folder / run / "checkpoint.safetensors")
            self.assertEqual(one.keys(), several.keys())
            for name, values in one.items():
                difference = max(abs(a - b) for a, b in zip(values, several[name]))
                self.assertLess(difference, 1e-6 * max(1, *map(abs, values)), (run, name))

    def test_only_the_first_writes(self):
        first, second = self.train(USUAL, "run")
        self.assertIn("model.safetensors", first)
        self.assertEqual(second, "")
        self.assertEqual({path.name for path in (self.folder / "run").iterdir()},
                         {"checkpoint.safetensors", "model.safetensors", "log.jsonl", "lock"})
        self.assertEqual(self.epochs("run"), list(range(1, 7)))

    def test_started_by_hand_and_by_torchrun_is_the_same(self):
        self.train(USUAL, "by-hand")
        process = self.torchrun(USUAL, "by-torchrun")
        said, _ = process.communicate(timeout=SECONDS)
        self.assertEqual(process.returncode, 0, said)
        self.assertEqual(self.digest("by-hand"), self.digest("by-torchrun"))

    def test_a_killed_process_is_restarted_and_changes_nothing(self):
        recipe = USUAL.replace("epochs = 6", "epochs = 20")
        self.train(recipe, "straight")
        process = self.torchrun(recipe, "killed", "--max-restarts", "1", "--monitor-interval", "0.1")
        checkpoint = self.folder / "killed" / "checkpoint.safetensors"
        while process.poll() is None and not checkpoint.exists():
            time.sleep(0.01)
        ranks = subprocess.run(["pgrep", "-f", str(self.folder / "killed")], capture_output=True, text=True).stdout.split()
        trainers = [int(pid) for pid in ranks if int(pid) != process.pid]
        os.kill(trainers[-1], signal.SIGKILL)
        said, _ = process.communicate(timeout=SECONDS)
        self.assertEqual(process.returncode, 0, said)
        self.assertIn("exitcode: -9", said)
        self.assertEqual(self.digest("straight"), self.digest("killed"))

    def test_another_number_of_processes_goes_on(self):
        for process in self.start(self.command(USUAL, "run", "--stop-after", "10")):
            process.communicate(timeout=SECONDS)
        self.train(USUAL, "run", size=1)
        self.assertEqual(self.epochs("run"), list(range(1, 7)))

    def test_a_signal_to_one_stops_all_with_a_checkpoint(self):
        processes = self.start(self.command(USUAL.replace("epochs = 6", "epochs = 500"), "run"))
        while not (self.folder / "run" / "checkpoint.safetensors").exists():
            time.sleep(0.01)
        processes[1].send_signal(signal.SIGTERM)
        for process in processes:
            _, errors = process.communicate(timeout=SECONDS)
            self.assertIn("give the same command again to continue", errors)

    def test_errors(self):
        for name, value in (("WORLD_SIZE", "two"), ("RANK", "2"), ("MASTER_PORT", "no")):
            for process in self.start(self.command(USUAL, "run"), **{name: value}):
                _, errors = process.communicate(timeout=SECONDS)
                self.assertEqual(process.returncode, 1)
                self.assertIn(f"{name}: environment variable cannot be used; expected a whole number", errors)
        for process in self.start(self.command(USUAL.replace("batch = 8", "batch = 7"), "run")):
            _, errors = process.communicate(timeout=SECONDS)
            self.assertIn("batch cannot be divided evenly among the processes", errors)


class Options:
    program = torchrun = None


if __name__ == "__main__":
    Options.program = sys.argv.pop(1)
    if len(sys.argv) > 1 and not sys.argv[1].startswith("-"):
        Options.torchrun = sys.argv.pop(1)
    unittest.main(argv=sys.argv)
