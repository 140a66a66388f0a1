#!/usr/bin/env python3
"""Measures what review-malice promises beside review_eval.py: kinds of attack never seen, rings, calibration, one-review reviewers, YelpChi,
the threshold elsewhere, and other wording.

usage: review_quality.py WORLDS_DIR EXAMPLES_DIR DATA_DIR WORK_DIR [PART...] [--train N] [--kinds KIND...] [--fit-train N] [--model FILE] [--bench DIR]

WORLDS_DIR   worlds made by review_worlds.py: train-1 … train-5, test-1 …, hard-1 …
EXAMPLES_DIR the built examples `eval`, `fit`, `signals` of review-malice
DATA_DIR     holds yelpchi_graph_priors.csv.gz
WORK_DIR     models and scores are kept here; take a new folder for another build or model
PART         rings calibration one transfer unseen yelp wording; all unless told

Definitions. All figures pool the five test worlds (and, where said, the five hard ones). *Genuine negatives*: not attacks, not camouflage, one or two
stars. *Shipped*: the model of the repository. *Calibrated*: `fit all` on all training worlds. *Found at 1 %*: score above the one exceeded by
1 % of the pooled genuine negatives. Nothing random is used but the seeded worlds, and the seed 0 of the trees under `yelp`.

unseen       For each kind of attack `fit all` is run on training worlds (--train, 2 unless told) whose reviews are all there but where this kind's reviews
             have no label (their trap says camouflage, which the fitter passes over). Recall of the kind at 1 % in the test worlds, beside what the calibrated
             model reaches, which saw it. paid_positive is left out: no other kind praises.
rings        A ring: a campaign of kind ring_shared by at least 3 accounts on at least 3 items. Its reviews are to be found. *Coordination evidence* is what the
             ledger adds for the signals ring and ring_wide (curves of the shipped model, negative or positive side). Ranked by it, the recall of
             the rings' reviews at the lowest threshold where precision is still at least .98. Precision is over all reviews that are not camouflage: right
             is, strictly, a review of a ring; more leniently, of any attack (other campaigners act together, too). The same with all
             reviews that have coordination evidence, ranked by the shipped model's full score.
calibration  Ten bins of equal width over the calibrated scores of reviews of one or two stars that are not camouflage: the mean over reviews of
             |mean score of the bin - share of attacks in the bin|. By stratum: reviewers with 1, 2 to 4, 5 or more reviews in the world. *Base put right*: the
             same after one number was added to all log-odds so that the mean score equals the share of attacks (the share in a user's data is not that of the
             training worlds).
one          Share scored 0.5 or more among genuine negatives whose reviewer wrote exactly one review, over the share among all genuine negatives.
yelp         YelpChi's (user, prod) and nothing else: reviews of reviewer_id and listing_id scored by the plugin; then scores of structure alone,
             computed here without labels. AUC against Yelp's filter within users of 1, 2 to 4, 5 or more reviews. For comparison what labels could give:
             the share of filtered ones among the product's other reviews; trees on structure and products, crosswise by users, and crosswise by products.
               established   -ln(reviews of the user)
               tie           least over the user's other products q of ln((c+.5)/(e+.5)); c = other users of both p and q; e = m_p m_q / sum m, where
                             m_p = sum over q of c_pq: what chance would give products met as often
               regulars      -ln(1 + sum over q of max(0, c ln(c/e) - (c-e)) where c > e): others of this product come together elsewhere, too
             No review judges itself: its own user is taken out of every c. The sum's weights 1, 0.1, 0.1 are round numbers set by hand, and
             which of some thirty scores to add was chosen after seeing their AUC: there is no second YelpChi to try them on.
transfer     At 0.5: recall of negative kinds (pooled; macro without competitor_slow), genuine negatives flagged by trap, genuine positives flagged.
wording      A test and a hard world (seed 11) with the wording of benches/data/review_phrases_other.json: recall at 1 % and flagged at 0.5.
"""

