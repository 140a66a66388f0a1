#!/usr/bin/env python3
"""huoyan's two text detectors against Polars' `str.find_many`, in one run on one machine.

    python3 benches/text_scan.py --titles TITLES.jsonl.gz --terms 5000

makes the listings when they are not there yet (seeded; see README.md), then, alternating and several times, runs

* Polars in a child process: read the file, find every one of N terms in every title;
* `huoyan scan FILE -o jsonl=OUT` with `--threads 2`;
* `huoyan scan` again with `--threads 1`, for the gain of the second thread.

It prints CPU seconds (user + system of the child and whatever it waited for), wall seconds and peak memory, the medians, and the
ratios that the project promises. Polars folds nothing (no full width, no zero-width characters, no spaced-out words), so it is the floor of
what reading and matching can cost, not a peer in what is found.
"""
import argparse, gzip, json, os, platform, random, re, shutil, statistics, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)


def polars_child(listings, terms_file, mode):
    """What the Polars process does; its start-up counts, as huoyan's does."""
    import polars as pl

    terms = json.load(open(terms_file, encoding="utf-8"))
    hits = pl.col("title").str.find_many(terms).list.len().sum()
    if mode == "read":
        found = pl.read_ndjson(listings).select(hits).item()
    else:
        engine = "streaming" if mode == "streaming" else "in-memory"
        found = pl.scan_ndjson(listings).select(hits).collect(engine=engine).item()
    print(json.dumps({"version": pl.__version__, "found": found}))


