"""Renders a made scan as a person would from the shell, and packs the views.

The scan is a curved sheet with the head of a sample photograph as its texture, so that the detector finds a face in the views.

usage: render_test.py --program build/regard [--keep FOLDER] [unittest's arguments]
"""

import argparse
import json
import math
import pathlib
import shutil
import struct
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
STEPS = 40


class Options:
    program = None
    keep = None


def sheet():
    """Points, texture places and triangles of a sheet 200 wide and high that bulges towards the viewer."""
    points, places, triangles = [], [], []
    for row in range(STEPS + 1):
        for column in range(STEPS + 1):
            u, v = column / STEPS, row / STEPS
            points.append((200 * u - 100, 200 * v - 100, 70 * math.sin(math.pi * u) * math.sin(math.pi * v)))
            places.append((0.25 + 0.4 * u, 0.55 + 0.45 * v))
    for row in range(STEPS):
        for column in range(STEPS):
            a = row * (STEPS + 1) + column
            triangles += [(a, a + 1, a + STEPS + 2), (a, a + STEPS + 2, a + STEPS + 1)]
    return points, places, triangles


def vrml(texture):
    points, places, triangles = sheet()
    lists = [", ".join(" ".join(f"{x:.4f}" for x in row) for row in rows) for rows in (points, places)]
    faces = ", ".join(f"{a}, {b}, {c}, -1" for a, b, c in triangles)
    return (f'#VRML V2.0 utf8\nShape {{ appearance Appearance {{ texture ImageTexture {{ url "{texture}" }} }}\n'
            f"geometry IndexedFaceSet {{ coord Coordinate {{ point [ {lists[0]} ] }}\n"
            f"texCoord TextureCoordinate {{ point [ {lists[1]} ] }}\ncoordIndex [ {faces} ] }} }}\n")


def obj():
    points, places, triangles = sheet()
    lines = [f"v {x:.4f} {y:.4f} {z:.4f}" for x, y, z in points] + [f"vt {u:.4f} {v:.4f}" for u, v in places]
    lines += ["f " + " ".join(f"{i + 1}/{i + 1}" for i in triangle) for triangle in triangles]
    return "\n".join(lines) + "\n"


class Render(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)

    def scan(self, name, text):
        folder = self.folder / "scans" / name[:5]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
        shutil.copy(ROOT / "samples" / "astronaut.png", folder / f"{pathlib.Path(name).stem}.png")

    def regard(self, *arguments, rc=0):
        result = subprocess.run([Options.program, *map(str, arguments)], capture_output=True, check=False, timeout=300)
        self.assertEqual(result.returncode, rc, result.stderr)
        return result.stdout.decode(), result.stderr.decode()

    def test_views_are_packed_with_their_poses(self):
        for person in ("F0001", "F0002", "M0001"):
            self.scan(f"{person}_HA01WH_F3D.wrl", vrml(f"{person}_HA01WH_F3D.png"))
        self.scan("M0001_SU02WH_F3D.obj", obj())
        out = self.folder / "views"
        command = ["render", self.folder / "scans", "--out", out, "--yaw", "-30,-15,0,15,30", "--pitch", "0,-15", "--size", 320]
        told, _ = self.regard(*command)
        self.assertIn("40 images of 4 scans", told)
        names = sorted(path.name for path in (out / "F0001").iterdir())
        self.assertEqual(names, [f"F0001_HA01WH_y{yaw}_p{pitch}.png" for yaw in ("+0", "+15", "+30", "-15", "-30") for pitch in ("+0", "-15")])
        head = (out / "F0001" / names[0]).read_bytes()[:24]
        self.assertEqual(struct.unpack(">II", head[16:]), (320, 320))
        told, _ = self.regard(*command)
        self.assertIn("0 images of 4 scans, 40 there already", told)
        told, _ = self.regard("pack", "--dataset", "bu3dfe", "--data", out, "--folds", 3, "--fold", 0, "--landmarks", "--size", 48,
                              "--out", self.folder / "a.pack")
        self.assertIn("40 images\n", told)
        self.assertIn("head pose: known for 40 of 40 images", told)
        self.assertIn("landmarks: known for 40 of 40 images", told)
        if Options.keep:
            shutil.copytree(out, Options.keep, dirs_exist_ok=True)
        chosen = ["evaluate", "ferplus-mobilenet", "--data", self.folder / "a.pack", "--split", "train", "--common-labels",
                  "--pose-invariance"]
        result = json.loads(self.regard(*chosen, "--format", "json")[0])
        invariance = result["pose_invariance"]
        self.assertEqual((invariance["count"], invariance["features"]), (result["count"], 1024))
        self.assertGreater(invariance["yaw"]["mean_error"], 10)
        self.assertIn("pose read from 1024 features", self.regard(*chosen)[0])

    def test_default_views_are_the_35_of_the_protocol(self):
        self.scan("F0001_HA01WH_F3D.obj", obj())
        self.regard("render", self.folder / "scans" / "F0001" / "F0001_HA01WH_F3D.obj", "--out", self.folder / "views",
                    "--size", 32)
        names = {path.name for path in (self.folder / "views" / "F0001").iterdir()}
        self.assertEqual(len(names), 35)
        self.assertIn("F0001_HA01WH_y-45_p+30.png", names)

    def test_bad_scans_are_told_and_left_out(self):
        self.scan("F0001_HA01WH_F3D.obj", obj())
        self.scan("F0001_SA01WH_F3D.wrl", vrml("F0001_SA01WH_F3D.png")[:5000])
        chosen = [self.folder / "scans", "--out", self.folder / "views", "--yaw", "0", "--pitch", "0"]
        told, why = self.regard("render", *chosen)
        self.assertIn("1 images of 1 scans, 1 scans left out", told)
        self.assertIn("left out: ", why)
        self.assertIn("F0001_SA01WH_F3D.wrl:3: file ends within a node", why)
        (self.folder / "scans" / "F0001" / "F0001_HA01WH_F3D.obj").unlink()
        shutil.rmtree(self.folder / "views")
        self.assertIn("none of the scans can be rendered", self.regard("render", *chosen, rc=1)[1])

    def test_wrong_usage(self):
        (self.folder / "empty").mkdir()
        self.assertIn("no scans", self.regard("render", self.folder / "empty", "--out", self.folder / "views", rc=1)[1])
        self.scan("F0001_HA01WH_F3D.obj", obj())
        chosen = ["render", self.folder / "scans", "--out", self.folder / "views"]
        self.assertIn("angle is out of range", self.regard(*chosen, "--pitch", "95", rc=1)[1])
        self.assertIn("--yaw", self.regard(*chosen, "--yaw", "left", rc=2)[1])
        self.assertIn("size: number is out of range", self.regard(*chosen, "--size", "4", rc=1)[1])
        self.assertIn("--scan", self.regard(*chosen, "--scan", "F2D", rc=2)[1])
        self.assertIn("no-such", self.regard("render", "no-such", "--out", self.folder, rc=2)[1])


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", type=lambda path: str(pathlib.Path(path).resolve()), required=True)
    parser.add_argument("--keep", help="a folder for the views")
    options, rest = parser.parse_known_args()
    Options.program, Options.keep = options.program, options.keep
    unittest.main(argv=["render_test.py", *rest])
