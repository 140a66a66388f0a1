#!/usr/bin/env python3
"""Fits the two models of a copy in crates/vision/src/judge.rs, and shows what they find on data they were not fitted to.

  cargo run --release -p huoyan-vision --example measure -- GALLERY_DIR PICTURES_DIR > candidates.csv
  python3 benches/image_fit.py candidates.csv labels.jsonl            # needs numpy

labels.jsonl: {"id": picture's name without ending, "true_id": the reference's or "", "cls": kind of edit}. The halves are cut by reference
(positives) and by picture (negatives). Constants are printed as fitted; judge.rs lowers them."""
import csv, json, math, sys, zlib
from collections import Counter, defaultdict
import numpy as np

NAMES = ["constant", "share", "close", "spots", "correlation", "log corners", "corners of expected", "log tone", "contrast", "hash", "log votes", "middle"]
SIGN = dict(zip(NAMES, [0, 1, 1, 1, 1, 1, 1, -1, -1, 1, 1, 1]))
WHOLE = ["constant", "share", "close", "correlation", "log tone", "contrast", "hash", "spots"]
PART = ["constant", "share", "close", "spots", "correlation", "log corners", "corners of expected", "log tone", "contrast", "log votes", "middle"]
RIDGE, NEGATIVES = 0.001, 60.0  # strength of the ridge; weight of all negatives against one kind of edit

labels = {r["id"]: r for r in map(json.loads, open(sys.argv[2], encoding="utf-8"))}
X, y, keys, kinds = [], [], [], []
for r in csv.DictReader(open(sys.argv[1], encoding="utf-8")):
    label = labels.get(r["id"])
    if not label or (label["true_id"] and r["item"] != label["true_id"]):
        continue
    v = {k: float(x) for k, x in r.items() if k not in ("id", "item")}
    enough = v["agreeing"] >= 4
    visible = max(1, v["visible"])
    X.append([1, v["agreeing"] / visible, v["close"] / visible, v["spots_agreeing"] / max(8, v["spots"]), v["correlation"],
              math.log1p(v["inliers"]), v["inliers"] / max(20, v["expected"]), math.log1p(v["tone"] if enough else 20),
              min(1, v["contrast"]) if enough else 1, max(0, 1 - v["distance"] / 100), math.log1p(v["votes"]), v["middle_agreeing"] / max(6, v["middle"])])
    y.append(int(bool(label["true_id"])))
    keys.append(r["id"])
    kinds.append(label["cls"] if label["true_id"] else "negative")
X, y, kinds = np.array(X), np.array(y), np.array(kinds)
half_of = {k: (zlib.crc32((r["true_id"] or k).encode()) >> 3) % 2 for k, r in labels.items()}
half = np.array([half_of[k] for k in keys])


def logistic(z):
    return 1 / (1 + np.exp(-np.clip(z, -40, 40)))


def regress(X, y, w):
    b = np.zeros(X.shape[1])
    for _ in range(60):
        p = logistic(X @ b)
        pull = RIDGE * len(y)
        gradient = X.T @ (w * (y - p)) - pull * np.r_[0, b[1:]]
        curvature = (X * (w * p * (1 - p))[:, None]).T @ X + (pull + 1e-6) * np.eye(len(b))
        b += np.linalg.solve(curvature, gradient)
    return b


def fit(names, rows, train):
    """Drops, worst first, what speaks against what it stands for."""
    names = list(names)
    count = Counter(kinds[train])
    w = np.array([1000 * (NEGATIVES if k == "negative" else 1) / max(1, count[k]) for k in kinds])
    while True:
        at = [NAMES.index(n) for n in names]
        b = regress(X[rows][:, at], y[rows], w[rows])
        wrong = [(abs(v), n) for n, v in zip(names, b) if v * SIGN[n] < 0]
        if not wrong:
            full = np.zeros(len(NAMES))
            full[at] = b
            return full
        names.remove(max(wrong)[1])


alike = X[:, NAMES.index("share")] >= 0.5
changed = (y == 0) | (X[:, NAMES.index("hash")] < 0.45)


def models(rows):
    return fit(WHOLE, rows & alike, rows), fit(PART, rows & changed, rows)


def show(name, pair, rows, halves):
    score = np.maximum(np.where(alike, logistic(X @ pair[0]), 0), logistic(X @ pair[1]))
    best = defaultdict(float)
    for i in np.where(rows)[0]:
        best[keys[i]] = max(best[keys[i]], score[i])
    negatives = sorted((best[k] for k, r in labels.items() if not r["true_id"] and half_of[k] in halves), reverse=True)
    threshold = negatives[int(len(negatives) * 0.001)]
    found = defaultdict(list)
    for k, r in labels.items():
        if r["true_id"] and half_of[k] in halves:
            found[r["cls"]].append(best[k] > threshold)
    print(f"{name}: macro recall {np.mean([np.mean(v) for v in found.values()]):.4f} above {threshold:.3f}, {len(negatives)} negatives")


for train in (0, 1):
    show(f"fitted to half {train}, shown on the other", models(half == train), half != train, {1 - train})
pair = models(half >= 0)
show("fitted to all, shown on all", pair, half >= 0, {0, 1})
for name, b in zip(("whole", "part"), pair):
    print(name, {n: round(float(v), 2) for n, v in zip(NAMES, b) if v})
