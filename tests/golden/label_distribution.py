#!/usr/bin/env python3
"""Golden values of the label-distribution loss: NumPy alone, gradient by central differences in float64."""

import json
import pathlib

import numpy as np


def loss(logits, targets):
    total = 0.0
    for row, target in zip(logits, targets):
        exponentials = np.exp(row)
        total -= np.sum(target * np.log(exponentials / exponentials.sum()))
    return total / len(logits)


def gradient(logits, targets, step=1e-5):
    result = np.zeros_like(logits)
    for place in np.ndindex(logits.shape):
        moved = logits.copy()
        moved[place] += step
        above = loss(moved, targets)
        moved[place] -= 2 * step
        result[place] = (above - loss(moved, targets)) / (2 * step)
    return result


if __name__ == "__main__":
    random = np.random.default_rng(7)
    logits = random.normal(size=(3, 8)) * 2
    targets = random.dirichlet(np.ones(8), size=3)
    targets[1] = np.eye(8)[5]
    values = {
        "logits": logits.ravel().tolist(),
        "targets": targets.ravel().tolist(),
        "loss": loss(logits, targets),
        "gradient": gradient(logits, targets).ravel().tolist(),
    }
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(values, indent=1) + "\n")
