"""What a power cut may take: everything that was not synced, in any order."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

from .tracing import Point


def violations(points: Iterable[Point]) -> list[str]:
    """Where a sequence of calls relies on something that a power cut may take.

    - A file, or everything in a folder, is synced before it is given its final name.
    - A name is synced (by its folder) before another thing is committed or deleted on the strength of it.
    - At the end everything that stands is synced.
    """
    ledger = _Unsynced()
    for number, point in enumerate(points):
        if not point.failed:
            ledger.take(number, point)
    ledger.found += [f"at the end: {path} is not synced" for path in sorted({*ledger.contents, *ledger.names})]
    return ledger.found


def unfinished(path: str) -> bool:
    """Whether nobody reads it, because it, or a folder above it, has not got its final name."""
    return any(part.startswith(".") for part in PurePosixPath(path).parts)


class _Unsynced:
    def __init__(self) -> None:
        self.contents: set[str] = set()
        self.names: set[str] = set()
        """Folders in which something was made or renamed."""
        self.found: list[str] = []

    def take(self, number: int, point: Point) -> None:
        parent = str(PurePosixPath(point.path).parent)
        if point.call in ("write", "truncate"):
            self.contents.add(point.path)
        elif point.call == "fsync":
            self.contents.discard(point.path)
            self.names.discard(point.path)
        elif point.call == "mkdir":
            if unfinished(parent) or not unfinished(point.path):
                self.names.add(parent)
        elif point.call == "rename":
            self._rename(number, point)
        elif point.call in ("unlink", "rmdir"):
            self.contents.discard(point.path)
            self.names.discard(point.path)
            if not unfinished(point.path):
                self._relied_on(number, point)

    def _rename(self, number: int, point: Point) -> None:
        inside = {path for path in (*self.contents, *self.names) if below(path, point.path)}
        self.found += [f"{number}: {point.path} is renamed while {path} is not synced" for path in sorted(inside)]
        if not unfinished(point.target):
            self._relied_on(number, point)
        self.names.add(str(PurePosixPath(point.target).parent))

    def _relied_on(self, number: int, point: Point) -> None:
        names = {path for path in self.names if not unfinished(path)}
        self.found += [f"{number}: {point.call} {point.path} relies on names in {path}" for path in sorted(names)]


def below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")
