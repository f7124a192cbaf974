#!/usr/bin/env python3
"""`regard recognize --out` and `regard join`: many images, in parts, killed and continued.

usage: archive_test.py --program build/regard [--kills N] [--folder IMAGES]
  --folder  kills runs over these images as well, and compares the memory for a tenth of them with that for all
"""

import argparse
import csv
import io
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
import unittest

import cli_test
from killing import bytes_in, kill_and_resume

ROOT = pathlib.Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "samples"
FACES = [SAMPLES / "grace_hopper.jpg", *sorted((ROOT / "tests" / "images").glob("head_*.png"))]
MODEL = ["--model", "ferplus-mobilenet"]  # the fastest


class Options:
    program = None
    kills = 4
    folder = None


def regard(*arguments, text=b"", folder=None):
    return subprocess.run([Options.program, *map(str, arguments)], input=text, capture_output=True, cwd=folder, timeout=600, check=False)


def recognize(images, out, *arguments, model="ferplus-mobilenet", chunk=3, **options):
    return regard("recognize", images, "--out", out, "--model", model, "--chunk", chunk, *arguments, **options)


def parts_of(folder):
    """The parts of a folder by their names; nothing else may be there but the manifest, its inputs and locks of the killed."""
    files = {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.startswith(".")}
    assert set(files) - {"manifest.json", "inputs.csv"} == {name for name in files if name.startswith("part-")}, files.keys()
    return {name: data for name, data in files.items() if name.startswith("part-")}


def rows_of(data):
    return list(csv.DictReader(io.StringIO(data.decode())))


def has_parquet():
    return pathlib.Path(Options.program).with_name("src").joinpath("regard", "libregard_parquet.so").exists()


