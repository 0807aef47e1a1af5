"""What a fresh process does for ``opening``: ``python -m benchmarks.fresh TASK FOLDER QUERIES``. It prints one JSON object.

Nothing is imported here before the clock runs.
"""

from __future__ import annotations

from time import perf_counter
from typing import Any

BEGUN = perf_counter()

_ROUNDS = 7


def opening(folder: str, queries: str) -> dict[str, float]:
    """Seconds to import what a search needs, to open an index, and to answer the first query."""
    from pathlib import Path

    import numba  # noqa: F401 - imported to be timed apart from the index that uses it
    import numpy as np

    from hashmatch import indexes

    asked = np.load(queries)
    imported = perf_counter()
    index = indexes.open(Path(folder))
    opened = perf_counter()
    index.search(asked[:1], index.max_radius)
    answered = perf_counter()
    return {"import": imported - BEGUN, "open": opened - imported, "first_query": answered - opened}


def memory(folder: str, queries: str) -> dict[str, int] | None:
    """By how many bytes this process grows by opening an index and searching it, once all is imported and compiled."""
    from pathlib import Path

    import numpy as np

    from hashmatch import indexes

    from .contenders import OURS
    from .memory import Memory

    asked = np.load(queries)
    small = indexes.build(asked[:100], OURS)
    small.search(asked, small.max_radius)
    before = Memory.now()
    index = indexes.open(Path(folder))
    index.search(asked, index.max_radius)
    after = Memory.now()
    if before is None or after is None:
        return None
    return {"private": after.private - before.private, "proportional": after.proportional - before.proportional}


def beside(folder: str, queries: str) -> dict[str, float]:
    """FAISS's speed after an index of ours was used in this process, by its speed before; by the threads it was given."""
    from concurrent.futures import ThreadPoolExecutor
    from pathlib import Path

    import faiss
    import numpy as np

    from hashmatch import indexes

    asked = np.load(queries)
    flat = faiss.IndexBinaryFlat(asked.shape[1] * 8)
    flat.add(np.load(Path(folder) / "codes.npy", mmap_mode="r"))
    counts = sorted({1, faiss.omp_get_max_threads()})
    before = {threads: _seconds(flat, asked, threads) for threads in counts}
    index = indexes.open(Path(folder))
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: index.search(asked, index.max_radius), range(4)))
    return {str(threads): before[threads] / _seconds(flat, asked, threads) for threads in counts}


def _seconds(flat: Any, queries: Any, threads: int) -> float:
    """The median time of FAISS's flat scan with so many threads of its own."""
    from statistics import median

    import faiss

    from .workloads import RADIUS

    faiss.omp_set_num_threads(threads)
    seconds = []
    for _ in range(_ROUNDS):
        begun = perf_counter()
        flat.range_search(queries, RADIUS + 1)
        seconds.append(perf_counter() - begun)
    return median(seconds)


if __name__ == "__main__":
    import json
    import sys

    _, task, *arguments = sys.argv
    print(json.dumps({"opening": opening, "memory": memory, "beside": beside}[task](*arguments)))
