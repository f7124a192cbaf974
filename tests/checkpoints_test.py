"""Holds `regard import` to checkpoints as trainers leave them: in both formats of torch.save and every protocol, with
bookkeeping of all kinds beside the weights, the weights wherever people put them; and to files that are none. What is
imported answers nothing before it is trained.

usage: checkpoints_test.py --program build/regard
       with a Python that has torch and numpy (scripts/setup train installs them); skipped without
"""

import argparse
import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import functools
import gzip
import io
import json
import pathlib
import pickle
import random
import shutil
import struct
import subprocess
import sys
import tarfile
import tempfile
import types
import unittest
import uuid
import zipfile

try:
    import numpy as np
    import torch
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parent.parent
MARKER = pathlib.Path(tempfile.gettempdir()) / f"regard-was-executed-{uuid.uuid4()}"


class Colour(enum.Enum):
    RED = 1


@dataclasses.dataclass
class Config:
    rate: float = 0.1
    names: tuple = ("a", "b")


class Slots:
    __slots__ = ("a", "b")

    def __init__(self):
        self.a, self.b = 1, [2]


class Tags(list):
    """A list of a class of its own, with an attribute."""


class Settings(dict):
    pass


class Command:
    """Would be run by Python's own reader."""

    def __reduce__(self):
        return MARKER.touch, ()


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.PReLU())
        self.fc = torch.nn.Linear(4, 2)
        self.shared = self.fc
        self.config = Config()


NAMES = {name for name, _ in Net().named_parameters(remove_duplicate=False)} | {name for name, _ in Net().named_buffers()}


def state():
    return Net().state_dict()


def optimizer_and_schedule():
    net = Net()
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, 10)
    for parameter in net.parameters():
        parameter.grad = torch.ones_like(parameter)
    optimizer.step()
    return {"optimizer": optimizer.state_dict(), "scheduler": schedule.state_dict()}


def moving_average():
    return torch.optim.swa_utils.AveragedModel(Net())


# What lies beside "state_dict".
BOOKKEEPING = {
    "numpy scalar": lambda: np.float64(0.5),
    "numpy scalars": lambda: {"best": np.float32(1), "epoch": np.int64(3), "flag": np.bool_(True), "text": np.str_("a")},
    "numpy array": lambda: np.arange(6.0).reshape(2, 3),
    "numpy array, in columns": lambda: np.asfortranarray(np.ones((2, 3), np.int32)),
    "numpy array of objects": lambda: np.array([None, "a", {}], dtype=object),
    "numpy record": lambda: np.zeros(2, dtype=[("a", "f4"), ("b", "i8")]),
    "numpy dtype": lambda: np.dtype("float16"),
    "numpy datetime": lambda: np.datetime64("2020-01-01"),
    "numpy random state": np.random.get_state,
    "numpy generator": lambda: np.random.default_rng(1),
    "random state": random.getstate,
    "namespace": lambda: argparse.Namespace(lr=0.1, arch="resnet18", gpus=[0, 1], nested=argparse.Namespace(a=None)),
    "simple namespace": lambda: types.SimpleNamespace(a=1),
    "counter": lambda: collections.Counter("abca"),
    "ordered dict": lambda: collections.OrderedDict(a=1),
    "default dict": lambda: collections.defaultdict(list, a=[1]),
    "deque": lambda: collections.deque([1, 2], maxlen=5),
    "set": lambda: {1, 2, 3},
    "frozen set": lambda: frozenset("ab"),
    "device": lambda: torch.device("cuda:0"),
    "size": lambda: torch.Size([2, 3]),
    "dtype": lambda: torch.bfloat16,
    "torch random state": torch.get_rng_state,
    "path": lambda: pathlib.Path("/data/x"),
    "windows path": lambda: pathlib.PureWindowsPath("C:/x"),
    "times": lambda: [datetime.datetime.now(), datetime.date.today(), datetime.timedelta(1), datetime.timezone.utc],
    "partial": lambda: functools.partial(int, base=2),
    "enum": lambda: Colour.RED,
    "dataclass": Config,
    "slots": Slots,
    "list of a class": lambda: Tags([1, 2]),
    "dict of a class": lambda: Settings(a=1),
    "function": lambda: torch.nn.functional.relu,
    "class": lambda: Config,
    "method": lambda: "abc".upper,
    "bytes": lambda: [b"\x00\xff", bytearray(b"abc")],
    "numbers": lambda: [2**70, -(2**70), 1 + 2j, decimal.Decimal("1.5"), fractions.Fraction(1, 3), range(3), slice(1)],
    "identifier": uuid.uuid4,
    "exception": lambda: ValueError("no"),
    "optimizer and schedule": optimizer_and_schedule,
    "criterion": lambda: torch.nn.CrossEntropyLoss(weight=torch.ones(3)),
    "sparse tensor": lambda: torch.eye(3).to_sparse(),
    "bool tensor": lambda: torch.tensor([True]),
    "storage": lambda: torch.ones(3).untyped_storage(),
    "itself": lambda: (lambda x: x.append(x) or x)([]),
    "command": Command,
}

