#!/usr/bin/env python3
"""Golden values of PhaNet's parts and of its losses: NumPy alone, written from the formulas, in float64; gradients of the
losses by central differences."""

import json
import pathlib

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x):
    e = np.exp(x - x.max())
    return e / e.sum()


def tensor(array):
    array = np.asarray(array, dtype=np.float64)
    return {"shape": list(array.shape), "values": array.ravel().tolist()}


# --- parts of the network ---------------------------------------------------------------------------------------------


def expected_place(plane):
    """Of one map [h, w]: the mean of its pixels' centres under the softmax of its values."""
    height, width = plane.shape
    weights = softmax(plane.ravel()).reshape(height, width)
    x = y = 0.0
    for row in range(height):
        for column in range(width):
            x += weights[row, column] * (column + 0.5) / width
            y += weights[row, column] * (row + 0.5) / height
    return x, y


def propose(feature_map, pose, w):
    parts = np.einsum("oc,chw->ohw", w["parts.weight"][:, :, 0, 0], feature_map) + w["parts.bias"][:, None, None]
    known = []
    for plane in parts:
        known += [4 * value for value in expected_place(plane)]
    known += list(pose)
    hidden = np.maximum(0, w["hidden.weight"] @ np.array(known) + w["hidden.bias"])
    return w["square.weight"] @ hidden + w["square.bias"]


def square(proposal, smallest, largest):
    """Left, top, side of the square in its parent, in fractions."""
    side = smallest + (largest - smallest) * sigmoid(proposal[0])
    return (1 - side) * sigmoid(proposal[1]), (1 - side) * sigmoid(proposal[2]), side


def place_in_chip(squares, zoom, mirrored, u, v):
    """Where the place (u, v) of the innermost of nested squares lies in the chip; step by step outwards."""
    for left, top, side in reversed(squares):
        u, v = left + side * u, top + side * v
    u, v = 0.5 + zoom * (u - 0.5), 0.5 + zoom * (v - 0.5)
    return (1 - u if mirrored else u), v


def affine(squares, zoom, mirrored):
    """The 2 x 3 matrix of that map, read off three places."""
    origin = np.array(place_in_chip(squares, zoom, mirrored, 0.0, 0.0))
    across = np.array(place_in_chip(squares, zoom, mirrored, 1.0, 0.0)) - origin
    down = np.array(place_in_chip(squares, zoom, mirrored, 0.0, 1.0)) - origin
    return np.stack([across, down, origin], axis=1)


def sample(image, x, y):
    """Bilinear, at a place in pixels whose centres lie at halves; beyond the border its pixels are repeated."""
    channels, height, width = image.shape
    x, y = min(max(x - 0.5, 0), width - 1), min(max(y - 0.5, 0), height - 1)
    left, top = int(np.floor(x)), int(np.floor(y))
    right, bottom = min(left + 1, width - 1), min(top + 1, height - 1)
    a, b = x - left, y - top
    above = (1 - a) * image[:, top, left] + a * image[:, top, right]
    below = (1 - a) * image[:, bottom, left] + a * image[:, bottom, right]
    return (1 - b) * above + b * below


def view(image, squares, zoom, mirrored, size):
    result = np.zeros((image.shape[0], size, size))
    for row in range(size):
        for column in range(size):
            u, v = place_in_chip(squares, zoom, mirrored, (column + 0.5) / size, (row + 0.5) / size)
            result[:, row, column] = sample(image, u * image.shape[2], v * image.shape[1])
    return result


def gate(features, pose, weight, bias, only, top):
    scores = weight @ np.concatenate([features.ravel(), pose]) + bias
    weights = softmax(scores[only])
    if top:
        keep = np.argsort(-weights)[:top]
        kept = np.zeros_like(weights)
        kept[keep] = weights[keep] / weights[keep].sum()
        weights = kept
    return weights


# --- losses -----------------------------------------------------------------------------------------------------------


def ranking(logits, targets, margin, given=None):
    """`given`: the logits that the earlier scale's probability is taken from, so that it has no derivative."""
    given = logits if given is None else given
    faces, scales, _ = logits.shape
    total = 0.0
    for face in range(faces):
        truth = int(np.argmax(targets[face]))
        for scale in range(scales - 1):
            earlier = softmax(given[face, scale])[truth]
            total += max(0.0, earlier - softmax(logits[face, scale + 1])[truth] + margin)
    return total / (faces * (scales - 1))


def strongest(feature_map):
    energy = (feature_map**2).mean(axis=0)
    return expected_place(10 * energy / energy.max())


def guide(u, maps, smallest, largest, given=None):
    """`given`: the u that sides are taken from."""
    given = u if given is None else given
    total = 0.0
    for row, side_row, feature_map in zip(u, given, maps):
        side = smallest + (largest - smallest) * side_row[0]
        for axis, place in enumerate(strongest(feature_map)):
            wanted = min(max(place, side / 2), 1 - side / 2)
            centre = (1 - side) * row[1 + axis] + side / 2
            total += ((centre - wanted) / 0.1) ** 2
    return total / len(u)


def saturation(x):
    return np.mean(np.maximum(0, np.abs(x) - 2) ** 2)


def smooth_l1(d):
    return 0.5 * d * d if abs(d) < 1 else abs(d) - 0.5


