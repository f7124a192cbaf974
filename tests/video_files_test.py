#!/usr/bin/env python3
"""`regard video` on files that recordings come as, sound and broken: the right rows at the right times, or an error that says why not.

usage: video_files_test.py --program build/regard
"""

import argparse
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import unittest

import video_test
from video_test import SAMPLES, ffmpeg, regard, rows_of

FRAMES, RATE = 12, 25
NEAR = 6  # pixels; where a face is looked for anew, its box is not quite that of one that is followed
H264 = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p")
FAST = ("--model", "ferplus-mobilenet", "--every", "8")


def probed_times(path):
    """Seconds of each frame from the start of the file, as ffprobe has them."""
    report = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "v:0", "-of", "csv=p=0", "-show_entries",
                             "frame=best_effort_timestamp_time:format=start_time", path], capture_output=True, check=True, text=True)
    *times, start = (float(line.strip(",")) for line in report.stdout.split() if line.strip(","))
    return [time - start for time in times]


def with_matrix(source, target, a, b, c, d):
    """An MP4 file whose track is shown by another display matrix (ISO/IEC 14496-12, 8.3.2, version 0)."""
    data = bytearray(source.read_bytes())
    matrix = data.index(b"tkhd") + 44
    for index, value in ((0, a), (1, b), (3, c), (4, d)):
        data[matrix + 4 * index:matrix + 4 * index + 4] = (value << 16).to_bytes(4, "big", signed=True)
    target.write_bytes(data)


def box_of(row):
    return [float(row[name]) for name in "xywh"]


