"""The disk that a run writes to: a folder of its own, removed at the end, if there is room for it."""

from __future__ import annotations

import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click

ROW_BYTES = 3_000
"""Room that each row takes at most, on one list at a time: its file (600), the batch (300), the snapshots before and
after a delta, and what the second one is made of meanwhile (500 each); the rest is to spare."""

_TERMINATED = 128 + signal.SIGTERM
"""How a process ends that was asked to, as shells tell it."""

_MOUNTS = Path("/proc/mounts")

Listing = Mapping[str, tuple[int, int]]
"""Path in a folder -> length in bytes, and nanosecond of the last change."""


@contextmanager
def scratch(parent: Path | None, need: int) -> Iterator[Path]:
    """An empty folder in ``parent``, removed at the end, however that comes about: by Ctrl-C and SIGTERM too.

    Args:
        parent: A folder; None: where the system keeps such files.
        need: Bytes that must be free there.

    Raises:
        click.ClickException: If they are not.
    """
    parent = parent or Path(tempfile.gettempdir())
    free = shutil.disk_usage(parent).free
    if free < need:
        raise click.ClickException(
            f"this needs {gigabytes(need)} GB of disk, and {gigabytes(free)} are free; see --scratch"
        )
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TERMINATED))
    try:
        with tempfile.TemporaryDirectory(prefix="hashmatch-load-", dir=parent) as folder:
            yield Path(folder).resolve()
    finally:
        signal.signal(signal.SIGTERM, before)


def need(n: int) -> int:
    """Bytes of disk that a list of n rows needs."""
    return n * ROW_BYTES + 100_000_000


def gigabytes(count: int) -> str:
    """Bytes in GB, to a tenth."""
    return f"{count / 1e9:.1f}"


def listing(folder: Path) -> Listing:
    """Every file in a folder and in those below it; empty if there is no folder."""
    files = ((path, path.stat()) for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): (found.st_size, found.st_mtime_ns) for path, found in files}


def grown(before: Listing, after: Listing) -> int:
    """Bytes of files that are new or were changed; 0 if there are none. An empty one counts as one byte."""
    return sum(max(1, entry[0]) for path, entry in after.items() if before.get(path) != entry)


def file_system(path: Path) -> str | None:
    """What kind of file system a path lies on, ``"ext4"``; None where the system does not tell."""
    try:
        mounts = [line.split() for line in _MOUNTS.read_text().splitlines()]
    except OSError:
        return None
    above = [(len(mount[1]), mount[2]) for mount in mounts if path.resolve().is_relative_to(mount[1])]
    return max(above)[1] if above else None
