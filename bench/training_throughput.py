"""Training throughput of `regard train` in images per second, compared with PyTorch in Python: the same network, batch size,
precision and augmentation, both as whole programs with their data pipeline, run alternately.

    python3 bench/training_throughput.py --program build/regard [--network ran] [--batch 16] [--pairs 5]

Needs numpy and torch (.venv has both). By default the chips are noise in a generated packed data set, since their contents do
not affect the time; `--data FILE` uses a real one (`regard pack`). Each run is a separate process with ten warm-up steps. The
result is the median ratio, over the pairs of runs, of regard's throughput to PyTorch's.

Both do the same in every step: sample a batch; rotate, shift, scale and flip its faces (as one affine, applied when views are
cut); add noise, blur, lighting and random erasing; cut the views by bilinear sampling; MobileNet-v1, channels last, in bf16;
attention and losses in f32; gradient clipping; SGD with Nesterov momentum; an exponential moving average of all weights; read
the loss. PyTorch uses its own fast standard means: autocast, fused optimiser steps over lists (foreach), and memory that is
kept between steps as in regard-torch (unless --system-malloc is given).
"""

import argparse
import json
import math
import os
import pty
import re
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from packs import Pack

WARM_UP = 10  # steps; regard train shows every tenth on a terminal
CLASSES = 8
REGIONS = ((0, 0, .75), (.25, 0, .75), (.125, .25, .75), (.05, .05, .9), (.075, .075, .85))  # left, top, side
MEAN = (123.68, 116.779, 103.939)

RECIPE = """
network = "{network}"
epochs = 1
batch = {batch}
precision = "{precision}"
[options]
{plain}
{ran}
[loss]
region_bias = {region_bias}
[augment]
occlude = 0.0
"""
SEEN = """
backbone = "mobilenet_v1"
input_size = {size}
normalize = {{ grey = true, mean = [123.68, 116.779, 103.939], std = [1.0, 1.0, 1.0] }}
"""


def recipe(options):
    """Everything that is not said is regard's default, which the functions below have, too."""
    seen, plain = SEEN.format(size=options.size), options.network == "plain"
    cut_from = 'cut_from = "{}"'.format("map" if options.network == "ran-shared" else "chip")
    return RECIPE.format(network="plain" if plain else "ran", batch=options.batch, precision=options.precision,
                         plain=seen if plain else "", ran="" if plain else f"[options.views]{seen}{cut_from}",
                         region_bias=0.0 if plain else 1.0)


# Packed data sets: lab/data/packed.h.


def write_pack(path, train, size=48, valid=64):
    count, random = train + valid, np.random.default_rng(1)
    labels = random.integers(0, CLASSES, count)
    names = "".join(f"made{i}.png" for i in range(count)).encode()
    tensors = {
        "chips": random.integers(0, 256, (count, 1, size, size), dtype=np.uint8),
        "labels": labels.astype(np.int8),
        "soft_labels": np.eye(CLASSES, dtype=np.float32)[labels],
        "splits": (np.arange(count) >= train).astype(np.uint8),
        "names": np.frombuffer(names, dtype=np.uint8),
        "name_ends": np.cumsum([len(f"made{i}.png") for i in range(count)]).astype(np.int64),
    }
    types = {"uint8": "U8", "int8": "I8", "float32": "F32", "int64": "I64"}
    classes = ["neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt"]
    header = {"__metadata__": {"dataset": "ferplus", "labels": json.dumps(classes),
                               "splits": json.dumps(["train", "valid"]), "source": "made: noise"}}
    end = 0
    for name, values in tensors.items():
        header[name] = {"dtype": types[values.dtype.name], "shape": list(values.shape),
                        "data_offsets": [end, end + values.nbytes]}
        end += values.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(v.tobytes() for v in tensors.values()))


# The same in PyTorch Python: runs as a process of its own (--torch-worker).


