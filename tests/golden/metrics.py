"""Golden values for the evaluation's metrics, computed with NumPy alone, independently of the C++ code.

    python3 tests/golden/metrics.py > tests/golden/metrics.json
"""

import json
import sys

import numpy as np

CLASSES, COUNT, PROBED, Z = 5, 240, 60, 1.959963984540054


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


PENALTIES = [0.01, 1.0]


def probe(features, target, folds):
    """Ridge regression by least squares of a longer system: for each penalty the predictions of held-out rows, and of
    every fold those with the penalty that errs least on the others."""
    scaled = (features - features.mean(0)) / features.std(0)
    predictions = np.zeros((len(PENALTIES), len(target)))
    for fold in np.unique(folds):
        train = folds != fold
        mean, middle, count = scaled[train].mean(0), target[train].mean(), train.sum()
        for i, penalty in enumerate(PENALTIES):
            system = np.vstack([(scaled[train] - mean) / np.sqrt(count), np.sqrt(penalty) * np.eye(scaled.shape[1])])
            right = np.concatenate([(target[train] - middle) / np.sqrt(count), np.zeros(scaled.shape[1])])
            weights = np.linalg.lstsq(system, right, rcond=None)[0]
            predictions[i, ~train] = middle + (scaled[~train] - mean) @ weights
    return predictions


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
    features = (rng.normal(size=(PROBED, 6)) * [1, 5, 0.2, 1, 1, 1] + 3).round(3)
    angles = [20 * features[:, 1] + rng.normal(0, 15, PROBED), rng.normal(0, 9, PROBED)]
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
        "probe": {
            "features": features.ravel().tolist(),
            "targets": [angle.tolist() for angle in angles],
            "penalties": PENALTIES,
            "predictions": np.stack([probe(features, angle, folds[:PROBED]) for angle in angles], 1).tolist(),
        },
    }


if __name__ == "__main__":
    json.dump(golden(), sys.stdout)
    print()