import argparse
import csv
import gzip
import json
import os
import shutil
import subprocess
import sys
from collections import Counter, defaultdict

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
SEEDS = range(1, 6)
PARTS = ["rings", "calibration", "one", "transfer", "unseen", "yelp", "wording"]
STRATA = [("1", 1, 1), ("2-4", 2, 4), ("5+", 5, 10**9)]
TABLE = []


def row(figure, reached, asked="", baseline=""):
    TABLE.append((figure, reached, asked, baseline))
    print(f"  {figure}: {reached}", flush=True)


def f3(x):
    return f"{x:.3f}".replace("0.", ".", 1) if x < 1 else f"{x:.3f}"


def pct(x):
    return f"{100 * x:.2f} %"


class Reviews:
    """Several worlds pooled: labels by column, and scores of a model."""

    def __init__(self, bench, folders):
        self.bench, self.folders = bench, folders
        columns = defaultdict(list)
        for at, folder in enumerate(folders):
            with open(os.path.join(folder, "reviews.jsonl"), encoding="utf-8") as lines:
                reviews = [json.loads(line) for line in lines]
            with open(os.path.join(folder, "labels.csv"), newline="", encoding="utf-8") as lines:
                labels = {r["record"]: r for r in csv.DictReader(lines)}
            wrote = Counter(r["reviewer_id"] for r in reviews)
            for r in reviews:
                label = labels[r["id"]]
                columns["id"].append((at, r["id"]))
                columns["user"].append(f"{at}{r['reviewer_id']}")
                columns["item"].append(f"{at}{r['listing_id']}")
                columns["campaign"].append(f"{at}{label['campaign']}")
                columns["wrote"].append(wrote[r["reviewer_id"]])
                columns["stars"].append(r["rating"])
                columns["attack"].append(label["label"] == "1")
                columns["kind"].append(label["type"])
                columns["trap"].append(label["trap"])
        self.id = columns.pop("id")
        for name, values in columns.items():
            setattr(self, name, np.array(values))
        self.counted = self.trap != "camouflage"
        self.attack &= self.counted
        low = self.stars <= 2
        self.negative = self.counted & low
        self.innocent = self.negative & ~self.attack
        self.content = self.counted & ~self.attack & ~low

    def scores(self, model):
        by_world = [self.bench.scores(folder, model) for folder in self.folders]
        return np.array([by_world[at][record] for at, record in self.id])

    def signals(self, names):
        by_world = [self.bench.signals(folder, names) for folder in self.folders]
        return np.array([by_world[at][record] for at, record in self.id])

    def at(self, scores, share):
        falling = np.sort(scores[self.innocent])[::-1]
        return falling[int(len(falling) * share)]

    def recalls(self, scores, cut):
        return {kind: (scores[self.attack & (self.kind == kind)] > cut).mean() for kind in np.unique(self.kind[self.attack])}

    def summary(self, scores, cut):
        """Pooled, macro over the negative kinds without the slow one, and the slow one."""
        by = self.recalls(scores, cut)
        pooled = (scores[self.attack & (self.kind != "paid_positive")] > cut).mean()
        macro = np.mean([v for k, v in by.items() if k not in ("paid_positive", "competitor_slow")])
        return f"pooled {f3(pooled)}, macro {f3(macro)} (competitor_slow {f3(by['competitor_slow'])}, paid_positive {f3(by['paid_positive'])})"


