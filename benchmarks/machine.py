"""On what a benchmark ran: enough to compare two results, nothing that names a place."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from hashmatch.versions import versions

PACKAGES = (
    "hashmatch",
    "numpy",
    "numba",
    "pillow",
    "faiss-cpu",
    "av",
    "pyarrow",
    "threatexchange",
    "vpdq",
    "pdqhash",
    "perception",
    "usearch",
)
FLAGS = ("avx2", "avx512f", "avx512bw", "avx512_bitalg", "avx512_vpopcntdq", "popcnt", "asimd", "sve")
"""Of a processor's flags those that decide how fast bits are counted."""


@dataclass(frozen=True)
class Machine:
    """A machine and what is installed on it."""

    processor: str
    cores: int
    """As many as this process may use."""
    flags: tuple[str, ...]
    """Those of ``FLAGS`` that it has."""
    memory: int
    """Bytes."""
    system: str
    """As in ``"Linux x86_64"``."""
    python: str
    packages: dict[str, str]
    """Package -> version, ``"0+unknown"`` if it is not installed."""
    date: str
    """Of the run, UTC."""

    @classmethod
    def here(cls) -> Machine:
        """This one, now."""
        stated = _stated_of_processor()
        flags = stated.get("flags", stated.get("Features", "")).split()
        return cls(
            processor=stated.get("model name", platform.processor() or platform.machine()),
            cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
            flags=tuple(flag for flag in FLAGS if flag in flags),
            memory=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
            system=f"{platform.system()} {platform.machine()}",
            python=platform.python_version(),
            packages=versions(PACKAGES),
            date=datetime.now(timezone.utc).date().isoformat(),
        )

    def __str__(self) -> str:
        """The machine in two lines."""
        packages = ", ".join(f"{name} {version}" for name, version in self.packages.items())
        return (
            f"{self.processor}, {self.cores} cores, {self.memory / 2**30:.0f} GiB, {' '.join(self.flags)}\n"
            f"{self.system}, Python {self.python}, {packages}, {self.date}"
        )


def _stated_of_processor() -> dict[str, str]:
    """What Linux says of the first processor, key -> value; nothing elsewhere."""
    path = Path("/proc/cpuinfo")
    if not path.exists():
        return {}
    first = path.read_text().split("\n\n")[0]
    pairs = (line.partition(":") for line in first.splitlines())
    return {key.strip(): value.strip() for key, _, value in pairs}
