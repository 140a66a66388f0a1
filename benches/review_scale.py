#!/usr/bin/env python3
"""Makes a file of many reviews, to measure time and memory of a scan.

usage: review_scale.py REVIEWS.jsonl.gz OUT.jsonl COUNT [SEED]

Texts: one in seven is a default phrase; the others are made of two or three clauses drawn from the real texts of REVIEWS (field `text`). Listings, shops and accounts
are heavy-tailed: one listing has 2 % of all reviews, one account 0.1 %; 45 % of reviews are by accounts that wrote nothing else. One in six is
negative. In every thousand reviews twelve are a campaign: six accounts, two listings, two days, one wording.
"""

import gzip
import json
import random
import re
import sys


def main():
    source, out, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    r = random.Random(int(sys.argv[4]) if len(sys.argv) > 4 else 1)
    clauses = []
    with gzip.open(source, "rt", encoding="utf-8") as file:
        for line in file:
            clauses += [c for c in re.split(r"[，。！,.!\s\"\\]+", json.loads(line)["text"]) if 4 <= len(c) <= 40]
    clauses = [json.dumps(c, ensure_ascii=False)[1:-1] for c in clauses]
    defaults = ["好评", "此用户没有填写评价。", "不错", "很好", "质量很好，物流很快"]
    listings = max(100, count // 20)
    accounts = max(100, count // 6)
    start, span = 1_700_000_000, 400 * 86_400

    def row(i, listing, account, stars, text, time, verified, delay, age):
        return (
            f'{{"id":"{i}","listing_id":"l{listing}","shop_id":"s{listing // 8}","reviewer_id":"{account}","rating":{stars},"text":"{text}",'
            f'"created_at":{time},"verified_purchase":{verified},"refunded":false,"hours_since_delivery":{delay:.1f},"account_age_days":{age:.0f}}}\n'
        )

    with open(out, "w", encoding="utf-8") as file:
        i = 0
        while i < count:
            lines = []
            for _ in range(988):
                u = r.random()
                listing = 0 if u < 0.02 else int(listings * u**3)
                v = r.random()
                account = f"one{i}" if v < 0.45 else "busy" if v < 0.451 else f"u{int(accounts * r.random() ** 2)}"
                stars = r.choice((1, 1, 2)) if r.random() < 0.16 else r.choice((5, 5, 5, 4, 3))
                text = r.choice(defaults) if r.random() < 0.14 else "，".join(r.choices(clauses, k=r.choice((2, 3))))
                time = start + int(span * r.random())
                lines.append(row(i, listing, account, stars, text, time, "true" if r.random() < 0.93 else "false", r.lognormvariate(4.9, 0.8), r.expovariate(1 / 700)))
                i += 1
            text, time, targets = "，".join(r.choices(clauses, k=3)), start + int(span * r.random()), r.sample(range(listings), 2)
            for k in range(12):
                lines.append(row(i, targets[k % 2], f"c{i // 1000}x{k // 2}", 1, text, time + r.randrange(2 * 86_400), "true", r.lognormvariate(3.2, 0.7), r.expovariate(1 / 60)))
                i += 1
            file.writelines(lines)


if __name__ == "__main__":
    main()
