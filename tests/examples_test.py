#!/usr/bin/env python3
"""Runs the examples on the engines that they are for, kills them once in the middle and starts them again.

usage: examples_test.py --program build/regard [--images 60]

Needs the Python package; an example whose engine is not installed is skipped.
"""

import argparse
import csv
import importlib.util
import io
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

    @staticmethod
    def files_done(out):
        """What Ray's checkpoint says."""
        import pyarrow.parquet

        paths = [path for path in out.glob("checkpoint/*.parquet") if ".pending" not in path.name]
        return [file for path in paths for file in pyarrow.parquet.read_table(path)["file"].to_pylist()]

    @needs("ray", "pyarrow", "regard")
    def test_ray_data(self):
        import pyarrow.parquet

        out = self.folder / "out"
        command = [sys.executable, ROOT / "examples" / "ray_data.py", self.images, out, "--workers", "1", *MODEL]
        settings = {**os.environ, "RAY_USAGE_STATS_ENABLED": "0"}
        with open(self.folder / "log", "wb") as log:
            run = subprocess.Popen(command, env=settings, stdout=log, stderr=log, start_new_session=True)
            while run.poll() is None and not self.files_done(out):
                time.sleep(0.05)
            os.killpg(run.pid, signal.SIGKILL)
            killed = run.wait() == -signal.SIGKILL
            before = self.files_done(out)
            rest = subprocess.run(command, env=settings, stdout=log, stderr=log, check=False)
        self.assertEqual(rest.returncode, 0, (self.folder / "log").read_text()[-4000:])
        rows = pyarrow.parquet.read_table(out / "faces").to_pylist()
        print(f"killed: {killed}, {len(before)} of {Options.images} images done before")
        self.assertTrue(not killed or 0 < len(before) < Options.images)
        self.assertEqual(sorted(row["file"] for row in rows), sorted(str(path) for path in self.images.iterdir()))
        printed = self.printed()
        for row in rows:
            if row["error"] is None:
                self.assertEqual(row["expression"], printed[row["file"]]["expression"])
                self.assertAlmostEqual(row["happiness"], float(printed[row["file"]]["happiness"]), delta=1e-6)
            else:
                self.assertIn("is not an image that can be read", row["error"])
                self.assertTrue(row["file"].endswith("broken.png"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--program", type=os.path.abspath, required=True)
    parser.add_argument("--images", type=int, default=60)
    _, rest = parser.parse_known_args(namespace=Options)
    unittest.main(argv=[sys.argv[0], *rest])
