#!/usr/bin/env python3
"""Golden values of region attention, its losses and the regions' geometry (Wang et al., IEEE TIP 2020): NumPy alone,
every face and every view in a loop of its own, gradients by central differences in float64.

    python3 tests/golden/region_attention.py      # writes region_attention.json beside it
"""

import json
import math
import pathlib

import numpy as np

FACES, VIEWS, FEATURES, CLASSES = 3, 4, 5, 3
MARGIN = 0.3  # of the losses on nu


# Attention: equations 2 to 5.


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def softmax(values):
    exponentials = [math.exp(v) for v in values]
    return [e / sum(exponentials) for e in exponentials]


WEIGHTS = {
    "sigmoid": lambda scores: [sigmoid(s) for s in scores],
    "sigmoid_softmax": lambda scores: softmax([sigmoid(s) for s in scores]),
    "softmax": softmax,
    "uniform": lambda scores: [1 / len(scores)] * len(scores),
}


def pooled(vectors, weights):
    return sum(w * v for w, v in zip(weights, vectors)) / sum(weights)


def attend(face, parameters, options):
    """What one face's views [k, d] become: mu, nu, what the views are pooled by, the representation."""

    def weigh(name, vectors):
        shift = parameters[name + ".bias"][0] if options["bias"] else 0
        scores = [(parameters[name + ".weight"][0] @ v + shift) / options["temperature"] for v in vectors]
        return WEIGHTS[options["weights"]](scores)

    views = list(face)
    mu = weigh("self_attention", views) if options["self_attention"] else [1.0] * len(views)
    middle = pooled(views, mu)
    if not options["relation_attention"]:
        return {"mu": mu, "weights": mu, "feature": middle}
    beside = [np.concatenate([v, middle]) for v in views]
    nu = weigh("relation_attention", beside)
    both = [m * n for m, n in zip(mu, nu)]
    return {"mu": mu, "nu": nu, "weights": both, "feature": pooled(beside, both)}


def differences(function, values, step=1e-5):
    """The gradient of a function of one array."""
    result = np.zeros_like(values)
    for place in np.ndindex(values.shape):
        moved = values.copy()
        moved[place] += step
        above = function(moved)
        moved[place] -= 2 * step
        result[place] = (above - function(moved)) / (2 * step)
    return result


def gradients(function, arguments):
    """Of a function of several named arrays, one after the other."""
    return {
        name: tensor(differences(lambda x, name=name: function({**arguments, name: x}), values))
        for name, values in arguments.items()
    }


def attention_cases(random):
    arguments = {
        "features": random.normal(size=(FACES, VIEWS, FEATURES)),
        "self_attention.weight": random.normal(size=(1, FEATURES)),
        "self_attention.bias": np.array([0.7]),
        "relation_attention.weight": random.normal(size=(1, 2 * FEATURES)) * 0.7,
        "relation_attention.bias": np.array([-0.4]),
    }

    def case(name, mu=True, nu=True, weights="sigmoid", temperature=1.0, bias=False):
        options = {
            "self_attention": mu,
            "relation_attention": nu,
            "weights": weights,
            "temperature": temperature,
            "bias": bias,
        }

        def rows(given):
            return [attend(face, given, options) for face in given["features"]]

        def all_of(key, given):
            return np.array([row[key] for row in rows(given)])

        probe = np.cos(np.arange(1, all_of("feature", arguments).size + 1))
        used = {
            name: values
            for name, values in arguments.items()
            if name == "features" or (options[name.split(".")[0]] and (bias or not name.endswith(".bias")))
        }
        outputs = [key for key in ("mu", "nu", "weights", "feature") if key in rows(arguments)[0]]
        if not mu:
            outputs.remove("mu")
        result = {
            "name": name,
            "options": options,
            **{key: tensor(all_of(key, arguments)) for key in outputs},
            "gradients": gradients(
                lambda given: float(all_of("feature", {**arguments, **given}).ravel() @ probe), used
            ),
        }
        if mu and nu:  # equation 6 with nu in the place of mu
            biased = lambda given: region_bias(all_of("nu", {**arguments, **given}), MARGIN)
            result["relation_bias"] = {
                "margin": MARGIN,
                "loss": biased(arguments),
                "gradients": gradients(biased, used),
            }
        return result

    return {
        "arguments": {name: tensor(values) for name, values in arguments.items()},
        "cases": [
            case("paper"),
            case("paper_self", nu=False),
            case("paper_relation", mu=False),
            case("authors", weights="sigmoid_softmax", bias=True),
            case("authors_self", weights="sigmoid_softmax", bias=True, nu=False),
            case("authors_relation", weights="sigmoid_softmax", bias=True, mu=False),
            case("softmax", weights="softmax"),
            case("softmax_self_warm", weights="softmax", temperature=2.5, nu=False),
            case("sigmoid_cold_bias", temperature=0.5, bias=True),
            case("uniform", weights="uniform"),
        ],
    }


