# SPDX-License-Identifier: MIT
"""What measures in whole boots: a run of scripts/boot that knows when each line of
its console was there, and the sections of docs/performance.md that such figures
are put in."""
import argparse
import json
import os
import re
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = Path(os.environ.get("O") or ROOT / "build").resolve()
COUNT = BUILD / "bench/count.so"
PAGE = ROOT / "docs/performance.md"
sys.path.insert(0, str(ROOT / "scripts"))
from boot_case import read_table            # noqa: E402
from boot_images import Builder, lines      # noqa: E402
from boot_run import Run                    # noqa: E402


def append_rows(path, rows):
    """To those that bench.c wrote."""
    results = json.loads(Path(path).read_text()) + rows
    Path(path).write_text(json.dumps(results, indent=2) + "\n")


def cpu_seconds(pid):
    """What the process has used of a CPU; None: it has gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    words = stat.rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def instructions(counts):
    """Billions that a machine's CPUs have run, by bench/count.c; None: none yet."""
    try:
        return sum(memoryview(counts.read_bytes()).cast("Q")) / 1e9
    except OSError:
        return None


class Timed(Run):
    """A run that knows when how much of the console was there, and what had been used
    by then: seconds of a CPU by its QEMU, which other work does not change much; or,
    with `plugin`, instructions of its machine, which the emulator does not either."""

    def __init__(self, case, builder, args, plugin=None):
        self.stamps, self.used = [], []
        self.counts = None
        super().__init__(case, builder, args)
        if plugin:
            self.counts = builder.out / f"{case.name}.counts"
            self.counts.unlink(missing_ok=True)
            self.cmd += ["-plugin", f"{plugin},counts={self.counts}"]

    def read(self):
        super().read()
        now = time.monotonic()
        used = instructions(self.counts) if self.counts \
            else cpu_seconds(self.qemu.pid)
        if used is not None:
            self.used.append((now, used))
        if not self.stamps or self.stamps[-1][1] != len(self.text):
            self.stamps.append((now, len(self.text)))

    def used_between(self, start, end):
        """CPU seconds of QEMU, or instructions, between two points of time."""
        def at(when):
            return next((used for now, used in self.used if now >= when),
                        self.used[-1][1])
        return at(end) - at(start)

    def when(self, regex, behind=None):
        """The first time that a line with it was there, behind another one."""
        at = 0
        if behind:
            first = re.search(behind, self.text)
            if not first:
                raise SystemExit(f"bench: {self.log}: no line {behind}")
            at = first.end()
        match = re.compile(regex).search(self.text, at)
        if not match:
            raise SystemExit(f"bench: {self.log}: no line {regex}")
        return next(at for at, size in self.stamps if size >= match.end())


class Bench:
    """The table of cases, and what builds their images; `plugin`: how runs count."""

    def __init__(self, plugin=None):
        self.plugin = plugin
        self.args = argparse.Namespace(show=False, verbose=False, patience=4.0)
        out = BUILD / "boot"
        out.mkdir(parents=True, exist_ok=True)
        base, self.cases = read_table(ROOT / "tests/boot/cases.cfg")
        self.builder = Builder(out, lines(base.get("bins", "")),
                               lines(base.get("files", "")))

    def case(self, name):
        return next(case for case in self.cases if case.name == name)

    def run(self, name):
        return self.go(self.case(name))

    def go(self, case):
        run = Timed(case, self.builder, self.args, self.plugin)
        run.begin()
        while not run.poll():
            time.sleep(0.01)
        if run.verdict != "success":
            raise SystemExit(f"bench: {case.name}: {run.verdict}: {run.why}")
        return run


def guest_gap(run):
    """The longest time between two ticks: -> seconds from outside, by the guest's
    clock, and what was used"""
    ticks = [(when, float(re.search(r" up ([0-9.]+)", line)[1]))
             for when, _, line in run.guests.seen[0]]
    first, then = max(zip(ticks, ticks[1:]), key=lambda p: p[1][0] - p[0][0])
    return (then[0] - first[0], then[1] - first[1],
            run.used_between(first[0], then[0]))


def machine():
    """For the sentence that says where a table was made."""
    cpu = next((line.split(":")[1].strip() for line in
                Path("/proc/cpuinfo").read_text().splitlines()
                if line.startswith("model name")), "?")
    return f"{cpu}, {os.cpu_count()} cores"


def results(name):
    return BUILD / f"bench/{name}.json"


def kept(name, anew):
    """What runs before this one have measured; None: nothing."""
    path = results(name)
    return None if anew or not path.exists() else json.loads(path.read_text())


def keep(name, found):
    results(name).parent.mkdir(parents=True, exist_ok=True)
    results(name).write_text(json.dumps(found))


def load():
    return f"load {os.getloadavg()[0]:.1f}"


def cell(values, digits=1):
    return (f"{statistics.median(values):.{digits}f} "
            f"({min(values):.{digits}f} to {max(values):.{digits}f})")


def put(heading, text, page=PAGE):
    """`text`, which begins with this "## " line, instead of the section that has
    it, or at the end."""
    parts = re.split(r"(?m)^(?=## )", page.read_text())
    parts = [p.rstrip("\n") + "\n" for p in parts]
    text = text.rstrip("\n") + "\n"
    for i, part in enumerate(parts):
        if part.startswith(heading):
            parts[i] = text
            break
    else:
        parts.append(text)
    page.write_text("\n".join(parts))
