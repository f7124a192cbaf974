"""Runs exported models in the runtimes that are there and compares what they say with OpenVINO, in which the engine runs them:
the table of runtimes in docs/models.md.

usage: exported_models.py [--program build/regard] [--models ferplus-mobilenet ...] [--runs 30] [--only RUNTIME ...]

Runtimes are those that this Python has (openvino, onnxruntime, opencv-python); where versions exclude each other, run it once
for each: a virtual environment with opencv-python==4.6.0.66, openvino and numpy below 2, another with opencv-python 5.
"""

import argparse
import importlib
import pathlib
import statistics
import subprocess
import tempfile
import time

import numpy as np

BATCHES = (1, 3, 8)


def openvino_of(path):
    import openvino

    compiled = openvino.Core().compile_model(str(path), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return lambda chips: compiled({"chip": chips})["probabilities"]


def onnxruntime_of(path):
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return lambda chips: session.run(["probabilities"], {"chip": chips})[0]


def opencv_of(path):
    import cv2

    def run(chips):
        net = cv2.dnn.readNetFromONNX(str(path))
        net.setInput(chips, "chip")
        return net.forward("probabilities" if "probabilities" in net.getUnconnectedOutLayersNames() else None)

    return run


# The module of each, and what makes a function of a file.
RUNTIMES = {"openvino": ("openvino", openvino_of), "onnxruntime": ("onnxruntime", onnxruntime_of), "opencv": ("cv2", opencv_of)}


def chip_size(path):
    import openvino

    return openvino.Core().read_model(str(path)).input("chip").partial_shape[2].get_length()


def milliseconds(run, chips, runs):
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        run(chips)
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


def row(name, path, expected, runs):
    """What a runtime makes of a file: its largest difference from OpenVINO, and its time for one chip; or its message."""
    module, make = RUNTIMES[name]
    try:
        name += " " + importlib.import_module(module).__version__.split("-")[0]
        run = make(path)
        worst = max(np.abs(np.reshape(run(chips), answers.shape) - answers).max() for chips, answers in expected)
        return name, f"largest difference {worst:.1e}", f"{milliseconds(run, expected[0][0], runs):.1f} ms"
    except Exception as error:  # of whatever kind: each runtime has its own
        return name, "fails: " + " ".join(str(error).split())[-160:], ""


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/regard")
    parser.add_argument("--models", nargs="+", default=["ferplus-mobilenet", "ferplus-ran", "ferplus-phanet"])
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--only", nargs="+", choices=RUNTIMES, default=list(RUNTIMES))
    options = parser.parse_args()
    random = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as folder:
        for model in options.models:
            path = pathlib.Path(folder) / "model.onnx"
            subprocess.run([options.program, "export", model, "--out", path], check=True, stdout=subprocess.DEVNULL)
            size = chip_size(path)
            reference = openvino_of(path)
            chips = [random.integers(0, 256, (n, 3, size, size)).astype(np.float32) for n in BATCHES]
            expected = [(batch, np.array(reference(batch))) for batch in chips]
            for name in options.only:
                print(" | ".join((model, *row(name, path, expected, options.runs))), flush=True)
