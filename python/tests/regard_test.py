"""Tests the Python package as a user has it.

usage: regard_test.py [--program build/regard] [--images 1000]
  --program  the results must equal its results
  --images   of the loop that must not take more and more memory

The package is the one that Python finds: of the build folder by PYTHONPATH, or an installed wheel. Tests of pandas, polars,
pyarrow, mypy, torch and others are skipped where these are not installed.
"""

import argparse
import concurrent.futures
import doctest
import gc
import importlib.util
import json
import os
import pathlib
import pickle
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import unittest

import numpy

import arrow_reader
import regard

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SAMPLES = [str(ROOT / "samples" / name) for name in ("astronaut.png", "grace_hopper.jpg")]
ASTRONAUT = SAMPLES[0]


class Options:
    program = None
    images = 100


def needs(*modules):
    missing = [name for name in modules if importlib.util.find_spec(name) is None]
    return unittest.skipIf(missing, f"needs {', '.join(missing)}")


def python(script, **options):
    """Runs a script in a process of its own; its output."""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=600, cwd=ROOT, check=False,
                          **options)
    if done.returncode != 0:
        raise AssertionError(f"{script}\nreturned {done.returncode}\n{done.stderr}")
    return done.stdout


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.recognizer = regard.Recognizer("ferplus-ran")  # a model with views
        cls.faces = cls.recognizer.recognize(ASTRONAUT)
        rng = numpy.random.default_rng(1)
        cls.noise = rng.integers(0, 256, (96, 80, 3), dtype=numpy.uint8)


