"""Golden values for the evaluation's metrics, computed with NumPy alone, independently of the C++ code.

    python3 tests/golden/metrics.py > tests/golden/metrics.json
"""

import json
import sys

import numpy as np

CLASSES, COUNT, Z = 5, 240, 1.959963984540054


def softmax(logits, temperature=1.0):
    e = np.exp(logits / temperature - (logits / temperature).max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def log_loss(logits, labels, temperature):
    return float(-np.log(softmax(logits, temperature)[np.arange(len(labels)), labels]).mean())


def best_temperature(logits, labels):
    """A grid that closes in on the minimum."""
    low, high = 0.05, 20.0
    for _ in range(40):
        grid = np.linspace(low, high, 21)
        best = int(np.argmin([log_loss(logits, labels, t) for t in grid]))
        low, high = grid[max(best - 1, 0)], grid[min(best + 1, 20)]
    return (low + high) / 2


def calibration_error(probabilities, labels):
    top, right = probabilities.max(1), probabilities.argmax(1) == labels
    error = 0.0
    for i in range(15):
        inside = (top > i / 15) & (top <= (i + 1) / 15)
        if inside.any():
            error += inside.mean() * abs(right[inside].mean() - top[inside].mean())
    return float(error)


def wilson(successes, count):
    # The two shares at which the observed one lies z deviations away: roots of (p - q)^2 = z^2 q (1 - q) / n.
    p = successes / count
    roots = np.roots([1 + Z * Z / count, -(2 * p + Z * Z / count), p * p])
    return sorted(float(r) for r in roots)


def golden():
    rng = np.random.default_rng(7)
    labels = rng.choice(CLASSES - 1, COUNT, p=[0.5, 0.3, 0.15, 0.05])  # the last class never occurs
    logits = rng.normal(0, 1.5, (COUNT, CLASSES))
    logits[np.arange(COUNT), labels] += 2.5
    logits = (2.2 * logits).astype(np.float32).round(3).astype(np.float32)
    folds = np.arange(COUNT) % 5

    wide = logits.astype(np.float64)
    probabilities = softmax(wide)
    predicted = probabilities.argmax(1)
    confusion = np.zeros((CLASSES, CLASSES), int)
    np.add.at(confusion, (labels, predicted), 1)
    hits = np.diag(confusion)
    precision = [hits[c] / confusion[:, c].sum() for c in range(CLASSES)]
    f1 = [2 * hits[c] / (confusion[c].sum() + confusion[:, c].sum()) for c in range(CLASSES)]

    held_out = np.zeros_like(probabilities)
    for fold in range(5):
        temperature = best_temperature(wide[folds != fold], labels[folds != fold])
        held_out[folds == fold] = softmax(wide[folds == fold], temperature)

    temperature = best_temperature(wide, labels)
    return {
        "classes": CLASSES,
        "logits": [round(float(v), 3) for v in logits.ravel()],
        "labels": labels.tolist(),
        "folds": folds.tolist(),
        "accuracy": float((predicted == labels).mean()),
        "interval": wilson(int(hits.sum()), COUNT),
        "confusion": confusion.tolist(),
        "recall": [float(hits[c] / confusion[c].sum()) for c in range(CLASSES - 1)],
        "precision": [float(p) for p in precision],
        "macro_f1": float(np.mean(f1)),
        "ece": calibration_error(probabilities, labels),
        "nll": log_loss(wide, labels, 1.0),
        "temperature": float(temperature),
        "ece_fitted": calibration_error(softmax(wide, temperature), labels),
        "ece_cross_fitted": calibration_error(held_out, labels),
    }


if __name__ == "__main__":
    json.dump(golden(), sys.stdout)
    print()
