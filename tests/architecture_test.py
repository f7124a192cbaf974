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
# Where code is found, and what its includes begin with: src/regard/face/detector.h is "regard/face/detector.h".
ROOTS = {"src/regard": "regard", "lab": "lab", "train": "train"}

# A library's headers, and the CMake target that a room must name to include them.
LIBRARIES = {
    r"^(torch|ATen|c10)/": "torch",
    r"^openvino/": "openvino::runtime",
    r"^protozero/": "protozero::protozero",
    r"^(onnx|google/protobuf)/": "none",
    r"^opencv2/": "regard_opencv",
    r"^zip\.h$": "libzip::zip",
    r"^sqlite3\.h$": "SQLite::SQLite3",
    r"^boost/": "regard_boost",
    r"^nlohmann/": "nlohmann_json::nlohmann_json",
    r"^toml\+\+/": "tomlplusplus::tomlplusplus",
    r"^(jpeglib|turbojpeg)\.h$": "JPEG::JPEG",
    r"^png\.h$": "PNG::PNG",
    r"^webp/": "PkgConfig::WEBP",
    r"^tiffio\.h$": "TIFF::TIFF",
    r"^libheif/": "PkgConfig::HEIF",
    r"^dav1d/": "PkgConfig::DAV1D",
    r"^lib(av|sw)\w+/": "PkgConfig::LIBAV",
    r"^gif_lib\.h$": "GIF::GIF",
    r"^(arrow|parquet)/": "regard_arrow",
}

# What the program loads that finds faces, and what of it belongs to the program for data sets.
MOST_LIBRARIES = 45
OF_THE_LAB = r"lib(zip|sqlite3|ssl|crypto|brotli\w*)\.so"

LONGEST_FUNCTION = 60
LARGEST_CLASS = 150
# These have one member function for each op.
EXECUTORS = {"SpecOps", "GraphOps", "GraphOps::Impl", "TorchOps"}


class Room:
    """One call of regard_room (cmake/Rooms.cmake): a folder, its files, what it may include."""

    def __init__(self, folder, arguments):
        self.folder = folder
        self.name, *words = arguments.split()
        self.lists = {}
        for word in words:
            if word in ("SOURCES", "TESTS", "TORCH_TESTS", "USES", "LIBRARIES", "SEPARATE"):
                current = self.lists.setdefault(word, [])
            else:
                current.append(word)
        self.uses = set(self.lists.get("USES", []))
        self.libraries = set(self.lists.get("LIBRARIES", []))
        root = next(r for r in ROOTS if folder.is_relative_to(ROOT / r))
        self.prefix = "/".join([ROOTS[root], *folder.relative_to(ROOT / root).parts])

    def files(self):
        return sorted(p for p in self.folder.iterdir() if p.suffix in (".h", ".cpp"))

    def code(self):
        return [p for p in self.files() if not p.stem.endswith("_test")]


def read_rooms():
    rooms = {}
    for root in ROOTS:
        for cmake in sorted((ROOT / root).rglob("CMakeLists.txt")):
            for call in re.findall(r"regard_room\(([^)]*)\)", cmake.read_text(encoding="utf-8")):
                room = Room(cmake.parent, re.sub(r"#[^\n]*", "", call))
                rooms[room.name] = room
    return rooms


ROOMS = read_rooms()
ROOM_OF = {room.prefix: room for room in ROOMS.values()}


def sources(*roots):
    return sorted(p for root in roots or ROOTS for p in (ROOT / root).rglob("*") if p.suffix in (".h", ".cpp"))


def includes(path):
    text = path.read_text(encoding="utf-8")
    return re.findall(r'^\s*#\s*include\s*["<]([^">]+)[">]', text, re.MULTILINE)


def room_of(header):
    """The room of an include of ours, e.g. "regard/face/detector.h"; None for others."""
    return ROOM_OF.get(header.rpartition("/")[0])


def path_of(header):
    root = next((r for r, prefix in ROOTS.items() if header.startswith(prefix + "/")), None)
    return ROOT / root / header.partition("/")[2] if root else None


def reached(path, seen=None):
    """The headers that a file includes, and those that ours among them include."""
    seen = set() if seen is None else seen
    for header in set(includes(path)) - seen:
        seen.add(header)
        if path_of(header):
            reached(path_of(header), seen)
    return seen


def libraries_of(headers):
    return {target for pattern, target in LIBRARIES.items() if any(re.match(pattern, header) for header in headers)}


class Definition:
    """A function, class or struct as Universal Ctags sees it; nested ones have the names around theirs in `name`."""

    def __init__(self, line):
        name, self.file, rest = line.split("\t", 2)
        kind, *fields = rest.rpartition(';"\t')[2].split("\t")
        fields = dict(field.split(":", 1) for field in fields if ":" in field)
        self.is_function = kind == "f"
        self.begin, self.end = int(fields["line"]), int(fields.get("end", fields["line"]))
        self.scope = fields.get("class") or fields.get("struct")
        self.name = "::".join(filter(None, [self.scope or fields.get("namespace"), name]))

    def lines(self):
        return self.end - self.begin + 1

    def contains(self, other):
        return self.file == other.file and self.begin <= other.begin and other.end <= self.end