def torch_worker(options):
    import torch
    from torch import nn
    from torch.nn import functional as F

    class Layer(nn.Sequential):
        def __init__(self, inner, outer, kernel, stride=1, groups=1):
            pad = [nn.ZeroPad2d((0, 1, 0, 1))] if stride == 2 else []
            around = kernel // 2 if stride == 1 else 0
            super().__init__(*pad, nn.Conv2d(inner, outer, kernel, stride, around, groups=groups, bias=False),
                             nn.BatchNorm2d(outer, eps=1e-3), nn.ReLU6(inplace=True))

    blocks = ((32, 64, 1), (64, 128, 2), (128, 128, 1), (128, 256, 2), (256, 256, 1), (256, 512, 2),
              *((512, 512, 1),) * 5, (512, 1024, 2), (1024, 1024, 1))

    def make(rows):
        return [layer for inner, outer, stride in rows
                for layer in (Layer(inner, inner, 3, stride, inner), Layer(inner, outer, 1))]

    class Network(nn.Module):
        def __init__(self):
            super().__init__()
            self.trunk = nn.Sequential(Layer(3, 32, 3, 2), *make(blocks[:11]))
            self.last_stage = nn.Sequential(*make(blocks[11:]))
            self.attends = options.network != "plain"
            self.shared = options.network == "ran-shared"
            views = [(1, 0, 0, 0, 1, 0)]
            if self.attends:
                views += [(side, 0, left, 0, side, top) for left, top, side in REGIONS]
                self.self_attention = nn.Linear(1024, 1, bias=False)
                self.relation_attention = nn.Linear(2048, 1, bias=False)
            self.fc = nn.Linear(2048 if self.attends else 1024, CLASSES)
            self.register_buffer("affines", torch.tensor(views).view(1, -1, 2, 3), persistent=False)
            self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1), persistent=False)

        def cut(self, image, affines, size):
            """[n, c, h, w], [n or 1, k, 2, 3] in fractions -> [n k, c, size, size]."""
            n, c, k = image.shape[0], image.shape[1], affines.shape[1]
            steps = (torch.arange(size, device=image.device) + .5) / size
            v, u = torch.meshgrid(steps, steps, indexing="ij")
            places = torch.stack([u.flatten(), v.flatten(), torch.ones(size * size, device=image.device)], 1)
            grid = (places @ affines.expand(n, k, 2, 3).transpose(2, 3)).view(n, k * size, size, 2) * 2 - 1
            stacked = F.grid_sample(image.float(), grid, padding_mode="border", align_corners=False)
            return stacked.view(n, c, k, size, size).transpose(1, 2).reshape(n * k, c, size, size)

        def features(self, chips, frame):
            last = torch.tensor([0., 0., 1.], device=chips.device).view(1, 1, 1, 3)
            affines = self.affines[:, :1] if self.shared else self.affines
            square = torch.cat([affines, last.expand(1, affines.shape[1], 1, 3)], 2)
            images = self.cut(chips, frame.unsqueeze(1) @ square, options.size) - self.mean
            images = images.contiguous(memory_format=torch.channels_last)
            with torch.autocast(chips.device.type, torch.bfloat16, enabled=options.precision == "bf16"):
                maps = self.trunk(images)
            if self.shared:
                maps = self.cut(maps, self.affines, 8).contiguous(memory_format=torch.channels_last)
            with torch.autocast(chips.device.type, torch.bfloat16, enabled=options.precision == "bf16"):
                maps = self.last_stage(maps)
            return maps.mean((2, 3), dtype=torch.float32)

        def forward(self, chips, frame):
            """-> logits [n, classes], mu [n, k] (equations 2 to 5)."""
            features = self.features(chips, frame)
            if not self.attends:
                return self.fc(F.dropout(features, .3)), None
            features = features.view(chips.shape[0], -1, 1024)
            mu = self.self_attention(features).sigmoid()
            middle = (mu * features).sum(1) / mu.sum(1)
            beside = torch.cat([features, middle.unsqueeze(1).expand_as(features)], 2)
            weights = mu * self.relation_attention(beside).sigmoid()
            return self.fc(F.dropout((weights * beside).sum(1) / weights.sum(1), .3)), mu.squeeze(2)

    def augment(chips):
        """train/transforms.cpp, with its defaults."""
        n, c, h, w = chips.shape
        device = chips.device

        def uniform(low, high):
            return torch.rand(n) * (high - low) + low

        def coin(probability):
            return (torch.rand(n) < probability).float()

        angle, size = torch.randn(n) * (10 * math.pi / 180), (torch.randn(n) * .12).clamp(-.5, .5).exp()
        flip = 1 - 2 * coin(.5)
        cosine, sine = size * angle.cos(), size * angle.sin()
        a, b, e, d = flip * cosine, -sine, flip * sine, cosine
        x = .5 - .5 * (a + b) + torch.randn(n) * .06
        y = .5 - .5 * (e + d) + torch.randn(n) * .06
        frame = torch.stack([a, b, x, e, d, y], 1).view(n, 2, 3).to(device)

        def each(values):
            return values.view(n, 1, 1, 1).to(device)

        chips = chips.float()
        chips = chips + torch.randn_like(chips) * each(uniform(0, 3))
        deviation = (coin(.25) * uniform(.35, 1.55) + .05).view(n, 1)
        offsets = torch.arange(-3., 4.).view(1, 7)
        kernel = (-offsets * offsets / (2 * deviation * deviation)).exp()
        kernel = (kernel / kernel.sum(1, keepdim=True)).repeat_interleave(c, 0).to(device)
        line = F.pad(chips.reshape(1, n * c, h, w), (3, 3, 3, 3), mode="replicate")
        line = F.conv2d(line, kernel.view(n * c, 1, 1, 7), groups=n * c)
        chips = F.conv2d(line, kernel.view(n * c, 1, 7, 1), groups=n * c).view(n, c, h, w)
        middle = chips.mean((1, 2, 3), keepdim=True)
        chips = (chips - middle) * each(uniform(.7, 1.3)) + middle + each(uniform(-.15 * 255, .15 * 255))
        chips = chips.clamp(0, 255)
        share, stretch = coin(.3) * uniform(.04, .25), uniform(-math.log(3), math.log(3)).exp()
        half_width, half_height = (share * stretch).sqrt() / 2, (share / stretch).sqrt() / 2
        columns, rows = (torch.arange(w) + .5) / w, (torch.arange(h) + .5) / h
        across = (columns.view(1, 1, 1, w) - uniform(0, 1).view(n, 1, 1, 1)).abs() < half_width.view(n, 1, 1, 1)
        down = (rows.view(1, 1, h, 1) - uniform(0, 1).view(n, 1, 1, 1)).abs() < half_height.view(n, 1, 1, 1)
        return torch.where((across & down).to(device), each(uniform(0, 255)), chips), frame

    torch.manual_seed(1)
    device = torch.device(options.device)
    pack = Pack(options.data)
    chosen = pack.indices("train", majority_only=False)
    chips, soft_labels = (torch.from_numpy(part[chosen]).to(device) for part in (pack.chips, pack.soft_labels))
    network = Network().to(device, memory_format=torch.channels_last).train()
    named = [p for p in network.parameters() if p.requires_grad]
    optimizer = torch.optim.SGD([{"params": [p for p in named if p.dim() > 1], "weight_decay": 5e-4},
                                 {"params": [p for p in named if p.dim() == 1], "weight_decay": 0}],
                                lr=.02, momentum=.9, nesterov=True, foreach=True)
    kept = [t for t in network.state_dict().values() if t.is_floating_point()]
    average = [t.detach().clone() for t in kept]
    order, began, total = torch.randperm(len(chips)), 0, 0.
    for step in range(WARM_UP + options.steps):
        if step == WARM_UP:
            began = time.perf_counter()
        rows = order[step * options.batch % len(chips):][:options.batch].to(device)
        seen, frame = augment(chips.index_select(0, rows))
        logits, mu = network(seen, frame)
        loss = -(soft_labels.index_select(0, rows) * logits.log_softmax(1)).sum(1).mean()
        if mu is not None:
            loss = loss + F.relu(.02 - (mu[:, 1:].amax(1) - mu[:, 0])).mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(named, 5, foreach=True)
        optimizer.step()
        with torch.no_grad():
            torch._foreach_lerp_(average, kept, 1 - min(.998, (1 + step) / (10 + step)))
        total += loss.item()
    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "loss": total / (WARM_UP + options.steps)}))


