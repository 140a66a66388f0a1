#!/usr/bin/env python3
"""Honest crowds that the injection worlds do not know, and how many of them are suspected.

    python3 benches/review_honest.py WORLDS_DIR test|train OUT_DIR [EXAMPLES_DIR [MODEL.toml]]

WORLDS_DIR as `review_worlds.py` makes it. To the genuine reviews of a world (its attacks are left out, except for `amid`) are added, seeded,
with genuine texts of the world after it, each text once:

quick_batch   8 to 40 complaints in 6 days on one listing, each 2 to 30 hours after delivery (spoiled fruit, a broken screen), by
              ordinary accounts; nearly all verified, 45 % refunded
young_batch   8 to 40 complaints in 8 days, ordinary delays, 7 of 10 accounts younger than 60 days (a listing that draws new users)
quick_young   both at once
amid          one complaint 2 to 30 hours after delivery, by an ordinary account, in the midst of each attack
frequent      a buyer with 9 to 14 complaints about as many shops in 120 days, and 4 to 10 praises in the year before and after

Each becomes a folder OUT_DIR/KIND-SEED-alone or -amid with reviews.jsonl and the labels of what was added, for the example `fit`. With EXAMPLES_DIR
prints the share of each that reaches one half, pooled.
"""
import csv
import json
import os
import random
import subprocess
import sys
from collections import Counter
from datetime import datetime

DAY = 86400


def world(folder):
    with open(f"{folder}/labels.csv") as f:
        labels = {row["record"]: row for row in csv.DictReader(f)}
    with open(f"{folder}/reviews.jsonl") as f:
        reviews = [json.loads(line) for line in f]
    for review in reviews:
        review["created_at"] = int(datetime.fromisoformat(review["created_at"]).timestamp())
    return [(review, labels) for review in reviews]


def build(folder, after, path, seed):
    r = random.Random(seed)
    rows, labels = [], None
    for review, labels in world(folder):
        rows.append((review, labels[review["id"]]))
    genuine = [review for review, label in rows if label["label"] == "0" and label["trap"] != "camouflage"]
    attacks = [(review, label) for review, label in rows if label["label"] == "1"]
    used = {review["text"] for review in genuine}
    texts = {0: [], 1: []}
    for review, labels in world(after):
        label = labels[review["id"]]
        if label["label"] == "0" and not label["trap"] and review["rating"] != 3 and review["text"] not in used:
            used.add(review["text"])
            texts[int(review["rating"] > 3)].append(review["text"])
    for pool in texts.values():
        r.shuffle(pool)
    listings = sorted({(review["listing_id"], review["shop_id"]) for review in genuine})
    shops = sorted({shop for _, shop in listings})
    times = [review["created_at"] for review in genuine]
    low, high = min(times), max(times)
    out, names = [], {}
    delays = [review["hours_since_delivery"] for review in genuine if review.get("hours_since_delivery") is not None]
    ages = [review["account_age_days"] for review in genuine if review.get("account_age_days") is not None]

    def put(trap, who, listing, shop, at, praise=False, quick=False, young=False, refunded=0.1):
        name = f"h{len(out)}"
        out.append({
            "id": name, "listing_id": listing, "shop_id": shop, "reviewer_id": who,
            "rating": 5 if praise else r.choice([1, 1, 2]), "text": texts[int(praise)].pop(), "created_at": int(at),
            "verified_purchase": r.random() < 0.95, "refunded": not praise and r.random() < refunded,
            "hours_since_delivery": round(r.uniform(2, 30), 1) if quick else r.choice(delays),
            "account_age_days": r.randrange(1, 60) if young else r.choice(ages),
        })
        if not praise:
            names[name] = trap

    for trap, quick, young in (("quick_batch", 1.0, 0.0), ("young_batch", 0.0, 0.7), ("quick_young", 1.0, 0.7)):
        for k in range(10):
            listing, shop = r.choice(listings)
            start = r.uniform(low, high - 10 * DAY)
            for i in range(r.choice([8, 12, 20, 40])):
                at = start + r.uniform(0, 8 if young and not quick else 6) * DAY
                put(trap, f"{trap}-{k}-{i}", listing, shop, at, quick=quick > 0, young=r.random() < young, refunded=0.45)
    for k in range(12):
        start, age = r.uniform(low + 30 * DAY, high - 150 * DAY), r.choice(ages)
        for shop in r.sample(shops, r.randint(9, 14)):
            listing = r.choice([known for known, of in listings if of == shop])
            put("frequent", f"frequent-{k}", listing, shop, start + r.uniform(0, 120) * DAY)
            out[-1]["account_age_days"] = age
        for _ in range(r.randint(4, 10)):
            listing, shop = r.choice(listings)
            put("frequent", f"frequent-{k}", listing, shop, r.uniform(low, high), praise=True)
    campaigns = {}
    for review, label in attacks:
        if review["rating"] <= 2 and label["campaign"]:
            campaigns.setdefault(label["campaign"], []).append(review)
    for k, name in enumerate(sorted(campaigns)):
        victim = r.choice(campaigns[name])
        put("amid", f"amid-{k}", victim["listing_id"], victim["shop_id"], victim["created_at"] + r.uniform(-DAY, DAY), quick=True)
    alone = [review for review in out if names.get(review["id"]) != "amid"]
    amid = [review for review in out if names.get(review["id"]) == "amid"]
    for kind, reviews in (("alone", genuine + alone), ("amid", genuine + [review for review, _ in attacks] + amid)):
        os.makedirs(f"{path}-{kind}", exist_ok=True)
        with open(f"{path}-{kind}/reviews.jsonl", "w") as f:
            for review in sorted(reviews, key=lambda review: (review["created_at"], review["id"])):
                f.write(json.dumps(review, ensure_ascii=False) + "\n")
        with open(f"{path}-{kind}/labels.csv", "w") as f:
            f.write("record,label,trap,type,campaign\n")
            f.writelines(f"{name},0,{trap},,\n" for name, trap in names.items() if (trap == "amid") == (kind == "amid"))
    return names


def main():
    worlds, part, out, *rest = sys.argv[1:]
    total, flagged = Counter(), Counter()
    for seed in range(1, 6):
        path = f"{out}/{part}-{seed}"
        names = build(f"{worlds}/{part}-{seed}", f"{worlds}/{part}-{seed % 5 + 1}", path, seed)
        for kind in ("alone", "amid") if rest else ():
            scores = f"{path}-{kind}/scores.csv"
            examples, *model = rest
            subprocess.run([f"{examples}/eval", f"{path}-{kind}/reviews.jsonl", scores, "1", *model], check=True, capture_output=True)
            with open(scores) as f:
                for row in csv.DictReader(f):
                    trap = names.get(row["record"])
                    if trap:
                        total[trap] += 1
                        flagged[trap] += float(row["score"]) >= 0.5
    for trap in total:
        print(f"{trap:12} {flagged[trap]:5} of {total[trap]:5} reach one half: {100 * flagged[trap] / total[trap]:.2f} %")


if __name__ == "__main__":
    main()