class Bench:
    def __init__(self, args):
        self.args = args
        self.pools = {}
        os.makedirs(args.work, exist_ok=True)

    def run(self, example, *arguments):
        program = os.path.join(self.args.examples, example)
        done = subprocess.run([program, *arguments], capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{example} {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stderr

    def world(self, kind, seed):
        return os.path.join(self.args.worlds, f"{kind}-{seed}")

    def pool(self, kind):
        if kind not in self.pools:
            self.pools[kind] = Reviews(self, [self.world(kind, seed) for seed in SEEDS])
        return self.pools[kind]

    def name(self, folder):
        return os.path.basename(os.path.normpath(folder))

    def scores(self, folder, model):
        path = os.path.join(self.args.work, f"{self.name(folder)}.{os.path.basename(model)}.csv")
        if not os.path.exists(path):
            self.run("eval", os.path.join(folder, "reviews.jsonl"), path, "1", model)
        with open(path, newline="", encoding="utf-8") as lines:
            return {r["record"]: float(r["score"]) for r in csv.DictReader(lines)}

    def signals(self, folder, names):
        path = os.path.join(self.args.work, f"{self.name(folder)}.signals.csv")
        if not os.path.exists(path):
            self.run("signals", os.path.join(folder, "reviews.jsonl"), path, self.shipped)
        with open(path, newline="", encoding="utf-8") as lines:
            return {r["record"]: [r["side"] == "positive", *(float(r[name]) for name in names)] for r in csv.DictReader(lines)}

    @property
    def shipped(self):
        path = os.path.join(self.args.work, "shipped.toml")
        if not os.path.exists(path):
            shutil.copy(self.args.model, path)
        return path

    @property
    def calibrated(self):
        path = os.path.join(self.args.work, "calibrated.toml")
        if not os.path.exists(path):
            self.run("fit", "cautious", self.shipped, path, *(self.world("train", seed) for seed in range(1, self.args.fit_train + 1)))
        return path

    @property
    def models(self):
        return [("shipped", self.shipped), ("calibrated", self.calibrated)]


def unseen(bench):
    test = bench.pool("test")
    worst = {}
    scores = test.scores(bench.calibrated)
    seen = test.recalls(scores, test.at(scores, 0.01))
    for kind in bench.args.kinds or np.unique(test.kind[test.attack]):
        if kind == "paid_positive":
            row("unseen paid_positive", "none: the only kind of its side, and a side without 30 attacks is not fitted")
            continue
        folders = []
        for seed in range(1, bench.args.train + 1):
            folder = os.path.join(bench.args.work, f"without-{kind}", f"train-{seed}")
            os.makedirs(folder, exist_ok=True)
            from_folder = bench.world("train", seed)
            reviews = os.path.join(folder, "reviews.jsonl")
            if not os.path.lexists(reviews):
                os.symlink(os.path.realpath(os.path.join(from_folder, "reviews.jsonl")), reviews)
            with open(os.path.join(from_folder, "labels.csv"), newline="", encoding="utf-8") as lines:
                rows = list(csv.reader(lines))
            for r in rows[1:]:
                if r[3] == kind and r[1] == "1":
                    r[2] = "camouflage"
            with open(os.path.join(folder, "labels.csv"), "w", newline="", encoding="utf-8") as out:
                csv.writer(out, lineterminator="\n").writerows(rows)
            folders.append(folder)
        model = os.path.join(bench.args.work, f"without-{kind}.toml")
        if not os.path.exists(model):
            bench.run("fit", "cautious", bench.shipped, model, *folders)
        scores = test.scores(model)
        cut = test.at(scores, 0.01)
        worst[kind] = test.recalls(scores, cut)[kind]
        row(f"unseen {kind}, at 1 %", f"{f3(worst[kind])} ({f3(seen[kind])} when seen)", "≥ .75", ".63–.98")
    row("unseen, least of all kinds", f"{min(worst, key=worst.get)} {f3(min(worst.values()))}", "≥ .75", ".63")


def curve(points, x):
    """A curve of the ledger: through (0, 0), straight between points, flat beyond."""
    if not points:
        return np.zeros_like(x)
    return np.interp(x, [0.0, *points["x"]], [0.0, *points["y"]])


def at_precision(ranks, sought, good, least, total):
    """The best recall of `total` sought where at least the share `least` of all ranked so high or higher is good; with the rank and how many."""
    order = np.argsort(-ranks, kind="stable")
    ranks, sought, good = ranks[order], sought[order], good[order]
    last = np.append(ranks[1:] != ranks[:-1], True) & (ranks > -np.inf)
    count = np.arange(1, len(ranks) + 1)
    ok = last & (np.cumsum(good) >= least * count)
    if not ok.any():
        return 0.0, np.inf, 0
    at = np.where(ok)[0].max()
    return np.cumsum(sought)[at] / total, ranks[at], at + 1


def rings(bench):
    import tomllib

    test = bench.pool("test")
    ring = np.zeros(len(test.stars), bool)
    of_kind = test.attack & (test.kind == "ring_shared")
    count = smaller = 0
    for campaign in np.unique(test.campaign[of_kind]):
        rows = of_kind & (test.campaign == campaign)
        if len(set(test.user[rows])) >= 3 and len(set(test.item[rows])) >= 3:
            ring |= rows
            count += 1
        else:
            smaller += 1
    signals = test.signals(["ring", "ring_wide"])
    with open(bench.shipped, "rb") as file:
        sides = tomllib.load(file)["sides"]
    evidence = np.zeros(len(ring))
    for positive, side in [(0, "negative"), (1, "positive")]:
        rows = signals[:, 0] == positive
        for column, name in [(1, "ring"), (2, "ring_wide")]:
            evidence[rows] += curve(sides[side]["curves"].get(name), signals[rows, column])
    met = (signals[:, 1] > 0) | (signals[:, 2] > 0)
    row("rings in the test worlds", f"{count} rings, {ring.sum()} reviews ({smaller} smaller left out)")
    row("rings: reviews with any coordination signal", f3(met[ring].mean()))
    keep = test.counted
    full = np.where(met, test.scores(bench.shipped), -np.inf)
    proof = np.where(evidence > 0, evidence, -np.inf)
    asked = ("≥ .99 at precision ≥ .98", "FRAUDAR .08, co-review .95 (at 1 %)")
    for what, ranks in [("coordination evidence", proof), ("full score of those with evidence", full)]:
        for how, good in [("right = rings", ring), ("right = any attack", test.attack)]:
            recall, cut, number = at_precision(ranks[keep], ring[keep], good[keep], 0.98, ring.sum())
            row(f"rings by {what}, {how}", f"{f3(recall)} ({number} reviews from {cut:.2f} on)", *asked)
    cut = np.sort(evidence[test.innocent])[::-1][int(test.innocent.sum() * 0.01)]
    row("rings by coordination evidence, at 1 % of genuine negatives", f3((evidence[ring] > cut).mean()), "", "FRAUDAR .08, co-review .95")
    for name, model in bench.models:
        scores = test.scores(model)
        row(f"rings by full score, {name}: at 0.5", f3((scores[ring] >= 0.5).mean()))
    missed = ring & ~met
    users, items = defaultdict(set), defaultdict(set)
    for at in np.where(ring)[0]:
        users[test.campaign[at]].add(test.user[at])
        items[test.user[at], test.campaign[at]].add(test.item[at])
    small = Counter(min(len(users[test.campaign[at]]), 10) for at in np.where(missed)[0])
    alone = sum(len(items[test.user[at], test.campaign[at]]) == 1 for at in np.where(missed)[0])
    row("rings: reviews without signal", f"{missed.sum()}, of accounts with one review in the ring {alone}; by accounts in the ring (10 = more) {dict(sorted(small.items()))}")


def calibration_error(scores, labels):
    bins = np.minimum((scores * 10).astype(int), 9)
    error = 0.0
    for b in range(10):
        rows = bins == b
        if rows.any():
            error += rows.sum() * abs(scores[rows].mean() - labels[rows].mean())
    return error / len(scores)


def rebased(scores, labels):
    odds = np.log(np.clip(scores, 1e-12, 1 - 1e-12) / (1 - np.clip(scores, 1e-12, 1 - 1e-12)))
    low, high = -10.0, 10.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if (1 / (1 + np.exp(-odds - middle))).mean() < labels.mean() else (low, middle)
    return 1 / (1 + np.exp(-odds - low)), low


def calibration(bench):
    for kind in ("test", "hard"):
        pool = bench.pool(kind)
        for name, model in reversed(bench.models):
            scores = pool.scores(model)
            rows, asked = pool.negative, ("≤ .01 / ≤ .02" if (kind, name) == ("test", "calibrated") else "information")

            def errors(scores):
                strata = [(pool.wrote[rows] >= a) & (pool.wrote[rows] <= b) for _, a, b in STRATA]
                labels = pool.attack[rows]
                by = [f"{calibration_error(scores[s], labels[s]):.4f}" for s in strata]
                return f"{calibration_error(scores, labels):.4f} / {', '.join(by)} (1, 2-4, 5+)"

            row(f"calibration error, {name}, {kind}: overall / stratum", errors(scores[rows]), asked, ".0038 overall (trees)" if asked[0] == "≤" else "")
            again, shift = rebased(scores[rows], pool.attack[rows])
            row(f"… base put right by {shift:+.2f}", errors(again))


def one(bench):
    for kind in ("test", "hard"):
        pool = bench.pool(kind)
        for name, model in bench.models:
            flagged = pool.scores(model) >= 0.5
            every, single = flagged[pool.innocent].mean(), flagged[pool.innocent & (pool.wrote == 1)].mean()
            ratio = single / every if every else float("nan")
            row(f"one-review reviewers flagged / all, {name}, {kind}", f"{pct(single)} / {pct(every)} = {ratio:.2f} ×", "≤ 1.5 ×", "SpEagle 30 % against 0 %")


def transfer(bench):
    for kind in ("test", "hard"):
        pool = bench.pool(kind)
        for name, model in bench.models:
            scores = pool.scores(model)
            row(f"recall at 1 % (oracle), {name}, {kind}", pool.summary(scores, pool.at(scores, 0.01)))
            row(f"recall at 0.5, {name}, {kind}", pool.summary(scores, 0.5 - 1e-12))
            flagged = scores >= 0.5
            by_seed = [flagged[pool.innocent & (np.array([at for at, _ in pool.id]) == s)].mean() for s in range(len(pool.folders))]
            row(f"genuine negatives flagged at 0.5, {name}, {kind}", f"{pct(flagged[pool.innocent].mean())} (seeds {pct(min(by_seed))} to {pct(max(by_seed))})", "≤ 1.5 %")
            traps = [t for t in np.unique(pool.trap[pool.innocent]) if t]
            said = ", ".join(f"{t} {pct(flagged[pool.innocent & (pool.trap == t)].mean())} (n={(pool.innocent & (pool.trap == t)).sum()})" for t in traps)
            row(f"… by trap, {name}, {kind}", said, "each ≤ 1.5 %", "trees 4–13 %")
            row(f"genuine positives flagged at 0.5, {name}, {kind}", f"{100 * flagged[pool.content].mean():.4f} % ({flagged[pool.content].sum()} of {pool.content.sum()})", "≤ .01 %")


def wording(bench):
    phrases = os.path.join(HERE, "data", "review_phrases_other.json")
    folders = {}
    for kind, hard in [("test", "0"), ("hard", "1")]:
        folder = folders[kind] = os.path.join(bench.args.work, f"other-{kind}-11")
        os.makedirs(folder, exist_ok=True)
        path = os.path.join(folder, "world.jsonl.gz")
        if not os.path.exists(os.path.join(folder, "labels.csv")):
            inject = [sys.executable, os.path.join(bench.args.bench, "review_inject.py"), "--phrases", phrases]
            subprocess.run([*inject, "--part", "test", "--seed", "11", "--hard", hard, "--out", path], check=True, stdout=subprocess.DEVNULL)
            subprocess.run([sys.executable, os.path.join(bench.args.bench, "review_eval.py"), "build", folder], check=True)
            with gzip.open(path, "rt", encoding="utf-8") as lines:
                rows = [json.loads(line) for line in lines]
            with open(os.path.join(folder, "labels.csv"), "w", newline="", encoding="utf-8") as out:
                writer = csv.writer(out, lineterminator="\n")
                writer.writerow(["record", "label", "trap", "type", "campaign"])
                writer.writerows([r["rid"], r["label"], r["trap"], r["atype"], r["campaign"]] for r in rows)
    for kind, folder in folders.items():
        pool = Reviews(bench, [folder])
        for name, model in bench.models:
            scores = pool.scores(model)
            cut = pool.at(scores, 0.01)
            row(f"other wording, recall at 1 %, {name}, {kind}", pool.summary(scores, cut))
            row("… per kind", ", ".join(f"{k} {f3(v)}" for k, v in pool.recalls(scores, cut).items()))
            flagged = scores >= 0.5
            row("… at 0.5", pool.summary(scores, 0.5 - 1e-12) + f"; genuine negatives flagged {pct(flagged[pool.innocent].mean())}")


def yelp(bench):
    import scipy.sparse as sparse
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import GroupKFold

    with gzip.open(os.path.join(bench.args.data, "yelpchi_graph_priors.csv.gz"), "rt") as lines:
        rows = [(r["user"], r["prod"], r["fake"] == "1") for r in csv.DictReader(lines)]
    users, user = np.unique([r[0] for r in rows], return_inverse=True)
    products, product = np.unique([r[1] for r in rows], return_inverse=True)
    fake = np.array([r[2] for r in rows])
    wrote = np.bincount(user)[user]
    strata = [(wrote >= a) & (wrote <= b) for _, a, b in STRATA]
    asked = ("≥ .62/.68/.68", "SpEagle .58/.64/.58")

    def auc(score):
        return " / ".join(f3(roc_auc_score(fake[s], score[s])) for s in strata)

    folder = os.path.join(bench.args.work, "yelp-1")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "reviews.jsonl"), "w", encoding="utf-8") as out:
        for at, (who, what, _) in enumerate(rows):
            out.write(json.dumps({"id": str(at), "listing_id": f"l{what}", "reviewer_id": f"u{who}"}) + "\n")
    scores = bench.scores(folder, bench.shipped)
    row("YelpChi, plugin on (user, product): AUC 1 / 2-4 / 5+", auc(np.array([scores[str(at)] for at in range(len(rows))])), *asked)
    path = os.path.join(bench.args.work, "yelp-1.signals.csv")
    if not os.path.exists(path):
        bench.run("signals", os.path.join(folder, "reviews.jsonl"), path, bench.shipped)
    with open(path, newline="", encoding="utf-8") as lines:
        said = Counter(name for r in csv.DictReader(lines) for name, value in list(r.items())[4:] if float(value))
    row("… signals that say anything there", ", ".join(f"{name} {n}" for name, n in said.most_common()) or "none")

    matrix = sparse.csr_matrix((np.ones(len(rows)), (user, product)), shape=(len(users), len(products)))
    both = (matrix.T @ matrix).toarray()
    np.fill_diagonal(both, 0)
    mass = both.sum(1)
    chance = np.outer(mass, mass) / mass.sum()
    np.fill_diagonal(chance, 0)

    def surplus(c, e):
        return np.where((c > e) & (e > 0), c * np.log(np.maximum(c, 1e-9) / np.maximum(e, 1e-9)) - (c - e), 0)

    own = surplus(both, chance) - surplus(np.maximum(both - 1, 0), chance)
    come_together = surplus(both, chance).sum(1)[product]
    tie = np.zeros(len(rows))
    order = np.argsort(user, kind="stable")
    for rows_of in np.split(order, np.cumsum(np.bincount(user))[:-1]):
        if len(rows_of) < 2:
            continue
        its = product[rows_of]
        met = both[np.ix_(its, its)] - 1
        np.fill_diagonal(met, 0)
        ties = np.log((met + 0.5) / (chance[np.ix_(its, its)] + 0.5))
        np.fill_diagonal(ties, np.inf)
        tie[rows_of] = ties.min(1)
        take = own[np.ix_(its, its)]
        np.fill_diagonal(take, 0)
        come_together[rows_of] -= take.sum(1)
    established, regulars = -np.log(wrote), -np.log1p(come_together)
    log_others = lambda v: (np.bincount(product, v)[product] - v + 5 * v.mean()) / (np.bincount(product)[product] + 4)
    lone = log_others((wrote == 1) * 1.0)
    size = -np.log(np.bincount(product)[product])
    together = established + 0.1 * tie + 0.1 * regulars
    for name, score in [
        ("account: established", established),
        ("coordination: tie", tie),
        ("company: regulars", regulars),
        ("company: one-time share of the product's others", lone),
        ("company: small product", size),
        ("established + 0.1 tie + 0.1 regulars", together),
    ]:
        row(f"YelpChi, no labels, {name}", auc(score), *(asked if "+" in name else ("", "")))
    rng = np.random.default_rng(0)
    spread = []
    for s in strata:
        at = np.where(s)[0]
        draws = [roc_auc_score(fake[d], together[d]) for d in (rng.choice(at, len(at)) for _ in range(50))]
        spread.append(f3(np.std(draws)))
    row("… standard error of the sum's AUC (50 draws)", " / ".join(spread))
    inner = [np.where(s, (np.bincount(product, fake * s)[product] - fake * s + 5 * fake[s].mean()) / (np.bincount(product, s)[product] + 4), 0) for s in strata]
    row("YelpChi, with labels: share filtered of the product's others in the stratum", auc(sum(inner)))
    features = [established, tie, regulars, lone, size, *(log_others(v * 1.0) for v in ((wrote >= 2) & (wrote <= 4), wrote >= 5, wrote >= 20, np.log(wrote)))]
    vectors = np.linalg.svd(np.log((both + 0.5) / (chance + 0.5)))[2][:8]
    ideal = {"users": np.column_stack([*features, *(v[product] for v in vectors)]), "products": np.column_stack(features)}
    for by, groups in [("users", user), ("products", product)]:
        out = np.zeros(len(rows))
        for s in strata:
            at = np.where(s)[0]
            for fit, seen in GroupKFold(5).split(at, groups=groups[at]):
                if by == "products":
                    fit = fit[~np.isin(user[at[fit]], user[at[seen]])]
                trees = HistGradientBoostingClassifier(max_iter=120, learning_rate=0.05, max_leaf_nodes=8, min_samples_leaf=60, random_state=0)
                trees.fit(ideal[by][at[fit]], fake[at[fit]])
                out[at[seen]] = trees.predict_proba(ideal[by][at[seen]])[:, 1]
        row(f"YelpChi, with labels: trees, crosswise by {by}", auc(out))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("worlds", "examples", "data", "work"):
        parser.add_argument(name)
    parser.add_argument("parts", nargs="*", default=[])
    parser.add_argument("--train", type=int, default=2, help="training worlds for each kind left out")
    parser.add_argument("--kinds", nargs="*", help="only these kinds left out; all unless told")
    parser.add_argument("--fit-train", type=int, default=5, help="training worlds of the calibrated model")
    parser.add_argument("--model", default=os.path.join(HERE, "..", "plugins", "review-malice", "rules", "model.toml"))
    parser.add_argument("--bench", default=os.path.join(HERE, "..", "..", "shared", "bench"), help="holds review_inject.py and review_eval.py")
    args = parser.parse_args()
    strange = set(args.parts) - set(PARTS)
    if strange:
        parser.error(f"no such part: {', '.join(sorted(strange))}")
    bench = Bench(args)
    for part in args.parts or PARTS:
        print(f"{part}:", flush=True)
        globals()[part](bench)
    print("\n| figure | reached | asked | baseline |\n|---|---|---|---|")
    for cells in TABLE:
        print("| " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
