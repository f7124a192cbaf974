"""Scores trackers on the clips of clips.py, by TrackEval: IDF1, HOTA, MOTA, identity switches.

    python3 bench/clips.py --faces faces --out clips
    python3 bench/tracking.py --clips clips [--program build/regard] [--peers]

Runs `regard video` on every clip and scores its numbers of people against the truth. --peers: the trackers ByteTrack and OC-SORT of
the package trackers, with their defaults and the frame rate, are fed with the same faces. Needs numpy, scipy, trackeval
1.3.0, and for --peers trackers 2.6.1 (all from PyPI).

A face of the truth counts if at least half of it is visible. A box that lies on one that does not count is neither right
nor wrong. Boxes match if their intersection over union is at least .5.
"""

import argparse
import csv
import subprocess
from collections import defaultdict
from pathlib import Path

import numpy as np
from scipy.optimize import linear_sum_assignment
from trackeval.metrics import CLEAR, HOTA, Identity

LEAST = 0.5  # of a face that is visible, and of the overlap of boxes that match


def read_frames(path, person, first):
    """A table whose frames begin with number `first` -> frame from 0 -> [(person, box, row)]"""
    frames = defaultdict(list)
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            if int(row[person] or 0) > 0:
                box = [float(row[key]) for key in ("x", "y", "w", "h")]
                frames[int(row["frame"]) - first].append((int(row[person]), box, row))
    return frames


def overlaps(a, b):
    """Boxes [n, 4], [m, 4] -> intersection over union [n, m]."""
    a, b = np.reshape(a, (-1, 1, 4)), np.reshape(b, (1, -1, 4))
    low, high = np.maximum(a[..., :2], b[..., :2]), np.minimum(a[..., :2] + a[..., 2:], b[..., :2] + b[..., 2:])
    both = np.prod(np.maximum(high - low, 0), -1)
    return both / (np.prod(a[..., 2:], -1) + np.prod(b[..., 2:], -1) - both)


def without_ignored(truth, found):
    """-> both lists without faces that do not count, and boxes on these."""
    if not truth or not found:
        return [t for t in truth if counts(t)], found
    likeness = overlaps([t[1] for t in truth], [f[1] for f in found])
    likeness[likeness < LEAST] = 0
    likeness[[counts(t) for t in truth]] *= 10  # faces that count come first
    rows, columns = linear_sum_assignment(-likeness)
    ignored = {c for r, c in zip(rows, columns) if likeness[r, c] > 0 and not counts(truth[r])}
    return [t for t in truth if counts(t)], [f for i, f in enumerate(found) if i not in ignored]


def counts(face):
    return float(face[2]["visible"]) >= LEAST


def data_of(truth, found, frames):
    """What TrackEval's metrics want of one clip."""
    pairs = [without_ignored(truth.get(i, []), found.get(i, [])) for i in range(frames)]
    number = [{p: i for i, p in enumerate(sorted({f[0] for pair in pairs for f in pair[k]}))} for k in (0, 1)]
    ids = [[np.array([number[k][f[0]] for f in pair[k]], int) for pair in pairs] for k in (0, 1)]
    return {"num_timesteps": frames, "gt_ids": ids[0], "tracker_ids": ids[1],
            "similarity_scores": [overlaps([f[1] for f in t], [f[1] for f in b]) if t and b else np.zeros((len(t), len(b)))
                                  for t, b in pairs],
            "num_gt_ids": len(number[0]), "num_tracker_ids": len(number[1]),
            "num_gt_dets": sum(map(len, ids[0])), "num_tracker_dets": sum(map(len, ids[1]))}


def evaluate(clips):
    """clips: name -> data -> name -> {metric: value}, with "all" over all of them."""
    result = defaultdict(dict)
    for metric in (HOTA(), CLEAR({"PRINT_CONFIG": False}), Identity({"PRINT_CONFIG": False})):
        each = {name: metric.eval_sequence(data) for name, data in clips.items()}
        each["all"] = metric.combine_sequences(each)
        for name, values in each.items():
            result[name].update(values)
    return {name: {"IDF1": v["IDF1"], "HOTA": float(np.mean(v["HOTA"])), "MOTA": v["MOTA"], "switches": int(v["IDSW"])}
            for name, v in result.items()}


def feed(tracker, frames, count):
    """A tracker of the package trackers, fed with our faces -> frame -> [(person, box)]"""
    import supervision
    result = defaultdict(list)
    for i in range(count):
        faces = frames.get(i, [])
        boxes = np.array([[x, y, x + w, y + h] for _, (x, y, w, h), _ in faces], np.float32).reshape(-1, 4)
        seen = supervision.Detections(xyxy=boxes, confidence=np.array([float(row["confidence"]) for *_, row in faces], np.float32))
        out = tracker.update(seen)
        for (x0, y0, x1, y1), person in zip(out.xyxy, out.tracker_id if len(out) else ()):
            if person >= 0:
                result[i].append((int(person), [x0, y0, x1 - x0, y1 - y0], {}))
    return result


def peers(rate):
    from trackers import ByteTrackTracker, OCSORTTracker
    return {"ByteTrack": ByteTrackTracker(frame_rate=rate), "OC-SORT": OCSORTTracker(frame_rate=rate)}


def run(program, clip, folder):
    """-> the table of `regard video`"""
    table = folder / f"{clip.stem}.faces.csv"
    subprocess.run([program, "video", clip, "--out", table], check=True)
    return table


def report(results):
    names = list(results)
    print("clip".ljust(24), *(f"{name:>32}" for name in names))
    print(" " * 24, *(f"{'IDF1':>11}{'HOTA':>7}{'MOTA':>7}{'sw.':>7}" for _ in names))
    for clip in results[names[0]]:
        cells = (results[name][clip] for name in names)
        print(clip.ljust(24), *(f"{v['IDF1']:11.3f}{v['HOTA']:7.3f}{v['MOTA']:7.3f}{v['switches']:7}" for v in cells))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", required=True, help="folder of clips.py")
    parser.add_argument("--program", default="build/regard")
    parser.add_argument("--tables", help="folder with CLIP.faces.csv of `regard video`, instead of running it")
    parser.add_argument("--peers", action="store_true", help="also score other trackers on the same faces")
    parser.add_argument("--only", nargs="+", help="clips, by the beginning of their names")
    options = parser.parse_args()
    data = defaultdict(dict)
    for clip in sorted(Path(options.clips).glob("*.mp4")):
        if options.only and not clip.stem.startswith(tuple(options.only)):
            continue
        truth = read_frames(clip.with_suffix(".csv"), "person", 0)
        table = Path(options.tables) / f"{clip.stem}.faces.csv" if options.tables else run(options.program, clip, Path(options.clips))
        found = read_frames(table, "face_id", 1)
        count = max(truth) + 1
        data["regard"][clip.stem] = data_of(truth, found, count)
        if options.peers:
            rate = (count - 1) / float(truth[count - 1][0][2]["seconds"])
            for name, tracker in peers(rate).items():
                data[name][clip.stem] = data_of(truth, feed(tracker, found, count), count)
    report({name: evaluate(clips) for name, clips in data.items()})


if __name__ == "__main__":
    main()
