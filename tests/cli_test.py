"""Runs the program as a person and as a script would.

usage: cli_test.py --program build/regard [--memory] [--update] [unittest's arguments]
  --memory   also measure the peak memory (not in sanitizer builds)
  --update   write the help texts in tests/golden/help anew instead of comparing them
"""

import argparse
import csv
import io
import json
import os
import pathlib
import resource
import shutil
import signal
import struct
import subprocess
import tempfile
import unittest
import zlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "tests" / "golden" / "help"
ASTRONAUT = str(ROOT / "samples" / "astronaut.png")
HOPPER = str(ROOT / "samples" / "grace_hopper.jpg")
COMMANDS = ["recognize", "join", "video", "people", "explain", "models", "evaluate", "train", "reproduce", "pack", "quantize", "render", "annotate", "import",
            "export", "ensemble", "serve", "bench", "completion"]
NESTED = ["annotate pose", "annotate occlusion"]
LABELS = ["neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt"]


def regard(*arguments, text="", folder=None):
    return subprocess.run([Options.program, *arguments], input=text.encode(), capture_output=True, cwd=folder,
                          timeout=300, check=False)


def copy_of_programs(folder, *others):
    """The program in a folder, and those of the others next to it that are named."""
    for name in others:
        shutil.copy(pathlib.Path(Options.program).with_name(name), folder)
    return shutil.copy(Options.program, folder)


def lines_of(result):
    return [json.loads(line) for line in result.stdout.decode().splitlines()]


def write_grey_png(path, width=64, height=48):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes([128] * width) for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) +
                     chunk(b"IEND", b""))


def size_of_png(path):
    return struct.unpack(">II", path.read_bytes()[16:24])


class Options:
    program = None
    memory = update = False


class Usage(unittest.TestCase):
    def test_help_texts(self):
        for name in ["regard", *COMMANDS, *NESTED]:
            result = regard(*([] if name == "regard" else name.split()), "--help")
            self.assertEqual(result.returncode, 0, name)
            golden = GOLDEN / f"{name.replace(' ', '-')}.txt"
            if Options.update:
                golden.parent.mkdir(parents=True, exist_ok=True)
                golden.write_bytes(result.stdout)
            with self.subTest(name):
                self.assertEqual(result.stdout.decode(), golden.read_text(encoding="utf-8"))

    def test_every_command_has_examples(self):
        for name in COMMANDS + NESTED:
            self.assertIn(f"regard {name}", regard(*name.split(), "--help").stdout.decode().split("example")[-1], name)

    def test_wrong_usage_is_2_and_names_the_nearest(self):
        for arguments, hint in [((), b"--help"), (("recognise", "x"), b"'recognize'"),
                                (("recognize", "x", "--formt", "json"), b"'--format'"),
                                (("recognize", "x", "--format", "xml"), b"xml"), (("recognize",), b"IMAGES"),
                                (("recognize", "x", "--min-score", "much"), b"min-score"),
                                (("completion", "tcsh"), b"bash")]:
            result = regard(*arguments)
            self.assertEqual(result.returncode, 2, arguments)
            self.assertEqual(result.stdout, b"", arguments)
            self.assertIn(hint, result.stderr, arguments)
            self.assertTrue(result.stderr.startswith(b"regard: "), arguments)

    def test_failure_is_1(self):
        result = regard("recognize", ASTRONAUT, "--model", "no-such-model")
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, rb"^regard: .*no-such-model")

    def test_version(self):
        self.assertRegex(regard("--version").stdout, rb"^regard \d+\.\d+\.\d+\n$")

    def test_lab_missing(self):
        with tempfile.TemporaryDirectory() as folder:
            program = copy_of_programs(folder)
            result = subprocess.run([program, "evaluate", "--help"], capture_output=True, check=False)
            self.assertEqual(result.returncode, 1)
            self.assertEqual(result.stdout, b"")
            self.assertRegex(result.stderr, rb"^regard: .*regard-lab: .*`make build` builds it\n$")
            self.assertEqual(subprocess.run([program, "models"], capture_output=True, check=False).returncode, 0)

    def test_lab_is_told_every_word(self):
        with tempfile.TemporaryDirectory() as folder:
            program = copy_of_programs(folder)
            lab = pathlib.Path(folder, "regard-lab")
            lab.write_text('#!/bin/sh\nprintf "<%s>" "$@"\nexit 7\n')
            lab.chmod(0o755)
            for words in (["evaluate"], ["pack", "--data", "a b", "", "--help", "evaluate"], ["--help", "bench", "-h"],
                          ["annotate", "pose", "--", "*"]):
                result = subprocess.run([program, *words], capture_output=True, check=False)
                self.assertEqual(result.stdout.decode(), "".join(f"<{word}>" for word in words))
                self.assertEqual((result.returncode, result.stderr), (7, b""))

    def test_server_missing(self):
        with tempfile.TemporaryDirectory() as folder:
            result = subprocess.run([copy_of_programs(folder), "serve"], capture_output=True, check=False)
            self.assertEqual(result.returncode, 1)
            self.assertRegex(result.stderr, rb"^regard: .*regard-server: .*`make build` builds it\n$")

    def test_descriptions_are_those_of_the_commands(self):
        overview = " ".join(regard("--help").stdout.decode().split())
        for name in COMMANDS:
            described = regard(name, "--help").stdout.decode().split("\n\n")[0]
            self.assertIn(f"{name} {' '.join(described.split())}", overview)

    def test_training_part_missing(self):
        with tempfile.TemporaryDirectory() as folder:
            program = copy_of_programs(folder, "regard-lab")
            pack = pathlib.Path(folder, "data.pack")
            pack.write_bytes(b"")
            recipe = pathlib.Path(folder, "recipe.toml")
            recipe.write_text("")
            result = subprocess.run([program, "train", recipe, "--data", pack, "--out", folder], capture_output=True,
                                    check=False)
            self.assertEqual(result.returncode, 1)
            self.assertIn(b"make build-train", result.stderr)

    def test_training_part_gets_the_flags_that_were_given(self):
        with tempfile.TemporaryDirectory() as folder:
            program = copy_of_programs(folder, "regard-lab")
            torch = pathlib.Path(folder, "regard-torch")
            torch.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
            torch.chmod(0o755)
            recipe, pack = pathlib.Path(folder, "recipe.toml"), pathlib.Path(folder, "data.pack")
            recipe.write_text("")
            pack.write_bytes(b"")
            command = [program, "train", recipe, "--data", pack, "--out", folder]
            given = subprocess.run([*command, "--stop-after", "3"], capture_output=True, check=True)
            self.assertEqual(given.stdout.decode().split(),
                             ["train", str(recipe), "--packed", str(pack), "--out", folder, "--stop-after=3"])
            wrong = subprocess.run([*command, "--stop-aftr", "3"], capture_output=True, check=False)
            self.assertEqual(wrong.returncode, 2)
            self.assertIn(b"'--stop-after'", wrong.stderr)


