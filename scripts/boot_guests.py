# SPDX-License-Identifier: MIT
"""Guests of the machine under test, by their consoles, for scripts/boot.

Each is on a serial port of its own, so that what it says is seen from outside
whichever host instance it runs on: `tick N memory same ...` once a second, from
a counter in its memory. A tick that is missing, repeated or late shows here.
"""
import re
import time

# OVMF clears the screen on all serial ports: so much may stand before the first
TICK = r"^(?:\x1b\[[0-9;=]*[A-Za-z])*(tick (\d+) .*)\r?\n"


def right(line, number):
    """Memory as it was; every line of the peer answered, but for the last few;
    every line on the disk."""
    answers = re.search(r" answers (\d+)", line)
    disk = re.search(r" disk (\d+)", line)
    return ("memory same" in line
            and (not answers or int(answers[1]) >= number - 3)
            and (not disk or int(disk[1]) == number))


class Guests:
    """The consoles, and when each tick was seen."""

    def __init__(self, log, count):
        self.logs = [log.with_suffix(f".guest{i + 1}.log")
                     for i in range(count)]
        self.seen = [[] for _ in self.logs]     # (when, number, line)
        for path in self.logs:
            path.write_bytes(b"")

    def read(self):
        now = time.monotonic()
        for path, seen in zip(self.logs, self.seen):
            text = path.read_bytes().decode("utf-8", "replace")
            found = re.findall(TICK, text, re.M)
            for line, number in found[len(seen):]:
                seen.append((now, int(number), line.strip()))

    def judge(self):
        """What is wrong, or None."""
        for path, seen in zip(self.logs, self.seen):
            numbers = [number for _, number, _ in seen]
            if len(numbers) < 2:
                return f"{path.name}: no ticks"
            if numbers != list(range(1, len(numbers) + 1)):
                return f"{path.name}: ticks do not follow each other"
            for _, number, line in seen:
                if not right(line, number):
                    return f"{path.name}: {line}"
            clocks = [float(re.search(r" up ([0-9.]+)", line)[1])
                      for _, _, line in seen]
            if clocks != sorted(clocks):
                return f"{path.name}: its clock went back"
            bad = re.search(r"guest: bad: .*|Kernel panic.*|BUG: .*",
                            path.read_text(errors="replace"))
            if bad:
                return f"{path.name}: {bad[0].strip()}"
        return None

    def summary(self):
        """The longest time without a tick, which was to come every second."""
        parts = []
        for seen in self.seen:
            times = [when for when, _, _ in seen]
            gap = max(b - a for a, b in zip(times, times[1:]))
            parts.append(f"{len(times)} ticks, longest gap {gap:.1f} s")
        return " " + "; ".join(parts)
