"""Marks images by way of the page of `regard annotate occlusion`, as a browser would, and kills it in between.

usage: annotate_test.py --program build/regard [unittest's arguments]
"""

import argparse
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import struct
import subprocess
import tempfile
import unittest
import zlib

IMAGES = 5
MAJORITY = 4  # of them have a label


class Options:
    program = None


def grey_png(grey):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes([grey] * 47 + [255]) for _ in range(48))  # of one colour it would be no data
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 48, 48, 8, 0, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def write_tree(folder, start=0):
    folder.mkdir(parents=True)
    rows = []
    for i in range(IMAGES):
        votes = [0] * 10
        votes[i % 3] = 10
        if i >= MAJORITY:
            votes = [5, 5] + [0] * 8
        rows.append(f'fer{start + i:07}.png,"(0, 0, 48, 48)",' + ",".join(map(str, votes)))
        (folder / f"fer{start + i:07}.png").write_bytes(grey_png(40 + 10 * i))
    (folder / "label.csv").write_text("\n".join(rows) + "\n")


def regard(*arguments):
    return subprocess.run([Options.program, *map(str, arguments)], capture_output=True, timeout=300, check=False)


class Page:
    """`regard annotate occlusion` on a free port, as long as it is entered."""

    def __init__(self, data, database, port=0):
        self.command = [Options.program, "annotate", "occlusion", "--data", str(data), "--db", str(database),
                        "--port", str(port)]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE)
        line = self.process.stdout.readline().decode()
        self.port = int(re.search(r"http://127\.0\.0\.1:(\d+)/", line).group(1))
        self.said = line
        return self

    def __exit__(self, *_):
        self.kill()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    def ask(self, method, path, body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
            body = body if isinstance(body, str) else json.dumps(body)
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        content = response.read()
        connection.close()
        return response.status, content

    def state(self):
        return json.loads(self.ask("GET", "/state")[1])

    def post(self, path, body):
        status, content = self.ask("POST", path, body)
        assert status == 200, content
        return json.loads(content)


class Occlusion(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.scratch.cleanup)
        cls.root = pathlib.Path(cls.scratch.name)
        cls.data = cls.root / "ferplus"
        write_tree(cls.data / "FER2013Valid")

    def test_marks_survive_being_killed(self):
        database, exported = self.root / "kill.sqlite", self.root / "kill.txt"
        with Page(self.data, database) as page:
            state = page.state()
            self.assertEqual((state["count"], state["done"], state["recent"]), (MAJORITY, 0, []))
            self.assertEqual(state["upcoming"], [1, 2, 3])
            for mark in ("glasses-mask", "none", "bottom"):
                state = page.post("/mark", {"place": state["image"]["place"], "mark": mark})
            self.assertEqual(state["recent"][0]["mark"], "bottom")
            before = state
            page.kill()  # at once after the reply
        with Page(self.data, database) as page:
            self.assertIn("3 of them marked", page.said)
            self.assertEqual(page.state(), before)
            state = page.post("/undo", {})
            self.assertEqual((state["done"], state["image"]["place"]), (2, 2))
            page.post("/mark", {"place": 2, "mark": "upper"})
            state = page.post("/mark", {"place": 3, "mark": "skip"})
            self.assertIsNone(state["image"])
            self.assertEqual(page.ask("GET", "/list")[1].decode().splitlines()[0].split()[1:], ["8", "3"])
            # While it is served, too.
            result = regard("annotate", "occlusion", "--db", database, "--export", exported)
        self.assertEqual(result.returncode, 0, result.stderr)
        for line in ("upper: 1", "bottom: 0", "glasses-mask: 1", "none: 1", "skip: 1", "not marked: 0"):
            self.assertIn(line, result.stdout.decode())
        lines = exported.read_text().splitlines()
        self.assertEqual(len(lines), 2)
        for line in lines:
            self.assertRegex(line, r"^[0-2]_fer000000[0-3]\.png 8 [03]$")

    def test_the_page_and_its_images(self):
        with Page(self.data, self.root / "page.sqlite") as page:
            status, content = page.ask("GET", "/")
            self.assertEqual(status, 200)
            self.assertIn("Which part of the face is occluded?", content.decode())
            self.assertNotIn("http://", content.decode(), "the page needs nothing from elsewhere")
            self.assertNotIn("https://", content.decode())
            name = page.state()["image"]["name"]
            status, png = page.ask("GET", "/image/0")
            self.assertEqual((status, png[:8]), (200, b"\x89PNG\r\n\x1a\n"))
            self.assertEqual(struct.unpack(">II", png[16:24]), (48, 48), name)

    def test_wrong_requests_change_nothing(self):
        with Page(self.data, self.root / "wrong.sqlite") as page:
            for method, path, body, status, hint in [
                    ("POST", "/mark", {"place": 99, "mark": "upper"}, 400, "0 to 3"),
                    ("POST", "/mark", {"place": 0, "mark": "lower"}, 400, "upper, bottom"),
                    ("POST", "/mark", {"place": "0", "mark": "upper"}, 400, "no mark"),
                    ("POST", "/mark", "{", 400, "request"), ("POST", "/mark", [], 400, "no mark"),
                    ("GET", "/image/99", None, 400, "0 to 3"), ("GET", "/image/x", None, 400, "no number"),
                    ("GET", "/nowhere", None, 404, "/nowhere")]:
                got, content = page.ask(method, path, body)
                self.assertEqual(got, status, (path, body))
                self.assertIn(hint, json.loads(content)["error"])
            # From a page of another origin: no preflight is asked for text, and names can be bound to 127.0.0.1.
            stroke = json.dumps({"place": 0, "mark": "upper"})
            self.assertEqual(page.ask("POST", "/mark", stroke, Content_Type="text/plain")[0], 415)
            self.assertEqual(page.ask("POST", "/mark", stroke, Host="evil.example")[0], 403)
            self.assertEqual(page.ask("GET", "/state", Host=f"evil.example:{page.port}")[0], 403)
            self.assertEqual(page.ask("GET", "/state", Host=f"localhost:{page.port}")[0], 200)
            self.assertEqual(page.state()["done"], 0)

    def test_a_port_that_is_taken(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            database = self.root / "port.sqlite"
            result = regard("annotate", "occlusion", "--data", self.data, "--db", database, "--port", port)
            self.assertEqual(result.returncode, 1)
            self.assertIn(f"127.0.0.1:{port}: port cannot be listened to".encode(), result.stderr)
            self.assertFalse(database.exists())
        with Page(self.data, self.root / "first.sqlite") as page:
            result = regard("annotate", "occlusion", "--data", self.data, "--db", database, "--port", page.port)
            self.assertEqual(result.returncode, 1, "two of the same kind must not share a port")

    def test_a_database_of_other_images(self):
        database = self.root / "other.sqlite"
        with Page(self.data, database):
            pass
        other = self.root / "other"
        write_tree(other / "FER2013Valid", start=100)
        result = regard("annotate", "occlusion", "--data", other, "--db", database, "--port", 0)
        self.assertEqual(result.returncode, 1)
        self.assertIn(b"other.sqlite: database has the marks of other images", result.stderr)
        result = regard("annotate", "occlusion", "--db", other / "FER2013Valid" / "label.csv", "--export", other / "l")
        self.assertEqual(result.returncode, 1)
        self.assertIn(b"label.csv: cannot be read as a database of marks", result.stderr)

    def test_wrong_usage(self):
        for arguments, hint in [((), b"annotate --help"), (("occlusion", "--db", "x"), b"--data"),
                                (("occlusion", "--data", "x"), b"--db"), (("pose", "--data", "x"), b"--out"),
                                (("occlusion", "--db", "x", "--port", "70000"), b"65535"),
                                (("pose", "--data", "x", "--ot", "y"), b"regard annotate pose")]:
            result = regard("annotate", *arguments)
            self.assertEqual(result.returncode, 2, arguments)
            self.assertIn(hint, result.stderr, arguments)


class Pose(unittest.TestCase):
    def test_lists_that_would_be_empty_are_not_written(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            write_tree(root / "FER2013Valid")
            result = regard("annotate", "pose", "--data", root, "--out", root / "lists")
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertIn(f"head poses of 0 of the {MAJORITY} images", result.stdout.decode())
            rows = (root / "lists" / "poses.csv").read_text().splitlines()
            self.assertEqual(rows[:2], ["name,label,yaw,pitch,roll", "fer0000000.png,neutral,,,"])
            self.assertEqual(len(rows), 1 + IMAGES)
            self.assertEqual(os.listdir(root / "lists"), ["poses.csv"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", type=os.path.abspath)
    options, rest = parser.parse_known_args()
    Options.program = options.program
    unittest.main(argv=["annotate_test.py", *rest])
