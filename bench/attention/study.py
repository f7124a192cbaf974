#!/usr/bin/env python3
"""Does learned attention over the views of a face earn its keep? Experiments on the features that view_features.py wrote.

    python3 bench/attention/study.py features.npz --seeds 10 [--only E2] [--json results.json]

Each arm learns weights of the views and a classifier of their weighted mean; its twin is the same in all (images, order,
epochs, start, learning rates), but its weights stay 1/k. Both start from the network's own classifier. A seed draws the parts:
a fifth of the groups of near-duplicates is held out in turn (five seeds go round once), the others are learned from, clean and
occluded alike. Reported, in points of accuracy on the held-out images: learned less uniform; learned less the same weights
given to other images (shuffled); the 95 % interval resamples seeds and images. Also the spread of a view's weights over images
and the correlation of a view's weight with its loss within an image, which useful weights make negative.
Needs NumPy and torch.
"""

import argparse
import json
import math
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

EPOCHS, BATCH = 8, 128
RATE, DECAY, ATTENTION_RATE = 2e-4, 1e-2, 5e-3  # of AdamW, which gives small gradients their say; no decay of the attention
KINDS = ("clean", "occluded")


@dataclass
class Arm:
    title: str
    scheme: str = "image"
    scorer: str = "paper"
    margin: float = 0  # of the region-biased loss (RAN, eq. 6); 0: none
    view_loss: float = 0  # cross-entropy of every view by the classifier
    quality: float = 0  # KL(weights, softmax(-cross-entropy of each view))
    visible: float = 0  # squared error of a view's weight before normalisation against its visible part
    mixed: bool = False  # views of one face taken from its clean and its occluded image at random
    dropped: float = 0  # chance that a view is left out
    layers: int = 0  # of a transformer over the views (Relation)


ARMS = {
    "E0": [Arm("the whole face alone, for comparison", "whole")]
    + [Arm(f"paper's attention, temperature .25, margin {m or 'none'}", margin=m) for m in (.02, .2, 0)]
    + [Arm("the same, cut from the map of block 11", "block11", margin=.02)],
    "E1": [Arm(f"told what is covered, {s}", s, "told") for s in ("image", "block5", "block11", "parts", "grid")],
    "E2": [Arm("hidden layer, number of the view", scorer="hidden"),
           Arm("+ loss of every view", scorer="hidden", view_loss=.5),
           Arm("+ quality of every view", scorer="hidden", view_loss=.5, quality=1),
           Arm("+ how visible a view is", scorer="hidden", view_loss=.5, quality=1, visible=1)],
    "E3": [Arm("views broken, not faces", scorer="hidden", view_loss=.5, quality=1, mixed=True),
           Arm("views broken and left out", scorer="hidden", view_loss=.5, quality=1, mixed=True, dropped=.2)],
    "E4": [Arm("eight parts, paper's attention", "parts", margin=.02),
           Arm("eight parts, quality", "parts", "hidden", view_loss=.5, quality=1),
           Arm("25 cells, paper's attention", "grid"),
           Arm("25 cells, quality", "grid", "hidden", view_loss=.5, quality=1)],
    "E5": [Arm("one layer of a transformer", layers=1, scorer="hidden"),
           Arm("two layers", layers=2, scorer="hidden"),
           Arm("eight parts, one layer", "parts", layers=1, scorer="hidden", view_loss=.5, quality=1)],
}


class PaperScorer(nn.Module):
    """mu = sigmoid(q0 F / T), nu = sigmoid(q1 [F : F_m] / T) (RAN, eq. 2 to 4); weights mu nu, normalised."""

    temperature = .25

    def __init__(self, width, views):
        super().__init__()
        self.mu, self.nu = nn.Linear(width, 1, bias=False), nn.Linear(2 * width, 1, bias=False)
        for layer in (self.mu, self.nu):
            nn.init.normal_(layer.weight, std=.01)

    def forward(self, views, covered):
        log_mu = F.logsigmoid(self.mu(views).squeeze(-1) / self.temperature)
        mean = (log_mu.softmax(1)[..., None] * views).sum(1, keepdim=True)  # eq. 3
        log_nu = F.logsigmoid(self.nu(torch.cat([views, mean.expand_as(views)], -1)).squeeze(-1) / self.temperature)
        return log_mu + log_nu, log_mu.exp()


