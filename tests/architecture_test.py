"""Holds the house's plan: which room may include what, and that nothing of torch reaches the program.

usage: architecture_test.py [--program build/regard] [--library build/libregard.so]
"""

import argparse
import os
import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "regard"

# What a room may include besides itself: rooms, or single headers of rooms. Dependencies point one way:
#   core <- region <- network <- ops <- face, engine <- recognizer <- eval <- reproduce <- cli;  loss, data <- train;
#   data <- annotate <- cli
# Two headers of ops are the contract that networks are written against: the ops' list (spec) and the weights.
SPEC = {"ops/spec.h", "ops/tensor_file.h"}
ROOMS = {
    "core": set(),
    "region": {"core"} | SPEC,
    "network": {"core", "region"} | SPEC,
    "ops": {"core", "region", "network"},
    "face": {"core", "ops/model.h"},
    "engine": {"core", "region", "network", "ops"},
    "data": {"core", "face", "ops/tensor_file.h", "ops/model.h"},
    ".": {"core", "region", "network", "ops", "face", "engine"},
    "eval": {"core", "ops", "face", "engine", "data", "."},
    "annotate": {"core", "face", "data", "ops/model.h"},
    "reproduce": {"core", "region", "network", "ops", "engine", "data", "eval", "train/recipe.h"},
    "loss": {"core", "ops"},
    "train": {"core", "ops", "network", "data", "loss", "eval/metrics.h", "eval/calibration.h"},
}

# Files that have another job than the rest of their room: a network's weights read from another program's files.
EXCEPTIONS = {f"network/{name}": {"ops/model.h", "ops/weights.h"} for name in ("import_tfjs", "import_weights")}

# Which files may see a library's headers.
LIBRARIES = {
    "torch": (r"^(torch|ATen|c10)/", r"^(train/|loss/|ops/torch|ops/(ops|networks)_test|data/transforms)"),
    "OpenVINO": (r"^openvino/", r"^(core/openvino|engine/|face/detector|face/head_pose)"),
    "ONNX": (r"^(onnx|google/protobuf)/", r"^(ops/graph|network/import_onnx)"),
    "OpenCV": (r"^opencv2/", r"^(face/|data/.*_test|eval/|recognizer|engine/.*_test|annotate/server)"),
    "libzip": (r"^zip\.h", r"^(data/(tree|.*_test)|network/import_torch)"),
    "SQLite": (r"^sqlite3\.h", r"^annotate/marks"),
    "cpp-httplib": (r"^httplib\.h", r"^annotate/server"),
}

LONGEST_FUNCTION = 60


def sources(folder=SOURCE):
    return sorted(p for p in folder.rglob("*") if p.suffix in (".h", ".cpp"))


def includes(path):
    text = path.read_text(encoding="utf-8")
    return re.findall(r'^\s*#\s*include\s*["<]([^">]+)[">]', text, re.MULTILINE)


def reached(path, seen=None):
    """The headers that a file includes, and those that ours among them include."""
    seen = set() if seen is None else seen
    for header in set(includes(path)) - seen:
        seen.add(header)
        if header.startswith("regard/"):
            reached(SOURCE / header.removeprefix("regard/"), seen)
    return seen


def name_of(path):
    return path.relative_to(SOURCE).as_posix()


def room_of(name):
    return name.split("/")[0] if "/" in name else "."


def allowed(name, included):
    room, target = room_of(name), room_of(included)
    rules = ROOMS[room] | EXCEPTIONS.get(name.rsplit(".", 1)[0], set())
    return target == room or target in rules or included in rules


def functions(path):
    """Name and length in lines of every function: from a line that ends in `{` at the depth of a namespace or class to
    the brace that closes it (the sources are formatted by clang-format)."""
    lines = path.read_text(encoding="utf-8").splitlines()
    for start, line in enumerate(lines):
        head = re.match(r"^(\s*)[^\s#/}:].*\)\s*(const|noexcept|override|mutable|->.*|\s)*\{$", line)
        if not head or re.match(r"^\s*(if|for|while|switch|else|do|catch|try)\b", line):
            continue
        for end in range(start + 1, len(lines)):
            if re.match(rf"^{head.group(1)}\}}", lines[end]):
                yield line.strip(), end - start - 1
                break


class Architecture(unittest.TestCase):
    program = library = None

    def test_rooms_include_only_what_they_may(self):
        found = 0
        for path in sources():
            name = name_of(path)
            if name.endswith("_test.cpp"):
                continue
            self.assertIn(room_of(name), ROOMS, f"{name}: a room that this test does not know")
            for header in includes(path):
                if not header.startswith("regard/"):
                    continue
                found += 1
                included = header.removeprefix("regard/")
                self.assertTrue(allowed(name, included), f"src/regard/{name} must not include {header}")
        self.assertGreater(found, 50, "the search for includes finds nothing any more")

    def test_there_is_no_way_round_in_the_plan(self):
        def reach(room, seen):
            for target in ROOMS[room]:
                target = room_of(target) if target.endswith(".h") else target
                if target != room and target not in seen and not (target == "ops" and room in ("region", "network")):
                    reach(target, seen | {target}) if target in ROOMS else None
                    self.assertNotEqual(target, start, f"{start} depends on itself by way of {room}")

        for start in ROOMS:
            reach(start, set())

    def test_libraries_are_seen_only_where_they_are_used(self):
        for path in sources():
            name = name_of(path)
            for header in includes(path):
                for library, (pattern, files) in LIBRARIES.items():
                    if re.match(pattern, header):
                        self.assertRegex(name, files, f"src/regard/{name} includes {header} ({library})")

    def test_no_torch_header_reaches_the_program(self):
        for path in sources(ROOT / "cli"):
            if path.relative_to(ROOT / "cli").parts[0] == "torch":
                continue
            for header in reached(path):
                self.assertNotRegex(header, r"^(torch|ATen|c10)/", str(path))

    def test_no_torch_in_the_program(self):
        for binary in filter(None, (self.program, self.library)):
            linked = subprocess.run(["ldd", binary], check=True, capture_output=True, text=True).stdout
            self.assertIn("openvino", linked)
            self.assertNotRegex(linked, r"lib(torch|c10)|not found")

    def test_functions_are_short(self):
        found = 0
        for path in sources() + sources(ROOT / "cli"):
            for head, length in functions(path):
                found += 1
                self.assertLessEqual(length, LONGEST_FUNCTION, f"{path.relative_to(ROOT)}: {head}")
        self.assertGreater(found, 200, "the search for functions finds nothing any more")

    def test_public_headers_are_guarded(self):
        for path in sources():
            if path.suffix == ".h":
                self.assertTrue(path.read_text(encoding="utf-8").startswith("#pragma once"), path)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", type=os.path.abspath)
    parser.add_argument("--library", type=os.path.abspath)
    options, rest = parser.parse_known_args()
    Architecture.program, Architecture.library = options.program, options.library
    unittest.main(argv=["architecture_test.py", *rest])
