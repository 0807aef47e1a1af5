"""Skipped: the records of a file that are no hashes, or say what no longer holds: neither taken nor rejected, but counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

OLDER = "older version"
"""The kind of what a newer version in the same file replaces."""

_MOST_KINDS = 100
_LONGEST_KIND = 40


class Skipped:
    """Counts records by what they are."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, kind: object) -> None:
        """Count one more of a kind, which the file names."""
        name = kind[:_LONGEST_KIND] if isinstance(kind, str) else "(no type)"
        self._counts[name if name in self._counts or len(self._counts) < _MOST_KINDS else "(others)"] += 1

    def header(self) -> Mapping[str, object]:
        """What a chunk's header says of them: ``{"skipped": {kind: count}}``; empty if there are none."""
        return {"skipped": dict(self._counts)} if self._counts else {}
