#!/usr/bin/env python3
"""A brand's logo pasted onto photographs of other goods: how often it is found.

usage: logos.py LOGOS_DIR PHOTOS_DIR OUT_DIR

Definition. Each logo (a PNG with transparency) is pasted twice onto a photograph drawn from PHOTOS_DIR: once at 45 %, once at 25 % of its width,
turned by up to 12 degrees, at an opacity of .8 to 1, anywhere inside; JPEG of quality 85. The gallery is the logos themselves, laid on white. A logo counts as
found when the picture's finding, copy or print, names it with a score of at least 0.5. Negatives are all photographs as they are. Seeded by the names: the same
files give the same pictures.

Judged by `target/release/examples/eval` of the package image-counterfeit.
"""

import json
import os
import random
import subprocess
import sys
import zlib

from PIL import Image

SIZES = (45, 25)


def pasted(logo, photo, percent, draw):
    width = round(photo.width * percent / 100)
    logo = logo.resize((width, max(1, round(logo.height * width / logo.width))), Image.LANCZOS)
    logo = logo.rotate(draw.uniform(-12, 12), Image.BICUBIC, expand=True)
    opacity = draw.uniform(0.8, 1)
    logo.putalpha(logo.getchannel("A").point(lambda a: round(a * opacity)))
    room = (max(0, photo.width - logo.width), max(0, photo.height - logo.height))
    out = photo.copy()
    out.paste(logo, (draw.randint(0, room[0]), draw.randint(0, room[1])), logo)
    return out


def main():
    logos, photos, out = sys.argv[1:4]
    names = {kind: sorted(n for n in os.listdir(d) if n.lower().endswith((".png", ".jpg"))) for kind, d in (("logo", logos), ("photo", photos))}
    for folder in ("pictures", "gallery"):
        os.makedirs(os.path.join(out, folder), exist_ok=True)
    rows, truth = [], {}
    for name in names["logo"]:
        logo = Image.open(os.path.join(logos, name)).convert("RGBA")
        white = Image.new("RGBA", logo.size, "white")
        white.alpha_composite(logo)
        stem = os.path.splitext(name)[0]
        white.convert("RGB").save(os.path.join(out, "gallery", stem + ".png"))
        for percent in SIZES:
            draw = random.Random(zlib.crc32(f"{name} {percent}".encode()))
            photo = Image.open(os.path.join(photos, draw.choice(names["photo"]))).convert("RGB")
            path = f"pictures/{stem}-{percent}.jpg"
            pasted(logo, photo, percent, draw).save(os.path.join(out, path), quality=85)
            truth[f"{stem}-{percent}"] = (stem, percent)
            rows.append({"id": f"{stem}-{percent}", "shop_id": "S", "images": [path]})
    for name in names["photo"]:
        rows.append({"id": f"photo {name}", "shop_id": "S", "images": [os.path.abspath(os.path.join(photos, name))]})
    listings = os.path.join(out, "listings.jsonl")
    with open(listings, "w") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    findings = os.path.join(out, "findings.jsonl")
    subprocess.run(["target/release/examples/eval", listings, os.path.join(out, "gallery"), findings], check=True)
    found, wrong, negatives = {p: 0 for p in SIZES}, 0, 0
    for line in open(findings):
        row = json.loads(line)
        if row.get("score", 0) < 0.5 or row.get("detector") != "image-counterfeit":
            continue
        if row["owner"] not in truth:
            negatives += 1
            continue
        stem, percent = truth[row["owner"]]
        if row["evidence"]["gallery_item"] == stem:
            found[percent] += 1
        else:
            wrong += 1
    count = len(names["logo"])
    for percent in SIZES:
        print(f"logo at {percent} % of the width: {found[percent] / count:.3f} of {count}")
    print(f"another logo named: {wrong} of {2 * count}; photographs without a logo: {negatives} of {len(names['photo'])}")


if __name__ == "__main__":
    main()
