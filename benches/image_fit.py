#!/usr/bin/env python3
"""Fits the judge of copied pictures (crates/vision/src/judge/copy_trees.txt) to candidates of known truth, and tells how it does on what it has not seen.

usage: image_fit.py SET... [--halves] [--out FILE]

A SET is a folder with `candidates.csv` (written by the example `measure` of huoyan-vision) and `labels.jsonl` (written by the builder of the set). `--halves`: the references
and the negatives are cut into halves by their names; trees are fitted to the first set's one half and tried on the last set's other, and the other way round; so neither reference,
negative nor edit was seen. Each kind of edit is also left out of the fit in turn. `--out`: fits to all sets and writes the trees.

Needs numpy and scikit-learn 1.9.
"""

import argparse
import collections
import csv
import json
import os
import zlib

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

# Taken from the log-odds: to accuse wrongly is worse than to overlook. At this value fewer than one in a thousand negatives of the
# half that was not fitted to pass one half.
CAUTION = 1.8
TREES, LEAVES, RATE = 300, 15, 0.05


def measurements(row):
    """The order is that of `copy_measurements` in judge.rs."""
    f = lambda name: float(row[name])
    visible = max(1, f("visible"))
    return [
        f("agreeing") / visible,
        f("close") / visible,
        f("spots_agreeing") / max(8, f("spots")),
        np.log1p(f("spots_agreeing")),
        f("correlation"),
        np.log1p(f("inliers")),
        f("inliers") / max(20, f("expected")),
        np.log1p(f("tone")),
        min(1, f("contrast")),
        max(0, 1 - f("distance") / 100),
        np.log1p(f("votes")),
        f("middle_agreeing") / max(6, f("middle")),
        f("shading"),
        f("reference_share"),
        f("suspect_share"),
        visible,
        f("textured"),
        np.log1p(f("agreeing")),
        np.log1p(f("close")),
        np.log1p(f("spots")),
    ]


class Set:
    def __init__(self, folder):
        with open(os.path.join(folder, "labels.jsonl")) as file:
            self.truth = {row["id"]: row for row in map(json.loads, file)}
        with open(os.path.join(folder, "candidates.csv")) as file:
            rows = [row for row in csv.DictReader(line for line in file if not line.startswith("#"))]
        # With fewer agreeing blocks nothing is judged at all.
        rows = [row for row in rows if row["id"] in self.truth and float(row["agreeing"]) >= 4]
        self.ids = [row["id"] for row in rows]
        self.x = np.array([measurements(row) for row in rows], dtype=np.float32)
        self.y = np.array([self.truth[row["id"]].get("true_id") == row["item"] for row in rows])
        self.kinds = np.array([self.truth[i]["cls"] if self.truth[i].get("true_id") else "" for i in self.ids])
        self.halves = np.array([self.half(i) for i in self.ids])

    def half(self, picture):
        return zlib.crc32(("h" + (self.truth[picture].get("true_id") or picture)).encode()) % 2


def fitted(x, y):
    model = HistGradientBoostingClassifier(
        max_iter=TREES, learning_rate=RATE, max_leaf_nodes=LEAVES, l2_regularization=1.0, early_stopping=False, random_state=1
    )
    return model.fit(x, y)


def crosswise(first, last, without=None):
    """Best score of each picture of the last set: of its own reference for positives, of any for negatives."""
    best, other = collections.defaultdict(float), collections.defaultdict(float)
    for half in (0, 1):
        seen = (first.halves != half) & ((first.kinds != without) if without else True)
        model = fitted(first.x[seen], first.y[seen])
        tried = last.halves == half
        log_odds = model.decision_function(last.x[tried]) - CAUTION
        for score, picture, true in zip(1 / (1 + np.exp(-log_odds)), np.array(last.ids)[tried], last.y[tried]):
            scores = best if true else other
            scores[picture] = max(scores[picture], score)
    return best, other


def told(last, best, other, limit):
    recall = collections.defaultdict(list)
    for picture, row in last.truth.items():
        if row.get("true_id"):
            recall[row["cls"]].append(best.get(picture, 0) > limit)
    return {kind: float(np.mean(found)) for kind, found in recall.items()}


def report(first, last):
    best, other = crosswise(first, last)
    negatives = sorted((other.get(p, 0) for p, row in last.truth.items() if not row.get("true_id")), reverse=True)
    for name, limit in (("at 0.1 % of negatives", negatives[len(negatives) // 1000]), ("at 0.5", 0.5)):
        kinds = told(last, best, other, limit)
        flagged = sum(score > limit for score in negatives)
        print(f"{name}: macro recall {np.mean(list(kinds.values())):.4f}, {flagged} of {len(negatives)} negatives")
        print("  " + ", ".join(f"{kind} {share:.3f}" for kind, share in sorted(kinds.items(), key=lambda k: k[1])[:8]))
    left_out = {}
    for kind in sorted(set(first.kinds) - {""}):
        best, other = crosswise(first, last, kind)
        negatives = sorted((other.get(p, 0) for p, row in last.truth.items() if not row.get("true_id")), reverse=True)
        left_out[kind] = told(last, best, other, negatives[len(negatives) // 1000])[kind]
    print("each kind where it was left out of the fit: " + ", ".join(f"{k} {v:.3f}" for k, v in sorted(left_out.items(), key=lambda k: k[1])))
    print(f"  their mean {np.mean(list(left_out.values())):.4f}")


def text(nodes, at=0):
    node = nodes[at]
    if node["is_leaf"]:
        return f"={node['value']:.5g}"
    return f"{node['feature_idx']}:{np.float32(node['num_threshold']):.7g} {text(nodes, node['left'])} {text(nodes, node['right'])}"


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("sets", nargs="+")
    arguments.add_argument("--halves", action="store_true")
    arguments.add_argument("--out")
    arguments = arguments.parse_args()
    sets = [Set(folder) for folder in arguments.sets]
    if arguments.halves:
        report(sets[0], sets[-1])
    if arguments.out:
        model = fitted(np.concatenate([s.x for s in sets]), np.concatenate([s.y for s in sets]))
        base = float(model._baseline_prediction[0, 0]) - CAUTION
        with open(arguments.out, "w") as file:
            file.write(f"# Made by benches/image_fit.py: boosted trees over the measurements of judge.rs, in order of depth first; N:T goes left where\n")
            file.write(f"# measurement N is at most T, =V adds V to the log-odds. The first number is what they are added to.\n{base:.6g}\n")
            for (tree,) in model._predictors:
                file.write(text(tree.nodes) + "\n")


if __name__ == "__main__":
    main()
