#!/usr/bin/env python3
"""Exact Hamming search beside faiss, one thread each, the same codes and queries, one run.

  cargo build --release -p vision-bench
  python3 -m venv /tmp/bench && /tmp/bench/bin/pip install numpy faiss-cpu
  /tmp/bench/bin/python benches/hamming_peers.py [--codes 1000000] [--queries 20000] [--peer-queries 500] [--work DIR]

Prints queries a second of CPU time: faiss IndexBinaryFlat (all neighbours within 31, and the nearest one), IndexBinaryMultiHash (16 x 16 bits, one
flip), and `vision-bench hamming`, with how many planted neighbours each finds."""
import argparse, pathlib, subprocess, tempfile, time
import faiss, numpy as np

ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
ap.add_argument("--codes", type=int, default=1_000_000)
ap.add_argument("--queries", type=int, default=20_000, help="of ours; faiss gets the first --peer-queries")
ap.add_argument("--peer-queries", type=int, default=500)
ap.add_argument("--work", default=tempfile.mkdtemp(prefix="hamming-"))
ap.add_argument("--bench", default=str(pathlib.Path(__file__).parent.parent / "target/release/vision-bench"))
a = ap.parse_args()
ours = subprocess.run([a.bench, "hamming", str(a.codes), str(a.queries), a.work], check=True, capture_output=True, text=True)
print(ours.stdout, end="")
faiss.omp_set_num_threads(1)
codes = np.fromfile(f"{a.work}/codes.bin", np.uint8).reshape(-1, 32)
queries = np.fromfile(f"{a.work}/queries.bin", np.uint8).reshape(-1, 32)[: a.peer_queries]
rate = float(ours.stdout.split(" queries/s")[0].split()[-1])


def show(name, run):
    start = time.process_time()
    found = run()
    speed = len(queries) / (time.process_time() - start)
    print(f"{name}: {speed:.0f} queries/s, found {found} of {len(queries)}; ours {rate / speed:.1f} times as fast")


flat = faiss.IndexBinaryFlat(256)
flat.add(codes)
# A range search gives what is strictly nearer than its radius.
show("faiss IndexBinaryFlat, radius 31", lambda: int((np.diff(flat.range_search(queries, 32)[0]) > 0).sum()))
show("faiss IndexBinaryFlat, nearest", lambda: int((flat.search(queries, 1)[0][:, 0] <= 31).sum()))
multi = faiss.IndexBinaryMultiHash(256, 16, 16)
multi.nflip = 1
multi.add(codes)
show("faiss IndexBinaryMultiHash 16 x 16, one flip", lambda: int((multi.search(queries, 1)[0][:, 0] <= 31).sum()))