class Models(unittest.TestCase):
    def test_a_folder_of_ones_own(self):
        model = ROOT / "models" / "ferplus-mobilenet.safetensors"
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(model, pathlib.Path(folder, "mine.safetensors"))
            own = {**os.environ, "REGARD_MODELS": folder}
            command = [Options.program, "recognize", HOPPER, "--model", "mine"]
            self.assertEqual(subprocess.run(command, env=own, capture_output=True, check=False).returncode, 0)
            pathlib.Path(folder, "broken.safetensors").write_bytes(b"x")
            for form in ("text", "json"):
                listed = subprocess.run([Options.program, "models", "--format", form], env=own, capture_output=True,
                                        check=False)
                self.assertEqual(listed.returncode, 1)
                self.assertIn(b"mine", listed.stdout)
                self.assertIn(b"broken.safetensors", listed.stderr)


class Recognize(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)

    def check_face(self, face, width, height):
        self.assertLessEqual({"box", "score", "landmarks", "pose", "pose_score", "expression", "probabilities", "views"},
                             set(face))
        x, y, w, h = face["box"]
        self.assertTrue(0 < w <= width and 0 < h <= height and -w < x < width and -h < y < height)
        self.assertTrue(0 < face["score"] <= 1)
        self.assertEqual(list(face["pose"]), ["yaw", "pitch", "roll"])
        self.assertTrue(all(abs(angle) < 15 for angle in face["pose"].values()), face["pose"])
        self.assertGreater(face["pose_score"], 0.9)
        self.assertEqual([len(place) for place in face["landmarks"]], [2] * 5)
        left_eye, right_eye, nose, left_mouth, right_mouth = face["landmarks"]
        self.assertTrue(left_eye[0] < right_eye[0] and left_mouth[0] < right_mouth[0])
        self.assertTrue(left_eye[1] < nose[1] < left_mouth[1])
        self.assertEqual(list(face["probabilities"]), LABELS)
        self.assertAlmostEqual(sum(face["probabilities"].values()), 1, places=4)
        self.assertEqual(face["expression"], max(face["probabilities"], key=face["probabilities"].get))
        self.assertEqual(face["views"][0]["name"], "whole face")
        self.assertAlmostEqual(sum(view["weight"] for view in face["views"]), 1, places=4)

    def test_json(self):
        result = regard("recognize", ASTRONAUT, HOPPER, "--format", "json", "--model", "ferplus-ran")
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        images = lines_of(result)
        self.assertEqual([p["file"] for p in images], [ASTRONAUT, HOPPER])
        self.assertEqual([(p["width"], p["height"]) for p in images], [(512, 512), (512, 600)])
        for image in images:
            self.assertEqual(list(image), ["file", "width", "height", "faces"])
            self.assertEqual(len(image["faces"]), 1)
            self.check_face(image["faces"][0], image["width"], image["height"])

    def test_json_where_nobody_looks(self):
        self.assertEqual(regard("recognize", HOPPER).stdout, regard("recognize", HOPPER, "--format", "json").stdout)

    def test_table(self):
        result = regard("recognize", ASTRONAUT, "--format", "table")
        header, row = result.stdout.decode().splitlines()
        self.assertIn("expression", header)
        self.assertRegex(row, r"astronaut\.png +1 +\d+, \d+, \d+ x \d+ +[01]\.\d\d +-?\d+ +\w+ +\d+ %")

    def test_csv(self):
        write_grey_png(self.folder / 'a "grey", image.png')
        shutil.copy(HOPPER, self.folder / 'b,"x".jpg')
        rows = list(csv.DictReader(io.StringIO(regard("recognize", str(self.folder), "--format",
                                                      "csv").stdout.decode())))
        self.assertEqual(len(rows), 1)
        self.assertEqual(rows[0]["file"], str(self.folder / 'b,"x".jpg'))
        self.assertAlmostEqual(sum(float(rows[0][label]) for label in LABELS), 1, places=4)
        self.assertTrue(all(abs(float(rows[0][angle])) < 15 for angle in ("yaw", "pitch", "roll")))
        self.assertTrue(0 < float(rows[0]["x"]) < 512 and float(rows[0]["nose_y"]) > float(rows[0]["left_eye_y"]))

    def test_goes_on_after_a_bad_file(self):
        broken = self.folder / "broken.jpg"
        broken.write_bytes(pathlib.Path(HOPPER).read_bytes()[:300])
        missing = str(self.folder / "missing.png")
        result = regard("recognize", str(broken), missing, str(self.folder / "none*.png"), ASTRONAUT, "--format",
                        "json")
        self.assertEqual(result.returncode, 1)
        self.assertEqual([p["file"] for p in lines_of(result)], [ASTRONAUT])
        for part in (b"broken.jpg", b"missing.png", b"none*.png", b"3 failed, 1 done"):
            self.assertIn(part, result.stderr)

    def test_jobs_change_no_result(self):
        for i, source in enumerate([HOPPER, ASTRONAUT, HOPPER, None, ASTRONAUT, HOPPER, ASTRONAUT, HOPPER]):
            target = self.folder / f"{i}{pathlib.Path(source).suffix if source else '.jpg'}"
            target.write_bytes(pathlib.Path(source).read_bytes() if source else b"no image")
        results = [regard("recognize", str(self.folder), "--jobs", str(jobs)) for jobs in (1, 3)]
        for result in results:
            self.assertEqual(result.returncode, 1)
            self.assertIn(b"1 failed, 7 done", result.stderr)
            self.assertEqual([pathlib.Path(p["file"]).stem for p in lines_of(result)], list("0124567"))
        self.assertEqual(results[0].stdout, results[1].stdout)

    def test_an_interrupt_finishes_what_was_begun(self):
        for i in range(400):
            os.symlink(HOPPER, self.folder / f"{i:03}.jpg")
        # Unbuffered: communicate() does not return what readline() has read ahead.
        with subprocess.Popen([Options.program, "recognize", str(self.folder), "--jobs", "2"], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, bufsize=0) as run:
            first = run.stdout.readline()
            run.send_signal(signal.SIGINT)
            rest, said = run.communicate(timeout=120)
        names = [pathlib.Path(json.loads(line)["file"]).stem for line in (first + rest).decode().splitlines()]
        self.assertEqual(run.returncode, 1)
        self.assertEqual(names, [f"{i:03}" for i in range(len(names))])
        self.assertLess(len(names), 400)
        self.assertIn(f"interrupted, {len(names)} done".encode(), said)

    def test_no_face_is_an_empty_list(self):
        write_grey_png(self.folder / "grey.png")
        result = regard("recognize", str(self.folder / "grey.png"))
        self.assertEqual(result.returncode, 0)
        self.assertEqual(lines_of(result), [{"file": str(self.folder / "grey.png"), "width": 64, "height": 48,
                                             "faces": []}])

    def test_a_folder_without_images_is_a_failure(self):
        for name in (".hidden.png", "Thumbs.db", "__MACOSX/a.png"):
            (self.folder / name).parent.mkdir(exist_ok=True)
            write_grey_png(self.folder / name)
        result = regard("recognize", str(self.folder))
        self.assertEqual((result.returncode, result.stdout), (1, b""))
        self.assertIn(b"no images in this folder\n", result.stderr)
        for name in ("a.mov", "b.MOV", "c.txt"):
            (self.folder / name).write_text("none")
        result = regard("recognize", str(self.folder))
        self.assertEqual(result.returncode, 1)
        self.assertIn(b"no images in this folder; 2 .mov, 1 .txt skipped", result.stderr)

    def test_images_of_a_folder_and_what_is_skipped(self):
        for name in ("a.jfif", "b.JPE", "c.Jpeg", "d"):
            shutil.copy(HOPPER, self.folder / name)
        for name in ("e.png", "._e.png", ".DS_Store", "Thumbs.db"):
            write_grey_png(self.folder / name)
        (self.folder / "@eaDir").mkdir()
        write_grey_png(self.folder / "@eaDir" / "e.png")
        for name in ("film.MOV", "notes.txt", "more.txt", "README"):
            (self.folder / name).write_text("no image")
        result = regard("recognize", str(self.folder))
        self.assertEqual([pathlib.Path(p["file"]).name for p in lines_of(result)], ["a.jfif", "b.JPE", "c.Jpeg", "d", "e.png"])
        self.assertEqual((result.returncode, result.stderr.decode()),
                         (0, f"regard: {self.folder}: 2 .txt, 1 without ending, 1 .mov skipped\n"))

    def test_folder_is_walked_in_order(self):
        (self.folder / "b" / "c").mkdir(parents=True)
        for name in ("z.png", "b/y.PNG", "b/c/x.png", "a.png"):
            write_grey_png(self.folder / name)
        (self.folder / "notes.txt").write_text("no image")
        os.symlink(self.folder, self.folder / "b" / "round")
        files = [p["file"] for p in lines_of(regard("recognize", str(self.folder)))]
        self.assertEqual(files, [str(self.folder / name) for name in ("a.png", "b/c/x.png", "b/y.PNG", "z.png")])

    def test_bad_entries_do_not_end_a_folder(self):
        write_grey_png(self.folder / "a.png")
        write_grey_png(self.folder / "z.png")
        os.symlink("m", self.folder / "m")  # leads round and round
        os.symlink("n.png", self.folder / "n.png")
        os.mkfifo(self.folder / "pipe.png")
        result = regard("recognize", str(self.folder))
        self.assertEqual(result.returncode, 1)
        self.assertEqual([pathlib.Path(p["file"]).name for p in lines_of(result)], ["a.png", "z.png"])
        self.assertIn(b"n.png", result.stderr)
        self.assertIn(b"1 failed, 2 done", result.stderr)

    def test_a_dangling_link_with_a_star_in_its_name(self):
        os.symlink("nowhere", self.folder / "a*.png")
        for word in ("a*.png", "*.png"):
            result = regard("recognize", word, folder=self.folder)
            self.assertEqual(result.returncode, 1)
            self.assertIn(b"a*.png", result.stderr)

    def test_pattern(self):
        for name in ("1.png", "2.png", "3.bmp"):
            write_grey_png(self.folder / name)
        files = [p["file"] for p in lines_of(regard("recognize", "?.png", folder=self.folder))]
        self.assertEqual(files, ["1.png", "2.png"])

    def test_list_on_standard_input(self):
        write_grey_png(self.folder / "grey.png")
        result = regard("recognize", "-", text=f"{ASTRONAUT}\r\n\n{self.folder / 'grey.png'}\n")
        self.assertEqual([len(p["faces"]) for p in lines_of(result)], [1, 0])

    def test_lists_of_other_programs_on_standard_input(self):
        write_grey_png(self.folder / "grey.png")
        write_grey_png(self.folder / "other.png")
        for text, names in (("\ufeffgrey.png\r\n", ["grey.png"]),
                            ("grey.png\0other.png\0", ["grey.png", "other.png"])):
            result = regard("recognize", "-", text=text, folder=self.folder)
            self.assertEqual((result.returncode, [p["file"] for p in lines_of(result)]), (0, names))

    def test_answers_a_list_as_it_comes(self):
        with subprocess.Popen([Options.program, "recognize", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as run:
            for image in (ASTRONAUT, HOPPER):
                run.stdin.write(image.encode() + b"\n")
                run.stdin.flush()
                self.assertEqual(json.loads(run.stdout.readline())["file"], image)
            run.stdin.close()
            self.assertEqual(run.wait(60), 0)

    def test_strange_names(self):
        names = ["Gesichter größer.png", "line\nbreak.png"]
        for name in names:
            write_grey_png(self.folder / name)
        odd = os.fsencode(self.folder) + b"/not-utf8-\xff.png"
        shutil.copy(self.folder / names[0], odd)
        for form in ("json", "csv", "table"):
            result = regard("recognize", str(self.folder), "--format", form)
            self.assertEqual((result.returncode, result.stderr), (0, b""), form)
        files = [pathlib.Path(p["file"]).name for p in lines_of(regard("recognize", str(self.folder)))]
        self.assertEqual(sorted(files), sorted([*names, "not-utf8-\ufffd.png"]))

    def test_draw_one_image(self):
        target = self.folder / "drawn.png"
        self.assertEqual(regard("recognize", ASTRONAUT, "--draw", str(target)).returncode, 0)
        self.assertEqual(size_of_png(target), (512, 512))
        self.assertNotEqual(target.read_bytes(), pathlib.Path(ASTRONAUT).read_bytes())

    def test_draw_many_images(self):
        for name in ("a", "b"):
            (self.folder / name).mkdir()
            write_grey_png(self.folder / name / "same.png", 100, 50)
        drawn = self.folder / "new" / "folder"
        result = regard("recognize", str(self.folder / "a"), str(self.folder / "b"), "--draw", str(drawn))
        self.assertEqual(result.returncode, 0)
        self.assertEqual(sorted(p.name for p in drawn.iterdir()), ["same-2.png", "same.png"])
        self.assertEqual(size_of_png(drawn / "same.png"), (800, 400))

    def test_draw_keeps_the_image(self):
        copy = shutil.copy(ASTRONAUT, self.folder)
        link = self.folder / "link.png"
        link.symlink_to(copy)
        for target, code in ((self.folder, 2), (copy, 1), (link, 1)):
            result = regard("recognize", copy, "--draw", str(target))
            self.assertEqual(result.returncode, code)
            self.assertIn(b"overwrit", result.stderr)
            self.assertEqual(pathlib.Path(copy).read_bytes(), pathlib.Path(ASTRONAUT).read_bytes())

    def test_draw_keeps_images_of_other_folders(self):
        for name in ("photos/z.png", "photos/a/z.png", "other/z.png"):
            (self.folder / name).parent.mkdir(exist_ok=True, parents=True)
            write_grey_png(self.folder / name)
        (self.folder / "drawn").mkdir()
        (self.folder / "drawn" / "z.png").symlink_to(self.folder / "photos" / "z.png")
        before = {path: path.read_bytes() for path in self.folder.rglob("*.png")}
        result = regard("recognize", "photos", "--draw", "photos", folder=self.folder)
        self.assertEqual((result.returncode, result.stdout), (2, b""))
        self.assertIn(b"photos/z.png", result.stderr)
        listed = regard("recognize", "-", "--draw", "other", text="photos/a/z.png\nphotos/z.png\n", folder=self.folder)
        self.assertEqual((listed.returncode, len(lines_of(listed))), (1, 2))
        self.assertIn(b"an existing file", listed.stderr)
        linked = regard("recognize", "photos", "--draw", "drawn", folder=self.folder)
        self.assertEqual((linked.returncode, len(lines_of(linked))), (1, 2))
        self.assertEqual({path: path.read_bytes() for path in before}, before)

    def test_drawings_end_as_they_can(self):
        for name in ("a.jpe", "b.TIF", "c.PNG", "d"):
            shutil.copy(HOPPER, self.folder / name)
        result = regard("recognize", *"a.jpe b.TIF c.PNG d".split(), "--draw", "drawn/", folder=self.folder)
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        self.assertEqual(sorted(p.name for p in (self.folder / "drawn").iterdir()),
                         ["a.jpe", "b.png", "c.PNG", "d.png"])

    def test_faces_are_printed_where_drawing_fails(self):
        (self.folder / "file").write_text("no folder")
        result = regard("recognize", ASTRONAUT, "--draw", str(self.folder / "file" / "drawn.png"))
        self.assertEqual((result.returncode, len(lines_of(result)[0]["faces"])), (1, 1))
        self.assertIn(b"1 failed, 0 done", result.stderr)

    def test_draw_many_into_one_file(self):
        result = regard("recognize", ASTRONAUT, HOPPER, "--draw", str(self.folder / "drawn.png"))
        self.assertEqual(result.returncode, 2)
        self.assertIn(b"folder", result.stderr)

    def test_boxes_from_its_own_output(self):
        for form in ("json", "csv"):
            found = regard("recognize", ASTRONAUT, HOPPER, "--format", form).stdout
            boxes = self.folder / f"boxes.{form}"
            boxes.write_bytes(found)
            again = lines_of(regard("recognize", ASTRONAUT, HOPPER, "--boxes", str(boxes)))
            self.assertEqual([len(p["faces"]) for p in again], [1, 1])
            self.assertEqual(again[0]["faces"][0]["expression"], "happiness")

    def test_boxes_from_its_own_table_for_every_name(self):
        names = ["line\nbreak.png", "old\rMac.png", 'said "x".png', "a, b;c.png", " blank.png", "größer.png"]
        (self.folder / "photos").mkdir()
        for name in names:
            shutil.copy(ASTRONAUT, self.folder / "photos" / name)
        shutil.copy(ASTRONAUT, os.fsencode(self.folder) + b"/photos/\xff.png")
        own = regard("recognize", "photos", "--format", "csv", folder=self.folder).stdout
        (self.folder / "own.csv").write_bytes(own)
        (self.folder / "marked.csv").write_bytes(b"\xef\xbb\xbf" + own.replace(b"\n", b"\r\n").replace(b"line\r\n", b"line\n"))
        for boxes in ("own.csv", "marked.csv"):
            again = regard("recognize", "photos", "--boxes", boxes, "--format", "csv", folder=self.folder)
            self.assertEqual((again.returncode, again.stderr), (0, b""))
            rows = list(csv.DictReader(io.StringIO(again.stdout.decode(errors="surrogateescape"), newline="")))
            self.assertEqual({row["file"] for row in rows},
                             {f"photos/{name}" for name in names} | {os.fsdecode(b"photos/\xff.png")})

    def test_boxes_of_other_programs(self):
        boxes = self.folder / "boxes.csv"
        row = f"{ASTRONAUT};170;60;110;140"
        for text in (f"\ufefffile;x;y;w;h\r\n{row}\r\n".encode(), f"file;x;y;w;h\r{row}\r".encode(),
                     f"file;x;y;w;h\n{row}\n".replace(";", "\t").encode("utf-16"),
                     f"File, X, Y, W, H\n{row} \n".replace(";", ", ").encode(), f"h;w;y;x;file\n140,0;110,0;60;170;{ASTRONAUT}\n".encode(),
                     ('\ufeff{"file": "%s", "box": [170, 60, 110, 140]}' % ASTRONAUT).encode()):
            boxes.write_bytes(text)
            faces = lines_of(regard("recognize", ASTRONAUT, "--boxes", str(boxes)))[0]["faces"]
            self.assertEqual([face["box"] for face in faces], [[170, 60, 110, 140]], text)
        boxes.write_bytes(b"PK\x03\x04")
        self.assertIn(b"boxes.csv: file is not text", regard("recognize", ASTRONAUT, "--boxes", str(boxes)).stderr)

    def test_names_of_boxes(self):
        for folder in ("a", "b"):
            (self.folder / folder).mkdir()
            shutil.copy(ASTRONAUT, self.folder / folder / "face.png")
        shutil.copy(ASTRONAUT, self.folder / "a" / "other.png")
        boxes = self.folder / "boxes.csv"
        def found(name, *images):
            boxes.write_text(f"file,x,y,w,h\n{name},170,60,110,140\n")
            result = regard("recognize", *images, "--boxes", "boxes.csv", folder=self.folder)
            self.assertEqual(result.returncode, 0)
            self.assertEqual(b"no image is named" in result.stderr, not any(i["faces"] for i in lines_of(result)))
            return [len(image["faces"]) for image in lines_of(result)]
        self.assertEqual(found("./a/face.png", "a/face.png"), [1])
        self.assertEqual(found("a/face.png", str(self.folder) + "/../" + self.folder.name + "/a/face.png"), [0])
        self.assertEqual(found("other.png", "a", "b"), [0, 1, 0])
        self.assertEqual(found("face.png", "a", "b"), [0, 0, 0], "two images are called so")
        self.assertEqual(found("face.png", "a", "./a/face.png"), [1, 0, 1])

    def test_boxes(self):
        boxes = self.folder / "boxes.csv"
        boxes.write_text(f"file,x,y,w,h\n{ASTRONAUT},170,60,110,140\n{ASTRONAUT},0,300,80,80\n")
        images = lines_of(regard("recognize", ASTRONAUT, HOPPER, "--boxes", str(boxes)))
        self.assertEqual([[f["box"] for f in p["faces"]] for p in images],
                         [[[170, 60, 110, 140], [0, 300, 80, 80]], []])
        boxes.write_text(f"file,x,y,w,h\n{ASTRONAUT},170,60,110,140\nelsewhere.png,0,0,8,8\n")
        result = regard("recognize", ASTRONAUT, "--boxes", str(boxes))
        self.assertEqual(result.returncode, 0)
        self.assertIn(b"boxes.csv: no image is named elsewhere.png", result.stderr)
        for wrong in ("file,x,y\na,1,2\n", "file,x,y,w,h\na,1,2,3,wide\n", "file,x,y,w,h\na,1,2\n", '{"file": 3}',
                      "file,x,y,w,h\na,1,2,0,4\n", "file,x,y,w,h\na,1,2,3,-4\n", '{"file": "a", "box": [1, 2, 3, 0]}',
                      '{"file": "a", "box": [1, 2, 3, 1e99]}', '{"file": "a", "box": [1, 2, 3, 4, 5]}',
                      '{"file": "a", "box": [1, 2, 3]}\n{"file": "b"}\n', "[" * 100_000,
                      "[" * 100_000 + "]" * 100_000):
            boxes.write_text(wrong)
            result = regard("recognize", ASTRONAUT, "--boxes", str(boxes))
            self.assertEqual(result.returncode, 1, wrong[:99])
            self.assertIn(b"boxes.csv", result.stderr)

    def test_chips_of_another_size(self):
        result = regard("recognize", ASTRONAUT, "--chips")
        self.assertEqual(result.returncode, 1)
        self.assertIn(b"astronaut.png", result.stderr)

    def test_closed_output(self):
        command = f"'{Options.program}' recognize " + f"'{ASTRONAUT}' " * 20 + " | head -1"
        run = subprocess.run(["bash", "-c", command], capture_output=True, check=False, timeout=300)
        self.assertEqual((run.returncode, run.stderr), (0, b""))
        self.assertEqual(len(run.stdout.splitlines()), 1)

    def test_full_output(self):
        with open("/dev/full", "wb") as full:
            run = subprocess.run([Options.program, "recognize", HOPPER], stdout=full, stderr=subprocess.PIPE,
                                 check=False)
        self.assertEqual(run.returncode, 1)
        self.assertIn(b"standard output", run.stderr)


class Cache(unittest.TestCase):
    """Compiled networks in the user's cache change nothing but the time."""

    NETWORKS = 6  # four forms of the detector, face mesh and the model

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.cache = pathlib.Path(self.folder.name, "caches", "regard")
        self.expected = self.answer(REGARD_CACHE="off").stdout

    def start(self, **settings):
        inherited = {name: value for name, value in os.environ.items() if name not in ("REGARD_CACHE", "XDG_CACHE_HOME")}
        return subprocess.Popen([Options.program, "recognize", HOPPER, "--format", "json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env={**inherited, "XDG_CACHE_HOME": str(self.cache.parent), **settings}, restore_signals=False)

    def answer(self, **settings):
        process = self.start(**settings)
        output, errors = process.communicate(timeout=300)
        return subprocess.CompletedProcess(process.args, process.returncode, output, errors)

    def assert_as_without(self, result):
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        self.assertEqual(result.stdout, self.expected)

    def test_results_are_the_same(self):
        self.assertIn(b"expression", self.expected)
        self.assertFalse(self.cache.exists(), "off")
        self.assert_as_without(self.answer())
        files = {file: file.read_bytes() for file in self.cache.iterdir()}
        self.assertEqual(len(files), self.NETWORKS)
        self.assert_as_without(self.answer())
        self.assertEqual(files, {file: file.read_bytes() for file in self.cache.iterdir()})

    def test_two_at_once(self):
        processes = [self.start(), self.start()]
        for process in processes:
            output, errors = process.communicate(timeout=300)
            self.assert_as_without(subprocess.CompletedProcess([], process.returncode, output, errors))
        self.assertEqual(len(list(self.cache.iterdir())), self.NETWORKS)
        self.assert_as_without(self.answer())

    def test_folder_that_cannot_be_written(self):
        file = pathlib.Path(self.folder.name, "file")
        file.write_bytes(b"")
        for place in (file, file / "below", "/proc/none"):
            self.assert_as_without(self.answer(REGARD_CACHE=str(place)))

    def test_full_disk(self):
        # SIGXFSZ is ignored, as Python does, so that writing beyond the limit fails as on a full disk.
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
        try:
            process = self.start()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        output, errors = process.communicate(timeout=300)
        self.assert_as_without(subprocess.CompletedProcess([], process.returncode, output, errors))
        self.assertEqual(list(self.cache.iterdir()), [])

    def test_damaged_files(self):
        self.answer()
        for file in self.cache.iterdir():
            file.write_bytes(file.read_bytes()[:-100])
        self.assert_as_without(self.answer())
        self.assert_as_without(self.answer())


class Import(unittest.TestCase):
    def test_nothing_that_a_file_names_is_run(self):
        with tempfile.TemporaryDirectory() as folder:
            source = ROOT / "tests" / "weights" / "command.pth"
            result = regard("import", source, "--out", "start.safetensors", folder=folder)
            self.assertEqual(result.returncode, 1)
            self.assertIn(b"too little of the backbone", result.stderr)
            self.assertEqual(list(pathlib.Path(folder).iterdir()), [])

    def test_options_of_weights_are_not_for_tensorflow_js(self):
        result = regard("import", "model.json", "--out", "start.safetensors", "--mean", "1,2,3")
        self.assertEqual(result.returncode, 2)
        self.assertIn(b"--mean", result.stderr)


class Explain(unittest.TestCase):
    """What a model without attention is explained by; networks with attention are held in explainer_test.cpp."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)

    def explain(self, *arguments):
        return regard("explain", *arguments, "--model", "ferplus-mobilenet", folder=self.folder)

    def test_json_and_image(self):
        result = self.explain(ASTRONAUT)
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        (image,) = lines_of(result)
        self.assertEqual(list(image), ["file", "width", "height", "model", "by", "faces"])
        self.assertEqual(image["by"], "occlusion")
        (face,) = image["faces"]
        self.assertEqual(face["expression"], "happiness")
        names = ["left eye", "right eye", "nose", "left mouth corner", "right mouth corner"]
        self.assertEqual([view["name"] for view in face["views"]], names)
        for view, (x, y) in zip(face["views"], face["landmarks"]):
            self.assertEqual(list(view), ["name", "corners", "without"])
            self.assertTrue(view["corners"][0][0] < x < view["corners"][2][0])
            self.assertTrue(view["corners"][0][1] < y < view["corners"][2][1])
            probabilities = view["without"]["probabilities"]
            self.assertAlmostEqual(sum(probabilities.values()), 1, places=4)
            self.assertEqual(view["without"]["expression"], max(probabilities, key=probabilities.get))
        width, height = size_of_png(self.folder / "astronaut-explained.png")
        self.assertTrue(width > 1000 and height > 500)

    def test_table_and_file(self):
        result = self.explain(HOPPER, "--format", "table", "--out", "why.png")
        self.assertEqual(result.returncode, 0)
        self.assertIn(b"left mouth corner", result.stdout)
        self.assertIn(b"why.png", result.stdout)
        self.assertEqual(os.listdir(self.folder), ["why.png"])

    def test_the_photograph_is_kept(self):
        shutil.copy(ASTRONAUT, self.folder / "one.png")
        before = (self.folder / "one.png").read_bytes()
        self.assertEqual(self.explain("one.png", "--out", "./one.png").returncode, 2)
        self.assertEqual((self.folder / "one.png").read_bytes(), before)

    def test_no_face_is_an_empty_list(self):
        write_grey_png(self.folder / "grey.png")
        result = self.explain("grey.png")
        self.assertEqual((result.returncode, lines_of(result)[0]["faces"]), (0, []))
        self.assertEqual(os.listdir(self.folder), ["grey.png"])


class Bench(unittest.TestCase):
    def test_networks_stand_beside_each_other(self):
        (report,) = lines_of(regard("bench", "--runs", "1", "--threads", "1", "--format", "json"))
        rows = report["networks"]
        for precision in ("f32", "bf16"):
            for chips in (1, 8):
                names = [r["network"] for r in rows if r["precision"] == precision and r["chips"] == chips]
                self.assertEqual(names, ["plain", "ran", "ran-shared", "phanet"])
        self.assertEqual({r["ratio"] for r in rows if r["network"] == "plain"}, {1})
        precisions = [(r["precision"], r["chips"]) for r in report["precisions"]]
        self.assertEqual(precisions, [(p, n) for n in (1, 8) for p in ("f32", "bf16", "int8")])
        self.assertTrue(all(r["milliseconds"] > 0 for r in rows))
        self.assertEqual(len(report["engine"]), 4)
        self.assertGreaterEqual(len(report["images"]), 2)


class Memory(unittest.TestCase):
    def peak(self, *arguments):
        """Peak resident memory of a run, in MB."""
        run = subprocess.Popen([Options.program, "recognize", *arguments], stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(run.pid, 0)
        run.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(run.returncode, 0)
        return usage.ru_maxrss / 1024

    def test_memory_does_not_grow(self):
        if not Options.memory:
            self.skipTest("asked for by --memory")
        one = self.peak(ASTRONAUT)
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "few").mkdir()
            for i in range(1000):
                name = pathlib.Path(folder, "few" if i < 200 else "", f"{i:04}")
                if i % 10 == 0:
                    os.symlink(ASTRONAUT if i % 20 else HOPPER, name.with_suffix(".png"))
                else:
                    write_grey_png(name.with_suffix(".png"), 160 + i % 97, 120 + i % 89)
            few = self.peak(str(pathlib.Path(folder, "few")), "--jobs", "2")
            many = self.peak(folder, "--jobs", "2")
        print(f"peak memory: one image {one:.0f} MB; two jobs, 200 images {few:.0f} MB, 1,000 images {many:.0f} MB")
        self.assertLess(one, 300)
        self.assertLess(many, few + 50)


class Completion(unittest.TestCase):
    def proposals(self, *words):
        listed = " ".join(f"'{word}'" for word in words)
        script = (f"source <('{Options.program}' completion bash)\nCOMP_WORDS=({listed})\n"
                  f"COMP_CWORD={len(words) - 1}\n_regard\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"")
        return subprocess.run(["bash", "-c", script], check=True, capture_output=True, text=True).stdout.split()

    def test_bash(self):
        self.assertLessEqual(set(COMMANDS), set(self.proposals("regard", "")))
        self.assertEqual(self.proposals("regard", "rec"), ["recognize"])
        self.assertEqual(self.proposals("regard", "recognize", "--form"), ["--format"])
        self.assertEqual(self.proposals("regard", "annotate", ""), ["pose", "occlusion"])
        self.assertEqual(self.proposals("regard", "annotate", "occlusion", "--po"), ["--port"])
        self.assertEqual(self.proposals("regard", "recognize", "--format", ""), ["auto", "table", "json", "csv", "parquet"])
        self.assertIn("ferplus-mobilenet", self.proposals("regard", "recognize", "--model", "f"))

    def test_others_are_scripts(self):
        for shell, check in (("zsh", ["zsh", "-n"]), ("fish", ["fish", "-n"])):
            script = regard("completion", shell)
            self.assertEqual(script.returncode, 0)
            for command in COMMANDS:
                self.assertIn(command.encode(), script.stdout)
            if shutil.which(shell):
                self.assertEqual(subprocess.run(check, input=script.stdout, check=False).returncode, 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--program", type=os.path.abspath, required=True)
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--update", action="store_true")
    _, rest = parser.parse_known_args(namespace=Options)
    unittest.main(argv=["cli_test.py", *rest])