class HiddenScorer(nn.Module):
    """Normalised feature and number of the view, 64 hidden units, one score."""

    def __init__(self, width, views):
        super().__init__()
        self.norm, self.number = nn.LayerNorm(width), nn.Parameter(torch.zeros(views, 64))
        self.inner, self.outer = nn.Linear(width, 64), nn.Linear(64, 1)
        nn.init.zeros_(self.outer.weight)

    def forward(self, views, covered):
        score = self.outer(torch.relu(self.inner(self.norm(views)) + self.number)).squeeze(-1)
        return score, torch.sigmoid(score)


class ToldScorer(nn.Module):
    """Is told the hidden part of every view: what any scorer could gain at most by seeing it."""

    def __init__(self, width, views):
        super().__init__()
        self.of = nn.Sequential(nn.Linear(2 * views, 64), nn.ReLU(), nn.Linear(64, views))
        nn.init.zeros_(self.of[2].weight)

    def forward(self, views, covered):
        score = self.of(torch.cat([covered, covered ** 2], 1))
        return score, torch.sigmoid(score)


SCORERS = {"paper": PaperScorer, "hidden": HiddenScorer, "told": ToldScorer}


class Relation(nn.Module):
    """Adds to every view what layers of a transformer, 128 wide, make of all of them; at first nothing."""

    def __init__(self, width, layers):
        super().__init__()
        self.down, self.up = nn.Linear(width, 128), nn.Linear(128, width)
        self.layers = nn.ModuleList(nn.TransformerEncoderLayer(128, 4, 256, .1, batch_first=True, norm_first=True)
                                    for _ in range(layers))
        nn.init.zeros_(self.up.weight)
        nn.init.zeros_(self.up.bias)

    def forward(self, views):
        inner = self.down(views)
        for layer in self.layers:
            inner = layer(inner)
        return views + self.up(inner)


class Network(nn.Module):
    def __init__(self, arm, width, views, classifier, uniform):
        super().__init__()
        self.uniform = uniform
        self.relation = Relation(width, arm.layers) if arm.layers else nn.Identity()
        self.scorer = SCORERS[arm.scorer](width, views)
        self.classifier = nn.Linear(width, len(classifier[1]))
        self.classifier.weight.data, self.classifier.bias.data = (torch.tensor(v) for v in classifier)

    def forward(self, views, covered, kept=None):
        views = self.relation(views)
        score, visible = self.scorer(views, covered)
        if self.uniform:
            score = torch.zeros_like(score)
        if kept is not None:
            score = score.masked_fill(~kept, -math.inf)
        weights = score.softmax(1)
        return self.answer(views, weights), weights, visible, views

    def answer(self, views, weights):
        return self.classifier((weights[..., None] * views).sum(1))


@dataclass
class Views:
    """Of a scheme: features [kinds, images, views, width] (f16), covered [images, views] of the occluded kind."""

    features: torch.Tensor
    covered: torch.Tensor
    labels: torch.Tensor

    def batch(self, kinds, rows):
        """One kind per image [n] or per view [n, k]."""
        covered = self.covered[rows] * (kinds if kinds.dim() == 2 else kinds[:, None])
        if kinds.dim() == 1:
            return self.features[kinds, rows].float(), covered
        number = torch.arange(kinds.shape[1])
        return self.features[kinds, rows[:, None], number].float(), covered


def view_losses(network, views, labels):
    """Cross-entropy of every view by the classifier, [n, k]."""
    logits = network.classifier(views)
    return F.cross_entropy(logits.transpose(1, 2), labels[:, None].expand(-1, views.shape[1]), reduction="none")


def loss_of(arm, network, batch, labels, kept):
    logits, weights, visible, views = network(*batch, kept)
    loss = F.cross_entropy(logits, labels)
    if arm.view_loss or arm.quality:
        losses = view_losses(network, views, labels)
        loss = loss + arm.view_loss * losses.mean()
    if network.uniform:
        return loss
    if arm.margin:
        loss = loss + F.relu(arm.margin - (visible[:, 1:].amax(1) - visible[:, 0])).mean()
    if arm.quality:
        target = (-losses.detach()).softmax(1)
        loss = loss + arm.quality * (target * (target.clamp_min(1e-6).log() - weights.clamp_min(1e-6).log())).sum(1).mean()
    if arm.visible:
        loss = loss + arm.visible * (visible - (1 - batch[1])).square().mean()
    return loss