# Measuring.


def run_torch(options, data, environment):
    if not options.system_malloc:  # what regard-torch asks of its own malloc
        environment = {**environment, "MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "-1"}
    command = [sys.executable, __file__, "--torch-worker", "--data", data, "--device", options.device, "--batch",
               str(options.batch), "--size", str(options.size), "--steps", str(options.steps), "--network",
               options.network, "--precision", options.precision]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def run_regard(options, data, environment, folder):
    """`regard train` on a terminal shows every tenth step the moment it is done."""
    last = WARM_UP + options.steps
    written = folder / "recipe.toml"
    written.write_text(recipe(options))
    terminal, other = pty.openpty()
    command = [options.program, "train", written, "--data", data, "--out", folder / "run", "--device", options.device,
               "--checkpoint-seconds", "1000000"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=other)
    os.close(other)
    shown, times, loss = "", {}, math.nan
    try:
        while last not in times:
            try:
                text = os.read(terminal, 4096).decode(errors="replace")
            except OSError:
                text = ""  # the terminal's other end is gone
            if not text:
                raise RuntimeError(f"regard train ended before step {last}: {shown[-600:]}")
            now = time.perf_counter()
            shown += text
            for step, said in re.findall(r"step (\d+)/\d+  loss ([\d.]+)", shown):
                times.setdefault(int(step), now)
                loss = float(said)
    finally:
        process.send_signal(signal.SIGTERM)
        os.close(terminal)
        process.wait()
    return {"seconds": times[last] - times[WARM_UP], "loss": loss}


def measure(options, folder):
    data = options.data
    if not data:
        data = folder / "noise.pack"
        write_pack(data, options.batch * (WARM_UP + options.steps + 2))
    environment = dict(os.environ)
    if options.threads:
        environment["OMP_NUM_THREADS"] = str(options.threads)
    images, ratios, rates = options.steps * options.batch, [], {"regard": [], "torch": []}
    for pair in range(options.pairs):
        runs = {}
        for side in ("regard", "torch") if pair % 2 == 0 else ("torch", "regard"):
            with tempfile.TemporaryDirectory(dir=folder) as place:
                runs[side] = (run_regard(options, data, environment, Path(place)) if side == "regard"
                              else run_torch(options, data, environment))
            rates[side].append(images / runs[side]["seconds"])
        ratios.append(rates["regard"][-1] / rates["torch"][-1])
        print(f"pair {pair + 1}: regard {rates['regard'][-1]:.2f}, PyTorch {rates['torch'][-1]:.2f} images/s, "
              f"ratio {ratios[-1]:.3f}  (mean loss {runs['regard']['loss']:.3f}, {runs['torch']['loss']:.3f})", flush=True)
    print(f"{options.network}, {options.precision}, batch {options.batch}, {options.size} px, {options.device}, "
          f"{options.pairs} pairs of {options.steps} steps\n"
          f"regard {statistics.median(rates['regard']):.2f}, PyTorch {statistics.median(rates['torch']):.2f} images/s\n"
          f"ratio {statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})")


def tens(text):
    value = int(text)
    if value < 10 or value % 10:
        raise argparse.ArgumentTypeError(f"expected 10, 20, 30, ..., got {text}")
    return value


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/regard", help="with regard-torch beside it")
    parser.add_argument("--data", default="", help="a packed data set of grey chips; else noise")
    parser.add_argument("--network", choices=("plain", "ran", "ran-shared"), default="ran")
    parser.add_argument("--precision", choices=("bf16", "f32"), default="bf16")
    parser.add_argument("--batch", type=int, default=16, help="faces per step")
    parser.add_argument("--size", type=int, default=160, help="input size of the backbone in pixels")
    parser.add_argument("--steps", type=tens, default=20, help="that count, in tens")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--threads", type=int, default=0, help="of both; 0: as the environment says")
    parser.add_argument("--system-malloc", action="store_true", help="leave PyTorch the system's habits of memory")
    parser.add_argument("--torch-worker", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.torch_worker:
        torch_worker(options)
        return
    with tempfile.TemporaryDirectory() as folder:
        measure(options, Path(folder))


if __name__ == "__main__":
    main()