def measure(command, env=None):
    """Runs a command and gives its exit status, CPU and wall seconds, peak memory in MiB, and standard output."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        start = time.monotonic()
        child = subprocess.Popen(command, stdout=out, stderr=errors, env=env)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.monotonic() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0), errors.seek(0)
        text, trouble = out.read().decode("utf-8", "replace"), errors.read().decode("utf-8", "replace")
    # Linux counts in KiB, macOS in bytes.
    peak = usage.ru_maxrss / (1024 if sys.platform != "darwin" else 1024 * 1024)
    return child.returncode, dict(cpu=usage.ru_utime + usage.ru_stime, wall=wall, mib=peak), text, trouble


def sample_terms(listings, count, seed):
    """Pieces of the titles themselves, so that they occur: two to six Chinese characters, or a Latin word of four letters or more.

    Terms that stand in more than one title of a thousand are left out: a screening list has few such terms, and Polars would spend its
    time on writing matches down. Distinct and seeded.
    """
    rng, titles = random.Random(seed), []
    with open(listings, encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if number >= 200_000:
                break
            titles.append(json.loads(line)["title"])
    probe = rng.sample(titles, min(4000, len(titles)))
    limit = len(probe) // 1000
    terms, seen = [], set()
    for _ in range(400 * count):
        if len(terms) == count:
            return terms
        runs = re.findall(r"[\u4e00-\u9fff]{2,}|[A-Za-z]{4,}", rng.choice(titles))
        if not runs:
            continue
        term = rng.choice(runs)
        if not term.isascii():
            length = min(len(term), rng.choice([2, 2, 3, 3, 4, 4, 5, 6]))
            start = rng.randrange(len(term) - length + 1)
            term = term[start : start + length]
        if term not in seen:
            seen.add(term)
            if sum(term in title for title in probe) <= limit:
                terms.append(term)
    sys.exit(f"the titles hold only {len(terms)} terms of the {count} asked for")


def make_listings(args, rows):
    """The listings of the benchmark; made once for a size and a seed."""
    path = os.path.join(args.work, f"listings-{rows}-{args.seed}.jsonl")
    if not os.path.exists(path):
        if not args.titles:
            sys.exit(f"{path} is not there yet: say where real titles are with --titles FILE.jsonl[.gz]")
        part = path + ".part"
        subprocess.run(
            ["cargo", "run", "--release", "--quiet", "-p", "fixture-generator", "--bin", "bulk-listings", "--",
             os.path.abspath(args.titles), str(rows), str(args.seed), part],
            cwd=ROOT, check=True)
        os.rename(part, path)
    return path


def huoyan(args, listings, threads):
    out = os.path.join(args.work, "findings.jsonl")
    command = [args.huoyan, "scan", listings, "--threads", str(threads), "--progress", "never", "-o", f"jsonl={out}",
               "--quarantine", os.path.join(args.work, "quarantine.jsonl"), "--only", "prohibited-keyword", "--only", "platform-mention"]
    status, figures, _, trouble = measure(command + args.extra)
    if status not in (0, 1):
        sys.exit(f"{' '.join(command)} ended with status {status}:\n{trouble[-3000:]}")
    with open(out, "rb") as found:
        figures["findings"] = sum(row.startswith(b'{"type":"finding"') for row in found)
    return figures


def polars(args, listings, terms_file):
    env = dict(os.environ, POLARS_MAX_THREADS="2")
    command = [sys.executable, os.path.abspath(__file__), "--child", args.polars_mode, listings, terms_file]
    status, figures, text, trouble = measure(command, env)
    if status != 0:
        sys.exit(f"Polars failed:\n{trouble[-3000:]}")
    return figures | json.loads(text)


def median(runs, what):
    return statistics.median(run[what] for run in runs)


def line(name, runs, rows):
    cpu = median(runs, "cpu")
    print(f"{name:22s} {cpu:8.2f} {median(runs, 'wall'):8.2f} {median(runs, 'mib'):9.0f} {rows / cpu:14,.0f}   "
          f"[{', '.join(format(run['cpu'], '.2f') for run in runs)}]")


def main():
    if sys.argv[1:2] == ["--child"]:
        return polars_child(sys.argv[3], sys.argv[4], sys.argv[2])
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--huoyan", default=os.path.join(ROOT, "target", "release", "huoyan"), help="the command, built with --release")
    ap.add_argument("--titles", help="JSON Lines (also .gz) with a `title` in each row")
    ap.add_argument("--rows", type=int, default=1_000_000)
    ap.add_argument("--memory-rows", type=int, default=0, help="also scan this many once, for the growth of memory (the promise is for 10,000,000)")
    ap.add_argument("--terms", type=int, default=5000, help="as many as the two text detectors have; `huoyan rules list` counts them")
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--repeats", type=int, default=3)
    ap.add_argument("--polars-mode", choices=["scan", "streaming", "read"], default="scan")
    ap.add_argument("--work", default=os.path.join(tempfile.gettempdir(), "huoyan-bench"))
    ap.add_argument("extra", nargs="*", help="more arguments for `huoyan scan`, after --")
    args = ap.parse_args()
    os.makedirs(args.work, exist_ok=True)
    if not shutil.which(args.huoyan):
        sys.exit(f"{args.huoyan} is not there: run `cargo build --release`, or say where it is with --huoyan")
    listings = make_listings(args, args.rows)
    terms_file = os.path.join(args.work, f"terms-{args.terms}-{args.seed}.json")
    json.dump(sample_terms(listings, args.terms, args.seed), open(terms_file, "w", encoding="utf-8"), ensure_ascii=False)

    theirs, two, one = [], [], []
    for _ in range(args.repeats):                       # alternating, so that a busy minute falls on all
        theirs.append(polars(args, listings, terms_file))
        two.append(huoyan(args, listings, 2))
        one.append(huoyan(args, listings, 1))

    single = os.path.join(args.work, "one.jsonl")
    with open(listings, "rb") as all_rows, open(single, "wb") as one_row:
        one_row.write(all_rows.readline())
    start_up = huoyan(args, single, 2)["cpu"]

    size = os.path.getsize(listings)
    print(f"{platform.machine()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}, Python {platform.python_version()}")
    print(f"{args.rows:,} listings, {size / 1e6:.0f} MB of JSON Lines, seed {args.seed}; {args.terms:,} terms for Polars {theirs[0]['version']} ({args.polars_mode}), "
          f"which found {theirs[0]['found']:,}; huoyan wrote {two[0]['findings']:,} findings\n")
    print(f"{'median of ' + str(args.repeats):22s} {'CPU s':>8s} {'wall s':>8s} {'peak MiB':>9s} {'rows per CPU s':>14s}   CPU s of each run")
    line(f"Polars {theirs[0]['version']}", theirs, args.rows)
    line("huoyan --threads 2", two, args.rows)
    line("huoyan --threads 1", one, args.rows)
    print()
    print(f"CPU of huoyan / Polars: {median(two, 'cpu') / median(theirs, 'cpu'):.2f}   (promised: at most 2.5)")
    print(f"of which start-up, by a scan of one listing: {start_up:.2f} CPU s")
    print(f"peak memory: {median(two, 'mib'):.0f} MiB   (promised: at most 500 MB = 477 MiB)")
    print(f"two threads over one, wall: {median(one, 'wall') / median(two, 'wall'):.2f}   (promised: at least 1.85)")
    if len({run["findings"] for run in one + two}) != 1:
        sys.exit("the number of findings differs between runs or thread counts")
    if args.memory_rows:
        more = huoyan(args, make_listings(args, args.memory_rows), 2)
        growth = (more["mib"] - median(two, "mib")) * 1024 * 1024 / (args.memory_rows - args.rows)
        print(f"{args.memory_rows:,} listings: {more['cpu']:.1f} CPU s, peak {more['mib']:.0f} MiB: {growth:.1f} bytes a further record   (promised: at most 32)")


if __name__ == "__main__":
    main()
