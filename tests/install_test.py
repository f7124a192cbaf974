"""Installs into a temporary folder, moves it, and builds and runs README's C++ example against it.

usage: install_test.py --build BUILD_FOLDER
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
ASTRONAUT = ROOT / "samples" / "astronaut.png"


class Options:
    build = None


def run(*command, **options):
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, **options)
    if result.returncode != 0:
        raise AssertionError(f"{command}\n{result.stdout}\n{result.stderr}")
    return result.stdout


def example(language):
    """The only block of code of that language in README."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"),
                        re.MULTILINE | re.DOTALL)
    assert len(blocks) == 1, f"README has {len(blocks)} blocks of {language}"
    return blocks[0]


class Install(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.prefix = self.folder / "moved"
        run("cmake", "--install", Options.build, "--prefix", self.folder / "installed")
        (self.folder / "installed").rename(self.prefix)
        # Nothing of the source tree may be needed: models are found beside the installed library.
        self.environment = {k: v for k, v in os.environ.items() if k not in ("REGARD_MODELS", "LD_LIBRARY_PATH")}

    def test_the_server(self):
        serving = subprocess.Popen([self.prefix / "bin" / "regard", "serve", "--port", "0", "--quiet"], stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, text=True, env=self.environment)
        self.addCleanup(serving.wait)
        self.addCleanup(serving.kill)
        self.addCleanup(serving.stdout.close)
        url = serving.stdout.readline().split()[0]
        with urllib.request.urlopen(f"{url}about", timeout=60) as answer:
            self.assertEqual(json.load(answer)["model"]["name"], "ferplus-mobilenet")

    def test_example_of_the_readme(self):
        source = self.folder / "hello"
        source.mkdir()
        (source / "main.cpp").write_text(example("cpp"))
        headers = sorted((self.prefix / "include").rglob("*.h"))
        (source / "headers.cpp").write_text("".join(f'#include "{h}"\n' for h in headers))
        (source / "CMakeLists.txt").write_text(
            example("cmake") + "target_sources(hello PRIVATE headers.cpp)\n")
        run("cmake", "-S", source, "-B", source / "build", f"-DCMAKE_PREFIX_PATH={self.prefix}", env=self.environment)
        run("cmake", "--build", source / "build", env=self.environment)
        said = run(source / "build" / "hello", ASTRONAUT, env=self.environment)
        self.assertRegex(said, r"^happiness 0\.\d+")
        self.assertEqual(len(said.splitlines()), 1)

    def test_headers_are_those_that_the_public_one_reaches(self):
        include = self.prefix / "include"
        found, ahead = set(), ["regard/regard.h"]
        while ahead:
            header = ahead.pop()
            if header not in found:
                found.add(header)
                ahead += re.findall(r'^#include "([^"]+)"', (include / header).read_text(), re.MULTILINE)
        self.assertEqual(found, {str(p.relative_to(include)) for p in include.rglob("*") if p.is_file()})
        self.assertGreater(len(found), 10)
        for header in found:
            text = (include / header).read_text()
            for hidden in ("nlohmann", "Json", "class Ops", "opencv", "openvino", "toml"):
                self.assertNotIn(hidden, text, header)

    def test_recipes_are_installed(self):
        program = self.prefix / "bin" / "regard"
        listed = run(program, "reproduce", "--list", cwd=self.folder, env=self.environment)
        self.assertEqual(listed, run(Options.build + "/regard", "reproduce", "--list"))
        self.assertIn("table2", listed)

    def test_installed_program(self):
        program = self.prefix / "bin" / "regard"
        for linked in (run("ldd", program, env=self.environment), run("ldd", f"{program}-lab", env=self.environment)):
            self.assertNotIn("not found", linked)
            for library in ("libregard.so", "libopenvino.so"):
                place = re.search(rf"{re.escape(library)}\S* => (\S+)", linked).group(1)
                self.assertTrue(pathlib.Path(place).resolve().is_relative_to(self.prefix), linked)
        self.assertIn('"happiness"', run(program, "recognize", ASTRONAUT, env=self.environment))

    def test_compiled_networks_are_read_again(self):
        cache = self.folder / "cache"

        def files():  # one that cannot be read would be written anew
            run(self.prefix / "bin" / "regard", "recognize", ASTRONAUT, env={**self.environment, "REGARD_CACHE": str(cache)})
            return {file.name: file.stat().st_ino for file in cache.iterdir()}

        first = files()
        self.assertTrue(first)
        self.assertEqual(files(), first)

    def test_completion_is_installed(self):
        for file in ("bash-completion/completions/regard", "zsh/site-functions/_regard",
                     "fish/vendor_completions.d/regard.fish"):
            self.assertIn("recognize", (self.prefix / "share" / file).read_text())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--build", type=os.path.abspath, required=True)
    _, rest = parser.parse_known_args(namespace=Options)
    unittest.main(argv=["install_test.py", *rest])
