#!/usr/bin/env python3
"""JPEG files to PDQ in eight orientations beside the reference binding and another perceptual hash, one thread, one run.

  cargo build --release -p vision-bench
  python3 -m venv /tmp/bench && /tmp/bench/bin/pip install numpy pillow opencv-python-headless pdqhash imagehash
  /tmp/bench/bin/python benches/pdq_peers.py PICTURES_DIR

Prints pictures a second of CPU time, decoding included, and how many times as fast ours is."""
import argparse, io, pathlib, subprocess, time
import cv2, imagehash, numpy as np, pdqhash
from PIL import Image

ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
ap.add_argument("pictures")
ap.add_argument("--bench", default=str(pathlib.Path(__file__).parent.parent / "target/release/vision-bench"))
a = ap.parse_args()
cv2.setNumThreads(1)
files = [p.read_bytes() for p in sorted(pathlib.Path(a.pictures).iterdir())]


def pillow(data):
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def opencv(data):
    return cv2.cvtColor(cv2.imdecode(np.frombuffer(data, np.uint8), 1), cv2.COLOR_BGR2RGB)


peers = {
    "Pillow + pdqhash, eight orientations": lambda d: pdqhash.compute_dihedral(pillow(d)),
    "OpenCV + pdqhash, eight orientations": lambda d: pdqhash.compute_dihedral(opencv(d)),
    "Pillow + imagehash phash, one orientation": lambda d: imagehash.phash(Image.open(io.BytesIO(d))),
}
ours = subprocess.run([a.bench, "hashing", a.pictures], check=True, capture_output=True, text=True).stdout
print(ours, end="")
rate = float(ours.split(" pictures/s")[0].split()[-1])
for name, run in peers.items():
    start = time.process_time()
    for data in files:
        run(data)
    speed = len(files) / (time.process_time() - start)
    print(f"{name}: {speed:.0f} pictures/s; ours {rate / speed:.1f} times as fast")
