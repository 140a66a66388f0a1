#!/usr/bin/env python3
"""QR codes put into photographs, and how many of them are read.

usage: codes.py PHOTOS_DIR OUT_DIR [COUNT]

Makes COUNT (300) pictures of about 0.5 MP in OUT_DIR/codes from the photographs: a code over 15 to 60 % of the shorter side, upright, turned or
tilted, every fifth light on dark, every fourth blurred, JPEG of quality 40 to 95. Then counts those that OpenCV's detector and
`target/release/examples/codes` read rightly, in one run. Seeded: the same photographs give the same pictures.
"""

import os
import subprocess
import sys
import time

import cv2
import numpy as np


def make(photos, out, count):
    random = np.random.default_rng(5)
    names = sorted(name for name in os.listdir(photos) if name.lower().endswith((".jpg", ".png")))
    encoder = cv2.QRCodeEncoder_create()
    texts = {}
    for i in range(count):
        photo = cv2.imread(os.path.join(photos, names[int(random.integers(len(names)))]))
        scale = 800 / max(photo.shape[:2])
        photo = cv2.resize(photo, None, fx=scale, fy=scale)
        height, width = photo.shape[:2]
        text = [f"https://u.wechat.com/EAbcd{i}", f"http://www.norda.example/verify?c=8839201{i}&k=abcdefgh", f"weixin:abc{i}"][i % 3]
        code = cv2.resize(encoder.encode(text), None, fx=12, fy=12, interpolation=cv2.INTER_NEAREST)
        if i % 5 == 4:
            code = 255 - code
        side = int(min(height, width) * random.uniform(0.15, 0.6))
        turn = np.deg2rad(random.choice([0, 0, 90, 180, random.uniform(-45, 45)]))
        tilt = random.uniform(0, 0.12) if i % 2 else 0
        middle = [random.uniform(side * 0.75, n - side * 0.75) if n > side * 1.5 else n / 2 for n in (width, height)]
        rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        corners = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
        to = [rotation @ (np.array(c) * side / 2 * (1 + random.uniform(-tilt, tilt))) + middle for c in corners]
        n = code.shape[0]
        lay = cv2.getPerspectiveTransform(np.float32([[0, 0], [n, 0], [n, n], [0, n]]), np.float32(to))
        laid = cv2.cvtColor(cv2.warpPerspective(code, lay, (width, height), flags=cv2.INTER_AREA), cv2.COLOR_GRAY2BGR)
        mask = cv2.warpPerspective(np.full_like(code, 255), lay, (width, height))
        picture = np.where(mask[..., None] > 127, laid, photo)
        if i % 4 == 1:
            picture = cv2.GaussianBlur(picture, (0, 0), random.uniform(0.3, 1.2))
        path = os.path.join(out, f"{i:03d}.jpg")
        cv2.imwrite(path, picture, [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(40, 95))])
        texts[path] = text
    return texts


def main():
    photos, out = sys.argv[1:3]
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 300
    folder = os.path.join(out, "codes")
    os.makedirs(folder, exist_ok=True)
    texts = make(photos, folder, count)
    cv2.setNumThreads(1)
    detector = cv2.QRCodeDetector()
    pictures = {path: cv2.imread(path, cv2.IMREAD_GRAYSCALE) for path in texts}
    read = 0
    started = time.process_time()
    for path, text in texts.items():
        try:
            read += detector.detectAndDecode(pictures[path])[0] == text
        except cv2.error:
            pass
    spent = (time.process_time() - started) / count * 1000
    print(f"OpenCV {cv2.__version__}: {read} of {count} read, {spent:.1f} ms each")
    ours = subprocess.run(["target/release/examples/codes", folder], capture_output=True, text=True, check=True)
    told = {line.split(": ", 1)[0]: line for line in ours.stdout.splitlines()}
    read = sum(repr(text)[1:-1] in told.get(path, "") for path, text in texts.items())
    print(f"huoyan: {read} of {count} read; {ours.stderr.strip()}")
    bare = subprocess.run(["target/release/examples/codes", photos], capture_output=True, text=True, check=True)
    print(f"the photographs as they are: {len(bare.stdout.splitlines())} codes; {bare.stderr.strip()}")


if __name__ == "__main__":
    main()
