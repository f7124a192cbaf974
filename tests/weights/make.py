#!/usr/bin/env python3
"""Makes the files beside it with PyTorch: those that `regard import` reads, and those that it must refuse. Element i of
a tensor is i / 4 - 1, which every type of number holds exactly."""

import io
import os
import pathlib
import zipfile

import torch

FOLDER = pathlib.Path(__file__).resolve().parent


def numbers(*shape, dtype=torch.float32):
    return (torch.arange(torch.Size(shape).numel()).reshape(shape) / 4 - 1).to(dtype)


class Tensors(torch.nn.Module):
    """Its state dict carries the attribute that all of modules' do (`_metadata`)."""

    def __init__(self):
        super().__init__()
        single = numbers(2, 3)
        self.f32 = torch.nn.Parameter(single)
        self.register_buffer("f16", numbers(5, dtype=torch.float16))
        self.register_buffer("bf16", numbers(5, dtype=torch.bfloat16))
        self.register_buffer("f64", numbers(1, 2, 2, dtype=torch.float64))
        self.register_buffer("turned", single.t())
        self.register_buffer("part", single[1:, 1:])
        self.register_buffer("scalar", torch.tensor(0.5))
        self.register_buffer("empty", torch.zeros(0, 3))
        self.register_buffer("num_batches_tracked", torch.tensor(7))


def checkpoint():
    """As trainers leave it: a network on several devices, its optimiser's momentum beside it."""
    network = torch.nn.ModuleDict({"module": torch.nn.Linear(3, 2)})
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9)
    network["module"](torch.ones(1, 3)).sum().backward()
    optimizer.step()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(numbers(*parameter.shape))
    return {"epoch": 3, "arch": "resnet18", "best_prec1": torch.tensor(88.25), "rate": 1e-3, "done": False, "none": None,
            "state_dict": network.state_dict(), "optimizer": optimizer.state_dict(), "seed": 2**70}


class Command:
    def __reduce__(self):
        return os.system, ("exit 1",)


def repacked(name, data, change):
    """A file of torch.save with its entries changed: name, bytes -> name, bytes, compression; None: left out."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.namelist():
            changed = change(entry, old.read(entry))
            if changed:
                new.writestr(zipfile.ZipInfo(changed[0]), changed[1], changed[2])
    (FOLDER / name).write_bytes(out.getvalue())


if __name__ == "__main__":
    state = Tensors().state_dict()
    torch.save(state, FOLDER / "state.pth")
    torch.save(state, FOLDER / "state4.pth", pickle_protocol=4)
    torch.save(state, FOLDER / "old.pth", _use_new_zipfile_serialization=False)
    torch.save(checkpoint(), FOLDER / "checkpoint.pth.tar", _use_new_zipfile_serialization=False)
    torch.save({"weight": torch.nn.Parameter(numbers(2, 2))}, FOLDER / "parameter.pth")
    torch.save({"state_dict": state, "extra": Command()}, FOLDER / "command.pth")
    torch.save(torch.nn.Linear(2, 2), FOLDER / "module.pth")
    torch.save([1, 2], FOLDER / "list.pth")
    data = (FOLDER / "parameter.pth").read_bytes()
    stored = zipfile.ZIP_STORED
    repacked("compressed.pth", data, lambda name, bytes: (name, bytes, zipfile.ZIP_DEFLATED))
    repacked("big_endian.pth", data, lambda name, bytes: (name, b"big" if "order" in name else bytes, stored))
    repacked("lacking.pth", data, lambda name, bytes: None if name.endswith("data/0") else (name, bytes, stored))
    repacked("short.pth", data, lambda name, bytes: (name, bytes[:8] if name.endswith("data/0") else bytes, stored))
    repacked("other.pth", data, lambda name, bytes: (name.replace(".pkl", ".txt"), bytes, stored))
