"""What an index of ours costs that was saved: to open, in memory, and to FAISS in the same process."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from hashmatch import indexes
from hashmatch.hashes import Codes

from .contenders import OURS
from .plan import Plan
from .results import Opening
from .workloads import RADIUS, make_workload

_ROOT = Path(__file__).parent.parent
_FLAT_QUERIES = 20
_QUERIES = 1_000


def measure_opening(n: int, seed: int, plan: Plan) -> Opening:
    """Build an index of uniform codes, save it, and let fresh processes use it.

    Args:
        n: How many codes.
        seed: Of the codes.
        plan: How many processes open it. A quick run looks at the time alone.
    """
    workload = make_workload("uniform", n, _QUERIES, seed)
    with tempfile.TemporaryDirectory() as scratch:
        folder, queries = Path(scratch, "index"), Path(scratch, "queries.npy")
        folder.mkdir()
        np.save(queries, workload.queries)
        save_seconds = _save(workload.codes, folder)
        size = sum(_read(path) for path in folder.iterdir())
        times = [_fresh("opening", folder, queries) for _ in range(plan.processes)]
        kept, grown = {}, None
        if not plan.quick:
            with _searched(folder, workload.queries):
                grown = _fresh("memory", folder, queries)
            np.save(queries, workload.queries[:_FLAT_QUERIES])
            kept = _fresh("beside", folder, queries)
    return Opening(
        n=n,
        save_seconds=save_seconds,
        bytes_per_code=size / n,
        import_seconds=median(each["import"] for each in times),
        open_seconds=median(each["open"] for each in times),
        first_query_seconds=median(each["first_query"] for each in times),
        private_bytes=grown and grown["private"],
        proportional_bytes=grown and grown["proportional"],
        faiss_kept=kept,
    )


def _save(codes: Codes, folder: Path) -> float:
    """Save an index of the codes: the seconds that it took."""
    index = indexes.build(codes, OURS, RADIUS)
    begun = perf_counter()
    index.save(folder)
    return perf_counter() - begun


def _read(path: Path) -> int:
    """Read a file, so that it is in the page cache: its length."""
    length = 0
    with path.open("rb") as stream:
        while piece := stream.read(1 << 20):
            length += len(piece)
    return length


@contextmanager
def _searched(folder: Path, queries: Codes) -> Iterator[None]:
    """Hold the index open here, every page that these queries need being in use."""
    index = indexes.open(folder)
    index.search(queries, RADIUS)
    yield


def _fresh(task: str, folder: Path, queries: Path) -> Any:
    """What a fresh process says of a task; see ``fresh``."""
    command = [sys.executable, "-m", "benchmarks.fresh", task, str(folder), str(queries)]
    run = subprocess.run(command, cwd=_ROOT, stdout=subprocess.PIPE, check=True)
    return json.loads(run.stdout)
