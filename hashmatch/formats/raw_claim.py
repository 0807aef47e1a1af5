"""RawClaim: what a record of many fields says under one id, and the rows that it makes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from ..errors import InvalidValue
from .chunk import Chunk, Row
from .entry import remainder
from .fields import algorithm_name

MOST_HASHES = 10_000
"""In one claim."""

_MOST_BYTES = 64 * 1024 * 1024
"""That the rows of one claim may take together: each repeats what is said of the claim."""


@dataclass
class RawClaim:
    """A claim as a file has it, before anything is checked. What is None, or empty, is not said."""

    line: int
    source_id: str | None
    hashes: list[tuple[str, str, str | None]] = field(default_factory=list)
    """Algorithm, as the partner spells it, digest and opinion of each hash."""
    media_type: str | None = None
    labels: list[str] = field(default_factory=list)
    share_level: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    expires_at: str | None = None
    withdrawn: bool = False
    extra: dict[str, object] = field(default_factory=dict)

    def add_to(self, chunk: Chunk, size: int, known: Collection[str]) -> None:
        """Add the claim's rows to a chunk.

        Args:
            chunk: Where to.
            size: Bytes that the claim takes in the file.
            known: Every algorithm that we have. Hashes of others are kept in ``extra``, as ``hashes``.

        Raises:
            InvalidValue: If it stands, and has no hash of an algorithm that we have, or too many; or if what it
                says besides is nested too deeply or too much to repeat.
        """
        rows = self._rows(known)
        repeated = len(rows) * (sum(map(len, self.labels)) + len(rows[0][-1] or ""))
        if repeated > _MOST_BYTES:
            raise InvalidValue(
                f"{len(rows)} hashes that repeat more than {_MOST_BYTES} bytes of labels and other fields"
            )
        chunk.add(rows, size + repeated)

    def _rows(self, known: Collection[str]) -> list[Row]:
        if len(self.hashes) > MOST_HASHES:
            raise InvalidValue(f"more than {MOST_HASHES} hashes in one claim")
        named = [(algorithm_name(name, known), digest, opinion) for name, digest, opinion in self.hashes]
        usable = [found for found in named if found[0] in known]
        others: dict[str, list[str]] = {}
        for (name, digest, _), (algorithm, _, _) in zip(self.hashes, named, strict=True):
            if algorithm not in known:
                others.setdefault(name, []).append(digest)
        if self.withdrawn:
            usable = [(None, None, None)]  # type: ignore[list-item]
        elif not usable:
            raise InvalidValue(_unusable(others))
        extra = dict(self.extra)
        if others:
            extra["hashes"] = {name: digests if len(digests) > 1 else digests[0] for name, digests in others.items()}
        head = (self.line, None, self.source_id)
        dates = (self.created_at, self.updated_at, self.expires_at)
        said = (self.share_level, *dates, self.withdrawn or None, remainder(extra))
        labels = self.labels or None
        return [
            (*head, algorithm, digest, None, self.media_type, None, None, labels, opinion, *said)
            for algorithm, digest, opinion in usable
        ]


def _unusable(others: Collection[str]) -> str:
    shown = ", ".join(name[:40] for name in list(others)[:5])
    return f"no hash of an algorithm that we have, only {shown}" if others else "no hash"