def train(arm, data, rows, classifier, uniform, seed):
    torch.manual_seed(seed)
    random = torch.Generator().manual_seed(seed)
    _, _, count, width = data.features.shape
    network = Network(arm, width, count, classifier, uniform)
    groups = [{"params": [*network.classifier.parameters(), *network.relation.parameters()]},
              {"params": network.scorer.parameters(), "weight_decay": 0, "lr": ATTENTION_RATE}]
    optimizer = torch.optim.AdamW(groups, lr=RATE, weight_decay=DECAY)
    steps = EPOCHS * math.ceil(2 * len(rows) / BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: .5 * (1 + math.cos(math.pi * step / steps)))
    network.train()
    for _ in range(EPOCHS):
        for chosen in torch.randperm(2 * len(rows), generator=random).split(BATCH):
            kinds, images = chosen % 2, rows[chosen // 2]
            if arm.mixed:  # for half of the faces
                per_view = torch.randint(0, 2, (len(images), count), generator=random)
                kinds = torch.where(torch.rand(len(images), 1, generator=random) < .5, per_view, kinds[:, None])
            kept = None
            if arm.dropped:
                kept = torch.rand(len(images), count, generator=random) >= arm.dropped
                kept[:, 0] |= ~kept.any(1)
            loss = loss_of(arm, network, data.batch(kinds, images), data.labels[images], kept)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 2)
            optimizer.step()
            schedule.step()
    return network.eval()


@torch.no_grad()
def examine(network, data, rows, kind, seed):
    """What a network does on one kind of images: right [n], right with other images' weights [n], weights and losses [n, k]."""
    kinds = torch.full((len(rows),), kind)
    views, covered = data.batch(kinds, rows)
    logits, weights, _, after = network(views, covered)
    labels = data.labels[rows]
    shuffled = weights[torch.randperm(len(rows), generator=torch.Generator().manual_seed(seed))]
    right = [(scores.argmax(1) == labels).numpy() for scores in (logits, network.answer(after, shuffled))]
    return *right, weights.numpy(), view_losses(network, after, labels).numpy()