class Archive(unittest.TestCase):
    """Twenty images: faces, one without, one that is none."""

    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.scratch.name)
        cls.images = cls.folder / "images"
        (cls.images / "more").mkdir(parents=True)
        for i in range(20):
            source = FACES[i % len(FACES)]
            shutil.copy(source, cls.images / ("more" if i > 12 else "") / f"{i:02}{source.suffix}")
        (cls.images / "07.png").write_bytes(b"no image")
        cli_test.write_grey_png(cls.images / "08.png")
        cls.files = sorted(path.relative_to(cls.images).as_posix() for path in cls.images.rglob("*.*"))
        cls.result = recognize("images", "straight", "--format", "csv", folder=cls.folder)
        cls.straight = parts_of(cls.folder / "straight")

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def recognize(self, *arguments, **options):
        return recognize(*arguments, folder=self.folder, **options)

    def test_every_image_has_a_row(self):
        self.assertEqual((self.result.returncode, self.result.stdout), (0, b""))
        self.assertEqual(self.result.stderr, b"regard: 1 image could not be read; the rows say why\n")
        self.assertEqual(list(sorted(self.straight)), [f"part-0000{i}.csv" for i in range(len(self.files) // 3 + 1)])
        for i, name in enumerate(sorted(self.straight)):
            names = list(dict.fromkeys(row["file"] for row in rows_of(self.straight[name])))
            self.assertEqual(names, ["images/" + file for file in self.files[3 * i:3 * i + 3]])
        rows = {row["file"]: row for data in self.straight.values() for row in rows_of(data)}
        self.assertEqual((rows["images/08.png"]["face"], rows["images/08.png"]["error"]), ("0", "no face"))
        self.assertIn("image", rows["images/07.png"]["error"])
        self.assertEqual({rows["images/07.png"][column] for column in ("x", "score", "neutral", "expression")}, {""})

    def test_faces_are_those_that_are_printed(self):
        printed = regard("recognize", "images", *MODEL, "--format", "csv", folder=self.folder)
        faces = [row for name in sorted(self.straight) for row in rows_of(self.straight[name]) if row.pop("error") == ""]
        self.assertEqual(faces, rows_of(printed.stdout))

    def test_json(self):
        self.assertEqual(self.recognize("images", "json").returncode, 0)
        printed = regard("recognize", "images", *MODEL, "--format", "json", folder=self.folder).stdout.decode().splitlines()
        self.assertEqual(regard("join", "json", "--out", "json.jsonl", folder=self.folder).returncode, 0)
        images = [json.loads(line) for line in (self.folder / "json.jsonl").read_text().splitlines()]
        self.assertEqual([image["file"] for image in images], ["images/" + file for file in self.files])
        errors = {image["file"]: image.pop("error") for image in images if "error" in image}
        self.assertEqual(sorted(errors), ["images/07.png", "images/08.png"])
        self.assertEqual([image for image in images if image["file"] != "images/07.png"], [json.loads(line) for line in printed])

    def kill_and_resume(self, out, *arguments, images="images", chunk=3):
        """Kills runs at random moments until all is done; -> the parts of a run that was not killed."""
        command = [Options.program, "recognize", images, "--out", out, *MODEL, "--chunk", str(chunk), "--resume", *arguments]
        straight, target = self.folder / "measured", self.folder / out
        subprocess.run([*command[:4], straight.name, *command[5:]], cwd=self.folder, check=True, capture_output=True)
        kill_and_resume(command, Options.kills, random.Random(3), written=lambda: bytes_in(target), whole=bytes_in(straight),
                        start_over=lambda: shutil.rmtree(target), signals=(signal.SIGKILL, signal.SIGKILL, signal.SIGTERM),
                        cwd=self.folder)
        parts = parts_of(straight)
        shutil.rmtree(straight)
        return parts

    def test_killed_and_resumed_at_size(self):
        if not Options.folder:
            self.skipTest("asked for by --folder")
        for form in ("json", *(["parquet"] if has_parquet() else [])):
            straight = self.kill_and_resume(f"large-{form}", "--format", form, images=Options.folder, chunk=100)
            self.assertEqual(parts_of(self.folder / f"large-{form}"), straight)
            print(f"\n{form}: {Options.kills} kills, {len(straight)} parts equal", file=sys.stderr)

    def test_memory_at_size(self):
        if not Options.folder:
            self.skipTest("asked for by --folder")
        files = sorted(path for path in pathlib.Path(Options.folder).rglob("*.*"))
        peaks = []
        for count in (len(files) // 10, len(files)):
            (self.folder / "names").write_text("".join(f"{path}\n" for path in files[:count]))
            with open(self.folder / "names", "rb") as names:
                run = subprocess.Popen([Options.program, "recognize", "-", "--out", f"memory-{count}", *MODEL, "--format", "json"],
                                       cwd=self.folder, stdin=names, stderr=subprocess.DEVNULL)
                peaks.append(os.wait4(run.pid, 0)[2].ru_maxrss / 1000)
            print(f"\n{count} images: {peaks[-1]:.1f} MB", file=sys.stderr)
        self.assertLess(peaks[1] - peaks[0], 20)

    def test_killed_and_resumed(self):
        self.kill_and_resume("killed", "--format", "csv")
        self.assertEqual(parts_of(self.folder / "killed"), self.straight)

    def test_killed_and_resumed_in_parquet(self):
        if not has_parquet():
            self.skipTest("without REGARD_PARQUET")
        self.assertEqual(self.recognize("images", "parquet", "--format", "parquet").returncode, 0)
        straight = parts_of(self.folder / "parquet")
        self.kill_and_resume("killed-parquet", "--format", "parquet")
        self.assertEqual(parts_of(self.folder / "killed-parquet"), straight)

    def test_parquet_has_the_values_of_the_csv(self):
        try:
            import pyarrow.parquet
        except ImportError:
            self.skipTest("without pyarrow")
        if not has_parquet():
            self.skipTest("without REGARD_PARQUET")
        self.assertEqual(self.recognize("images", "values", "--format", "parquet").returncode, 0)
        self.assertEqual(regard("join", "values", "--out", "values.parquet", folder=self.folder).returncode, 0)
        table = pyarrow.parquet.read_table(self.folder / "values.parquet")
        rows = [row for name in sorted(self.straight) for row in rows_of(self.straight[name])]
        self.assertEqual(table.column_names, list(rows[0]))
        self.assertEqual([str(table.schema.field(name).type) for name in ("file", "face", "x", "error")],
                         ["string", "int32", "float", "string"])
        for found, row in zip(table.to_pylist(), rows, strict=True):
            for name, text in row.items():
                if isinstance(found[name], float):
                    self.assertAlmostEqual(found[name], float(text), delta=0.0051 if "." in text and len(text.split(".")[1]) == 2 else 1e-6)
                else:
                    self.assertEqual("" if found[name] is None else str(found[name]), text, (name, row["file"]))

    def test_an_interrupt_can_be_resumed(self):
        run = subprocess.Popen([Options.program, "recognize", "images", "--out", "interrupted", *MODEL, "--chunk", "1", "--format", "csv"],
                               cwd=self.folder, stderr=subprocess.PIPE)
        while run.poll() is None and not list(self.folder.glob("interrupted/part-*")):
            time.sleep(0.005)
        run.send_signal(signal.SIGINT)
        message = run.communicate()[1].decode()
        if run.returncode != 0:
            self.assertRegex(message, r"regard: interrupted, \d+ parts? done; --resume continues it")
        result = self.recognize("images", "interrupted", "--resume", "--format", "csv")
        self.assertIn(b"this folder is of another run; expected chunk 1, got chunk 3", result.stderr)
        self.assertEqual(self.recognize("images", "interrupted", "--resume", "--format", "csv", chunk=1).returncode, 0)
        self.assertEqual(len(parts_of(self.folder / "interrupted")), len(self.files))

    def test_shards_of_one_folder_and_of_two(self):
        for i in (2, 1):
            self.assertEqual(self.recognize("images", "shared", "--shard", f"{i}/2", "--format", "csv").returncode, 0)
            self.assertEqual(self.recognize("images", f"own{i}", "--shard", f"{i}/2", "--format", "csv").returncode, 0)
        self.assertEqual(parts_of(self.folder / "shared"), self.straight)
        own = [parts_of(self.folder / f"own{i}") for i in (1, 2)]
        self.assertFalse(set(own[0]) & set(own[1]))
        self.assertEqual({**own[0], **own[1]}, self.straight)

        lacking = regard("join", "own1", "--out", "all.csv", folder=self.folder)
        self.assertEqual(lacking.returncode, 1)
        self.assertIn(f"own1: {len(own[1])} of {len(self.straight)} parts are missing: part-00001.csv, part-00003.csv".encode(), lacking.stderr)
        self.assertFalse((self.folder / "all.csv").exists())
        self.assertEqual(regard("join", "own1", "own2", "--out", "all.csv", folder=self.folder).returncode, 0)
        tables = [data.decode().partition("\n") for _, data in sorted(self.straight.items())]
        self.assertEqual((self.folder / "all.csv").read_text(), tables[0][0] + "\n" + "".join(rows for _, _, rows in tables))

    def test_two_processes_share_a_folder(self):
        command = [Options.program, "recognize", "images", "--out", "together", *MODEL, "--chunk", "1", "--format", "csv", "--resume"]
        runs = [subprocess.Popen(command, cwd=self.folder, stderr=subprocess.PIPE) for _ in range(2)]
        for run in runs:
            message = run.communicate()[1]
            if run.returncode != 0:
                self.assertRegex(message, rb"\d+ parts? done, \d+ left to another run, which is writing them")
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True)
        joined = [regard("join", folder, "--out", "/dev/stdout", folder=self.folder).stdout for folder in ("together", "straight")]
        self.assertEqual(joined[0], joined[1])

    def test_tar_files(self):
        for kind, name in ((tarfile.USTAR_FORMAT, "ustar"), (tarfile.GNU_FORMAT, "gnu"), (tarfile.PAX_FORMAT, "pax")):
            with tarfile.open(self.folder / f"{name}.tar", "w", format=kind) as tar:
                for file in self.files:
                    tar.add(self.images / file, file)
                tar.add(ROOT / "README.md", "labels.txt")
            result = self.recognize(f"{name}.tar", name, "--format", "csv")
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertIn(f"regard: {name}.tar: 1 .txt skipped\n".encode(), result.stderr)
            self.assertEqual({part: data.replace(f"{name}.tar/".encode(), b"images/") for part, data in parts_of(self.folder / name).items()},
                             self.straight)

    def test_tar_files_in_folders_and_long_names(self):
        (self.folder / "shards").mkdir()
        name = "a" * 150 + "/" + "b" * 120 + ".jpg"
        for kind in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
            with tarfile.open(self.folder / "shards" / f"{kind}.tar", "w", format=kind) as tar:
                tar.add(FACES[0], name)
                tar.add(FACES[0], "._hidden.jpg")
        self.assertEqual(self.recognize("shards", "of-shards", "--format", "csv").returncode, 0)
        rows = [row for data in parts_of(self.folder / "of-shards").values() for row in rows_of(data)]
        self.assertEqual([row["file"] for row in rows], [f"shards/{kind}.tar/{name}" for kind in (1, 2)])
        self.assertEqual([row["error"] for row in rows], ["", ""])
        self.assertEqual(rows[0]["x"], rows[1]["x"])

    def test_tar_files_that_are_none(self):
        (self.folder / "text.tar").write_text("no tar" * 200)
        (self.folder / "cut.tar").write_bytes(b"")
        with tarfile.open(self.folder / "whole.tar", "w") as tar:
            tar.add(FACES[0], "a.jpg")
        (self.folder / "cut.tar").write_bytes((self.folder / "whole.tar").read_bytes()[:30000])
        result = regard("recognize", "text.tar", "cut.tar", "nothing*.jpg", "--out", "none", *MODEL, folder=self.folder)
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr.decode(), r"(?s)text\.tar: is no tar file; expected one without compression, got text\n.*"
                         r"cut\.tar/a\.jpg: tar file is cut off; expected \d+ bytes, got \d+\n.*"
                         r"nothing\*\.jpg: no file is named so\n.*3 inputs failed, nothing was begun")
        self.assertFalse((self.folder / "none" / "manifest.json").exists())

    def test_list_on_standard_input(self):
        listed = "\n".join("images/" + file for file in self.files)
        result = self.recognize("-", "listed", "--format", "csv", text=listed.encode())
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(parts_of(self.folder / "listed"), self.straight)
        self.assertIn(b"standard input: there are no images", self.recognize("-", "listed2").stderr)

    def test_a_folder_in_use(self):
        straight = self.recognize("images", "straight", "--format", "csv")
        self.assertEqual(straight.returncode, 1)
        self.assertIn(b"straight: there are results of this run already; expected --resume, which continues it, or another folder",
                      straight.stderr)
        done = self.recognize("images", "straight", "--format", "csv", "--resume")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        other = self.recognize("images", "straight", "--resume", "--format", "csv", model="ferplus-ran")
        self.assertRegex(other.stderr, rb'expected model.name "ferplus-mobilenet", model.sha256 .*, got model.name "ferplus-ran", model.sha256')
        for arguments, texts in ((("--format", "json"), (b'expected format "csv", got format "json"',)),
                                 (("--format", "csv", "--min-score", "0.7"), (b"expected detector.min_score 0.6, got detector.min_score 0.7",)),
                                 (("--format", "csv", "--prior", "balanced"), (b'expected engine.prior "natural", got engine.prior "balanced"',))):
            result = self.recognize("images", "straight", "--resume", *arguments)
            self.assertEqual(result.returncode, 1)
            for text in (b"straight: this folder is of another run; ", *texts):
                self.assertIn(text, result.stderr)
        result = self.recognize("images/more", "straight", "--resume", "--format", "csv")
        self.assertIn(b"expected image 1 being images/00.jpg, got image 1 being images/more/13.png", result.stderr)
        self.assertEqual(parts_of(self.folder / "straight"), self.straight)

    def test_wrong_usage(self):
        for arguments, hint in ((("--resume",), b"--out"), (("--chunk", "0", "--out", "x"), b"--chunk"), (("--out", "x", "--draw", "y"), b"--draw"),
                                (("--out", "x", "--shard", "3/2"), b"--shard: is no shard; expected i/n, from 1/n to n/n, got 3/2"),
                                (("--out", "x", "--format", "table"), b"--format table: is only printed; with --out there are json, csv, parquet"),
                                (("--format", "parquet"), b"--format parquet: needs --out; without --out there are table, json, csv")):
            result = regard("recognize", "images", *arguments, folder=self.folder)
            self.assertEqual(result.returncode, 2, arguments)
            self.assertIn(hint, result.stderr)
        result = regard("join", "images", "--out", "x.csv", folder=self.folder)
        self.assertIn(b"images: is no folder of results; expected manifest.json in it, by recognize --out", result.stderr)

    def test_parquet_that_is_not_there(self):
        if has_parquet():
            self.skipTest("it is there")
        result = self.recognize("images", "no-parquet", "--format", "parquet")
        self.assertEqual(result.returncode, 1)
        self.assertIn(b"the part of regard that writes Parquet cannot be loaded; expected a build with -DREGARD_PARQUET=ON, after "
                      b"`scripts/setup parquet`", result.stderr)
        self.assertFalse((self.folder / "no-parquet" / "manifest.json").exists())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--program", type=os.path.abspath, required=True)
    parser.add_argument("--kills", type=int, default=4)
    parser.add_argument("--folder", type=os.path.abspath)
    _, rest = parser.parse_known_args(namespace=Options)
    unittest.main(argv=[sys.argv[0], *rest])
