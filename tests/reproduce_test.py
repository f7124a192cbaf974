"""Reproduces a table in a few steps on made images, as a person would from the shell.

usage: reproduce_test.py --program build/regard [unittest's arguments]
"""

import argparse
import csv
import json
import os
import pathlib
import signal
import struct
import subprocess
import tempfile
import time
import unittest
import xml.etree.ElementTree
import zlib

ROOT = pathlib.Path(__file__).resolve().parent.parent


class Options:
    program = None


def png(side, grey, colour):
    """A square image, its left half dark."""
    row = bytes(grey // 3 if x < side // 2 else grey for x in range(side))
    row = bytes(value for value in row for _ in range(3)) if colour else row
    head = struct.pack(">IIBBBBB", side, side, 8, 2 if colour else 0, 0, 0, 0)

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    pixels = zlib.compress(b"".join(b"\0" + row for _ in range(side)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


class Reproduce(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)

    def regard(self, *arguments, rc=0):
        result = subprocess.run([Options.program, "reproduce", *map(str, arguments)], capture_output=True, check=False,
                                timeout=1800)
        self.assertEqual(result.returncode, rc, result.stderr.decode())
        return result.stdout.decode() if rc == 0 else result.stderr.decode()

    def rows(self, name):
        with open(self.folder / f"{name}.csv", encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def small_table(self, rows):
        """A table of its own beside the paper's recipes."""
        recipes = self.folder / "recipes"
        (recipes / "own" / "tables").mkdir(parents=True)
        for name in ("paper.toml", "plain.toml", "regions.toml", "region1.toml", "protocol.toml"):
            text = (ROOT / "recipes" / "ran" / name).read_text(encoding="utf-8")
            (recipes / "own" / name).write_text(text, encoding="utf-8")
        table = recipes / "own" / "tables" / "small.toml"
        head = 'title = "Small"\ndataset = "ferplus"\ncolumns = ["all", "occlusion", "pose30"]\n'
        table.write_text(head + rows, encoding="utf-8")
        return "--recipes", recipes

    ROWS = """
[[row]]
label = "face"
recipe = "../plain.toml"
paper = { all = 86.50 }
beside = "region"

[[row]]
label = "region"
recipe = "../region1.toml"
beside = "region"

[[row]]
label = "both"
mean_of = ["face", "region"]

[[row]]
label = "quoted"
paper = { all = 85.1 }
"""

    def made_tree(self, name, splits, first, labels):
        """Folders of labels, some images each; the names of those of the last split."""
        names = []
        for split in splits:
            names = []
            for label in range(labels):
                folder = self.folder / name / split / str(first + label)
                folder.mkdir(parents=True)
                for i in range(3):
                    names.append(f"{split}_{label}{i}")
                    (folder / f"{names[-1]}.png").write_bytes(png(60, 60 + 20 * label + i, True))
        return names

    def made_ferplus(self):
        names = []
        for folder in ("FER2013Train", "FER2013Valid", "FER2013Test"):
            (self.folder / "ferplus" / folder).mkdir(parents=True)
            names, lines = [], []
            for i in range(16):
                names.append(f"fer{len(folder)}{folder[7:8]}{i:04}")
                votes = ",".join("10" if i % 8 == label else "0" for label in range(10))
                lines.append(f'{names[-1]}.png,"(0, 0, 48, 48)",{votes}\n')
                (self.folder / "ferplus" / folder / f"{names[-1]}.png").write_bytes(png(48, 60 + 20 * (i % 8), False))
            (self.folder / "ferplus" / folder / "label.csv").write_text("".join(lines), encoding="utf-8")
        return names

    def lists(self, dataset, names):
        """Flags of lists of its own, of different lengths."""
        flags = []
        for column, count in (("occlusion", 9), ("pose30", 8), ("pose45", 5)):
            path = self.folder / f"{dataset}-{column}.txt"
            path.write_text("\n".join(names[:count]) + "\n", encoding="utf-8")
            flags += ["--subset", f"{dataset}:{column}={path}"]
        return flags

    def test_table_ii_is_filled_from_three_data_sets_each_with_lists_of_its_own(self):
        sets = {"ferplus": self.made_ferplus(), "affectnet": self.made_tree("affectnet", ("train", "val"), 0, 8),
                "rafdb": self.made_tree("rafdb", ("train", "test"), 1, 7)}
        flags = []
        for name, names in sets.items():
            flags += ["--data", f"{name}={self.folder / name}", *self.lists(name, names)]
        self.regard("table2", "--quick", "--out", self.folder, *flags)
        splits = {"ferplus": "test", "affectnet": "valid", "rafdb": "test"}
        counts = {"occlusion": "9", "pose30": "8", "pose45": "5"}
        rows = self.rows("table2")
        self.assertEqual(len(rows), 24)
        for row in rows:
            self.assertTrue(row["ours"], row)
            self.assertEqual(row["split"], splits[row["dataset"]])
            self.assertEqual(row["count"], counts.get(row["column"], str(len(sets[row["dataset"]]))))
        text = (self.folder / "table2.md").read_text(encoding="utf-8")
        self.assertIn("YuNet's five landmarks", text)
        self.assertNotIn("held out", text)  # the paper trains on all of RAF-DB's training split
        recipes = [json.loads(path.read_text(encoding="utf-8")) for path in (self.folder / "runs").glob("*/recipe.json")]
        trained_on = sorted((recipe["name"], *recipe["train_on"]) for recipe in recipes)
        self.assertEqual(trained_on, sorted(2 * [("plain", "train"), ("ran", "train")] +
                                            [("plain", "train", "valid"), ("ran", "train", "valid")]))
        self.assertEqual({recipe["validate_on"] for recipe in recipes}, {""})
        flags += ["--subset", f"rafdb:occlusion={self.folder / 'rafdb-pose30.txt'}"]
        self.assertIn("two lists for rafdb:occlusion", self.regard("table2", "--out", self.folder, *flags, rc=2))

    def test_every_row_of_the_other_data_sets_is_filled(self):
        names = ["fed-ro", "table5", "table6", "table7", "table8", "table9", "phanet"]
        self.regard(*names, "--quick", "--out", self.folder)
        for name in names:
            for row in self.rows(name):
                quoted = row["skip_reason"] == "another's number"
                self.assertNotEqual(quoted, bool(row["ours"]), row)
        remarks = {row["row"]: row["remark"] for row in self.rows("table8")}
        self.assertIn("mobilenet_v1 here instead of vgg16", remarks["RAN, VGG-16"])
        self.assertIn("the same network here as 'RAN, ResNet-18'", remarks["RAN, VGG-16"])
        self.assertIn("a network averaged with itself", remarks["RAN, VGG-16 + ResNet-18"])
        text = (self.folder / "table8.md").read_text(encoding="utf-8")
        self.assertIn("| RAN, VGG-16 + ResNet-18 (here a network averaged with itself) |", text)
        folds = {row["row"]: row["images"] for row in self.rows("phanet")}
        self.assertIn("of all 2 folds together", folds["KDEF"])
        self.assertNotIn("folds", folds["SFEW"])

    ELSEWHERE = {"table1", "table2", "table5", "table6", "table7", "table8", "table9", "fig4", "fig6", "fed-ro", "phanet"}

    def test_every_table_that_no_other_test_runs_is_filled(self):
        names = {line.split()[0] for line in self.regard("--list").splitlines() if line} - self.ELSEWHERE
        self.assertIn("phanet-ablation", names)
        self.regard(*sorted(names), "--quick", "--out", self.folder)
        for name in names:
            for row in self.rows(name):
                quoted = row["skip_reason"] == "another's number"
                self.assertNotEqual(quoted, bool(row["ours"]), row)
        for label in ("frozen proposals", "plain at three fixed zooms"):
            row = next(row for row in self.rows("phanet-ablation") if (row["row"], row["column"]) == (label, "all"))
            self.assertTrue(row["gain"], row)
        runs = {path.name.rsplit("-", 1)[0]: json.loads((path / "recipe.json").read_text(encoding="utf-8"))
                for path in (self.folder / "runs").iterdir()}
        self.assertEqual(runs["phanet-frozen-proposals"]["options"]["places"], "fixed")
        self.assertEqual(runs["phanet-plain-three-zooms"]["options"]["zooms"], [0.85, 0.9, 1.0])
        self.assertEqual(runs["ran-relation-bias"]["loss"]["biased"], "relation")
        scales = (self.folder / "phanet-ablation.md").read_text(encoding="utf-8")
        self.assertIn("| frozen proposals | zoom 2 |", scales)

    def test_several_seeds_give_a_mean_and_an_interval_over_runs(self):
        recipes = self.small_table(self.ROWS)
        told = self.regard("small", "--quick", "--seeds", "3", "--out", self.folder, *recipes)
        self.assertIn("over 3 runs", told)
        self.assertEqual(len(list((self.folder / "runs").glob("plain-*"))), 3)
        for row in self.rows("small"):
            if row["row"] == "quoted":
                continue
            self.assertEqual(row["runs"], "3")
            self.assertTrue(row["std"], row)
            self.assertLessEqual(float(row["low"]), float(row["ours"]))
            self.assertLessEqual(float(row["ours"]), float(row["high"]))

    def test_figures_show_the_authors_cells_and_statistics_over_whole_sets(self):
        self.regard("fig4", "fig6", "table1", "--quick", "--out", self.folder)
        page = (self.folder / "fig4.html").read_text(encoding="utf-8")
        self.assertEqual(page.count("the paper's</b>"), 4)
        self.assertIn("ours / the paper's", (self.folder / "fig4.md").read_text(encoding="utf-8"))
        text = (self.folder / "fig6.md").read_text(encoding="utf-8")
        self.assertIn("| all | Without RB-Loss | 12 |", text)
        counts = {(row["row"], row["column"]): row for row in self.rows("table1")}
        self.assertEqual(float(counts["RAF-DB", "pose45"]["ours"]), 3)
        self.assertEqual(counts["RAF-DB", "pose45"]["paper"], "558")
        self.assertIn("no list", counts["FERPlus", "upper"]["skip_reason"])

    def test_a_table_ends_in_a_report_and_is_not_run_twice(self):
        recipes = self.small_table(self.ROWS + '[[row]]\nlabel = "same as face"\nrecipe = "../plain.toml"\n')
        told = self.regard("small", "--quick", "--out", self.folder, *recipes)
        self.assertIn("| face | 86.50 |", told)
        runs = sorted((self.folder / "runs").iterdir())
        self.assertEqual([run.name.split("-")[0] for run in runs], ["plain", "region1"])
        self.assertFalse(list((self.folder / "runs").glob("*/checkpoint.safetensors")))
        rows = {(row["row"], row["column"]): row for row in self.rows("small")}
        for label in ("face", "region", "both", "same as face"):
            for column, count in (("all", "12"), ("occlusion", "12"), ("pose30", "6")):
                row = rows[label, column]
                self.assertEqual(row["count"], count)
                self.assertLessEqual(float(row["low"]), float(row["ours"]))
                self.assertLessEqual(float(row["ours"]), float(row["high"]))
        self.assertEqual(float(rows["same as face", "all"]["gain"]), 0)
        ours = {label: float(rows[label, "all"]["ours"]) for label in ("face", "region")}
        self.assertAlmostEqual(float(rows["face", "all"]["gain"]), ours["face"] - ours["region"], places=5)
        self.assertEqual(rows["region", "all"]["gain"], "")
        recalls = [row for row in self.rows("small-recalls") if (row["row"], row["column"]) == ("face", "all")]
        self.assertEqual(sum(int(row["count"]) for row in recalls), 12)
        gained = sum(int(row["count"]) * float(row["gain"]) for row in recalls) / 12
        self.assertAlmostEqual(gained, float(rows["face", "all"]["gain"]), places=5)
        self.assertIn("Gain in the recall of each expression", told)
        self.assertEqual((rows["quoted", "all"]["paper"], rows["quoted", "all"]["ours"]), ("85.10", ""))
        page = (self.folder / "small.html").read_text(encoding="utf-8")
        for text in ("Differences from the", "cannot be compared", "ferplus test", "optimizer.schedule", "12 images"):
            self.assertIn(text, page)
        before = {path: path.stat().st_mtime_ns for path in (self.folder / "runs").rglob("*") if path.is_file()}
        again = self.regard("small", "--quick", "--out", self.folder, *recipes)
        self.assertEqual(again, told)
        self.assertEqual(before, {path: path.stat().st_mtime_ns for path in before})

    def test_charts_stand_beside_the_markdown(self):
        recipes = self.small_table('kind = "bars"\n' + self.ROWS)
        self.regard("small", "--quick", "--out", self.folder, *recipes)
        text = (self.folder / "small.md").read_text(encoding="utf-8")
        for column in ("all", "occlusion", "pose30"):
            self.assertIn(f"(small-{column}.svg)", text)
            drawn = xml.etree.ElementTree.parse(self.folder / f"small-{column}.svg")
            words = [element.text for element in drawn.iter("{http://www.w3.org/2000/svg}text")]
            self.assertLessEqual({"face", "region", "both", "quoted"}, set(words))

    def test_scales_are_shown_with_what_is_lost_without_each(self):
        recipes = self.small_table("")
        own = self.folder / "recipes" / "own"
        text = (ROOT / "recipes" / "ferplus-phanet.toml").read_text(encoding="utf-8")
        (own / "phanet.toml").write_text(text, encoding="utf-8")
        (own / "tables" / "small.toml").write_text(
            'title = "Scales"\nkind = "scales"\nposed = true\ndataset = "ferplus"\ncolumns = ["all"]\n'
            '[[row]]\nlabel = "face"\nrecipe = "../plain.toml"\n[[row]]\nlabel = "three"\nrecipe = "../phanet.toml"\n',
            encoding="utf-8")
        told = self.regard("small", "--quick", "--out", self.folder, *recipes)
        self.assertNotIn("paper", told)
        page = (self.folder / "small.html").read_text(encoding="utf-8")
        for words in ("Whether the scales are real", "zoom 2", "Where the scales look", "turned by 40°"):
            self.assertTrue(words in page, words)
        self.assertEqual(page.count("<svg class='outlines'"), 5)
        text = (self.folder / "small.md").read_text(encoding="utf-8")
        self.assertIn("| three | zoom 2 |", text)
        predictions = list((self.folder / "runs").glob("ferplus-phanet-*/predictions-*.safetensors"))
        self.assertEqual(len(predictions), 4, "with all scales and without each")

    def test_rows_without_data_say_so(self):
        out = self.regard("table5", "table9", "--out", self.folder)
        self.assertIn("needs affectnet, which is not available", out)
        self.assertIn("| 85.07 |", out)
        self.assertTrue(all("affectnet" in row["skip_reason"] for row in self.rows("table5")))

    def test_prepared_recipes_are_what_would_be_trained(self):
        recipes = self.small_table(self.ROWS)
        out = self.regard("small", "--quick", "--prepare", "--out", self.folder, *recipes)
        self.assertIn("not yet trained", out)
        self.assertEqual(len(list((self.folder / "runs").glob("*/recipe.json"))), 2)
        self.assertFalse(list((self.folder / "runs").glob("*/model.safetensors")))

    def test_wrong_usage(self):
        self.assertIn("fig10, inference-time, phanet, phanet-ablation", self.regard("table40", "--quick", "--out", self.folder, rc=2))
        self.assertIn("--list", self.regard("--out", self.folder, rc=2))
        self.assertIn("no-such", self.regard("table4", "--data", "no-such", "--out", self.folder, rc=2))
        self.assertIn("--epochs", self.regard("table4", "--epochs", "many", "--out", self.folder, rc=2))
        self.assertIn("pose60", self.regard("table4", "--subset", "pose60=x", "--out", self.folder, rc=2))
        self.assertIn("no --data sfew=PATH", self.regard("table4", "--subset", "sfew:pose30=x", "--out", self.folder, rc=2))
        self.assertIn("--split", self.regard("table4", "--split", "dev", "--out", self.folder, rc=2))
        listed = self.regard("--list")
        for name in ("table2", "table9", "fig4", "fig10"):
            self.assertIn(name, listed)

    def test_a_failing_row_is_told_and_the_others_run(self):
        recipes = self.small_table(self.ROWS)
        region = self.folder / "recipes" / "own" / "region1.toml"
        region.write_text(region.read_text(encoding="utf-8").replace("only = [1]", "only = [9]"), encoding="utf-8")
        self.assertIn("a row failed", self.regard("small", "--quick", "--out", self.folder, *recipes, rc=1))
        told = {row["row"]: row for row in self.rows("small") if row["column"] == "all"}
        self.assertTrue(told["region"]["skip_reason"].startswith("failed"))
        self.assertIn("needs the row 'region'", told["both"]["skip_reason"])
        self.assertEqual(told["face"]["count"], "12")

    def test_stopped_it_ends_soon_and_goes_on(self):
        recipes = self.small_table(self.ROWS)
        command = [Options.program, "reproduce", "small", "--quick", "--out", self.folder, *recipes]
        process = subprocess.Popen([*map(str, command)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        while not list((self.folder / "runs").glob("*/recipe.json")) and process.poll() is None:
            time.sleep(.02)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=120)
        self.assertEqual(process.returncode, 1)
        self.regard(*map(str, command[2:]))
        self.assertTrue(all(row["ours"] for row in self.rows("small") if row["row"] == "both"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", type=os.path.abspath, required=True)
    options, rest = parser.parse_known_args()
    Options.program = options.program
    unittest.main(argv=["reproduce_test.py", *rest])