def parts(groups, seed):
    """Images to learn from and those held out: a fifth of the groups, dealt anew every five seeds."""
    order = np.random.default_rng(seed // 5).permutation(groups.max() + 1)
    held = order[groups] % 5 == seed % 5
    return torch.from_numpy(np.flatnonzero(~held)), torch.from_numpy(np.flatnonzero(held))


def interval(differences, draws=2000):
    """Mean of several seeds' differences per image and its 95 % interval over seeds and images, in points."""
    random, means = np.random.default_rng(0), []
    for _ in range(draws):
        chosen = random.integers(0, len(differences), len(differences))
        means.append(np.mean([d[random.integers(0, len(d), len(d))].mean() for d in (differences[i] for i in chosen)]))
    return [float(100 * v) for v in (np.mean([d.mean() for d in differences]), *np.quantile(means, [.025, .975]))]


def correlation(weights, losses):
    """Mean over images of the correlation of weight and loss over the views; 0 for weights that are all alike."""
    w, l = (v - v.mean(1, keepdims=True) for v in (weights, losses))
    return float(((w * l).sum(1) / np.sqrt((w ** 2).sum(1) * (l ** 2).sum(1)).clip(1e-9)).mean())


def run(arm, data, groups, classifier, seeds):
    found = {kind: {name: [] for name in ("learned", "uniform", "gain", "shuffled", "spread", "correlation")} for kind in KINDS}
    for seed in range(seeds):
        rows, held = parts(groups, seed)
        learned, uniform = (train(arm, data, rows, classifier, alike, seed) for alike in (False, True))
        for kind, of in enumerate(found.values()):
            right, shuffled, weights, losses = examine(learned, data, held, kind, seed)
            twin = examine(uniform, data, held, kind, seed)[0]
            of["learned"].append(right.mean())
            of["uniform"].append(twin.mean())
            of["gain"].append(right.astype(float) - twin)
            of["shuffled"].append(right.astype(float) - shuffled)
            of["spread"].append(weights.std(0).mean())
            of["correlation"].append(correlation(weights, losses))
    return {kind: {name: interval(values) if name in ("gain", "shuffled") else
                   float(np.mean(values)) * (100 if name in ("learned", "uniform") else 1)
                   for name, values in of.items()} for kind, of in found.items()}


@torch.no_grad()
def headroom(data, classifier):
    """Without any training: accuracy of each view, of their mean, and of an oracle that may choose a view."""
    lines = []
    weight, bias = (torch.tensor(v) for v in classifier)
    for kind, name in enumerate(KINDS):
        logits = data.features[kind].float() @ weight.T + bias
        right = logits.argmax(-1) == data.labels[:, None]
        mean = (logits.mean(1).argmax(-1) == data.labels).float().mean()
        whole, best = right[:, 0].float().mean(), right.float().mean(0).max()
        lines.append((name, *(float(100 * v) for v in (whole, best, mean, right.any(1).float().mean(), right.all(1).float().mean()))))
    return lines


def auc(scores, truth):
    """Area under the ROC curve."""
    order = np.argsort(scores, kind="stable")
    ranks = np.empty(len(scores))
    ranks[order] = np.arange(1, len(scores) + 1)
    positive = truth.sum()
    return (ranks[truth].sum() - positive * (positive + 1) / 2) / max(positive * (len(truth) - positive), 1)


def probes(data, groups, classifier):
    """How well a linear probe reads from a view's feature whether a third of the view is covered, and whether the view's own
    answer is right: area under the ROC curve on held-out images, occluded kind."""
    rows, held = parts(groups, 0)
    weight, bias = (torch.tensor(v) for v in classifier)
    right = (data.features[1].float() @ weight.T + bias).argmax(-1) == data.labels[:, None]
    answers = []
    for truth in (data.covered > 1 / 3, right):
        found = []
        for view in range(truth.shape[1]):
            x = data.features[1][:, view].float()
            mean, std = x[rows].mean(0), x[rows].std(0) + 1e-3
            x, y = (x - mean) / std, truth[:, view].float()
            gram = x[rows].T @ x[rows] + len(rows) * .3 * torch.eye(x.shape[1])
            found.append(auc((x[held] @ torch.linalg.solve(gram, x[rows].T @ (y[rows] - y[rows].mean()))).numpy(),
                             truth[held, view].numpy()))
        answers.append(float(np.nanmean(found)))
    return answers


def signed(values):
    return "{:+.2f} ({:+.2f} to {:+.2f})".format(*values)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("features")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--only", nargs="+", choices=ARMS, default=list(ARMS))
    parser.add_argument("--json", help="also write all figures to this file")
    options = parser.parse_args()
    torch.set_num_threads(1)
    file = np.load(options.features)
    groups, labels = file["groups"], torch.from_numpy(file["labels"])
    classifier = file["fc_weight"], file["fc_bias"]
    loaded, results = {}, {}

    def views(scheme):
        if scheme not in loaded:
            loaded.clear()  # one at a time: a scheme has up to 600 MB
            stored, count = ("image", 1) if scheme == "whole" else (scheme, None)
            features = torch.from_numpy(np.stack([file[f"{stored}_{kind}"][:, :count] for kind in KINDS]))
            loaded[scheme] = Views(features, torch.from_numpy(file[f"{stored}_covered"][:, :count]), labels)
        return loaded[scheme]

    if "E1" in options.only:
        print("| views | images | whole or first | best single | mean of all | any right | all right | covered, AUC | right, AUC |")
        print("|---" * 9 + "|")
        for scheme in ("image", "block5", "block11", "parts", "grid"):
            read = probes(views(scheme), groups, classifier)
            for name, *values in headroom(views(scheme), classifier):
                of = read if name == "occluded" else ["", ""]
                cells = [f"{v:.1f}" for v in values] + [f"{v:.2f}" if v != "" else "" for v in of]
                print(f"| {scheme} | {name} | " + " | ".join(cells) + " |", flush=True)
                results[f"headroom {scheme} {name}"] = values + of
        print()
    print("| | arm | views | occluded: learned | uniform | gain | over shuffled | spread | correlation | clean: gain |")
    print("|---" * 10 + "|")
    for experiment in options.only:
        for arm in ARMS[experiment]:
            found = run(arm, views(arm.scheme), groups, classifier, options.seeds)
            results[f"{experiment} {arm.title}"] = found
            o, c = found["occluded"], found["clean"]
            print(f"| {experiment} | {arm.title} | {arm.scheme} | {o['learned']:.2f} | {o['uniform']:.2f} | {signed(o['gain'])} | "
                  f"{signed(o['shuffled'])} | {o['spread']:.3f} | {o['correlation']:+.2f} | {signed(c['gain'])} |", flush=True)
    if options.json:
        with open(options.json, "w") as out:
            json.dump(results, out, indent=1)


if __name__ == "__main__":
    main()
