"""Memory of a process, as Linux tells it; None on other systems."""

from __future__ import annotations

import ctypes
import gc
from dataclasses import dataclass
from pathlib import Path

_KIB = 1024
_RESET_PEAK = "5"


@dataclass(frozen=True)
class Memory:
    """What one process holds, in bytes."""

    private: int
    """Pages that no other process has."""
    proportional: int
    """PSS: each shared page divided by how many share it."""

    @classmethod
    def now(cls) -> Memory | None:
        """This process's memory, after giving back what it has freed."""
        _trim()
        rollup = _fields(Path("/proc/self/smaps_rollup"))
        if rollup is None:
            return None
        return cls(rollup["Private_Clean"] + rollup["Private_Dirty"], rollup["Pss"])


def anonymous() -> int | None:
    """Bytes of this process that no file backs, after giving back what it has freed."""
    _trim()
    status = _fields(Path("/proc/self/status"))
    return None if status is None else status["RssAnon"]


def anonymous_of(pid: int) -> int | None:
    """Bytes of another process that no file backs, freed ones that it keeps among them; None once it has ended."""
    try:
        status = _fields(Path(f"/proc/{pid}/status"))
    except OSError:
        return None
    return None if status is None else status.get("RssAnon")


def resident() -> int | None:
    """Bytes of this process that are in memory."""
    status = _fields(Path("/proc/self/status"))
    return None if status is None else status["VmRSS"]


def reset_peak() -> None:
    """Let ``peak`` begin anew."""
    _trim()
    path = Path("/proc/self/clear_refs")
    if path.exists():
        path.write_text(_RESET_PEAK)


def peak() -> int | None:
    """The most bytes that were in memory since ``reset_peak``."""
    status = _fields(Path("/proc/self/status"))
    return None if status is None else status["VmHWM"]


def _fields(path: Path) -> dict[str, int] | None:
    """The fields of a file of ``/proc`` that are counted in kB, in bytes."""
    if not path.exists():
        return None
    lines = (line.split() for line in path.read_text().splitlines())
    return {words[0].rstrip(":"): int(words[1]) * _KIB for words in lines if words[-1:] == ["kB"]}


def _trim() -> None:
    """Give memory that is free back to the system, so that what is left is in use."""
    gc.collect()
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):
        return
    trim(0)