class Results(Package):
    def test_equal_the_programs(self):
        if not Options.program:
            self.skipTest("asked for by --program")
        printed = subprocess.run([Options.program, "recognize", "--model", "ferplus-ran", *SAMPLES], capture_output=True, check=True).stdout
        results = self.recognizer.recognize(SAMPLES)
        self.assertEqual([faces.to_dict() for faces in results], [json.loads(line) for line in printed.splitlines()])
        for faces in results:
            for face, as_dict in zip(faces, faces.to_dict()["faces"]):
                for label, probability in as_dict["probabilities"].items():
                    self.assertAlmostEqual(face.probabilities[label], probability, delta=1e-6)
                self.assertAlmostEqual(face.box.x, as_dict["box"][0], delta=.00501)

    def test_every_field_is_an_attribute(self):
        (as_dict,) = self.faces.to_dict()["faces"]
        for name in as_dict:
            self.assertTrue(getattr(type(self.faces[0]), name).__doc__, name)
        for name in as_dict["views"][0]:
            self.assertTrue(getattr(regard.FaceView, name).__doc__, name)

    def test_prior(self):
        balanced = regard.Recognizer(prior="balanced").recognize(ASTRONAUT)[0].probabilities
        natural = self.faces[0].probabilities
        self.assertAlmostEqual(sum(balanced.values()), 1, places=5)
        self.assertGreater(balanced["contempt"] / natural["contempt"], balanced["neutral"] / natural["neutral"])
        with self.assertRaisesRegex(regard.Error, "^prior: unknown prior; expected natural or balanced, got even$"):
            regard.Recognizer(prior="even")

    def test_values(self):
        (face,) = self.faces
        self.assertEqual((self.faces.file, self.faces.width, self.faces.height), (ASTRONAUT, 512, 512))
        self.assertEqual(face.expression, "happiness")
        self.assertEqual(list(face.probabilities), self.recognizer.labels)
        self.assertEqual(face.probability, max(face.probabilities.values()))
        self.assertEqual(face.box, (face.box.x, face.box.y, face.box.width, face.box.height))
        self.assertTrue(face.box.x < face.landmarks[0].x < face.landmarks[1].x < face.box.x + face.box.width)
        self.assertEqual([view.name for view in face.views], self.recognizer.views)
        self.assertTrue(0 < face.views[1].relation_attention < 1)

    def test_sequence(self):
        self.assertEqual(len(self.faces), 1)
        self.assertEqual(list(self.faces), self.faces.faces)
        self.assertEqual(self.faces[-1], self.faces[0])
        self.assertNotEqual(self.faces[0], 1)
        self.assertEqual({*self.faces, *self.faces}, {self.faces[0]})
        with self.assertRaisesRegex(IndexError, "no such face"):
            self.faces[1]

    def test_repr(self):
        self.assertRegex(repr(self.faces[0]), r"^Face\('happiness', probability=1\.00, box=\(178\.\d, 64\.\d, 86\.\d, 109\.\d\), "
                         r"score=0\.93, pose=\(-0\.\d, -2\.\d, 3\.\d\)\)$")
        self.assertEqual(repr(self.faces), f"Faces({ASTRONAUT!r}, width=512, height=512, [{self.faces[0]!r}])")
        self.assertEqual(repr(self.faces[0].views[0]), "FaceView('whole face', weight=0.06)")
        self.assertEqual(repr(regard.Recognizer("ferplus-mobilenet", jobs=1)), "Recognizer('ferplus-mobilenet', jobs=1)")

    def test_pickle(self):
        again = pickle.loads(pickle.dumps(self.faces))
        self.assertEqual(again, self.faces)
        self.assertEqual(again[0].box, self.faces[0].box)
        self.assertEqual(pickle.loads(pickle.dumps(self.faces[0])), self.faces[0])
        self.assertEqual(pickle.loads(pickle.dumps(self.faces[0].views[1])).corners, self.faces[0].views[1].corners)
        self.assertEqual(len(regard.Table([again, self.faces])), 2)

    def test_no_face_is_no_error(self):
        faces = self.recognizer.recognize(numpy.zeros((64, 64), numpy.uint8))
        self.assertEqual((len(faces), list(faces), faces.file), (0, [], ""))

    def test_readme(self):
        (lines,) = re.findall(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"), re.M | re.S)
        self.assertRegex(python(lines), r"^happiness 0\.9\d+ Box\(x=178\.")

    def test_page_of_the_documentation(self):
        failed, tried = doctest.testfile(str(ROOT / "docs" / "python.md"), module_relative=False)
        self.assertEqual((failed, tried), (0, 6))


class Images(Package):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pixels = regard.read_image(ASTRONAUT)

    def same(self, image, **options):
        found = self.recognizer.recognize(image, **options)
        self.assertEqual(list(found), list(self.faces))

    def test_read_image(self):
        self.assertEqual((self.pixels.shape, self.pixels.dtype, self.pixels.flags.c_contiguous), ((512, 512, 3), "u1", True))
        self.assertTrue((regard.read_image(pathlib.Path(ASTRONAUT).read_bytes()) == self.pixels).all())
        with self.assertRaisesRegex(regard.Error, "^image: is not a file; expected a path, or the bytes .*, got an array of 512 x"):
            regard.read_image(self.pixels)

    def test_files(self):
        self.assertEqual(self.recognizer.recognize(pathlib.Path(ASTRONAUT)), self.faces)
        data = pathlib.Path(ASTRONAUT).read_bytes()
        for encoded in (data, bytearray(data), memoryview(data), numpy.frombuffer(data, numpy.uint8)):
            self.assertEqual(list(self.recognizer.recognize(encoded)), list(self.faces))

    def test_arrays_of_any_stride(self):
        rgb = self.pixels
        self.same(rgb)
        self.same(numpy.asfortranarray(rgb))
        self.same(rgb[::-1][::-1])
        self.same(rgb[:, ::-1].copy()[:, ::-1])
        wide = numpy.zeros((600, 700, 3), numpy.uint8)
        wide[50:562, 60:572] = rgb
        self.same(wide[50:562, 60:572])
        self.same(numpy.dstack([rgb, rgb[..., 0]])[..., :3])
        read_only = rgb.copy()
        read_only.flags.writeable = False
        self.same(read_only)

    def test_bgr(self):
        bgr = numpy.ascontiguousarray(self.pixels[..., ::-1])
        self.same(bgr, channels="bgr")
        self.same(bgr[..., ::-1])
        self.same(self.pixels[..., ::-1], channels="bgr")
        self.assertNotEqual(list(self.recognizer.recognize(bgr)), list(self.faces))

    def test_grey(self):
        grey = numpy.ascontiguousarray(self.pixels[..., 1])
        faces = self.recognizer.recognize(grey)
        self.assertEqual(faces, self.recognizer.recognize(grey[..., None]))
        self.assertEqual(faces, self.recognizer.recognize(self.pixels[..., 1], channels="bgr"))
        self.assertEqual(faces[0].expression, "happiness")

    def test_buffers_without_numpy(self):
        self.same(memoryview(self.pixels.tobytes()).cast("B", self.pixels.shape))

    @needs("torch")
    def test_dlpack(self):
        import torch
        self.same(torch.from_numpy(self.pixels.copy()))
        self.same(torch.from_numpy(self.pixels.transpose(2, 0, 1).copy()).permute(1, 2, 0))

    def test_lists(self):
        pixels = self.pixels
        results = self.recognizer.recognize([ASTRONAUT, pathlib.Path(ASTRONAUT).read_bytes(), pixels])
        self.assertEqual([list(faces) for faces in results], 3 * [list(self.faces)])
        self.assertEqual([faces.file for faces in results], [ASTRONAUT, "", ""])
        self.assertEqual(len(self.recognizer.recognize(path for path in SAMPLES)), 2)
        self.assertEqual(self.recognizer.recognize([]), [])


class Errors(Package):
    def error(self, image, **options):
        with self.assertRaises(regard.Error) as raised:
            self.recognizer.recognize(image, **options)
        return raised.exception

    def test_parts(self):
        error = self.error("missing.png")
        self.assertEqual((error.what, error.where, error.expected, error.got),
                         ("file cannot be opened", "missing.png", "", "No such file or directory"))
        self.assertEqual(str(error), "missing.png: file cannot be opened; got No such file or directory")
        again = pickle.loads(pickle.dumps(error))
        self.assertEqual((str(again), again.got), (str(error), error.got))

    def test_bytes(self):
        error = self.error(b"<!DOCTYPE html>")
        self.assertEqual((error.what, error.where, error.got), ("is not an image that can be read", "image", "an HTML page"))
        self.assertIn("JPEG, PNG", error.expected)

    def test_arrays(self):
        expected = "; expected a path, the bytes of a file, or an array of uint8: height x width x 3, or height x width if grey"
        for array, message in {
            "zeros((3, 4, 5), 'u1')": f"image: array is not shaped like an image{expected}, got 3 x 4 x 5",
            "zeros((3, 480, 640), 'u1')": f"image: array is not shaped like an image{expected}, got 3 x 480 x 640",
            "zeros((), 'u1')": f"image: array is not shaped like an image{expected}, got a single number",
            "zeros((8, 8, 3), 'f4')": f"image: array has another type of numbers{expected}, got float32",
            "zeros((0, 4, 3), 'u1')": "image is empty; expected pixels, got 4 x 0",
        }.items():
            self.assertEqual(str(self.error(eval("numpy." + array))), message)

    def test_arguments(self):
        self.assertEqual(str(self.error(self.noise, channels="gbr")),
                         "channels: unknown order of channels; expected rgb or bgr, got gbr")
        with self.assertRaisesRegex(regard.Error, "^nobody: there is no such model; expected a file or one of: ferplus-mobilenet"):
            regard.Recognizer("nobody")
        with self.assertRaisesRegex(regard.Error, "^threads: is out of range; expected 0 or more, got -1$"):
            regard.Recognizer(None, -1)
        with self.assertRaisesRegex(TypeError, r"recognize\(self, image: regard.Image"):
            self.recognizer.recognize(3)
        with self.assertRaisesRegex(regard.Error, "of different models"):
            other = regard.Recognizer("ferplus-mobilenet").recognize(self.noise)
            regard.Table([self.faces, other])

    def test_in_lists(self):
        self.assertEqual(str(self.error([ASTRONAUT, b""])).partition(";")[0], "images[1]: is not an image that can be read")
        self.assertEqual(self.error([ASTRONAUT, "missing.png", b""]).where, "missing.png")
        self.assertEqual(self.error([3]).got, "int")
        good, bad = self.recognizer.recognize([ASTRONAUT, "missing.png"], errors="return")
        self.assertEqual((list(good), bad.where), (list(self.faces), "missing.png"))

    def test_names_that_are_not_utf8(self):
        name = os.fsdecode(b"missing-\xff.png")
        self.assertEqual(self.error(name).where, name)


class Threads(Package):
    def test_share_a_recognizer(self):
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            results = list(pool.map(self.recognizer.recognize, 6 * SAMPLES))
        self.assertEqual(results, 6 * self.recognizer.recognize(SAMPLES))

    def test_others_go_on_meanwhile(self):
        beats = 0
        call = threading.Thread(target=self.recognizer.recognize, args=(10 * SAMPLES,))
        call.start()
        while call.is_alive():
            call.join(.005)
            beats += 1
        self.assertGreater(beats, 3)

    def test_interrupt(self):
        threading.Timer(.3, signal.raise_signal, [signal.SIGINT]).start()
        with self.assertRaises(KeyboardInterrupt):
            self.recognizer.recognize(1000 * [self.noise])


FFMPEG = shutil.which("ffmpeg", path=os.environ.get("PATH", "") + os.pathsep + os.defpath)


@unittest.skipUnless(FFMPEG, "needs ffmpeg")
class Videos(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        cls.folder = pathlib.Path(scratch.name)
        cls.clip = cls.folder / "clip.mp4"
        graph = ("color=gray:s=480x360:r=25:d=2[c];[1]scale=300:-1[a];[c][a]overlay=x='20+20*t':y='if(lt(t,1.6),10,-900)':shortest=1")
        cls.ffmpeg("-f", "lavfi", "-i", "nullsrc=s=16x16:d=2", "-loop", "1", "-t", "2", "-r", "25", "-i", SAMPLES[1], "-filter_complex",
                   graph, "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-movflags", "+faststart", cls.clip)
        cls.frames = list(regard.Video(cls.clip))

    @staticmethod
    def ffmpeg(*arguments):
        subprocess.run([FFMPEG, "-v", "error", "-y", *map(str, arguments)], check=True, stdin=subprocess.DEVNULL)

    def printed(self, *options):
        if not Options.program:
            self.skipTest("asked for by --program")
        return subprocess.run([Options.program, "video", self.clip, *options], capture_output=True, check=True).stdout.decode()

    def test_equals_the_programs(self):
        lines = [json.loads(line) for line in self.printed("--format", "jsonl").splitlines()]
        del lines[0]["method"]
        self.assertEqual([frame.to_dict() for frame in self.frames], lines)

    def test_table_equals_the_programs(self):
        options = ["--fps=10", "--from=0:00.5", "--every=2", "--people=1", "--min-score=0.4", "--prior=balanced"]
        video = regard.Video(self.clip, fps=10, start="0:00.5", every=2, people=1, min_score=.4, prior="balanced")
        self.assertEqual(video.to_csv(), self.printed(*options))
        self.assertEqual(list(video), [])

    def test_values(self):
        self.assertEqual([frame.frame for frame in self.frames], list(range(1, 51)))
        self.assertEqual([len(frame.faces) for frame in self.frames[:40]], 40 * [1])
        self.assertEqual(self.frames[-1].faces, [])
        self.assertAlmostEqual(self.frames[10].timestamp, .4)
        self.assertEqual((self.frames[0].damaged, self.frames[0].cut), (False, False))
        (face,) = self.frames[10].faces
        self.assertIsInstance(face, regard.Face)
        self.assertEqual((face.face_id, face.classified, face.expression), (1, True, "neutral"))
        self.assertEqual(list(face.smoothed), list(face.probabilities))
        self.assertAlmostEqual(sum(face.smoothed.values()), 1, places=4)
        self.assertRegex(repr(self.frames[10]), r"^Frame\(frame=11, timestamp=0\.400, \[PersonFace\('neutral', probability=0\.\d\d, "
                         r"face_id=1, box=\(.*\)\]\)$")

    def test_every_field_is_an_attribute(self):
        as_dict = self.frames[0].to_dict()
        for name in as_dict:
            self.assertTrue(getattr(regard.Frame, name).__doc__, name)
        for name, value in as_dict["faces"][0].items():
            self.assertTrue(getattr(regard.PersonFace, name).__doc__, name)
            if isinstance(value, (str, bool)):
                self.assertEqual(getattr(self.frames[0].faces[0], name), value)

    def test_compared_and_pickled(self):
        face = self.frames[10].faces[0]
        self.assertEqual(face, self.frames[10].faces[0])
        self.assertNotEqual(face, self.frames[11].faces[0])
        again = pickle.loads(pickle.dumps(face))
        self.assertEqual((type(again), again, again.box), (regard.PersonFace, face, face.box))

    def test_selection(self):
        video = regard.Video(self.clip, fps=5, start=.2, end="1.7", exclude=[(.4, "0:01")], threads=1, smoothing=0)
        self.assertEqual((video.width, video.height, video.rate, video.seconds, video.path), (480, 360, 25, 2, str(self.clip)))
        frames = list(video)
        self.assertEqual([frame.frame for frame in frames], [6, 26, 31, 36, 41])
        self.assertEqual(frames[0].faces[0].smoothed, frames[0].faces[0].probabilities)

    def test_given_up(self):
        for frame in regard.Video(self.clip, every=8):
            self.assertEqual(frame.frame, 1)
            break
        python(f"import regard\nvideo = regard.Video({str(self.clip)!r})\nnext(video)")

    def test_interrupt(self):
        threading.Timer(.3, signal.raise_signal, [signal.SIGINT]).start()
        with self.assertRaises(KeyboardInterrupt):
            while True:
                list(regard.Video(self.clip))

    def test_cut_off(self):
        cut = self.folder / "cut.mp4"
        cut.write_bytes(self.clip.read_bytes()[:self.clip.stat().st_size * 9 // 10])
        video = regard.Video(cut)
        with self.assertWarnsRegex(RuntimeWarning, r"cut\.mp4: the file was cut off: it has \d+ of \d+ bytes; \d+ of 50 frames "):
            frames = list(video)
        self.assertTrue(0 < len(frames) < 50)
        self.assertIn("was cut off", video.shortfall)

    def test_errors(self):
        with self.assertRaisesRegex(regard.Error, "^missing.mp4: "):
            regard.Video("missing.mp4")
        with self.assertRaisesRegex(regard.Error, "is no video"):
            regard.Video(ASTRONAUT)
        with self.assertRaisesRegex(regard.Error, "^start: is no time"):
            regard.Video(self.clip, start="soon")
        with self.assertRaisesRegex(regard.Error, "^every: number is out of range; expected 1 or more, got 0"):
            next(regard.Video(self.clip, every=0))
        with self.assertRaisesRegex(TypeError, "no option 'speed'; expected one of: search_every, every"):
            regard.Video(self.clip, speed=2)
        with self.assertRaisesRegex(TypeError, "every: expected int = 1"):
            regard.Video(self.clip, every="often")

    def test_the_typed_example(self):
        said = subprocess.run([sys.executable, Types.example, ASTRONAUT, self.clip], capture_output=True, text=True, check=True).stdout
        self.assertRegex(said, r"\n1 0\.0 False False \['neutral at \d+, \d+; yaw -?\d+; eye \d+; \d views'\]\n6 0\.2 ")

    @needs("pandas")
    def test_pandas(self):
        frame = regard.to_pandas(regard.Video(self.clip))
        self.assertEqual(list(frame["frame"]), list(range(1, 51)))
        self.assertEqual(list(frame["face_id"][:40]), 40 * [1])
        self.assertEqual(frame["success"].iloc[-1], 0)


class Memory(Package):
    @staticmethod
    def resident():
        gc.collect()
        return int(pathlib.Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6

    def loop(self, count):
        for i in range(count):
            for face in self.recognizer.recognize(SAMPLES[i % 2]):
                face.to_dict()
            regard.Table(self.faces).__arrow_c_stream__()

    def test_a_loop_does_not_grow(self):
        self.loop(20)
        before = self.resident()
        self.loop(Options.images)
        growth = self.resident() - before
        print(f"\nmemory: {before:.1f} MB, {growth:+.1f} MB after {Options.images} images", file=sys.stderr)
        self.assertLess(growth, 5)

    def test_results_outlive_the_recognizer(self):
        recognizer = regard.Recognizer("ferplus-mobilenet")
        column = regard.Table(recognizer.recognize(ASTRONAUT))["happiness"]
        del recognizer
        gc.collect()
        self.assertGreater(column[0], .9)


class Tables(Package):
    def setUp(self):
        self.results = [*self.recognizer.recognize(SAMPLES), self.recognizer.recognize(self.noise)]

    def check(self, columns):
        self.assertEqual(list(columns), regard.Table(self.results).columns)
        self.assertEqual(list(columns["file"]), SAMPLES)
        self.assertEqual(list(columns["face"]), [1, 1])
        self.assertEqual(list(columns["expression"]), ["happiness", "neutral"])
        for name, value in (("x", self.faces[0].box.x), ("happiness", self.faces[0].probability)):
            self.assertAlmostEqual(columns[name][0], value, places=4)

    def test_columns_are_those_of_the_csv(self):
        if not Options.program:
            self.skipTest("asked for by --program")
        csv = subprocess.run([Options.program, "recognize", "--model", "ferplus-ran", ASTRONAUT, "--format", "csv"],
                             capture_output=True, text=True, check=True)
        self.assertEqual(regard.Table(self.results).columns, csv.stdout.splitlines()[0].split(","))

    def test_columns(self):
        table = regard.Table(self.results)
        self.assertEqual(len(table), 2)
        self.check({name: table[name] for name in table.columns})
        self.assertEqual((table["x"].dtype, table["x"].flags.writeable), (numpy.float32, False))
        with self.assertRaisesRegex(regard.Error, "^happy: there is no such column; expected file, width"):
            table["happy"]

    def test_arrow_stream(self):
        self.check(arrow_reader.read(regard.Table(self.results).__arrow_c_stream__()))
        empty = arrow_reader.read(self.results[2].__arrow_c_stream__())
        self.assertEqual(set(map(len, empty.values())), {0})
        self.assertEqual(len(regard.Table([])), 0)

    @needs("pandas")
    def test_pandas(self):
        frame = regard.to_pandas(self.results)
        self.check(frame)
        self.assertEqual(len(regard.to_pandas(self.faces)), 1)

    @needs("pandas", "pyarrow")
    def test_pandas_from_arrow(self):
        import pandas
        self.check(pandas.DataFrame.from_arrow(regard.Table(self.results)))

    @needs("pyarrow")
    def test_pyarrow(self):
        import pyarrow
        table = regard.Table(self.results)
        read = pyarrow.table(table)
        self.check(read.to_pydict())
        address = read["x"].chunks[0].buffers()[1].address
        self.assertEqual(address, table["x"].__array_interface__["data"][0])  # not copied
        del table
        gc.collect()
        self.check(read.to_pydict())
        self.assertEqual(pyarrow.table(self.faces).num_rows, 1)

    @needs("polars")
    def test_polars(self):
        import polars
        self.check(polars.DataFrame(regard.Table(self.results)).to_dict(as_series=False))
        self.assertEqual(polars.DataFrame(self.faces).height, 1)


class Types(unittest.TestCase):
    example = pathlib.Path(__file__).with_name("typed_example.py")

    def test_the_example_runs(self):
        said = subprocess.run([sys.executable, self.example, ASTRONAUT], capture_output=True, text=True, check=True).stdout
        self.assertIn("file cannot be opened missing.png", said)

    @needs("mypy")
    def test_mypy(self):
        package = pathlib.Path(regard.__file__).parent
        self.assertTrue((package / "py.typed").exists())
        environment = {**os.environ, "MYPYPATH": os.environ.get("PYTHONPATH", "")}
        for checked in ([self.example], ["-p", "regard"]):
            done = subprocess.run([sys.executable, "-m", "mypy", "--strict", "--cache-dir", os.devnull, *checked],
                                  capture_output=True, text=True, env=environment, check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class Company(unittest.TestCase):
    """With other libraries in one process, imported before and after."""

    regard = f"import regard; assert len(regard.Recognizer().recognize({ASTRONAUT!r})) == 1"
    others = {
        "openvino": "import openvino; assert 'CPU' in openvino.Core().available_devices",
        "torch": "import torch; assert torch.ones(3).sum() == 3",
        "onnxruntime": "import onnxruntime; assert onnxruntime.get_available_providers()",
        "cv2": "import cv2, numpy; cv2.resize(numpy.zeros((8, 8, 3), numpy.uint8), (4, 4))",
        "tensorflow": "import tensorflow as tf; assert int(tf.constant(1) + 1) == 2",
    }
    copies = "print(len({line.split()[-1] for line in open('/proc/self/maps') if 'libopenvino.so' in line}))"

    def test_one_openvino_in_any_order(self):
        for name, other in self.others.items():
            if importlib.util.find_spec(name):
                for script in ((other, self.regard), (self.regard, other, self.regard)):
                    with self.subTest(script=script):
                        self.assertEqual(python("\n".join((*script, self.copies))), "1\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--program", type=os.path.abspath)
    parser.add_argument("--images", type=int)
    _, rest = parser.parse_known_args(namespace=Options)
    os.chdir(ROOT)
    unittest.main(argv=["regard_test.py", *rest])
