"""Which starting weights suit a data set, by a linear classifier on frozen features (docs/training.md).

    python3 bench/starts.py --data ferplus.pack --start start.safetensors [--start other.safetensors ...]

Each start is a model file with a backbone (`regard import`). Its features are what enters the last layer of the graph that
`regard export` writes, run by ONNX Runtime. The classifier is multinomial logistic regression on standardised features with
soft labels, its L2 penalty the best of three on a tenth of the training images. With several starts, their concatenated
features are tried as well. Needs numpy, Pillow, onnx, onnxruntime and torch.
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch

from packs import Pack

PENALTIES = (1e-4, 1e-3, 1e-2)


def copy_as_trained(start, path):
    """The model file without its mark that the classifier is untrained, for which `regard export` refuses it."""
    data = Path(start).read_bytes()
    end = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:end])
    text = json.loads(header["__metadata__"]["regard"])
    text.pop("trained", None)
    header["__metadata__"]["regard"] = json.dumps(text)
    written = json.dumps(header).encode()
    written += b" " * (-len(written) % 8)
    path.write_bytes(len(written).to_bytes(8, "little") + written + data[end:])


def feature_session(program, start):
    """A session that computes the features of chips, and the side of its chips."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "start.onnx"
        copy_as_trained(start, Path(folder) / "start.safetensors")
        command = [program, "export", str(Path(folder) / "start.safetensors"), "--out", str(path)]
        subprocess.run(command, check=True, capture_output=True)
        model = onnx.load(path)
    last = [n for n in model.graph.node if n.op_type in ("Gemm", "MatMul")][-1]
    del model.graph.output[:]
    model.graph.output.append(onnx.ValueInfoProto(name=last.input[0]))
    session = onnxruntime.InferenceSession(model.SerializeToString())
    return session, session.get_inputs()[0].shape[-1]


def features_of(session, side, chips, batch=64):
    if chips.shape[-1] != side:
        raise SystemExit(f"the start wants chips of {side} pixels, the data set has {chips.shape[-1]}")
    rgb = np.repeat(chips, 3, 1) if chips.shape[1] == 1 else chips
    parts = [session.run(None, {"chip": rgb[i:i + batch].astype(np.float32)})[0] for i in range(0, len(rgb), batch)]
    return np.concatenate(parts)


def fit(features, targets, penalty):
    x, y = torch.from_numpy(features), torch.from_numpy(targets)
    weight = torch.zeros(x.shape[1] + 1, y.shape[1], requires_grad=True)
    optimizer = torch.optim.LBFGS([weight], max_iter=100, tolerance_change=1e-6, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = -(y * (x @ weight[:-1] + weight[-1]).log_softmax(1)).sum(1).mean() + penalty * (weight[:-1] ** 2).sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    return weight.detach().numpy()


def accuracy(weight, features, labels):
    return float(((features @ weight[:-1] + weight[-1]).argmax(1) == labels).mean())


def measure(train, targets, train_labels, valid, labels):
    mean, scale = train.mean(0), train.std(0) + 1e-6
    train, valid = (train - mean) / scale, (valid - mean) / scale
    held = len(train) // 10
    known = train_labels[:held] >= 0
    found = {penalty: accuracy(fit(train[held:], targets[held:], penalty), train[:held][known], train_labels[:held][known])
             for penalty in PENALTIES}
    best = max(found, key=found.get)
    return best, accuracy(fit(train, targets, best), valid, labels)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/regard")
    parser.add_argument("--data", type=Path, required=True, help="the packed data set")
    parser.add_argument("--start", type=Path, action="append", required=True)
    parser.add_argument("--images", type=int, default=6000, help="training images")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    pack = Pack(options.data)
    chosen = np.random.default_rng(options.seed).permutation(pack.indices("train", majority_only=False))[:options.images]
    valid = pack.indices("valid")
    targets, train_labels, labels = pack.soft_labels[chosen].copy(), pack.labels[chosen], pack.labels[valid]
    features = {}
    for start in options.start:
        session, side = feature_session(options.program, start)
        features[start.stem] = [features_of(session, side, pack.chips[i]) for i in (chosen, valid)]
    if len(features) > 1:
        features["all of them, concatenated"] = [np.concatenate(parts, 1) for parts in zip(*features.values())]
    for name, (train, test) in features.items():
        penalty, score = measure(train, targets, train_labels, test, labels)
        print(f"| {name} | {train.shape[1]} features | L2 {penalty:g} | {100 * score:.1f} % of {len(labels)} |", flush=True)


if __name__ == "__main__":
    main()
