"""Packs and evaluates a small FERPlus made for the purpose, as a person would from the shell.

usage: evaluate_test.py --program build/regard [--model FILE] [unittest's arguments]
"""

import argparse
import csv
import hashlib
import io
import json
import pathlib
import resource
import shutil
import signal
import struct
import subprocess
import tempfile
import time
import unittest
import zipfile
import zlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
LABELS = ["neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt"]


class Options:
    program = None
    model = ROOT / "models" / "ferplus-mobilenet.safetensors"


def png(seed, side=48):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes((x * seed + y * 3) % 256 for x in range(side)) for y in range(side))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def write_tree(folder, count=24):
    """The label rows: three quarters have a majority."""
    for split, start in [("FER2013Train", 0), ("FER2013Valid", 100)]:
        (folder / split).mkdir(parents=True)
        rows = []
        for i in range(count):
            name, votes = f"fer{start + i:07}.png", [0] * 10
            votes[i % 8] = 9 if i % 4 else 5
            votes[(i + 1) % 8] += 1 if i % 4 else 5
            rows.append(f'{name},"(0, 0, 48, 48)",' + ",".join(map(str, votes)))
            (folder / split / name).write_bytes(png(i + 1))
        (folder / split / "label.csv").write_text("\r\n".join(rows) + "\r\n")


