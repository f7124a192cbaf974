#!/usr/bin/env python3
"""scripts/bundle: packs trainings up, unpacks them in another folder, trains them until the time is over and goes on.

usage: bundle_test.py REGARD_TORCH, with a Python that has torch
"""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import kill_test

ROOT = pathlib.Path(__file__).resolve().parent.parent
RECIPE = """
name = "first"
epochs = 2
batch = 8
folds = "folds.csv"  # another file of this name lies elsewhere
[options]
input_size = 32
[augment]
occlude = 0.3
"""


class Options:
    program = None


def bundle(*arguments):
    return subprocess.run([sys.executable, *map(str, arguments)], cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)


class Bundle(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        kill_test.write_packed(self.folder / "data.pack")
        (self.folder / "base").mkdir()
        (self.folder / "base" / "first.toml").write_text(RECIPE)
        (self.folder / "base" / "folds.csv").write_text("a.png,0\n")
        (self.folder / "folds.csv").write_text("b.png,0\n")
        (self.folder / "second.toml").write_text('base = "base/first.toml"\nname = "second"\nfolds = "folds.csv"\nepochs = 1\n')

    def make(self, *recipes):
        return bundle(ROOT / "scripts" / "bundle", "make", "--data", self.folder / "data.pack", "--out", self.folder / "bundle",
                      *(word for recipe in recipes for word in ("--recipe", self.folder / recipe)))

    def moved(self):
        """The bundle in another place, all that it was made from gone."""
        there = self.folder / "there"
        there.mkdir()
        shutil.move(self.folder / "bundle", there)
        for path in ("data.pack", "base", "folds.csv", "second.toml"):
            shutil.rmtree(self.folder / path) if (self.folder / path).is_dir() else (self.folder / path).unlink()
        return there

    def train(self, there, seconds=500):
        run = bundle(there / "bundle" / "bundle", "train", "--seconds", seconds, "--device", "cpu", "--program", Options.program, "--work",
                     there / "work", "--out", there / "results")
        self.assertEqual(run.returncode, 0, run.stderr)
        return run.stdout

    def test_data_arrive_unchanged_and_all_recipes_are_trained(self):
        original = (self.folder / "data.pack").read_bytes()
        self.assertEqual(self.make("base/first.toml", "second.toml").returncode, 0)
        there = self.moved()
        self.train(there)
        self.assertEqual((there / "work" / "data.pack").read_bytes(), original)
        for name, run, epochs in (("first", "00-first", 2), ("second", "01-second", 1)):
            log = [json.loads(line) for line in (there / "results" / run / "log.jsonl").read_text().splitlines()]
            self.assertEqual(log[0]["recipe"]["name"], name)
            self.assertEqual(max(line.get("epoch", 0) for line in log), epochs)
            weights = (there / "results" / run / "model.safetensors").read_bytes()
            self.assertEqual(weights, (there / "work" / "runs" / run / "model.safetensors").read_bytes())

    def test_goes_on_when_given_again(self):
        self.assertEqual(self.make("base/first.toml").returncode, 0)
        there = self.moved()
        self.assertIn("not done", self.train(there, seconds=1))
        self.assertIn("00-first: done", self.train(there))

    def test_starts_in_half_precision(self):
        self.assertEqual(self.make("base/first.toml").returncode, 0)
        self.train(self.moved())
        start = self.folder / "there" / "results" / "00-first" / "model.safetensors"
        (self.folder / "third.toml").write_text(RECIPE.replace('folds = "folds.csv"', f'start = "{start}"'))
        kill_test.write_packed(self.folder / "data.pack")
        self.assertEqual(self.make("third.toml").returncode, 0)
        (copy,) = (self.folder / "bundle" / "code" / "files").iterdir()
        self.assertLess(copy.stat().st_size, 1.01 * start.stat().st_size)
        self.assertIn("00-third: done", bundle(self.folder / "bundle" / "bundle", "train", "--seconds", 500, "--device", "cpu", "--program",
                                               Options.program, "--work", self.folder / "w", "--out", self.folder / "r").stdout)

    def test_damaged_data_are_refused(self):
        self.assertEqual(self.make("base/first.toml").returncode, 0)
        (self.folder / "bundle" / "data" / "sha256").write_text("0" * 64)
        run = bundle(self.folder / "bundle" / "bundle", "train", "--seconds", 10, "--program", Options.program, "--work", self.folder / "w",
                     "--out", self.folder / "r")
        self.assertIn("damaged on the way", run.stderr)
        self.assertFalse((self.folder / "w" / "data.pack").exists())

    def test_what_is_missing_is_named(self):
        (self.folder / "second.toml").write_text('start = "nothing.safetensors"\n')
        run = self.make("second.toml")
        self.assertIn(f"second.toml: start: there is no {self.folder / 'nothing.safetensors'}", run.stderr)
        self.assertEqual(run.returncode, 1)


if __name__ == "__main__":
    Options.program = sys.argv.pop(1)
    unittest.main()
