#!/usr/bin/env python3
"""Golden values of the pose of a mesh: NumPy alone, the rotation by singular values (Kabsch) instead of quaternions.

Meshes are rotated and shaken resting faces; only the points that count are kept.
"""

import json
import pathlib

import numpy as np

# MediaPipe's canonical face model (Apache-2.0): point, its mirror image, x, y, z, weight.
RESTING = [
    (4, 4, 0, -0.463170, 7.586580, 0.070909939706326), (6, 6, 0, 2.473255, 5.788627, 0.032100144773722),
    (10, 10, 0, 8.261778, 4.481535, 0.008446550928056), (33, 263, -4.445859, 2.663991, 3.173422, 0.058724168688059),
    (54, 284, -6.279331, 6.615427, 1.425850, 0.007667080033571),
    (67, 297, -3.523964, 8.005976, 3.729163, 0.009078059345484),
    (117, 346, -5.258659, 0.945811, 2.974312, 0.009791937656701),
    (119, 348, -3.300681, 0.861641, 3.872784, 0.014565368182957),
    (121, 350, -1.820731, 1.467954, 4.224124, 0.018591361120343),
    (127, 356, -7.743095, 2.364999, -2.005167, 0.005197994410992),
    (129, 358, -1.785794, -0.978284, 4.850470, 0.120625205338001),
    (132, 361, -7.270895, -2.890917, -2.252455, 0.005560018587857),
    (133, 362, -1.856432, 2.585245, 3.757904, 0.05328618362546),
    (136, 365, -5.085276, -7.178590, 0.714711, 0.066890455782413),
    (143, 372, -6.407571, 2.236021, 1.560843, 0.014816547743976),
    (147, 376, -6.234883, -1.944430, 1.663542, 0.014262833632529),
    (198, 420, -1.246815, 0.230297, 5.681036, 0.025462191551924),
    (205, 425, -3.832928, -1.537326, 4.137731, 0.047252278774977),
]


def resting():
    rows = [(p, x, y, z, w) for p, _, x, y, z, w in RESTING] + [(m, -x, y, z, w) for p, m, x, y, z, w in RESTING if m != p]
    rows = np.array(rows)
    return rows[:, 0].astype(int), rows[:, 1:4], rows[:, 4]


def rotation(yaw, pitch, roll):
    y, p, r = np.radians([yaw, pitch, roll])
    about_x = np.array([[1, 0, 0], [0, np.cos(p), np.sin(p)], [0, -np.sin(p), np.cos(p)]])
    about_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    about_z = np.array([[np.cos(r), np.sin(r), 0], [-np.sin(r), np.cos(r), 0], [0, 0, 1]])
    return about_z @ about_y @ about_x


def pose(points, weights, seen):
    """Where the nose (forward) and the left-to-right axis of the fitted face point gives the angles."""
    w = weights / weights.sum()
    u, _, vt = np.linalg.svd(((points - w @ points) * w[:, None]).T @ (seen - w @ seen))
    flip = np.diag([1, 1, np.linalg.det(vt.T @ u.T)])
    r = vt.T @ flip @ u.T @ rotation(0, 6, 0)  # the canonical face looks 6 degrees down
    roll = np.degrees(np.arctan2(-r[1, 0], r[0, 0]))
    upright = rotation(0, 0, roll).T @ r
    yaw = np.degrees(np.arctan2(-upright[2, 0], upright[0, 0]))
    nod = rotation(yaw, 0, 0).T @ upright
    return [yaw, np.degrees(np.arctan2(nod[1, 2], nod[2, 2])), roll]


def golden():
    random = np.random.default_rng(3)
    numbers, points, weights = resting()
    cases = []
    for angles in ((0, 0, 0), (35, 0, 0), (0, 25, 0), (0, 0, 40), (-60, -20, 15), (75, 30, -50)):
        seen = 9.0 * points @ rotation(0, -6, 0).T @ rotation(*angles).T + random.normal(scale=2.0 if any(angles) else 0.0, size=points.shape)
        mesh = seen * [1, -1, -1] + [96, 96, 5]
        cases.append({"turned": angles, "points": np.round(mesh, 4).tolist(),
                      "pose": pose(points, weights, (np.round(mesh, 4) - [96, 96, 5]) * [1, -1, -1])})
    return {"numbers": numbers.tolist(), "cases": cases}


if __name__ == "__main__":
    pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(golden()) + "\n")
