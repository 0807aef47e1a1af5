"""What this process holds of a bank's snapshots, and of memory and files at all, as Linux tells it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from benchmarks.memory import anonymous

_MAPS = Path("/proc/self/maps")
_DESCRIPTORS = Path("/proc/self/fd")


@dataclass(frozen=True)
class Held:
    """What is held at one moment."""

    memory: int
    """Bytes that no file backs, after what is free was given back."""
    snapshots: frozenset[str]
    """Versions of which a file is mapped, whether it still has a name or not."""
    descriptors: int
    """Open files."""

    @classmethod
    def now(cls, snapshots: Path) -> Held | None:
        """What is held of the snapshots in a folder; None where the system does not tell."""
        pa.default_memory_pool().release_unused()
        memory, mapped, descriptors = anonymous(), mapped_snapshots(snapshots), open_files()
        if memory is None or mapped is None or descriptors is None:
            return None
        return cls(memory, mapped, descriptors)


def mapped_snapshots(folder: Path) -> frozenset[str] | None:
    """Versions of the snapshots in a folder of which a file is mapped; None where the system does not tell."""
    if not _MAPS.exists():
        return None
    beginning = f"{folder.resolve()}/"
    paths = (line.split(maxsplit=5)[-1] for line in _MAPS.read_text(errors="replace").splitlines())
    return frozenset(path[len(beginning) :].partition("/")[0] for path in paths if path.startswith(beginning))


def open_files() -> int | None:
    """How many files are open; None where the system does not tell."""
    return len(list(_DESCRIPTORS.iterdir())) if _DESCRIPTORS.exists() else None
