"""Reproduces a table in a few steps on made images, as a person would from the shell.

usage: reproduce_test.py --program build/regard [unittest's arguments]
"""

import argparse
import csv
import os
import pathlib
import signal
import subprocess
import tempfile
import time
import unittest
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent


class Options:
    program = None


class Reproduce(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)

    def regard(self, *arguments, rc=0):
        result = subprocess.run([Options.program, "reproduce", *map(str, arguments)], capture_output=True, check=False,
                                timeout=600)
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
        self.assertEqual((rows["quoted", "all"]["paper"], rows["quoted", "all"]["ours"]), ("85.10", ""))
        page = (self.folder / "small.html").read_text(encoding="utf-8")
        for text in ("Differences from the paper", "cannot be compared", "ferplus valid", "optimizer.schedule", "12 images"):
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
        self.assertIn("fig10, inference-time, phanet-ablation", self.regard("table40", "--quick", "--out", self.folder, rc=2))
        self.assertIn("--list", self.regard("--out", self.folder, rc=2))
        self.assertIn("no-such", self.regard("table4", "--data", "no-such", "--out", self.folder, rc=2))
        self.assertIn("--epochs", self.regard("table4", "--epochs", "many", "--out", self.folder, rc=2))
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
