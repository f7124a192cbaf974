#!/usr/bin/env python3
"""Golden values of the label-distribution loss and of what balances its classes: NumPy alone, image by image and class by
class from the formulas, gradients by central differences in float64."""

import json
import math
import pathlib

import numpy as np

TAU = 1.5


def loss(logits, targets):
    total = 0.0
    for row, target in zip(logits, targets):
        exponentials = np.exp(row)
        total -= np.sum(target * np.log(exponentials / exponentials.sum()))
    return total / len(logits)


def class_weighted(logits, targets, priors):
    """Each class is weighted by 1 / (classes * its prior)."""
    total = 0.0
    for row, target in zip(logits, targets):
        normaliser = sum(math.exp(value) for value in row)
        for value, t, prior in zip(row, target, priors):
            total -= t / (len(priors) * prior) * math.log(math.exp(value) / normaliser)
    return total / len(logits)


def logit_adjusted(logits, targets, priors):
    """Menon et al., ICLR 2021, eq. 10: exp(logit) times prior^tau in place of exp(logit)."""
    total = 0.0
    for row, target in zip(logits, targets):
        adjusted = [math.exp(value) * prior**TAU for value, prior in zip(row, priors)]
        total -= sum(t * math.log(value / sum(adjusted)) for t, value in zip(target, adjusted))
    return total / len(logits)


def gradient(function, logits, *others, step=1e-5):
    result = np.zeros_like(logits)
    for place in np.ndindex(logits.shape):
        moved = logits.copy()
        moved[place] += step
        above = function(moved, *others)
        moved[place] -= 2 * step
        result[place] = (above - function(moved, *others)) / (2 * step)
    return result


def golden():
    random = np.random.default_rng(7)
    logits = random.normal(size=(3, 8)) * 2
    targets = random.dirichlet(np.ones(8), size=3)
    targets[1] = np.eye(8)[5]
    priors = random.dirichlet(np.ones(8))
    values = {
        "logits": logits.ravel().tolist(),
        "targets": targets.ravel().tolist(),
        "loss": loss(logits, targets),
        "gradient": gradient(loss, logits, targets).ravel().tolist(),
        "priors": priors.tolist(),
        "tau": TAU,
    }
    for function in (class_weighted, logit_adjusted):
        values[function.__name__] = {
            "loss": function(logits, targets, priors),
            "gradient": gradient(function, logits, targets, priors).ravel().tolist(),
        }
    return values


if __name__ == "__main__":
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(golden(), indent=1) + "\n")
