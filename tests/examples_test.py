#!/usr/bin/env python3
"""Runs the examples on the engines that they are for, kills them once in the middle and starts them again.

usage: examples_test.py --program build/regard [--images 60]

Needs the Python package; an example whose engine is not installed is skipped.
"""

import argparse
import csv
import importlib.util
import io
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
FACES = [ROOT / "samples" / "grace_hopper.jpg", *sorted((ROOT / "tests" / "images").glob("head_*.png"))]
MODEL = ["--model", "ferplus-mobilenet"]  # the fastest


class Options:
    program = None
    images = 60


def needs(*modules):
    missing = [name for name in modules if importlib.util.find_spec(name) is None]
    return unittest.skipIf(missing, f"needs {', '.join(missing)}")


class Examples(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.images = self.folder / "images"
        self.images.mkdir()
        for i in range(Options.images - 1):
            source = FACES[i % len(FACES)]
            shutil.copy(source, self.images / f"{i:05}{source.suffix}")
        (self.images / "broken.png").write_bytes(b"no image")

    def printed(self):
        """The rows of the program, by file."""
        run = subprocess.run([Options.program, "recognize", self.images, *MODEL, "--format", "csv"], capture_output=True, check=False)
        return {row["file"]: row for row in csv.DictReader(io.StringIO(run.stdout.decode()))}

    def run_and_kill(self, done, *command, **settings):
        """Runs a command, kills it once `done()`, the files that are done, has one, and runs it again to its end."""
        environment = {**os.environ, **settings}
        with open(self.folder / "log", "wb") as log:
            run = subprocess.Popen([sys.executable, *command], env=environment, stdout=log, stderr=log, start_new_session=True)
            while run.poll() is None and not done():
                time.sleep(0.05)
            os.killpg(run.pid, signal.SIGKILL)
            killed = run.wait() == -signal.SIGKILL
            before = set(done())
            rest = subprocess.run([sys.executable, *command], env=environment, stdout=log, stderr=log, check=False)
        self.assertEqual(rest.returncode, 0, (self.folder / "log").read_text()[-4000:])
        print(f"\n{self.id()}: killed: {killed}, {len(before)} of {Options.images} images done before")
        self.assertTrue(not killed or 0 < len(before) < Options.images)

    def check(self, rows):
        """One row for each image, with the program's values."""
        self.assertEqual(sorted(row["file"] for row in rows), sorted(str(path) for path in self.images.iterdir()))
        printed = self.printed()
        for row in rows:
            if row["error"] is None:
                self.assertEqual(row["expression"], printed[row["file"]]["expression"])
                self.assertAlmostEqual(row["happiness"], float(printed[row["file"]]["happiness"]), delta=1e-6)
            else:
                self.assertIn("is not an image that can be read", row["error"])
                self.assertTrue(row["file"].endswith("broken.png"))

    @staticmethod
    def files_in(paths):
        """The images that have rows in files of Parquet that are complete."""
        import pyarrow.parquet

        return [file for path in paths for file in pyarrow.parquet.read_table(path)["file"].to_pylist()]

    @needs("ray", "pyarrow", "regard")
    def test_ray_data(self):
        import pyarrow.parquet

        out = self.folder / "out"

        def done():
            return self.files_in(path for path in out.glob("checkpoint/*.parquet") if ".pending" not in path.name)

        self.run_and_kill(done, EXAMPLES / "ray_data.py", self.images, out, "--workers", "1", *MODEL, RAY_USAGE_STATS_ENABLED="0")
        self.check(pyarrow.parquet.read_table(out / "faces").to_pylist())

    @needs("pyspark", "pandas", "pyarrow", "regard")
    @unittest.skipUnless(shutil.which("java"), "needs java")
    def test_spark_pandas(self):
        import pyarrow.parquet

        faces = self.folder / "out" / "faces"
        chunk = str(max(1, Options.images // 4))
        self.run_and_kill(lambda: self.files_in(faces.glob("*.parquet")), EXAMPLES / "spark_pandas.py", self.images, faces.parent,
                          "--workers", "1", "--chunk", chunk, *MODEL)
        self.check(pyarrow.parquet.read_table(faces).to_pylist())

    @needs("pyspark")
    @unittest.skipUnless(shutil.which("java"), "needs java")
    def test_spark_pipe(self):
        faces = self.folder / "out" / "faces"
        chunk = str(max(1, Options.images // 4))

        def lines():
            parts = [part for mark in faces.glob("*/_SUCCESS") for part in mark.parent.glob("part-*")]
            return [json.loads(line) for part in parts for line in part.read_text().splitlines()]

        self.run_and_kill(lambda: [line["file"] for line in lines()], EXAMPLES / "spark_pipe.py", self.images, faces.parent, "--workers",
                          "1", "--chunk", chunk, "--program", Options.program, *MODEL)
        rows = []
        for line in lines():
            row = {"file": line["file"], "error": line.get("error")}
            self.assertEqual(len(line["faces"]), 0 if row["error"] else 1)
            for face in line["faces"]:
                row |= {"expression": face["expression"], "happiness": face["probabilities"]["happiness"]}
            rows.append(row)
        self.check(rows)

    @needs("daft", "pyarrow", "regard")
    def test_daft(self):
        out = self.folder / "out"
        chunk = str(max(1, Options.images // 4))

        def done():
            return self.files_in(out.glob("faces/*/*.parquet"))

        self.run_and_kill(done, EXAMPLES / "daft_batches.py", self.images, out, "--workers", "1", "--chunk", chunk, *MODEL,
                          DO_NOT_TRACK="1")
        import pyarrow

        self.check(pyarrow.concat_tables(map(pyarrow.parquet.read_table, out.glob("faces/*/*.parquet"))).to_pylist())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--program", type=os.path.abspath, required=True)
    parser.add_argument("--images", type=int, default=60)
    _, rest = parser.parse_known_args(namespace=Options)
    unittest.main(argv=[sys.argv[0], *rest])
