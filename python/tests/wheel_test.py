"""Installs a wheel into a new virtual environment and tests it there, without a compiler or anything else on the PATH.

usage: wheel_test.py --wheel dist/regard-....whl [--build build-wheel] [--program build/regard] [--with pandas,mypy]
  --build    the build folder of the wheel: images must be read as by its module, which uses the system's libraries
  --program  the results must equal its results
  --with     packages to install, whose tests are skipped otherwise
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import venv

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# What a wheel may expect of a system: the list of manylinux.
SYSTEM = r"^(ld-linux-x86-64|lib(c|m|dl|pthread|rt|util|gcc_s|stdc\+\+|z))[.-]"

LOADED = """
import regard
regard.Recognizer().recognize("samples/astronaut.png")
print(*{line.split()[-1] for line in open("/proc/self/maps") if ".so" in line}, sep="\\n")
"""

# A line for each of the test images: its name, and the pixels' hash or the error.
READ = """
import hashlib, pathlib, regard
for file in sorted(pathlib.Path("tests/images").iterdir()):
    try:
        print(file, hashlib.sha256(regard.read_image(file).tobytes()).hexdigest())
    except regard.Error as error:
        print(file, error)
"""


class Options:
    wheel = build = program = None
    packages = ""


class Wheel(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        cls.folder = pathlib.Path(scratch.name)
        venv.create(cls.folder / "venv", with_pip=True)
        cls.bin = cls.folder / "venv" / "bin"
        kept = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "HOME", "SSL_", "LANG"))}
        cls.environment = {**kept, "PATH": str(cls.bin)}
        packages = [name for name in Options.packages.split(",") if name]
        cls.python("-m", "pip", "--disable-pip-version-check", "install", "--quiet", Options.wheel, *packages)

    @classmethod
    def run_in(cls, environment, *command):
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, cwd=ROOT, check=False,
                              env=environment)
        if done.returncode != 0:
            raise AssertionError(f"{command}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    @classmethod
    def python(cls, *arguments):
        return cls.run_in(cls.environment, cls.bin / "python", *arguments)

    def test_nothing_of_the_system_is_needed(self):
        loaded = self.python("-c", LOADED).split()
        prefixes = (str(self.folder), sys.base_prefix)
        outside = [name for name in loaded if not name.startswith(prefixes)]
        self.assertEqual([name for name in outside if not re.match(SYSTEM, pathlib.Path(name).name)], [])
        for library in ("libregard.so", "libopenvino.so", "libopencv_core"):
            self.assertEqual(len([name for name in loaded if library in name]), 1, library)

    def test_images_are_read_as_with_the_systems_libraries(self):
        if not Options.build:
            self.skipTest("asked for by --build")
        build = {**os.environ, "PYTHONPATH": f"{Options.build}/python"}
        read = self.python("-c", READ)
        self.assertEqual(read, self.run_in(build, sys.executable, "-c", READ))
        self.assertRegex(read, r"alpha\.heic [0-9a-f]{64}\n")

    def test_without_openvino_the_error_says_what_is_needed(self):
        (package,) = self.folder.glob("venv/lib/python3*/site-packages/regard")
        for part in (package, package.with_name("regard.libs")):
            shutil.copytree(part, self.folder / "alone" / part.name)
        done = subprocess.run([self.bin / "python", "-S", "-c", "import regard"], capture_output=True, text=True, check=False,
                              env={**self.environment, "PYTHONPATH": str(self.folder / "alone")})
        self.assertRegex(done.stderr, r"ImportError: libopenvino\.so\S+: cannot open .*needs exactly the version of the package openvino")

    def test_licences_of_what_is_bundled(self):
        (info,) = self.folder.glob("venv/lib/python3*/site-packages/regard-*.dist-info")
        licences = {path.name for path in (info / "licenses").iterdir()}
        self.assertLessEqual({"LICENSE", "libopencv-core406.txt", "LGPL-3.txt"}, licences)
        bundled = [path.name for path in (info.parent / "regard.libs").iterdir()]
        self.assertEqual([name for name in bundled if re.match("lib(x265|jbig|GLX|openvino|tbb)", name)], [])

    def test_everything_else(self):
        program = ["--program", Options.program] if Options.program else []
        done = subprocess.run([self.bin / "python", "python/tests/regard_test.py", "--images", "1000", *program], cwd=ROOT,
                              env=self.environment, check=False)
        self.assertEqual(done.returncode, 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--wheel", type=os.path.abspath, required=True)
    parser.add_argument("--build", type=os.path.abspath)
    parser.add_argument("--program", type=os.path.abspath)
    parser.add_argument("--with", dest="packages")
    _, rest = parser.parse_known_args(namespace=Options)
    unittest.main(argv=["wheel_test.py", *rest])
