#!/usr/bin/env python3
"""Deals the images of a packed data set out to folds, near-duplicates of an image into one fold and every label evenly over
all of them, and writes the list that a recipe's `folds` names (a line NAME,FOLD for each image).

    regard pack --data FERPlus/data --out ferplus.pack
    python3 bench/make_folds.py ferplus.pack --out recipes/folds/ferplus.csv

Two images are near-duplicates where their thumbnails (16 x 16, each less its mean, divided by its deviation, one as it is or
mirrored) correlate by more than --threshold; what is alike to the same image is alike. Wants NumPy alone; nothing is random,
so that the same set gives the same list.
"""

import argparse
import hashlib
import pathlib

import numpy as np

from packs import Pack

SIDE = 16
ROWS_AT_ONCE = 2048


def thumbnails(chips):
    """[n, SIDE SIDE], each of mean 0 and length 1: the means of square fields, of all channels."""
    size = chips.shape[2]
    edges = np.linspace(0, size, SIDE + 1).round().astype(int)[:-1]
    small = np.empty((len(chips), SIDE, SIDE), np.float32)
    for begin in range(0, len(chips), ROWS_AT_ONCE):
        grey = chips[begin : begin + ROWS_AT_ONCE].astype(np.float32).mean(1)
        rows = np.add.reduceat(grey, edges, axis=1)
        small[begin : begin + ROWS_AT_ONCE] = np.add.reduceat(rows, edges, axis=2)
    counts = np.diff(np.append(edges, size)).astype(np.float32)
    small /= counts[:, None] * counts
    flat = small.reshape(len(chips), -1)
    flat -= flat.mean(1, keepdims=True)
    return flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)


def alike(thumbs, threshold):
    """Pairs of images whose thumbnails, one as it is or mirrored, correlate by more than the threshold."""
    mirrored = thumbs.reshape(-1, SIDE, SIDE)[:, :, ::-1].reshape(thumbs.shape)
    pairs = []
    for begin in range(0, len(thumbs), ROWS_AT_ONCE):
        rest = thumbs[begin:].T
        for block in (thumbs, mirrored):
            first, second = np.nonzero(block[begin : begin + ROWS_AT_ONCE] @ rest > threshold)
            pairs += [(begin + i, begin + j) for i, j in zip(first.tolist(), second.tolist()) if i < j]
    return pairs


def groups_of(count, pairs):
    """Lists of images that are alike, directly or by others; most are of one image."""
    parent = list(range(count))

    def root(i):
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for a, b in pairs:
        a, b = root(a), root(b)
        parent[max(a, b)] = min(a, b)
    groups = {}
    for i in range(count):
        groups.setdefault(root(i), []).append(i)
    return list(groups.values())


def deal(groups, names, labels, folds):
    """The fold of each image: the largest groups first, each to the fold that has fewest of its labels, then fewest of all;
    groups of one size in an order that depends on nothing but their names."""
    fold_of = np.empty(len(names), int)
    have = np.zeros((folds, labels.max() + 2), int)  # the last column: without a label
    order = sorted(groups, key=lambda g: (-len(g), hashlib.sha256(names[g[0]].encode()).digest()))
    for group in order:
        own = np.bincount(labels[group] % have.shape[1], minlength=have.shape[1])
        fold = min(range(folds), key=lambda k: (int(have[k] @ own), int(have[k].sum()), k))
        have[fold] += own
        fold_of[group] = fold
    return fold_of, have


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pack", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--splits", default="train,valid", help="whose images are dealt out")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--threshold", type=float, default=0.93)
    options = parser.parse_args()

    pack = Pack(options.pack)
    chosen = np.nonzero(np.isin(pack.splits, options.splits.split(",")))[0]
    names = [pack.names[i] for i in chosen]
    labels = pack.labels[chosen].astype(int)
    pairs = alike(thumbnails(pack.chips[chosen]), options.threshold)
    groups = groups_of(len(chosen), pairs)
    fold_of, have = deal(groups, names, labels, options.folds)

    several = [group for group in groups if len(group) > 1]
    print(f"{len(chosen)} images, {len(pairs)} pairs alike, {len(several)} groups of {sum(map(len, several))} images,")
    print(f"the largest of {max(map(len, groups))}; of each label (without one: the last) by fold:")
    print(have)
    lines = [f"# {pack.dataset}, splits {options.splits}: {options.folds} folds, near-duplicates (thumbnails that correlate by more than {options.threshold}) in one"]
    lines += [f"{name},{fold}" for name, fold in sorted(zip(names, fold_of))]
    options.out.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