# Losses.


def region_bias(weights, margin):
    """Equation 6."""
    return float(np.mean([max(0, margin - (max(face[1:]) - face[0])) for face in weights]))


def view_likelihood(weights, logits, targets):
    total = 0.0
    for w, views, target in zip(weights, logits, targets):
        mixture = sum(share * np.array(softmax(view)) for share, view in zip(w, views))
        total -= sum(t * math.log(p) for t, p in zip(target, mixture))
    return total / len(weights)


def divergence(logits, targets):
    """Kullback and Leibler's, of softmax(logits) from the targets."""
    total = 0.0
    for row, target in zip(logits, targets):
        total += sum(t * math.log(t / p) for t, p in zip(target, softmax(row)) if t > 0)
    return total / len(logits)


def losses(random):
    # The first face is beyond every margin, the second beyond none, the third beyond the small ones alone.
    weights = np.array([[0.30, 0.10, 0.85, 0.42], [0.70, 0.55, 0.20, 0.61], [0.40, 0.45, 0.25, 0.37]])
    shares = random.dirichlet(np.ones(VIEWS), size=FACES)
    logits = 2 * random.normal(size=(FACES, VIEWS, CLASSES))
    targets = random.dirichlet(np.ones(CLASSES), size=FACES)
    targets[1] = [0, 0, 1]
    mixture = {"weights": shares, "logits": logits}
    return {
        "region_bias": {
            "weights": tensor(weights),
            "cases": [
                {
                    "margin": margin,
                    "loss": region_bias(weights, margin),
                    "gradient": tensor(differences(lambda w, m=margin: region_bias(w, m), weights)),
                }
                for margin in (0.0, 0.02, 0.1, 0.6)
            ],
        },
        "view_likelihood": {
            "weights": tensor(shares),
            "logits": tensor(logits),
            "targets": tensor(targets),
            "loss": view_likelihood(shares, logits, targets),
            "gradients": gradients(lambda given: view_likelihood(given["weights"], given["logits"], targets), mixture),
        },
        "divergence": {
            "logits": tensor(logits[:, 0]),
            "targets": tensor(targets),
            "loss": divergence(logits[:, 0], targets),
            "gradient": tensor(differences(lambda x: divergence(x, targets), logits[:, 0])),
        },
    }


# Regions. A square is its side and where it leans in each direction: 0 the left or upper border, .5 the middle, 1 the
# right or lower border, so that it starts at lean * (1 - side).

SCHEMES = {
    "none": [],
    "fixed": [(0.75, 0, 0), (0.75, 1, 0), (0.75, 0.5, 1), (0.9, 0.5, 0.5), (0.85, 0.5, 0.5)],
    "fixed7": [
        (0.75, 0.5, 1),
        (0.75, 0, 0),
        (0.75, 1, 0),
        (0.9, 0.5, 0.5),
        (0.8, 0.5, 0.5),
        (0.75, 0.5, 0.5),
        (0.75, 0.5, 0),
    ],
}
WHOLE = [1, 0, 0, 0, 1, 0]


def affine(width, height, left, top):
    """What takes (0, 0) and (1, 1) to a rectangle's corners."""
    return [width, 0, left, 0, height, top]


def leaning(scheme, scale):
    squares = [(scale * side, x, y) for side, x, y in SCHEMES[scheme]]
    return [WHOLE] + [affine(side, side, x * (1 - side), y * (1 - side)) for side, x, y in squares]


class Mt19937_64:
    """The 64-bit Mersenne Twister (Nishimura, ACM TOMACS 2000; its authors' mt19937-64.c)."""

    MASK = 2**64 - 1

    def __init__(self, seed):
        self.state = [seed]
        for i in range(1, 312):
            last = self.state[-1]
            self.state.append((6364136223846793005 * (last ^ last >> 62) + i) & self.MASK)
        self.place = 312

    def next(self):
        if self.place == 312:
            for i in range(312):
                mixed = self.state[i] & ~0x7FFFFFFF | self.state[(i + 1) % 312] & 0x7FFFFFFF
                twist = 0xB5026F5AA96619E9 if mixed & 1 else 0
                self.state[i] = (self.state[(i + 156) % 312] ^ mixed >> 1 ^ twist) & self.MASK
            self.place = 0
        x = self.state[self.place]
        self.place += 1
        x ^= x >> 29 & 0x5555555555555555
        x ^= x << 17 & 0x71D67FFFEDA60000
        x ^= x << 37 & 0xFFF7EEE000000000
        return x ^ x >> 43

    def uniform(self):
        return (self.next() >> 11) * 2.0**-53