@unittest.skipUnless(shutil.which("ffmpeg") and shutil.which("ffprobe"), "needs ffmpeg")
class VideoFiles(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.scratch.name)
        cls.plain = cls.folder / "plain.mp4"
        graph = f"color=gray:s=320x240:r={RATE}:d=1[c];[0]scale=-1:200[a];[c][a]overlay=x='10+t*50':y=30"
        ffmpeg("-loop", "1", "-r", RATE, "-i", SAMPLES / "grace_hopper.jpg", "-filter_complex", graph, "-frames:v", FRAMES, *H264, cls.plain)
        cls.rows = cls.recognized(cls.plain)[1]

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    @classmethod
    def recognized(cls, clip):
        """What the run said, and the rows of its table."""
        table = cls.folder / (clip.name + ".csv")
        result = regard("video", clip, "--out", table, *FAST)
        return result, rows_of(table) if table.exists() else []

    def made(self, name, *options, source=None):
        """A file that ffmpeg makes of the plain clip."""
        path = self.folder / name
        ffmpeg("-i", source or self.plain, *options, path)
        return path

    def check_times(self, rows, clip, rate=RATE):
        times = probed_times(clip)
        self.assertEqual(len(rows), len(times), clip.name)
        for row, time in zip(rows, times):
            self.assertLess(abs(float(row["timestamp"]) - time), 0.5 / rate, clip.name)

    def check(self, clip, frames=FRAMES, box_scale=1):
        """A row for each frame, at its time, with the face where it is in the plain clip."""
        result, rows = self.recognized(clip)
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, b"", b""), clip.name)
        self.assertEqual([int(row["frame"]) for row in rows], list(range(1, frames + 1)), clip.name)
        self.check_times(rows, clip)
        for row, plain in zip(rows, self.rows):
            self.assertEqual((row["success"], row["damaged"], row["face_id"]), ("1", "0", "1"), clip.name)
            self.assertEqual(row["expression"], plain["expression"], clip.name)
            for value, expected in zip(box_of(row), box_of(plain)):
                self.assertAlmostEqual(value, box_scale * expected, delta=NEAR * box_scale, msg=clip.name)

    def check_error(self, clip, *hints):
        result, _ = self.recognized(clip)
        self.assertEqual((result.returncode, result.stdout), (1, b""), clip.name)
        for hint in (clip.name, *hints):
            self.assertIn(hint, result.stderr.decode())

    def test_plain(self):
        self.check(self.plain)

    def test_turned_and_mirrored(self):
        """Each is recorded so that its display matrix turns it upright."""
        for name, turn, matrix in (("left", "transpose=clock", (0, -1, 1, 0)), ("right", "transpose=cclock", (0, 1, -1, 0)),
                                   ("head-down", "hflip,vflip", (-1, 0, 0, -1)), ("mirrored", "hflip", (-1, 0, 0, 1)),
                                   ("mirrored-left", "transpose=clock_flip", (0, -1, -1, 0))):
            turned = self.made(f"{name}-pixels.mp4", "-vf", turn, *H264)
            clip = self.folder / f"{name}.mp4"
            with_matrix(turned, clip, *matrix)
            self.check(clip)

    def test_variable_rate(self):
        """Each frame is shown for longer than the one before."""
        clip = self.made("variable.mp4", "-vf", "setpts=N*N/200/TB", "-fps_mode", "passthrough", *H264, "-bf", "2")
        times = probed_times(clip)
        self.assertGreater(times[11] - times[10], 5 * (times[1] - times[0]))
        self.check(clip)

    def test_containers_and_depths(self):
        self.check(self.made("late.ts", *H264, "-bf", "2"))  # its first frame is not at 0
        self.check(self.made("ten-bits.mkv", "-c:v", "libx264", "-pix_fmt", "yuv420p10le"))
        self.check(self.made("hdr.mp4", "-c:v", "libx264", "-pix_fmt", "yuv420p10le", "-color_trc", "arib-std-b67"))
        self.check(self.made("full-range.avi", "-c:v", "mjpeg", "-q:v", "2", "-pix_fmt", "yuvj420p"))

    def test_one_frame(self):
        self.check(self.made("single.mp4", "-frames:v", "1", *H264), frames=1)

    def test_8k(self):
        self.check(self.made("large.mkv", "-vf", "scale=5760:4320,pad=7680:4320", "-frames:v", "1", "-c:v", "mjpeg", "-q:v", "5"),
                   frames=1, box_scale=18)

    def test_cut_off(self):
        whole = self.made("index-first.mp4", "-c", "copy", "-movflags", "+faststart")
        cut = self.folder / "cut.mp4"
        cut.write_bytes(whole.read_bytes()[:whole.stat().st_size * 8 // 10])
        result, rows = self.recognized(cut)
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr.decode(), rf"cut\.mp4: the file was cut off: it has \d+ of \d+ bytes; {len(rows)} of {FRAMES} frames ")
        self.assertTrue(0 < len(rows) <= FRAMES)
        self.assertEqual([row["timestamp"] for row in rows], [row["timestamp"] for row in self.rows][:len(rows)])
        cut.write_bytes(self.plain.read_bytes()[:self.plain.stat().st_size * 8 // 10])
        self.check_error(cut, "the video's index (its 'moov' box) is missing", "expected a whole file")

    def test_flipped_bits(self):
        """All frames have their rows; those that could not be decoded without errors say so."""
        many = self.made("many.mkv", *H264, "-g", "4")
        data, draw = bytearray(many.read_bytes()), random.Random(2)
        for _ in range(40):
            data[draw.randrange(len(data) // 4, len(data))] ^= 1 << draw.randrange(8)
        flipped = self.folder / "flipped.mkv"
        flipped.write_bytes(data)
        result, rows = self.recognized(flipped)
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        self.assertEqual(len(rows), FRAMES)
        self.assertIn("1", {row["damaged"] for row in rows})
        self.assertLess(max(abs(float(row["timestamp"]) - (int(row["frame"]) - 1) / RATE) for row in rows), 0.5 / RATE)

    def test_nothing_to_see(self):
        ffmpeg("-f", "lavfi", "-i", "sine=d=1", "-c:a", "aac", self.folder / "sound.m4a")
        self.check_error(self.folder / "sound.m4a", "there is no video in this file; expected a video stream, got audio (aac)")
        for name, hint in (("none.mkv", "there is not one frame in this video"), ("none.mp4", "there is no video in this file")):
            subprocess.run(["ffmpeg", "-v", "quiet", "-y", "-i", self.plain, "-frames:v", "0", "-c:v", "libx264", self.folder / name],
                           check=False, stdin=subprocess.DEVNULL)
            self.check_error(self.folder / name, hint)

    def test_what_is_no_video(self):
        for name, content, hint in (("empty.mp4", b"", "got an empty file"), ("notes.mp4", b"no video\n" * 99, "got text")):
            (self.folder / name).write_bytes(content)
            self.check_error(self.folder / name, hint)
        self.check_error(self.folder / "missing.mp4", "No such file")
        (self.folder / "folder.mp4").mkdir()
        self.check_error(self.folder / "folder.mp4")

    def test_too_large(self):
        ffmpeg("-f", "lavfi", "-i", "color=s=8400x8400:r=1:d=1", "-c:v", "ffv1", self.folder / "huge.mkv")
        self.check_error(self.folder / "huge.mkv", "frames are too large; expected", "got 8400 x 8400")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--program", type=os.path.abspath, required=True)
    _, rest = parser.parse_known_args(namespace=video_test.Options)
    unittest.main(argv=[sys.argv[0], *rest])
