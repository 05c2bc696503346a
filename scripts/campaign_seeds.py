# SPDX-License-Identifier: MIT
"""Tests of the stub that go on for ever, each seed a machine of its own: a part of
scripts/campaign. Each seed once, up to a goal. A batch with a seed that went wrong
ends the campaign; what is known of it is kept in $O/campaign/NAME.
"""
import dataclasses
import re
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BATCH = 100


@dataclasses.dataclass
class Seeds:
    """Of `program`, which has --count, --first and --keep, prints how many ended how,
    and a line that begins with "seed" for each that is wrong."""
    name: str
    program: str
    title: str      # of what there are so many
    goal: int

    def tried(self, state):
        """Seeds that were run, those of batches that failed, too."""
        return sum(batch["count"] for batch in state.batches(self.name))

    def run_batch(self, folder, state, count):
        """True when all ended as they may."""
        first = self.tried(state) + 1
        start = time.monotonic()
        run = subprocess.run(
            [ROOT / self.program, "--count", str(count), "--first",
             str(first), "--keep", folder / self.name],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        ends = {name: int(n) for n, name in
                re.findall(r"^ +(\d+) (.+)$", run.stdout, re.M)}
        wrong = re.findall(r"^seed .*$", run.stdout, re.M)
        failed = None
        if run.returncode or sum(ends.values()) != count:
            failed = "; ".join(wrong) or run.stdout[-500:]
        state.add(self.name, {
            "case": self.name, "seed": first, "count": count,
            "seconds": [round(time.monotonic() - start, 1)],
            "failed": failed, "ends": ends})
        print(f"{self.name}: {self.tried(state)} of {self.goal} {self.title}"
              + (f"; FAILED: {failed}" if failed else ""), flush=True)
        return not failed

    def run(self, folder, state, count=0):
        """True when nothing has failed, now or before. `count` 0: to the goal."""
        goal = self.tried(state) + count if count else self.goal
        while self.tried(state) < goal:
            if not self.run_batch(folder, state,
                                  min(BATCH, goal - self.tried(state))):
                return False
        return not state.failed(self.name)

    def report(self, state):
        batches = state.batches(self.name)
        if not batches:
            return
        print(f"{self.name}: {self.tried(state)} of {self.goal} {self.title}, "
              f"{len(state.failed(self.name))} batches failed")
        names = {name for batch in batches for name in batch["ends"]}
        ends = {name: sum(b["ends"].get(name, 0) for b in batches)
                for name in names}
        for name in sorted(ends, key=ends.get, reverse=True):
            print(f"  {ends[name]:6} {name}")
        for batch in state.failed(self.name):
            print(f"  failed: {batch['failed']}")
        print()


ALL = [Seeds("chaos", "tests/chaos/run", "faults in the stub", 10000),
       Seeds("stub", "tests/agree/stub", "blobs given to the stub", 10000)]
