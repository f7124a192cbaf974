#!/usr/bin/env python3
"""`regard video` on clips that ffmpeg makes of the sample photographs.

usage: video_test.py --program build/regard [--kills N]
"""

import argparse
import csv
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from xml.etree import ElementTree

from killing import bytes_in, kill_and_resume

ROOT = pathlib.Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "samples"


class Options:
    program = None
    kills = 3


def regard(*arguments, folder=None):
    return subprocess.run([Options.program, *map(str, arguments)], capture_output=True, cwd=folder, timeout=600, check=False)


def ffmpeg(*arguments):
    subprocess.run(["ffmpeg", "-v", "error", "-y", *map(str, arguments)], check=True, stdin=subprocess.DEVNULL)


def make_clip(path, *options, seconds=2, rate=25):
    """Two people: one moves to the right, one is away for the second half of each second."""
    still = ["-loop", "1", "-t", str(seconds), "-r", str(rate), "-i"]
    graph = (f"color=gray:s=640x360:r={rate}:d={seconds}[c];[0]scale=300:-1[a];[1]scale=300:-1[b];"
             "[c][a]overlay=x='20+20*t':y=10:shortest=1[d];[d][b]overlay=x=330:y='if(lt(mod(t,1),.5),10,-900)'")
    ffmpeg(*still, SAMPLES / "grace_hopper.jpg", *still, SAMPLES / "astronaut.png", "-filter_complex", graph,
           "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", *options, path)


