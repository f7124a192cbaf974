"""The golden values are what their scripts compute, and would tell a network, a loss or a metric that is slightly wrong:
every change of a script's formulas below, a sign, an axis, an order, moves some value by far more than the tests of the
same values in C++ allow.

usage: golden_test.py [unittest's arguments]; wants NumPy and, for the backbones, PyTorch
"""

import json
import pathlib
import types
import unittest

GOLDEN = pathlib.Path(__file__).resolve().parent / "golden"
TOLD = 1e-3  # the tests in C++ allow 1e-4 at most

# The script, what stands there, what stands there instead.
MUTATIONS = [
    # Attention: a sign, no attention at the end, who is beside whom, other sums.
    ("region_attention", "math.exp(-x)", "math.exp(x)"),
    ("region_attention", "[\"temperature\"] for v in", "[\"temperature\"] * -1 for v in"),
    ("region_attention", "[np.concatenate([v, middle])", "[np.concatenate([middle, v])"),
    ("region_attention", "[np.concatenate([v, middle])", "[np.concatenate([v, -middle])"),
    ("region_attention", "/ sum(weights)\n", "/ len(weights)\n"),
    ("region_attention", "[m * n for m, n in zip(mu, nu)]", "[m + n for m, n in zip(mu, nu)]"),
    ("region_attention", "[m * n for m, n in zip(mu, nu)]", "[m * n for m, n in zip(mu, nu[::-1])]"),
    ("region_attention", "views = list(face)", "views = list(face)[::-1]"),
    ("region_attention", "weights\": mu, \"feature\": middle", "weights\": mu, \"feature\": sum(views) / len(views)"),
    # The losses: a sign, the whole face among the regions, the worst region, the sum over views outside.
    ("region_attention", "margin - (max(face[1:]) - face[0])", "margin + (max(face[1:]) - face[0])"),
    ("region_attention", "max(face[1:]) - face[0]", "max(face) - face[0]"),
    ("region_attention", "max(face[1:]) - face[0]", "min(face[1:]) - face[0]"),
    ("region_attention", "max(face[1:]) - face[0]", "max(face[:-1]) - face[-1]"),
    ("region_attention", 'region_bias(all_of("nu"', 'region_bias(all_of("mu"'),
    ("region_attention", 'region_bias(all_of("nu"', 'region_bias(all_of("weights"'),
    ("region_attention", "zip(w, views))\n", "zip(w[::-1], views))\n"),
    ("region_attention", "t * math.log(t / p)", "t * math.log(p / t)"),
    # Regions: left and right, up and down, rows and columns, the order, where pixels' centres lie.
    ("region_attention", "[width, 0, left, 0, height, top]", "[width, 0, top, 0, height, left]"),
    ("region_attention", "x * (1 - side), y * (1 - side))", "(1 - x) * (1 - side), y * (1 - side))"),
    ("region_attention", "x * (1 - side), y * (1 - side))", "x * (1 - side), (1 - y) * (1 - side))"),
    ("region_attention", "(0.75, 0, 0), (0.75, 1, 0), (0.75, 0.5, 1)", "(0.75, 1, 0), (0.75, 0, 0), (0.75, 0.5, 1)"),
    ("region_attention", "return [WHOLE] + [affine", "return [affine(1, 1, 0, 0.01)] + [affine"),
    ("region_attention", "left = (1 - side) * gen", "left = 1 - (1 - side) * gen"),
    ("region_attention", "affine(right - left, bottom - top, left, top)", "affine(bottom - top, right - left, left, top)"),
    ("region_attention", "(column + 0.5) / size, (row + 0.5) / size", "(row + 0.5) / size, (column + 0.5) / size"),
    ("region_attention", "* width - 0.5", "* width"),
    ("region_attention", "return [-a, b, x + a, -c, d, y + c]", "return [-a, b, 1 - x, -c, d, y + c]"),
    ("region_attention", "return [-a, -b, 1 - x, c, d, y]", "return [-a, -b, x + a, c, d, y]"),
    # PhaNet's parts.
    ("phanet", "weights[row, column] * (column + 0.5) / width", "weights[row, column] * (row + 0.5) / height"),
    ("phanet", "known += list(pose)", "known = list(pose) + known"),
    ("phanet", "known += list(pose)", "known += [-angle for angle in pose]"),
    ("phanet", "(1 - side) * sigmoid(proposal[1]), (1 - side)", "(1 - side) * sigmoid(proposal[2]), (1 - side)"),
    ("phanet", "(1 - side) * sigmoid(proposal[1])", "(1 - side) * sigmoid(-proposal[1])"),
    ("phanet", "smallest + (largest - smallest) * sigmoid(pro", "largest - (largest - smallest) * sigmoid(pro"),
    ("phanet", "for left, top, side in reversed(squares):", "for left, top, side in squares:"),
    ("phanet", "(1 - u if mirrored else u), v", "u, (1 - v if mirrored else v)"),
    ("phanet", "np.stack([across, down, origin], axis=1)", "np.stack([down, across, origin], axis=1)"),
    ("phanet", "features.ravel(), pose])", "features[::-1].ravel(), pose])"),
    ("phanet", "np.argsort(-weights)[:top]", "np.argsort(weights)[:top]"),
    # Its losses.
    ("phanet", "earlier - softmax(logits", "softmax(logits[face, scale])[truth] - softmax(logits"),
    ("phanet", "softmax(logits[face, scale + 1])[truth] + margin", "softmax(logits[face, scale + 1])[truth] - margin"),
    ("phanet", "given[face, scale])[truth]\n", "given[face, scale + 1])[truth]\n"),
    ("phanet", "enumerate(strongest(feature_map))", "enumerate(strongest(feature_map)[::-1])"),
    ("phanet", "np.abs(x) - 2) ** 2", "x - 2) ** 2"),
    ("phanet", "(p - t) / 10", "(p + t) / 10"),
    ("phanet", "abs(classes[i] - yaw)", "abs(classes[i] + yaw)"),
    ("phanet", "np.exp(-b) * a + b", "np.exp(b) * a - b"),
    # The answer's loss: the targets' side, the classes' shares, their sign.
    ("label_distribution", "target * np.log(exponentials", "exponentials * np.log(target + 1"),
    ("label_distribution", "t / (len(priors) * prior)", "t / prior"),
    ("label_distribution", "t / (len(priors) * prior)", "t * (len(priors) * prior)"),
    ("label_distribution", "prior**TAU for", "prior**-TAU for"),
    ("label_distribution", "prior**TAU for", "prior for"),
    # Backbones: on which side a layer of stride 2 pads, where strides are, activations, epsilons, shortcuts.
    ("backbones", "(0, 1, 0, 1) if stride == 2", "(1, 0, 1, 0) if stride == 2"),
    ("backbones", "F.relu6(F.batch_norm(x", "F.relu(F.batch_norm(-x"),
    ("backbones", "x.shape[1] < channels and number > 1", "x.shape[1] < channels and number > 2"),
    ("backbones", "x = F.relu(y + x)", "x = F.relu(y - x)"),
    ("backbones", "kernel_size=3, stride=2, padding=1", "kernel_size=2, stride=2, padding=1"),
    ("backbones", "return F.relu(F.linear(x", "return F.relu(-F.linear(x"),
    ("backbones", '.weight", channels) - 1)', '.weight", channels))'),
    # Metrics: rows and columns, what fits on what, the bins.
    ("metrics", "np.add.at(confusion, (labels, predicted), 1)", "np.add.at(confusion, (predicted, labels), 1)"),
    ("metrics", "wide[folds != fold], labels[folds != fold]", "wide[folds == fold], labels[folds == fold]"),
    ("metrics", "in range(15)", "in range(10)"),
    ("metrics", "roots = np.roots([1 + Z * Z / count", "roots = np.roots([1"),
    ("metrics", "np.sqrt(penalty) * np.eye", "penalty * np.eye"),
    ("metrics", "(scaled[train] - mean) / np.sqrt(count)", "(scaled[train] - mean)"),
    ("metrics", "mean, middle, count = scaled[train].mean(0), target[train].mean()", "mean, middle, count = scaled.mean(0), 0.0"),
    # Head pose: the order of rotations, a mirrored face, how far the canonical face looks down.
    ("head_pose", "return about_z @ about_y @ about_x", "return about_x @ about_y @ about_z"),
    ("head_pose", "(m, -x, y, z, w) for p", "(m, x, y, z, w) for p"),
    ("head_pose", "@ u.T @ rotation(0, 6, 0)", "@ u.T @ rotation(0, -6, 0)"),
]


