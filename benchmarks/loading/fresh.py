"""What a fresh process does: ``python -m benchmarks.loading.fresh STEP FORM FILE FOLDER``. It prints one JSON object.

The clock runs from the call of the step to its return: what the step's file imports is not in it, what the library
imports on first use is.

Before numpy, pyarrow and the step are imported the process is pinned to one core, so that one thread is one core for
everybody. Asking for one thread is not enough: pyarrow's readers and faiss start threads of their own even with
``use_threads=False``, and so does pyarrow's allocator.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from time import perf_counter, process_time

from hashmatch.errors import HashmatchError

from ..pinning import pin

_COUNTERS = Path("/proc/self/io")


def main(step: str, form: str, source: str, folder: str) -> dict[str, object]:
    """Take a step on one core.

    Returns:
        Whether it was pinned, seconds, seconds of all its threads' work, bytes given to the disk, and what it says it did.
    """
    pinned = pin()
    import pyarrow as pa

    from .steps import STEPS

    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    taken = STEPS[step]
    before, worked, begun = _written(), process_time(), perf_counter()
    facts = taken(form, Path(source), Path(folder))
    seconds, cpu_seconds, after = perf_counter() - begun, process_time() - worked, _written()
    written = None if before is None or after is None else after - before
    return {
        "pinned": pinned,
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "written_bytes": written,
        "facts": facts,
    }


def _written() -> int | None:
    """Bytes that this process has caused to be written, as Linux counts them; None where that is not told."""
    try:
        lines = _COUNTERS.read_text().splitlines()
    except OSError:
        return None
    return next(int(line.split()[1]) for line in lines if line.startswith("write_bytes:"))


if __name__ == "__main__":
    try:
        print(json.dumps(main(*sys.argv[1:])))
    except HashmatchError as error:
        sys.exit(str(error))