def rows_of(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@unittest.skipUnless(shutil.which("ffmpeg"), "needs ffmpeg")
class Video(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.scratch.name)
        cls.clip = cls.folder / "clip.mp4"
        make_clip(cls.clip)
        cls.table = cls.folder / "straight.csv"
        cls.straight = regard("video", cls.clip, "--out", cls.table, "--summary", cls.folder / "people.csv",
                              "--events", cls.folder / "events.csv", "--events", cls.folder / "events.eaf")

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def test_a_row_for_every_face_and_frame(self):
        self.assertEqual((self.straight.returncode, self.straight.stdout, self.straight.stderr), (0, b"", b""))
        rows = rows_of(self.table)
        self.assertEqual(sorted({int(row["frame"]) for row in rows}), list(range(1, 51)))
        shown = {row["face_id"]: row["expression"] for row in rows}
        self.assertEqual(sorted(shown.items(), key=lambda one: one[1]), [("1", "happiness"), ("2", "neutral")])
        for row in rows:
            self.assertAlmostEqual(float(row["timestamp"]), (int(row["frame"]) - 1) / 25, places=4)
            self.assertEqual((row["success"], row["damaged"]), ("1", "0"))
            self.assertEqual(row["expression"], shown[row["face_id"]], row["frame"])
            self.assertGreater(float(row["smoothed " + row["expression"]]), 0.5)
        always = [row for row in rows if row["face_id"] == "2"]
        self.assertEqual(len(always), 50)
        self.assertTrue(20 < float(always[-1]["x"]) - float(always[0]["x"]) < 60)
        self.assertEqual([path.name for path in self.folder.iterdir() if path.name.endswith("journal")], [])

    def test_people(self):
        people = rows_of(self.folder / "people.csv")
        self.assertEqual([row["face_id"] for row in people], ["1", "2"])
        self.assertAlmostEqual(float(people[0]["seconds"]), 1, delta=0.3)
        self.assertAlmostEqual(float(people[1]["seconds"]), 2, places=1)
        self.assertGreater(float(people[0]["share happiness"]), 0.9)
        self.assertRegex(people[0]["method"], r"^Facial expressions were recognised with regard \d+\.\d+\.\d+ and its model \S+ "
                         r"\(SHA-256 [0-9a-f]{64}\), with the default options\.$")

    def test_events(self):
        events = rows_of(self.folder / "events.csv")
        self.assertEqual({(row["face_id"], row["expression"]) for row in events}, {("1", "happiness"), ("2", "neutral")})
        for row in events:
            onset, apex, offset = (float(row[name]) for name in ("onset", "apex", "offset"))
            self.assertTrue(onset <= apex <= offset)
            self.assertAlmostEqual(float(row["duration"]), offset - onset, places=3)

    def test_events_for_elan(self):
        """What EAFv3.0.xsd requires: parts in this order, attributes, and references that lead somewhere."""
        document = ElementTree.parse(self.folder / "events.eaf").getroot()
        self.assertEqual([part.tag for part in document if part.tag != "TIER"], ["HEADER", "TIME_ORDER", "LINGUISTIC_TYPE"])
        self.assertLessEqual({"AUTHOR", "DATE", "VERSION"}, set(document.attrib))
        media = document.find("HEADER/MEDIA_DESCRIPTOR")
        self.assertEqual(media.get("RELATIVE_MEDIA_URL"), "./clip.mp4")
        self.assertEqual(media.get("MEDIA_URL"), self.clip.absolute().as_uri())
        self.assertTrue(media.get("MIME_TYPE"))
        self.assertIn("SHA-256", document.find("HEADER/PROPERTY[@NAME='method']").text)
        times = {slot.get("TIME_SLOT_ID"): int(slot.get("TIME_VALUE")) for slot in document.iter("TIME_SLOT")}
        types = {kind.get("LINGUISTIC_TYPE_ID") for kind in document.iter("LINGUISTIC_TYPE")}
        found = set()
        for tier in document.iter("TIER"):
            self.assertIn(tier.get("LINGUISTIC_TYPE_REF"), types)
            for one in tier.iter("ALIGNABLE_ANNOTATION"):
                begin, end = (times[one.get(name)] for name in ("TIME_SLOT_REF1", "TIME_SLOT_REF2"))
                found.add((tier.get("TIER_ID"), begin, end))
                self.assertTrue(one.find("ANNOTATION_VALUE").text.startswith(tier.get("TIER_ID").split(": ")[1]))
        self.assertEqual(found, {(f"person {row['face_id']}: {row['expression']}", round(1000 * float(row["onset"])),
                                  round(1000 * float(row["offset"]))) for row in rows_of(self.folder / "events.csv")})

    def test_baseline(self):
        out = self.folder / "corrected.csv"
        result = regard("video", self.clip, "--out", out, "--baseline", "0-0.5s", "--summary", self.folder / "usual.csv")
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        rows, raw = rows_of(out), rows_of(self.table)
        added = [name for name in rows[0] if name not in raw[0]]
        self.assertEqual(added, ["baseline-corrected " + name.removeprefix("smoothed ") for name in raw[0] if "smoothed" in name])
        self.assertEqual([{name: row[name] for name in raw[0]} for row in rows], raw)
        early = [float(row["baseline-corrected neutral"]) for row in rows if row["face_id"] == "2" and float(row["timestamp"]) < 0.5]
        self.assertLess(abs(sum(early) / len(early)), 0.5)
        usual = rows_of(self.folder / "usual.csv")
        self.assertGreater(float(usual[1]["baseline neutral"]), 0.5)
        self.assertIn("--baseline=0-0.5s", usual[0]["method"])
        result = regard("video", self.clip, "--baseline", "median")
        self.assertEqual(result.returncode, 2)
        self.assertIn(b"name a table by --out", result.stderr)

    def test_people_are_changed(self):
        out = self.folder / "named.csv"
        result = regard("people", self.table, "--name", "2=him", "--out", out)
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, b"", b""))
        self.assertEqual([(row["face_id"], row["name"]) for row in rows_of(out)],
                         [(row["face_id"], {"2": "him"}.get(row["face_id"], "")) for row in rows_of(self.table)])
        for arguments, code, hint in ((("--merge", "1,9"), 1, b"there is no such person; expected 1, 2, got 9"),
                                      (("--merge", "1,2"), 1, b"people who are seen together cannot be one; got "),
                                      ((), 2, b"nothing is to be changed")):
            before = out.read_bytes()
            result = regard("people", out, *arguments)
            self.assertEqual(result.returncode, code, arguments)
            self.assertIn(hint, result.stderr)
            self.assertEqual(out.read_bytes(), before)
        (self.folder / ".named.csv.journal").write_bytes(b"")
        self.assertIn(b"is not finished", regard("people", out, "--merge", "1,2").stderr)

    def test_drawn(self):
        with_sound = self.folder / "sound.mp4"
        ffmpeg("-i", self.clip, "-f", "lavfi", "-i", "sine=d=2", "-c:v", "copy", "-c:a", "aac", with_sound)
        drawn = self.folder / "drawn.mp4"
        result = regard("video", with_sound, "--out", self.folder / "drawn.csv", "--draw", drawn)
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        probe = subprocess.run(["ffprobe", "-v", "error", "-count_packets", "-of", "json", "-show_streams", "-show_format", drawn],
                               capture_output=True, check=True)
        report = json.loads(probe.stdout)
        video, sound = report["streams"]
        self.assertEqual((video["codec_name"], video["pix_fmt"], video["nb_read_packets"]), ("h264", "yuv420p", "50"))
        self.assertEqual(sound["codec_name"], "aac")
        self.assertIn("SHA-256", report["format"]["tags"]["comment"])
        self.assertEqual((self.folder / "drawn.csv").read_bytes(), self.table.read_bytes())
        result = regard("video", with_sound, "--draw", self.folder / "drawn.avi")
        self.assertEqual(result.returncode, 1)
        self.assertIn(b"unknown kind of video; expected .mp4, got .avi", result.stderr)

    def test_selected_times_and_json(self):
        (self.folder / "ranges.csv").write_text("from,to\n0.4,0:01\n")
        result = regard("video", self.clip, "--fps", "5", "--from", "0.2", "--to", "1.7", "--exclude", self.folder / "ranges.csv",
                        "--format", "jsonl")
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        frames = [json.loads(line) for line in result.stdout.decode().splitlines()]
        self.assertEqual([frame["frame"] for frame in frames], [6, 26, 31, 36, 41])
        self.assertEqual(frames[0]["faces"][0]["face_id"], 1)
        self.assertAlmostEqual(sum(frames[0]["faces"][0]["probabilities"].values()), 1, places=4)

    def test_frames_without_faces_have_rows(self):
        ffmpeg("-f", "lavfi", "-i", "testsrc=s=160x120:r=10:d=0.5", "-c:v", "libx264", self.folder / "nobody.mkv")
        self.assertEqual(regard("video", self.folder / "nobody.mkv", "--out", self.folder / "nobody.csv").returncode, 0)
        rows = rows_of(self.folder / "nobody.csv")
        self.assertEqual([(row["frame"], row["success"], row["face_id"]) for row in rows],
                         [(str(i), "0", "") for i in range(1, 6)])

    def test_cut_off(self):
        whole = self.folder / "fast.mp4"
        ffmpeg("-i", self.clip, "-c", "copy", "-movflags", "+faststart", whole)
        cut = self.folder / "cut.mp4"
        cut.write_bytes(whole.read_bytes()[:whole.stat().st_size * 7 // 10])
        result = regard("video", cut, "--out", self.folder / "cut.csv", "--fps", "10")
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, rb"cut\.mp4: the file was cut off: it has \d+ of \d+ bytes; \d+ of 50 frames ")
        self.assertGreater(len(rows_of(self.folder / "cut.csv")), 3)
        cut.write_bytes(self.clip.read_bytes()[:self.clip.stat().st_size * 7 // 10])
        result = regard("video", cut, "--out", self.folder / "cut.csv")
        self.assertEqual(result.returncode, 1)
        self.assertIn(b"'moov'", result.stderr)

    def test_cameras(self):
        result = regard("video", "--camera", "987")
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, rb"/dev/video987: camera(s need a library| cannot be opened; expected the number .*, got No such file)")
        for arguments, hint in ((("--camera", "0", self.clip), b"name video files, or a camera"), ((), b"name video files, or a camera"),
                                (("--camera", "0", "--out", "c.csv", "--resume"), b"cannot be resumed"),
                                (("--camera", "0", "--out", "c.csv", "--baseline", "median"), b"nor corrected by a baseline")):
            result = regard("video", *arguments)
            self.assertEqual(result.returncode, 2, arguments)
            self.assertIn(hint, result.stderr)

    def test_many_clips(self):
        for name in ("one.mp4", "two.mov"):
            ffmpeg("-i", self.clip, "-frames:v", "2", "-c:v", "libx264", self.folder / name)
        (self.folder / "no.mp4").write_bytes(b"no video")
        tables = self.folder / "tables"
        clips = [self.folder / name for name in ("one.mp4", "no.mp4", "two.mov")]
        result = regard("video", *clips, "--out", f"{tables}/")
        self.assertEqual(result.returncode, 1)
        self.assertIn(b"no.mp4: is no video", result.stderr)
        self.assertIn(b"1 failed, 2 done", result.stderr)
        self.assertEqual(sorted(path.name for path in tables.iterdir()), ["one.csv", "two.csv"])

    def test_wrong_usage(self):
        for arguments, hint in (((self.clip, self.clip), b"name a folder"), ((self.clip, "--resume"), b"--out"),
                                ((self.clip, self.clip, "--out", "same/"), b"several clips would be written to"),
                                ((self.clip, self.clip, "--out", "t/", "--events", "e.csv"), b"--events: there are several clips"),
                                ((self.clip, self.clip, "--out", "t/", "--draw", "d.mp4"), b"--draw: there are several clips"),
                                ((self.clip, "--format", "xml"), b"xml")):
            result = regard("video", *arguments)
            self.assertEqual(result.returncode, 2, arguments)
            self.assertIn(hint, result.stderr)
        result = regard("video", self.clip, "--from", "soon")
        self.assertEqual(result.returncode, 1)
        self.assertIn(b"--from: is no time", result.stderr)
        result = regard("video", self.clip, "--events", "events.txt")
        self.assertEqual(result.returncode, 1)
        self.assertIn(b"events.txt: unknown kind of file of events; expected .csv, .eaf, got .txt", result.stderr)

    def test_recognize_names_this_command(self):
        result = regard("recognize", self.clip)
        self.assertEqual(result.returncode, 1)
        self.assertIn(b"got an MP4 video; `regard video` reads videos", result.stderr)

    def kill_and_resume(self, straight, *arguments):
        """A table from runs that were killed at random moments; it never has what the straight one lacks."""
        out = self.folder / f"resumed{straight.suffix}"
        journal = out.with_name(f".{out.name}.journal")
        whole = straight.read_bytes()

        def check():
            self.assertTrue(whole.startswith(out.read_bytes() if out.exists() else b""))

        kill_and_resume([Options.program, "video", self.clip, "--out", out, "--resume", *arguments], Options.kills, random.Random(1),
                        written=lambda: bytes_in(out, journal), whole=2 * len(whole), start_over=out.unlink, check=check,
                        signals=(signal.SIGKILL, signal.SIGKILL, signal.SIGTERM))
        self.assertEqual(out.read_bytes(), whole)
        self.assertFalse(journal.exists())
        return out

    def test_killed_and_resumed(self):
        out = self.kill_and_resume(self.table, "--summary", self.folder / "resumed-people.csv")
        self.assertEqual((self.folder / "resumed-people.csv").read_bytes(), (self.folder / "people.csv").read_bytes())
        again = regard("video", self.clip, "--out", out, "--resume")
        self.assertEqual(again.returncode, 0)
        self.assertIn(b"is complete already", again.stderr)

    def test_killed_and_resumed_in_json(self):
        straight = self.folder / "straight.jsonl"
        self.assertEqual(regard("video", self.clip, "--out", straight).returncode, 0)
        self.kill_and_resume(straight)

    def test_another_run_is_not_continued(self):
        out = self.folder / "other.csv"
        run = subprocess.Popen([Options.program, "video", self.clip, "--out", out], stderr=subprocess.DEVNULL)
        journal = self.folder / ".other.csv.journal"
        while run.poll() is None and bytes_in(journal) <= 5000:
            time.sleep(0.01)
        run.kill()
        run.wait()
        if not journal.exists():
            self.skipTest("too fast to be killed")
        result = regard("video", self.clip, "--out", out, "--resume", "--every", "2")
        self.assertEqual(result.returncode, 1)
        self.assertIn(b"the run that is to be continued was another one", result.stderr)

    def test_a_missing_part_is_named(self):
        program = pathlib.Path(shutil.copy(Options.program, self.folder))
        library = pathlib.Path(Options.program).parent / "src" / "regard" / "libregard.so"
        if not library.exists():
            self.skipTest("not in a build folder")
        alone = self.folder / "alone"
        alone.mkdir()
        shutil.copy(library, alone / os.path.basename(os.path.realpath(library)).rsplit(".", 1)[0])
        own = {**os.environ, "LD_LIBRARY_PATH": str(alone), "REGARD_MODELS": str(ROOT / "models")}
        run = subprocess.run([program, "video", self.clip], env=own, capture_output=True, check=False)
        if b"libregard_video.so" in run.stderr:
            self.assertIn(b"expected it, and FFmpeg's libraries", run.stderr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--program", type=os.path.abspath, required=True)
    parser.add_argument("--kills", type=int, default=3)
    _, rest = parser.parse_known_args(namespace=Options)
    unittest.main(argv=[sys.argv[0], *rest])