# The weights, wherever people put them.
PLACES = {
    "state_dict": lambda s: {"epoch": 1, "state_dict": s},
    "model_state_dict": lambda s: {"model_state_dict": s, "loss": torch.tensor(0.5)},
    "model": lambda s: {"model": s, "args": argparse.Namespace(a=1)},
    "net": lambda s: {"net": s, "acc": 91.2},
    "network": lambda s: {"network": s},
    "params": lambda s: {"params": s},
    "ema": lambda s: {"ema": s, "step": np.int64(4)},
    "ema_state_dict": lambda s: {"ema_state_dict": s},
    "student_1": lambda s: {"student_1": s},
    "model.state_dict": lambda s: {"model": {"state_dict": s, "name": "x"}},
    "a.b.c": lambda s: {"a": {"b": {"c": s}}},
    "[0]": lambda s: [s, 3],
    "[1]": lambda s: ("name", s),
    "checkpoints[1].model": lambda s: {"checkpoints": [None, {"model": s}]},
    "": lambda s: s,
    "plain": lambda s: {"plain": dict(s)},
    "settings": lambda s: {"settings": Settings(s)},
    "default": lambda s: {"default": collections.defaultdict(None, s)},
    "pairs": lambda s: {"pairs": list(s.items())},
    "parameters": lambda s: {"parameters": {name: torch.nn.Parameter(v, requires_grad=False) for name, v in s.items()}},
}


def run(*arguments):
    return subprocess.run([Options.program, *map(str, arguments)], capture_output=True, text=True, timeout=300)


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)

    def error_of_import(self, path):
        done = run("import", path, "--out", self.folder / "out.safetensors")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        return done.stderr

    def expect_tensors(self, path, count):
        """All of a network that is far too small are found, and nothing else is the matter."""
        error = self.error_of_import(path)
        self.assertIn("too little of the backbone", error)
        self.assertIn(f"among {count} tensors", error)


class Checkpoints(Case):
    def test_bookkeeping_is_passed_over(self):
        path = self.folder / "checkpoint.pth"
        for name, make in BOOKKEEPING.items():
            for zipped in (True, False):
                with self.subTest(name, zipped=zipped):
                    torch.save({"extra": make(), "state_dict": state()}, path, _use_new_zipfile_serialization=zipped)
                    self.expect_tensors(path, len(state()))

    def test_all_protocols(self):
        path = self.folder / "checkpoint.pth"
        extra = {name: make() for name, make in BOOKKEEPING.items()}
        for protocol in (2, 3, 4, 5):
            for zipped in (True, False):
                with self.subTest(protocol=protocol, zipped=zipped):
                    torch.save({"extra": extra, "state_dict": state()}, path, pickle_protocol=protocol,
                               _use_new_zipfile_serialization=zipped)
                    self.expect_tensors(path, len(state()))

    def test_nothing_is_executed(self):
        torch.save({"extra": Command(), "state_dict": state()}, self.folder / "a.pth")
        self.error_of_import(self.folder / "a.pth")
        self.assertFalse(MARKER.exists())

    def test_state_dicts_are_found(self):
        path = self.folder / "checkpoint.pth"
        for place, put in PLACES.items():
            with self.subTest(place):
                torch.save(put(state()), path)
                self.expect_tensors(path, len(state()))

    def test_modules_that_were_saved_whole(self):
        path = self.folder / "module.pth"
        count = len(NAMES)
        for name, value in {"module": Net(), "in a dict": {"model": Net(), "ema": None}, "parallel": torch.nn.DataParallel(Net())}.items():
            for zipped in (True, False):
                with self.subTest(name, zipped=zipped):
                    torch.save(value, path, _use_new_zipfile_serialization=zipped)
                    self.expect_tensors(path, count)
        torch.save({"average": moving_average()}, path)
        self.expect_tensors(path, count + 1)

    def test_a_script_module(self):
        net = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4))
        torch.jit.save(torch.jit.script(net), self.folder / "script.pt")
        self.expect_tensors(self.folder / "script.pt", len(net.state_dict()))

    def test_without_weights_what_is_there_is_named(self):
        path = self.folder / "checkpoint.pth"
        torch.save({"epoch": 3, "history": [1.0], "weights": np.ones(3)}, path)
        error = self.error_of_import(path)
        self.assertIn("no tensors by name", error)
        for part in ("'epoch' (a number)", "'history' (a list)", "'weights' (numpy", "a dict with"):
            self.assertIn(part, error)


