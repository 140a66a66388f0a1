#!/usr/bin/env python3
"""Makes worlds of reviews with injected campaigns, for fitting and measuring review-malice.

usage: review_worlds.py BENCH_DIR OUT_DIR [SEEDS]

BENCH_DIR holds review_inject.py and review_eval.py. For each seed (1,2,3,4,5) the worlds test, hard and train are made as OUT_DIR/WORLD-SEED with
world.jsonl.gz, reviews.jsonl (records for `huoyan scan`) and labels.csv (record, label: 1 = attack, trap, type, campaign); what is there is kept.
"""

import csv
import gzip
import json
import os
import subprocess
import sys


def main():
    bench, out = sys.argv[1:3]
    seeds = sys.argv[3].split(",") if len(sys.argv) > 3 else list("12345")
    for seed in seeds:
        for world, part, hard in [("train", "train", "0"), ("test", "test", "0"), ("hard", "test", "1")]:
            folder = os.path.join(out, f"{world}-{seed}")
            os.makedirs(folder, exist_ok=True)
            path = os.path.join(folder, "world.jsonl.gz")
            if not os.path.exists(path):
                inject = [sys.executable, os.path.join(bench, "review_inject.py"), "--part", part, "--seed", seed]
                subprocess.run([*inject, "--hard", hard, "--out", path], check=True, stdout=subprocess.DEVNULL)
            if not os.path.exists(os.path.join(folder, "reviews.jsonl")):
                subprocess.run([sys.executable, os.path.join(bench, "review_eval.py"), "build", folder], check=True)
            with gzip.open(path, "rt", encoding="utf-8") as world_file:
                rows = [json.loads(line) for line in world_file]
            with open(os.path.join(folder, "labels.csv"), "w", newline="", encoding="utf-8") as labels:
                writer = csv.writer(labels, lineterminator="\n")
                writer.writerow(["record", "label", "trap", "type", "campaign"])
                writer.writerows([r["rid"], r["label"], r["trap"], r["atype"], r["campaign"]] for r in rows)
            print(folder, len(rows))


if __name__ == "__main__":
    main()
