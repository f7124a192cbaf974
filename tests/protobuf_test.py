"""Loads the library into processes beside another protobuf, before it and after it, and lets both work; and holds the library to
what it shows: no symbol of protobuf or ONNX.

usage: protobuf_test.py --library build/libregard.so --module build/libuse_library.so
  --module  tests/use_library.cpp as a shared library, which loads regard's

The other protobufs are the system's libprotobuf and those in the wheels of onnx, onnxruntime and tensorflow, whatever the
Python that runs this has (scripts/setup train installs the first two wheels).
"""

import argparse
import ctypes.util
import importlib.util
import pathlib
import re
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent

REGARD = """
import ctypes
faces = ctypes.CDLL({module!r}, ctypes.RTLD_GLOBAL).faces_in({image!r}.encode())
assert faces == 1, faces
"""

# Each loads a library with all its symbols for everyone to see, and uses it where that can be done from here.
OTHERS = {
    "system": "import ctypes, ctypes.util; ctypes.CDLL(ctypes.util.find_library('protobuf'), ctypes.RTLD_GLOBAL)",
    "onnx": "import sys, ctypes; sys.setdlopenflags(sys.getdlopenflags() | ctypes.RTLD_GLOBAL); import onnx, onnx.parser; "
    "onnx.checker.check_model(onnx.parser.parse_model('<ir_version: 8, opset_import: [\"\": 17]> g (float[n] x) => (float[n] y) {"
    " y = Relu(x) }'))",
    "onnxruntime": "import sys, ctypes; sys.setdlopenflags(sys.getdlopenflags() | ctypes.RTLD_GLOBAL); import onnxruntime",
    "tensorflow": "import tensorflow as tf; assert int(tf.constant(1) + 1) == 2",
}


def is_there(name):
    return bool(ctypes.util.find_library("protobuf")) if name == "system" else importlib.util.find_spec(name) is not None


class Library(unittest.TestCase):
    library = module = None

    def test_shows_nothing_of_protobuf(self):
        symbols = subprocess.run(["nm", "-D", "-C", self.library], check=True, capture_output=True, text=True).stdout
        self.assertIn("regard::", symbols)
        self.assertEqual(re.findall(r"google::protobuf|onnx::\w+Proto\b", symbols), [])
        linked = subprocess.run(["ldd", self.library], check=True, capture_output=True, text=True).stdout
        self.assertNotRegex(linked, r"libprotobuf|libonnx[._]|libonnx_proto")

    def test_works_beside_another(self):
        regard = REGARD.format(module=self.module, image=str(ROOT / "samples" / "astronaut.png"))
        others = [name for name in OTHERS if is_there(name)]
        if not others:
            self.skipTest("there is no other protobuf")
        print("beside the protobuf of: " + ", ".join(others), file=sys.stderr)
        for name in others:
            other = OTHERS[name]
            for order, script in {"before": other + "\n" + regard, "after": regard + other, "both": other + "\n" + regard + other}.items():
                with self.subTest(name, other=order):
                    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=600)
                    self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--library", required=True)
    parser.add_argument("--module", required=True)
    arguments, rest = parser.parse_known_args()
    Library.library, Library.module = arguments.library, arguments.module
    unittest.main(argv=["protobuf_test.py", *rest])