def check_twister():
    """The C++ standard, [rand.predef]: the 10000th value of a generator with the default seed."""
    generator = Mt19937_64(5489)
    values = [generator.next() for _ in range(10000)]
    assert values[-1] == 9981545732273789042, values[-1]


def drawn(count, smallest, largest, seed):
    """Side, then left, then top of each region."""
    generator = Mt19937_64(seed)
    views = [WHOLE]
    for _ in range(count):
        side = smallest + (largest - smallest) * generator.uniform()
        left = (1 - side) * generator.uniform()
        views.append(affine(side, side, left, (1 - side) * generator.uniform()))
    return views


def around(landmarks, half_side):
    views = [WHOLE]
    for x, y in landmarks:
        left, right = max(0, x - half_side), min(1, x + half_side)
        top, bottom = max(0, y - half_side), min(1, y + half_side)
        views.append(affine(right - left, bottom - top, left, top))
    return views


def sample(image, view, size):
    """Bilinear, pixels' centres at halves, the border repeated: image [h, w] -> [size, size]."""
    height, width = image.shape
    result = np.zeros((size, size))
    for row in range(size):
        for column in range(size):
            u, v = (column + 0.5) / size, (row + 0.5) / size
            x = min(max((view[0] * u + view[1] * v + view[2]) * width - 0.5, 0), width - 1)
            y = min(max((view[3] * u + view[4] * v + view[5]) * height - 0.5, 0), height - 1)
            left, top = int(x), int(y)
            right, bottom = min(left + 1, width - 1), min(top + 1, height - 1)
            a, b = x - left, y - top
            upper = (1 - a) * image[top, left] + a * image[top, right]
            lower = (1 - a) * image[bottom, left] + a * image[bottom, right]
            result[row, column] = (1 - b) * upper + b * lower
    return result


def mirrored_content(view):
    """The same part of the image, its left and right changed."""
    a, b, x, c, d, y = view
    return [-a, b, x + a, -c, d, y + c]


def mirrored_face(view):
    """The same place of the mirrored image."""
    a, b, x, c, d, y = view
    return [-a, -b, 1 - x, c, d, y]


def geometry(random):
    landmarks = random.uniform(0.05, 0.95, (2, 5, 2))
    # What the network's op gives out of images that are no squares, so that no axis can be taken for the other.
    images, size = random.uniform(0, 255, (2, 2, 5, 7)), 4
    fixed = leaning("fixed", 1)
    views = fixed + [mirrored_content(v) for v in fixed]
    cut = [[[sample(c, v, size) for c in image] for v in views] for image in images]
    return {
        "schemes": [
            {"options": {"scheme": scheme, "scale": scale}, "views": tensor(leaning(scheme, scale))}
            for scheme in SCHEMES
            for scale in (1.0, 0.4, 0.7, 1.1)
        ]
        + [
            {
                "options": {"scheme": "random", "count": count, "smallest": low, "largest": high, "seed": seed},
                "views": tensor(drawn(count, low, high, seed)),
            }
            for count, low, high, seed in ((3, 0.7, 0.95, 1), (30, 0.7, 0.95, 7), (2, 0.4, 0.4, 2**40 + 1))
        ],
        "landmarks": [
            {
                "landmarks": tensor(face),
                "half_side": half_side,
                "views": tensor(around(face, half_side)),
            }
            for face in landmarks
            for half_side in (0.4, 0.15)
        ],
        "mirrored": {
            "views": tensor(fixed),
            "content": tensor([mirrored_content(v) for v in fixed]),
            "face": tensor([mirrored_face(v) for v in fixed]),
        },
        "cut": {"images": tensor(images), "size": size, "views": tensor(np.array(cut).reshape(-1, 2, size, size))},
    }


def tensor(values):
    values = np.asarray(values, dtype=float)
    return {"shape": list(values.shape), "values": [float(f"{v:.10g}") for v in values.ravel()]}


def golden():
    numbers = np.random.default_rng(11)
    return {"attention": attention_cases(numbers), "losses": losses(numbers), "geometry": geometry(numbers)}


if __name__ == "__main__":
    check_twister()
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(golden()) + "\n")