def zip_of(entries):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return out.getvalue()


def tar_of(entries):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in entries.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 12345\n"
OTHERS = {
    "an empty file": b"",
    "an HTML page": b"<!DOCTYPE html><html><body>404</body></html>",
    "an XML file": b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>",
    "a Git LFS pointer": POINTER,
    "a gzip archive": gzip.compress(b"weights"),
    "a tar archive": tar_of({"model.pth": b"weights"}),
    "a JSON file": b'{"error": "Not Found"}',
    "an image": (ROOT / "samples" / "astronaut.png").read_bytes()[:4096],
    "a ZIP archive": zip_of({"weights/model.pth": b"weights"}),
}


class OtherFiles(Case):
    def write(self, name, data):
        path = self.folder / name
        path.write_bytes(data)
        return path

    def test_are_called_by_their_names_in_import(self):
        for name, data in OTHERS.items():
            for ending in (".pth", ".safetensors", ".onnx", ".bin"):
                with self.subTest(name, ending=ending):
                    error = self.error_of_import(self.write("x" + ending, data))
                    self.assertIn("zip archive is none of torch.save's" if name == "a ZIP archive" else name, error)

    def test_are_called_by_their_names_as_models(self):
        buffer = io.BytesIO()
        torch.save(state(), buffer)
        for name, data in {**OTHERS, "a PyTorch file": buffer.getvalue()}.items():
            with self.subTest(name):
                path = self.write("x.safetensors", data)
                for command in (["recognize", "--model", path, ROOT / "samples"], ["export", path, "--out", self.folder / "x.onnx"],
                                ["models", path]):
                    done = run(*command)
                    self.assertEqual(done.returncode, 1, done.stdout)
                    self.assertIn(name, done.stderr)

    def test_weights_are_read_by_what_they_are(self):
        header = b'{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'
        safetensors = struct.pack("<Q", len(header)) + header + bytes(8)
        buffer = io.BytesIO()
        torch.save(state(), buffer)
        self.expect_tensors(self.write("model.pth", safetensors), 1)
        self.expect_tensors(self.write("model.bin", safetensors), 1)
        self.expect_tensors(self.write("model.safetensors", buffer.getvalue()), len(state()))

    def test_a_plain_pickle_is_named(self):
        error = self.error_of_import(self.write("x.pkl", pickle.dumps({"a": np.ones(3)})))
        self.assertIn("pickle.dump", error)


class Untrained(Case):
    """The weights of a shipped model, as those of some other network."""

    def setUp(self):
        super().setUp()
        data = (ROOT / "models" / "ferplus-mobilenet.safetensors").read_bytes()
        (length,) = struct.unpack("<Q", data[:8])
        entries = json.loads(data[8 : 8 + length])
        del entries["__metadata__"]
        text = json.dumps(entries).encode()
        (self.folder / "weights.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data[8 + length :])
        self.start = self.folder / "start.safetensors"
        done = run("import", self.folder / "weights.safetensors", "--input-size", "64", "--out", self.start)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_what_answers_refuses_and_names_the_way_on(self):
        sample = ROOT / "samples" / "astronaut.png"
        for command in (["recognize", sample, "--model", self.start],
                        ["explain", sample, "--model", self.start, "--out", self.folder / "x.png"],
                        ["export", self.start, "--out", self.folder / "x.onnx"],
                        ["bench", "--model", self.start, "--runs", "1"],
                        ["ensemble", self.start, self.start, "--out", self.folder / "e.safetensors"]):
            with self.subTest(command[0]):
                done = run(*command)
                self.assertEqual(done.returncode, 1, done.stdout)
                self.assertIn("classifier is untrained", done.stderr)
                self.assertIn("regard train", done.stderr)
                self.assertFalse((self.folder / "x.onnx").exists())


class Options:
    program = None


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True, type=pathlib.Path)
    arguments, rest = parser.parse_known_args()
    Options.program = arguments.program.resolve()
    unittest.main(argv=["checkpoints_test.py", *rest], warnings="ignore")
