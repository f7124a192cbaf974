"""Holds an exported model, run by onnxruntime, against the engine.

usage: onnxruntime_test.py --program build/regard_tests --work DIR
  --program  the test program; it writes, into the folder of the environment's REGARD_ONNX_CASES, models as .onnx and
             beside each a .safetensors of chips, their landmarks and the probabilities that the engine gives them
  --work     a folder for these files; emptied before and after
"""

import argparse
import json
import os
import pathlib
import shutil
import struct
import subprocess
import unittest

import numpy as np
import onnx
import onnxruntime

TOLERANCE = 5e-5
# Of integers: a last bit of a number before it is rounded decides on a whole step.
INT8_TOLERANCE = 0.05
TYPES = {"F32": np.float32, "U8": np.uint8}


def read_tensors(path):
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        tensors[name] = np.frombuffer(data[begin:end], TYPES[entry["dtype"]]).reshape(entry["shape"])
    return tensors


def planes(chips):
    """[n, size, size, 3] bytes -> what the network takes."""
    return np.ascontiguousarray(chips.transpose(0, 3, 1, 2)).astype(np.float32)


class ExportedModels(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        shutil.rmtree(Options.work, ignore_errors=True)
        Options.work.mkdir(parents=True)
        subprocess.run([Options.program, "--gtest_filter=ExportTest.*"], check=True, stdout=subprocess.DEVNULL,
                       env={**os.environ, "REGARD_ONNX_CASES": str(Options.work)})
        cls.models = sorted(Options.work.glob("*.onnx"))

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(Options.work)

    def test_there_are_models_of_every_network(self):
        names = " ".join(path.stem for path in self.models)
        for part in ("plain-", "ran-", "mean_of_scores-", "landmark", "ferplus-mobilenet", "ferplus-mobilenet-int8"):
            self.assertIn(part, names)

    def test_models_are_valid(self):
        for path in self.models:
            with self.subTest(path.name):
                model = onnx.load(path)
                onnx.checker.check_model(model, full_check=True)
                self.assertLessEqual(model.opset_import[0].version, 17)
                metadata = {entry.key: entry.value for entry in model.metadata_props}
                self.assertEqual(len(json.loads(metadata["labels"])), 8)
                size = int(metadata["chip_size"])
                axes = model.graph.input[0].type.tensor_type.shape.dim
                self.assertEqual([axis.dim_value for axis in axes], [0, 3, size, size])

    def test_probabilities_are_those_of_the_engine(self):
        for path in self.models:
            tensors = read_tensors(path.with_suffix(".safetensors"))
            session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
            # Attention of the next face in the batch: a part of the batch has others.
            for n in (8,) if "shuffled" in path.name else (1, 3, 8):
                with self.subTest(path.name, batch=n):
                    inputs = {"chip": planes(tensors["chips"][:n]), "landmarks": tensors["landmarks"][:n]}
                    wanted = {entry.name: inputs[entry.name] for entry in session.get_inputs()}
                    (got,) = session.run(["probabilities"], wanted)
                    expected = tensors["probabilities"][:n]
                    self.assertEqual(got.shape, expected.shape)
                    error = np.abs(got - expected).max()
                    if path.stem.endswith("-int8"):
                        self.assertLessEqual(error, INT8_TOLERANCE)
                        continue
                    self.assertLessEqual(error, TOLERANCE)
                    # Random networks say nearly the same of all faces.
                    self.assertLess(error, 0.01 * np.ptp(tensors["probabilities"], axis=0).max())
                    self.assertGreater(expected.max() - expected.min(), 0.01, "a network that says nothing")


class Options:
    program = None
    work = None


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--work", required=True, type=pathlib.Path)
    arguments, rest = parser.parse_known_args()
    Options.program, Options.work = arguments.program, arguments.work
    unittest.main(argv=["onnxruntime_test.py", *rest])