def source(name):
    return (GOLDEN / f"{name}.py").read_text(encoding="utf-8")


def computed(name, text):
    module = types.ModuleType(name)
    exec(compile(text, name, "exec"), module.__dict__)  # a script of this repository
    return numbers(module.golden())


def numbers(tree):
    """All numbers of nested lists and objects, in their order."""
    if isinstance(tree, dict):
        return [value for key in sorted(tree) for value in numbers(tree[key])]
    if isinstance(tree, (list, tuple)):
        return [value for item in tree for value in numbers(item)]
    return [float(tree)] if isinstance(tree, (int, float)) and not isinstance(tree, bool) else []


class Golden(unittest.TestCase):
    def setUp(self):
        self.kept = {
            path.stem: numbers(json.loads(path.read_text(encoding="utf-8"))) for path in sorted(GOLDEN.glob("*.json"))
        }

    def test_every_file_has_its_script(self):
        for name in self.kept:
            self.assertIn("def golden():", source(name), name)
            self.assertIn(name, {script for script, _, _ in MUTATIONS})

    def farthest(self, name, text):
        values = computed(name, text)
        self.assertEqual(len(values), len(self.kept[name]))
        return max(abs(a - b) for a, b in zip(values, self.kept[name]))

    def test_values_are_what_the_scripts_compute(self):
        for name in self.kept:
            self.assertLess(self.farthest(name, source(name)), 1e-5, name)

    def test_every_mutation_is_told(self):
        for name, before, after in MUTATIONS:
            with self.subTest(script=name, mutation=after):
                self.assertEqual(source(name).count(before), 1, "stands there once")
                self.assertGreater(self.farthest(name, source(name).replace(before, after)), TOLD)


if __name__ == "__main__":
    unittest.main()