class Evaluate(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.model = shutil.copy(Options.model, self.folder / "model.safetensors")
        write_tree(self.folder / "tree")

    def regard(self, *arguments, rc=0):
        result = subprocess.run([Options.program, *map(str, arguments)], capture_output=True, check=False, timeout=300)
        self.assertEqual(result.returncode, rc, result.stderr)
        return result.stdout.decode() if rc == 0 else result.stderr.decode()

    def evaluate(self, *arguments, data="tree", rc=0):
        return self.regard("evaluate", self.model, "--data", self.folder / data, *arguments, rc=rc)

    def test_folder_zip_and_packed_file_give_the_same(self):
        with zipfile.ZipFile(self.folder / "tree.zip", "w") as archive:
            for path in (self.folder / "tree").rglob("*"):
                archive.write(path, "data" / path.relative_to(self.folder / "tree"))
        told = self.regard("pack", "--data", self.folder / "tree", "--out", self.folder / "tree.pack")
        self.assertIn("valid: 18 images with a majority label", told)
        results = [self.evaluate("--format", "json", data=data) for data in ("tree", "tree.zip", "tree.pack")]
        self.assertEqual(len(set(results)), 1)

    def packing(self, out="tree.pack", data="tree", **how):
        run = subprocess.Popen([Options.program, "pack", "--data", self.folder / data, "--out", self.folder / out],
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **how)
        self.addCleanup(run.stderr.close)
        return run

    def test_two_packs_into_one_file(self):
        write_tree(self.folder / "large", count=400)
        began = time.monotonic()
        self.assertEqual(self.packing("good.pack", "large").wait(300), 0)
        seconds = time.monotonic() - began
        good = (self.folder / "good.pack").read_bytes()
        for offset in range(8):
            (self.folder / "tree.pack").unlink(missing_ok=True)
            runs = [self.packing(data="large")]
            time.sleep(seconds * offset / 8)
            runs.append(self.packing(data="large"))
            told = [run.communicate(timeout=300)[1] for run in runs]
            self.assertEqual((self.folder / "tree.pack").read_bytes(), good)
            self.assertIn(0, [run.returncode for run in runs])
            for run, message in zip(runs, told):
                self.assertEqual(run.returncode != 0, b"tree.pack: another run is writing this" in message, message)
        self.assertEqual(list(self.folder.glob(".*")), [])

    def test_a_pack_that_is_stopped_leaves_nothing(self):
        write_tree(self.folder / "large", count=400)
        self.assertEqual(self.packing(data="large").wait(300), 0)
        whole = (self.folder / "tree.pack").read_bytes()
        for stop in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            (self.folder / "tree.pack").unlink(missing_ok=True)
            run = self.packing(data="large")
            time.sleep(0.1)
            run.send_signal(stop)
            run.communicate(timeout=300)
            if (self.folder / "tree.pack").exists():  # stopped at the very end, or not at all
                self.assertEqual((self.folder / "tree.pack").read_bytes(), whole)
            left = [path.name for path in self.folder.glob(".*")]
            self.assertEqual(left, [] if stop != signal.SIGKILL else [name for name in left if name.endswith(".lock")])
        self.assertEqual(self.packing().wait(300), 0)  # what was killed holds nobody up
        self.assertEqual(list(self.folder.glob(".*")), [])

    def test_a_full_disk_is_called_so_and_leaves_the_old_file(self):
        self.assertEqual(self.packing().wait(300), 0)
        old = (self.folder / "tree.pack").read_bytes()

        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

        run = self.packing(preexec_fn=limit)
        self.assertIn(b"tree.pack: file cannot be written; got File too large", run.communicate(timeout=300)[1])
        self.assertEqual((run.returncode, (self.folder / "tree.pack").read_bytes()), (1, old))

    def test_images_that_are_no_data_are_left_out(self):
        folder = self.folder / "tree" / "FER2013Valid"
        (folder / "fer0000101.png").write_bytes(b"no image")
        (folder / "fer0000102.png").unlink()
        (folder / "._fer0000103.png").write_bytes(b"Mac")
        run = self.packing()
        told = run.communicate(timeout=300)[1].decode()
        self.assertEqual(run.returncode, 0)
        self.assertRegex(told, r"regard: left out: .*label.csv:2: .*fer0000101.png")
        self.assertRegex(told, r"regard: left out: .*label.csv:3: image is missing: .*fer0000102.png")
        self.assertIn("regard: 2 images left out\n", told)
        for path in folder.glob("*.png"):
            path.unlink()
        run = subprocess.run([Options.program, "evaluate", self.model, "--data", self.folder / "tree"],
                             capture_output=True, check=False, timeout=300)
        self.assertEqual(run.returncode, 1)
        self.assertIn(b"none of its 24 images can be used", run.stderr)

    def test_json(self):
        listed = self.folder / "list.txt"
        listed.write_bytes(b"1_fer0000101.png 8 0\r\n2_fer0000102.png 8 3\r\n\r\n1_fer0000101.png 8 0\r\n9_fer0009.png 8 1\r\n")
        result = json.loads(self.evaluate("--format", "json", "--subset", f"hidden={listed}"))
        self.assertEqual((result["dataset"], result["split"], result["count"]), ("ferplus", "valid", 18))
        self.assertEqual(sum(map(sum, result["confusion"])), 18)
        self.assertEqual(sum(result["confusion"][i][i] for i in range(8)) / 18, result["accuracy"])
        self.assertEqual(list(result["recall"]), LABELS)
        self.assertEqual(result["model"]["hash"], hashlib.sha256(pathlib.Path(self.model).read_bytes()).hexdigest())
        self.assertLess(result["interval"][0], result["interval"][1])
        subset = result["subsets"]["hidden"]
        self.assertEqual((subset["count"], subset["absent"]), (2, 1))
        self.assertEqual({name: entry["count"] for name, entry in subset["types"].items()},
                         {"upper": 1, "glasses-mask": 1})

    def test_csv_has_a_line_for_every_image(self):
        rows = list(csv.DictReader(io.StringIO(self.evaluate("--format", "csv"))))
        self.assertEqual(len(rows), 18)
        for row in rows:
            self.assertAlmostEqual(sum(float(row[label]) for label in LABELS), 1, places=4)
            self.assertEqual(row["predicted"], max(LABELS, key=lambda label: float(row[label])))

    def test_text_and_html(self):
        self.assertIn("18 images with a majority label", self.evaluate())
        page = self.folder / "report.html"
        self.evaluate("--format", "html", "--out", page)
        self.assertIn("<svg", page.read_text(encoding="utf-8"))

    def test_fitted_temperature_is_kept_in_the_model(self):
        before = json.loads(self.evaluate("--format", "json"))
        fitted = json.loads(self.evaluate("--fit-temperature", "--format", "json"))
        after = json.loads(self.evaluate("--format", "json"))
        self.assertLessEqual(fitted["nll"], before["nll"])
        self.assertEqual(fitted["accuracy"], before["accuracy"])
        self.assertEqual(fitted, after)  # hash, temperature and cross-fitted error included
        self.assertIn("ece_cross_fitted", after)

    def test_against_another_model_with_other_settings(self):
        listed = self.folder / "list.txt"
        listed.write_text("fer0000101.png\nfer0000102.png\n")
        chosen = ["--against", self.model, "--subset", f"two={listed}"]
        same = json.loads(self.evaluate(*chosen, "--format", "json"))["against"]
        self.assertEqual((same["difference"], same["only_this"], same["only_other"]), (0, 0, 0))
        settings = ["--set", "flip_tta=false", "--set", "zooms=[0.3]"]
        result = json.loads(self.evaluate(*chosen, *settings, "--format", "json"))
        other = json.loads(self.evaluate("--format", "json"))
        self.assertEqual(result["settings"], ["flip_tta=false", "zooms=[0.3]"])
        self.assertNotEqual(result["nll"], other["nll"])
        against = result["against"]
        self.assertEqual(against["model"]["hash"], other["model"]["hash"])
        self.assertAlmostEqual(against["difference"], result["accuracy"] - other["accuracy"])
        self.assertAlmostEqual(against["difference"], (against["only_this"] - against["only_other"]) / 18)
        self.assertLessEqual(against["interval"][0], against["interval"][1])
        self.assertEqual(list(against["subsets"]), ["two"])
        self.assertEqual(list(against["recall"]), [label for label in LABELS if result["support"][label] > 0])
        gained = sum(entry["difference"] * entry["count"] for entry in against["recall"].values())
        self.assertAlmostEqual(gained / 18, against["difference"])
        self.assertAlmostEqual(against["recall"]["sadness"]["difference"],
                               result["recall"]["sadness"] - other["recall"]["sadness"])
        self.assertIn("points gained", self.evaluate(*chosen))
        page = self.evaluate(*chosen, *settings, "--format", "html")
        self.assertIn("gain, points", page)
        self.assertIn("zooms=[0.3]", page)
        self.assertIn("miror", self.evaluate("--set", "miror=true", rc=1))
        self.assertIn("KEY=VALUE", self.evaluate("--set", "flip_tta", rc=1))
        self.assertIn("wrong type", self.evaluate("--set", "flip_tta=3", rc=1))

    def test_pose_invariance_needs_known_poses(self):
        self.assertIn("too few head poses are known", self.evaluate("--pose-invariance", rc=1))
        self.assertIn("--engine torch", self.evaluate("--pose-invariance", "--engine", "torch", rc=2))

    def test_errors_name_what_is_missing(self):
        self.assertIn("FER2013Test/label.csv", self.evaluate("--split", "test", rc=1))
        listed = self.folder / "list.txt"
        listed.write_text("fer0000000.png\n")  # of the other split
        self.assertIn("list.txt", self.evaluate("--subset", f"a={listed}", rc=1))
        self.assertIn("NAME=LIST", self.evaluate("--subset", "a", rc=2))
        self.assertIn("valid", self.evaluate("--split", "train", "--fit-temperature", rc=2))
        self.assertIn("held out no fold", self.evaluate("--held-out", listed, rc=1))
        self.assertIn("--split", self.evaluate("--split", "train", "--held-out", listed, rc=2))

    def test_another_data_set_with_other_labels(self):
        """A small FED-RO: seven labels in another order, so that one of the model's has to be left out."""
        for name in ["neural", "happy", "sad", "surprise", "fear", "disgust", "anger"]:
            (self.folder / "fedro" / name).mkdir(parents=True)
            for i in range(2):
                (self.folder / "fedro" / name / f"{name}{i}.png").write_bytes(png(i + len(name), 60))
        chosen = ["--dataset", "fedro", "--split", "test", "--format", "json"]
        self.assertIn("model has other labels", self.evaluate(*chosen, data="fedro", rc=1))
        result = json.loads(self.evaluate(*chosen, "--common-labels", data="fedro"))
        self.assertEqual((result["dataset"], result["count"]), ("fedro", 14))
        self.assertEqual(list(result["recall"]), ["neutral", "happiness", "sadness", "surprise", "fear", "disgust", "anger"])
        told = self.regard("pack", "--dataset", "fedro", "--data", self.folder / "fedro", "--size", 48, "--out",
                           self.folder / "fedro.pack")
        self.assertIn("test: 14 images", told)
        packed = json.loads(self.evaluate(*chosen[2:], "--common-labels", data="fedro.pack"))
        self.assertEqual(packed["nll"], result["nll"])
        self.assertIn("folder is missing", self.evaluate(*chosen, "--common-labels", data="tree", rc=1))
        self.assertIn("fedro", self.evaluate("--dataset", "fedr", rc=2))

    def test_torch_engine_without_the_training_part(self):
        alone = shutil.copy(Options.program, self.folder / "regard")
        shutil.copy(pathlib.Path(Options.program).with_name("regard-lab"), self.folder)
        result = subprocess.run([alone, "evaluate", self.model, "--data", self.folder / "tree", "--engine", "torch"],
                                capture_output=True, check=False, timeout=300)
        self.assertEqual(result.returncode, 1)
        self.assertIn(b"make build-train", result.stderr)

    def test_torch_engine_agrees(self):
        if not (pathlib.Path(Options.program).resolve().parent / "regard-torch").exists():
            self.skipTest("the training part has not been built")
        ours, torch = (json.loads(self.evaluate("--format", "json", "--engine", engine))
                       for engine in ("openvino", "torch"))
        self.assertEqual(ours["confusion"], torch["confusion"])
        self.assertAlmostEqual(ours["nll"], torch["nll"], places=4)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--model", default=Options.model)
    options, rest = parser.parse_known_args()
    Options.program = str(pathlib.Path(options.program).resolve())
    Options.model = options.model
    unittest.main(argv=["evaluate_test.py", *rest])
