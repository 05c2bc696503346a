# SPDX-License-Identifier: MIT
"""The fuzzers, on and on: a part of scripts/campaign.

Each fuzzer runs a batch of a few minutes, the one with the fewest executions
next, until each has GOAL of them. What it has found new stays in its corpus,
$O/campaign/fuzz/NAME. An input that breaks something is kept beside it, ends
the campaign, and belongs into tests/fuzz/corpus/NAME with the mend. --merge
tests/fuzz/corpus makes the corpora small: of each fuzzer some inputs, which
together reach most.
"""
import hashlib
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
MOST = 24               # of them, of one fuzzer
ROOM = 11 << 10         # bytes of all of one fuzzer
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


def reached(control):
    """What each input of a merge reaches, from its control file: two counts, the
    files, and a line "FT INDEX FEATURE..." for each."""
    text = control.read_text().splitlines()
    files = [Path(line) for line in text[2:2 + int(text[0])]]
    found = {}
    for line in text[2 + len(files):]:
        words = line.split()
        if words[0] == "FT":
            found[files[int(words[1])]] = set(words[2:])
    return found


def choose(found):
    """As few as reach most: always the one that adds most next."""
    size = {path: path.stat().st_size for path in found}
    room, chosen = ROOM, []
    while len(chosen) < MOST:
        fit = [p for p in found if found[p] and size[p] <= min(room, LARGEST)]
        if not fit:
            break
        best = max(fit, key=lambda p: (len(found[p]), -size[p], p.name))
        chosen.append(best)
        room -= size[best]
        new = found.pop(best)
        for path in found:
            found[path] = found[path] - new
    return chosen


def merge(folder, into):
    """Of each corpus what reaches most, into a folder of its name."""
    build = folder.parent
    for binary in fuzzers(build):
        with tempfile.TemporaryDirectory() as tmp:
            control = Path(tmp) / "control"
            (Path(tmp) / "out").mkdir()
            subprocess.run([binary, "-merge=1", f"-max_len={LARGEST}",
                            "-timeout=20", f"-merge_control_file={control}",
                            f"{tmp}/out", corpus(folder, binary)]
                           + inputs(build, binary), check=True,
                           stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
            small = {path: path.read_bytes()
                     for path in choose(reached(control))}
        kept = into / binary.name.removeprefix("fuzz_")
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(parents=True)
        for path, data in small.items():
            (kept / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
        print(f"fuzz: {binary.name}: {len(small)} inputs kept", flush=True)


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
