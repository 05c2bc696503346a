# SPDX-License-Identifier: MIT
"""The fuzzers, on and on: a part of scripts/campaign.

Each fuzzer runs a batch of a few minutes, the one with the fewest executions
next, until each has GOAL of them. What it has found new stays in its corpus,
$O/campaign/fuzz/NAME. An input that breaks something is kept beside it, ends
the campaign, and belongs into tests/fuzz/corpus/NAME with the mend. --merge
tests/fuzz/corpus makes the corpora small: one input for each thing that is
reached, the shortest first.
"""
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "tests/fuzz/corpus"
GOAL = 10 ** 9          # executions of each
SECONDS = 300           # of a batch
LARGEST = 2048          # bytes of an input that is committed
MOST = 60               # of them, of one fuzzer
NAME = "fuzz"


def fuzzers(build):
    return sorted(p for p in (build / "tests/fuzz").glob("fuzz_*")
                  if os.access(p, os.X_OK) and p.is_file())


def corpus(folder, binary):
    path = folder / NAME / binary.name
    path.mkdir(parents=True, exist_ok=True)
    return path


def inputs(build, binary):
    """Where it starts: what is committed, and the seeds of all."""
    kept = KEPT / binary.name.removeprefix("fuzz_")
    return [str(p) for p in (kept, build / "tests/fuzz/seeds") if p.is_dir()]


def done(state, name):
    return sum(b["count"] for b in state.batches(NAME) if b["case"] == name)


def run_batch(folder, build, binary, seconds, state):
    """What failed, or None."""
    own = corpus(folder, binary)
    run = subprocess.run(
        [binary, f"-max_total_time={seconds}", "-timeout=20",
         "-rss_limit_mb=4096", "-print_final_stats=1", "-reload=0",
         f"-artifact_prefix={own.parent}/{binary.name}-", own]
        + inputs(build, binary), stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True, errors="replace")
    count = re.search(r"number_of_executed_units: (\d+)", run.stderr)
    cover = re.findall(r"cov: (\d+) ft: (\d+)", run.stderr)
    failed = None
    if run.returncode or not count:
        broken = re.search(r"written to (\S+)", run.stderr)
        failed = broken[1] if broken else f"status {run.returncode}"
        (own.parent / f"{binary.name}.log").write_text(run.stderr)
    state.add(NAME, {"case": binary.name, "seed": len(state.batches(NAME)) + 1,
                     "count": int(count[1]) if count else 0,
                     "seconds": [seconds], "failed": failed,
                     "covered": int(cover[-1][0]) if cover else 0})
    print(f"fuzz: {binary.name}: {int(count[1]) if count else 0:,} executions, "
          f"{done(state, binary.name):,} of {GOAL:,}, "
          f"{state.batches(NAME)[-1]['covered']} edges"
          + (f"; FAILED: {failed}" if failed else ""), flush=True)
    return failed


def run(folder, state, batches=0, seconds=SECONDS):
    """True when nothing has failed, now or before. `batches` 0: to the goal."""
    build = folder.parent
    every = fuzzers(build)
    if not every:
        print(f"fuzz: nothing in {build}/tests/fuzz: run `make tests`")
        return False
    at = 0
    while not batches or at < batches:
        binary = min(every, key=lambda b: done(state, b.name))
        if not batches and done(state, binary.name) >= GOAL:
            break
        at += 1
        if run_batch(folder, build, binary, seconds, state):
            return False
    return not state.failed(NAME)


def merge(folder, into):
    """Of each corpus what reaches something, into a folder of its name."""
    build = folder.parent
    for binary in fuzzers(build):
        with tempfile.TemporaryDirectory() as tmp:
            subprocess.run([binary, "-merge=1", f"-max_len={LARGEST}",
                            "-timeout=20", tmp, corpus(folder, binary)]
                           + inputs(build, binary), check=True,
                           stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
            small = [p for p in Path(tmp).iterdir()
                     if p.stat().st_size <= LARGEST]
            small.sort(key=lambda p: (p.stat().st_size, p.name))
            kept = into / binary.name.removeprefix("fuzz_")
            shutil.rmtree(kept, ignore_errors=True)
            kept.mkdir(parents=True)
            for path in small[:MOST]:
                shutil.copy(path, kept / path.name)
            print(f"fuzz: {binary.name}: {min(len(small), MOST)} inputs kept")


def report(state):
    batches = state.batches(NAME)
    names = sorted({b["case"] for b in batches})
    if not names:
        return
    print(f"fuzz: {sum(b['count'] for b in batches):,} executions, "
          f"{len(state.failed(NAME))} failed")
    for name in names:
        edges = max(b["covered"] for b in batches if b["case"] == name)
        print(f"  {name:20} {done(state, name):15,} of {GOAL:,}, "
              f"{edges} edges")
    for batch in state.failed(NAME):
        print(f"  failed: {batch['case']}: {batch['failed']}")
    print()
