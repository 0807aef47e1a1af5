"""Memory: what Linux tells of a process; other systems tell nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
LARGE = 64 << 20
TOLERANCE = LARGE / 10
LINUX = Path("/proc/self/smaps_rollup").exists()

# In a process of its own, in which nothing else comes and goes.
SCRIPT = f"""
import json
import numpy as np
from benchmarks.memory import Memory, anonymous, peak, reset_peak, resident

def readings():
    memory = Memory.now()
    return [anonymous(), resident(), memory and memory.private, memory and memory.proportional]

readings()
reset_peak()
before = readings()
block = np.ones({LARGE}, np.uint8)
during = readings()
del block
after = readings()
top = peak()
reset_peak()
print(json.dumps([before, during, after, top, peak()]))
"""


def test_what_is_held_is_seen_what_is_freed_is_not_and_a_peak_stays_until_it_is_reset() -> None:
    run = subprocess.run([sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, check=True)
    before, during, after, top, again = json.loads(run.stdout)
    if not LINUX:
        assert {*before, *during, *after, top, again} == {None}
        return
    for earlier, then, later in zip(before, during, after, strict=True):
        assert abs(then - earlier - LARGE) < TOLERANCE
        assert abs(later - earlier) < TOLERANCE
    resident = before[1]
    assert abs(top - resident - LARGE) < TOLERANCE
    assert abs(again - resident) < TOLERANCE