def definitions():
    tags = subprocess.run(["ctags", "-R", "--languages=C++", "--kinds-C++=fcs", "--fields=+nesS", "-f", "-", *ROOTS, "cli", "python"],
                          cwd=ROOT, check=True, capture_output=True, text=True).stdout
    found = [Definition(line) for line in tags.splitlines() if not line.startswith("!")]
    return [d for d in found if not re.search(r"_test\.(h|cpp)$", d.file)]


def class_lengths(found):
    """Lines of each class: its definition, and its members that are defined outside of it."""
    lengths = {}
    for outer in found:
        if not outer.is_function:
            outside = [d for d in found if d.is_function and d.scope == outer.name and not outer.contains(d)]
            lengths[f"{outer.file}: {outer.name}"] = outer.lines() + sum(d.lines() for d in outside)
    return lengths


class Architecture(unittest.TestCase):
    program = library = None

    def test_every_folder_of_code_is_a_room(self):
        self.assertGreater(len(ROOMS), 15, "the search for rooms finds nothing any more")
        folders = {p.parent for p in sources()} - {ROOT / "src" / "regard"}
        self.assertEqual(folders, {room.folder for room in ROOMS.values()})

    def test_every_file_is_listed_by_its_room(self):
        for room in ROOMS.values():
            listed = [f for kind in ("SOURCES", "TESTS", "TORCH_TESTS") for f in room.lists.get(kind, []) if "$" not in f]
            self.assertEqual(sorted(listed), [p.name for p in room.files() if p.suffix == ".cpp"], room.name)

    def test_rooms_include_only_what_they_say_and_all_of_it(self):
        for room in ROOMS.values():
            used = set()
            for path in room.code():
                for header in includes(path):
                    target = room_of(header)
                    if target is None or target is room:
                        continue
                    used.add(target.name)
                    self.assertIn(target.name, room.uses, f"{path.relative_to(ROOT)} must not include {header}")
            self.assertEqual(used, room.uses, f"{room.name} says that it uses what it does not include")

    def test_libraries_are_seen_only_where_a_room_says_so(self):
        for room in ROOMS.values():
            seen = set()
            for path in room.code():
                for header in includes(path):
                    for target in libraries_of({header}):
                        self.assertIn(target, room.libraries, f"{path.relative_to(ROOT)} includes {header}")
                seen |= reached(path)
            self.assertFalse(room.libraries & set(LIBRARIES.values()) - libraries_of(seen), f"{room.name} names libraries that it does not see")

    def test_the_runtime_knows_nothing_of_what_stands_above_it(self):
        for path in sources("src/regard"):
            if not path.stem.endswith("_test"):
                for header in includes(path):
                    self.assertNotRegex(header, r"^(lab|train)/", str(path))

    def test_no_torch_header_reaches_the_program(self):
        for path in sources("cli"):
            if path.relative_to(ROOT / "cli").parts[0] == "torch":
                continue
            for header in reached(path):
                self.assertNotRegex(header, r"^(torch|ATen|c10)/", str(path))

    def test_no_torch_in_the_program(self):
        for binary in filter(None, (self.program, self.library)):
            linked = subprocess.run(["ldd", binary], check=True, capture_output=True, text=True).stdout
            self.assertIn("openvino", linked)
            self.assertNotRegex(linked, r"lib(torch|c10)|not found")

    def test_the_program_loads_few_libraries(self):
        if self.program and b"__sanitizer_" not in pathlib.Path(self.program).read_bytes():  # sanitizers bring some along
            linked = subprocess.run(["ldd", self.program], check=True, capture_output=True, text=True).stdout
            self.assertLessEqual(len(linked.splitlines()), MOST_LIBRARIES, linked)
            self.assertNotRegex(linked, OF_THE_LAB)

    def test_functions_are_short(self):
        found = [d for d in definitions() if d.is_function]
        self.assertGreater(len(found), 1500, "the search for functions finds too few of them")
        for d in found:
            self.assertLessEqual(d.lines(), LONGEST_FUNCTION, f"{d.file}:{d.begin}: {d.name}")

    def test_classes_are_small(self):
        lengths = class_lengths(definitions())
        self.assertGreater(len(lengths), 200, "the search for classes finds too few of them")
        for name, length in lengths.items():
            if name.rpartition("regard::")[2] not in EXECUTORS:
                self.assertLessEqual(length, LARGEST_CLASS, name)

    def test_no_class_is_defined_in_two_places(self):
        places = {}
        for d in definitions():
            if not d.is_function and d.name.startswith("regard::") and "::__anon" not in d.name:
                places.setdefault(d.name, set()).add(d.file)
        self.assertIn("regard::Face", places)
        for name, files in places.items():
            self.assertEqual(len(files), 1, f"{name}: {sorted(files)}; one of them replaces the other in a program with both")

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
