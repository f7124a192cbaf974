"""Lets slowhttptest (https://github.com/shekyan/slowhttptest) hold `regard serve` up in its ways: headers that come slowly (Slowloris),
bodies that come slowly (R-U-Dead-Yet), answers that are taken slowly, and headers with very many ranges. The server must answer
others all the while, and close what is too slow.

usage: serve_slow_test.py --program build/regard [unittest's arguments]; skipped (exit status 77) without slowhttptest
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

from serve_test import HOPPER, Options, Served

CONNECTIONS = 400
SECONDS = 20


class Slow(unittest.TestCase):
    def attack(self, path, *flags):
        """Asks as others do while slowhttptest runs; what that says in the end."""
        slowest = 0.0
        with Served("--quiet") as served, tempfile.TemporaryDirectory() as folder:
            served.ask("POST", "/recognize", HOPPER.read_bytes(), "image/jpeg")
            before = served.resident()
            attack = subprocess.Popen(["slowhttptest", *flags, "-c", str(CONNECTIONS), "-r", "200", "-l", str(SECONDS), "-p", "5",
                                       "-u", f"http://127.0.0.1:{served.port}{path}"], cwd=folder, stdout=subprocess.PIPE,
                                      stderr=subprocess.STDOUT, text=True)
            most = 0
            while attack.poll() is None:
                begin = time.monotonic()
                self.assertEqual(served.ask("GET", "/health/live")[0], 200)
                slowest = max(slowest, time.monotonic() - begin)
                self.assertEqual(served.ask("POST", "/recognize", HOPPER.read_bytes(), "image/jpeg")[0], 200)
                most = max(most, served.metric("regard_connections"))
                time.sleep(0.2)
            said = re.sub(r"\x1b\[[0-9;]*m", "", attack.stdout.read())
            attack.stdout.close()
            deadline = time.monotonic() + 30
            while served.metric("regard_connections") > 2 and time.monotonic() < deadline:
                time.sleep(0.2)
            self.assertLessEqual(served.metric("regard_connections"), 2)
            grown = served.resident() - before
        available = re.findall(r"service available:\s+(\w+)", said)
        ended = re.search(r"Test ended on (\d+)th second", said).group(1)
        print(f"slowhttptest {' '.join(flags)}: {most:.0f} connections of the server at most; over after {ended} s; available "
              f"{available.count('YES')} of {len(available)} times; slowest answer to others {1000 * slowest:.0f} ms; memory grew by "
              f"{grown:.0f} MB", file=sys.stderr)
        self.assertGreater(most, 1)
        self.assertNotIn("NO", available)
        self.assertLess(slowest, 2)
        self.assertLess(grown, 100)

    def test_headers_that_come_slowly(self):
        self.attack("/recognize", "-H", "-i", "2", "-x", "10")

    def test_bodies_that_come_slowly(self):
        self.attack("/recognize", "-B", "-i", "2", "-s", "100000", "-x", "10", "-f", "image/jpeg")

    def test_answers_that_are_taken_slowly(self):
        self.attack("/openapi.json", "-X", "-n", "1", "-w", "10", "-y", "20", "-z", "5", "-k", "3")

    def test_many_ranges(self):
        self.attack("/", "-R", "-a", "10", "-b", "3000")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", type=os.path.abspath)
    options, rest = parser.parse_known_args()
    if not shutil.which("slowhttptest"):
        print("slowhttptest is not installed")
        sys.exit(77)
    Options.program = options.program
    unittest.main(argv=["serve_slow_test.py", *rest])
