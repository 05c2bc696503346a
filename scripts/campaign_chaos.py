# SPDX-License-Identifier: MIT
"""Faults at any point of the stub, on and on (tests/chaos/run): a part of
scripts/campaign. Each seed once, up to GOAL of them. A batch with a seed that
went wrong ends the campaign; its console is kept in $O/campaign/chaos.
"""
import re
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GOAL = 10000
BATCH = 100
NAME = "chaos"


def tried(state):
    """Seeds that were run, those of batches that failed, too."""
    return sum(batch["count"] for batch in state.batches(NAME))


def run_batch(folder, state, count):
    """True when all ended as they may."""
    first = tried(state) + 1
    start = time.monotonic()
    run = subprocess.run(
        [ROOT / "tests/chaos/run", "--count", str(count), "--first",
         str(first), "--keep", folder / NAME], stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True)
    ends = {name: int(n) for n, name in
            re.findall(r"^ +(\d+) (.+)$", run.stdout, re.M)}
    wrong = re.findall(r"^seed .*WRONG.*$", run.stdout, re.M)
    failed = None
    if run.returncode or sum(ends.values()) != count:
        failed = "; ".join(wrong) or run.stdout[-500:]
    state.add(NAME, {"case": NAME, "seed": first, "count": count,
                     "seconds": [round(time.monotonic() - start, 1)],
                     "failed": failed, "ends": ends})
    print(f"chaos: {tried(state)} of {GOAL} faults"
          + (f"; FAILED: {failed}" if failed else ""), flush=True)
    return not failed


def run(folder, state, count=0):
    """True when nothing has failed, now or before. `count` 0: to the goal."""
    goal = tried(state) + count if count else GOAL
    while tried(state) < goal:
        if not run_batch(folder, state, min(BATCH, goal - tried(state))):
            return False
    return not state.failed(NAME)


def report(state):
    batches = state.batches(NAME)
    if not batches:
        return
    print(f"chaos: faults in the stub: {tried(state)} of {GOAL}, "
          f"{len(state.failed(NAME))} batches failed")
    names = {name for batch in batches for name in batch["ends"]}
    ends = {name: sum(b["ends"].get(name, 0) for b in batches)
            for name in names}
    for name in sorted(ends, key=ends.get, reverse=True):
        print(f"  {ends[name]:6} {name}")
    for batch in state.failed(NAME):
        print(f"  failed: {batch['failed']}")
    print()