def pose_angles(pose, truth):
    rows = [np.mean([smooth_l1((p - t) / 10) for p, t in zip(a, b)]) for a, b in zip(pose, truth) if None not in b]
    return float(np.mean(rows))


def yaw_classes(logits, yaws, classes):
    rows = []
    for row, yaw in zip(logits, yaws):
        if yaw is not None:
            nearest = min(range(len(classes)), key=lambda i: abs(classes[i] - yaw))
            rows.append(-np.log(softmax(row)[nearest]))
    return float(np.mean(rows))


def uncertain(losses, s):
    return sum(np.exp(-b) * a + b for a, b in zip(losses, s))


def gradient(function, x, step=1e-6):
    result = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        moved = x.copy()
        moved[place] += step
        above = function(moved)
        moved[place] -= 2 * step
        result[place] = (above - function(moved)) / (2 * step)
    return result


# --- the file ---------------------------------------------------------------------------------------------------------


def parts(random):
    weights = {
        "parts.weight": random.normal(size=(2, 6, 1, 1)),
        "parts.bias": random.normal(size=2),
        "hidden.weight": random.normal(size=(64, 7)) / 3,
        "hidden.bias": random.normal(size=64) / 3,
        "square.weight": random.normal(size=(3, 64)) / 8,
        "square.bias": random.normal(size=3) / 3,
    }
    maps, pose = random.normal(size=(2, 6, 5, 4)), random.normal(size=(2, 3))
    first, second = random.normal(size=(2, 3)) * 2, random.normal(size=(2, 3)) * 2
    bounds, zoom, size = (0.45, 0.85), 0.9, 7
    nested = [[square(a, *bounds), square(b, *bounds)] for a, b in zip(first, second)]
    images = random.uniform(0, 255, size=(2, 3, 12, 12))
    ways = (False, True)
    features = random.normal(size=(2, 3, 5))
    gate_weight, gate_bias = random.normal(size=(3, 18)) / 2, random.normal(size=3)
    gates = lambda only, top: tensor([gate(f, p, gate_weight, gate_bias, only, top) for f, p in zip(features, pose)])
    return {
        "proposal": {
            "weights": {name: tensor(value) for name, value in weights.items()},
            "map": tensor(maps),
            "pose": tensor(pose),
            "proposal": tensor([propose(m, p, weights) for m, p in zip(maps, pose)]),
        },
        "places": {
            "first": tensor(first),
            "second": tensor(second),
            "affines": tensor([[affine(squares, zoom, way) for way in ways] for squares in nested]),
        },
        "sampler": {
            "images": tensor(images),
            "views": tensor([view(p, s, zoom, way, size) for p, s in zip(images, nested) for way in ways]),
        },
        "gate": {
            "features": tensor(features),
            "pose": tensor(pose),
            "weight": tensor(gate_weight),
            "bias": tensor(gate_bias),
            "all": gates([0, 1, 2], 0),
            "two": gates([0, 2], 0),
            "best_two": gates([0, 1, 2], 2),
        },
    }


def losses(random):
    logits, targets = random.normal(size=(4, 3, 8)) * 2, random.dirichlet(np.ones(8), size=4)
    u, maps = random.uniform(size=(3, 3)), random.normal(size=(3, 6, 5, 4)) * 2
    x = random.normal(size=(4, 2, 3)) * 3
    truth = [[10.0, -5.0, 3.0], [None, None, None], [-40.0, 8.0, 0.5]]
    pose = np.array([[12.0, -4.0, -25.0], [1.0, 2.0, 3.0], [-20.0, 9.0, 0.5 + 1e-3]])
    pose_logits, classes = random.normal(size=(3, 5)), [-90.0, -45.0, 0.0, 45.0, 90.0]
    tasks, s = random.uniform(0, 2, size=3), random.normal(size=3)
    yaws = [row[0] for row in truth]
    return {
        "ranking": {
            "logits": tensor(logits),
            "targets": tensor(targets),
            "loss": ranking(logits, targets, 0.05),
            "gradient": tensor(gradient(lambda z: ranking(z, targets, 0.05, logits), logits)),
        },
        "guide": {
            "u": tensor(u),
            "map": tensor(maps),
            "strongest": tensor([strongest(m) for m in maps]),
            "loss": guide(u, maps, 0.6, 0.9),
            "gradient": tensor(gradient(lambda z: guide(z, maps, 0.6, 0.9, u), u)),
        },
        "saturation": {"x": tensor(x), "loss": saturation(x), "gradient": tensor(gradient(saturation, x))},
        "angles": {
            "pose": tensor(pose),
            "truth": truth,
            "loss": pose_angles(pose, truth),
            "gradient": tensor(gradient(lambda z: pose_angles(z, truth), pose)),
        },
        "classes": {
            "logits": tensor(pose_logits),
            "loss": yaw_classes(pose_logits, yaws, classes),
            "gradient": tensor(gradient(lambda z: yaw_classes(z, yaws, classes), pose_logits)),
        },
        "uncertain": {
            "losses": tensor(tasks),
            "s": tensor(s),
            "loss": float(uncertain(tasks, s)),
            "gradient": tensor(gradient(lambda z: uncertain(tasks, z), s)),
        },
    }


def golden():
    generator = np.random.default_rng(11)
    return {"parts": parts(generator), "losses": losses(generator)}


if __name__ == "__main__":
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(golden()) + "\n")
