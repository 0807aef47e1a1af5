"""Steps: what is measured, each in a fresh process. To add one: a function in a file here and a line in the table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hashmatch.registry import Registry

Facts = dict[str, int | None]
"""What a step says it did, by name: how many rows it took, and the like."""

Step = Callable[[str, Path, Path], Facts]
"""Called with the form of a file, the file, and a folder for what it makes of it."""

STEPS: Registry[Step] = Registry(
    "step",
    {
        "floor": "benchmarks.loading.floor:copy",
        "pdq_index": "benchmarks.loading.pdq_index:build",
        "batch": "benchmarks.loading.ours:batch",
        "snapshot": "benchmarks.loading.ours:snapshot",
        "again": "benchmarks.loading.ours:again",
    },
    extras={"pdq_index": "bench"},
)
