"""Pinning a process to one core, so that one thread is one core for everybody.

Asking for one thread is not enough: libraries start threads of their own all the same.
"""

from __future__ import annotations

import os

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "ARROW_IO_THREADS")
ONE_THREAD = dict.fromkeys(_THREADS, "1")
"""What asks libraries for one thread, as a process's environment."""


def pin() -> bool:
    """Keep this process to one core, with every thread that starts from now on; False where the system cannot."""
    if not hasattr(os, "sched_setaffinity"):
        return False
    # The last that it may use: systems often serve their devices on the first.
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    return True
