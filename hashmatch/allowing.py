"""Allowing: which hits allow lists hide, and what is told of the rest.

The rules:

- An allow hit hides a block hit of the same query code (algorithm, frame and orientation), if it is at
  least as near.
- A hit of an allowed digest, which knows the file's exact bytes, hides every perceptual block hit.
- A perceptual allow hit never hides a block hit of a digest; nor does the digest of one algorithm hide
  that of another.

A record is told of once, by its nearest hit that nothing hides. If all its hits are hidden it is told of
as suppressed, by the nearest of them and by what hides that one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .algorithms import ALGORITHMS
from .hits import Hits
from .results import Match, SuppressedMatch
from .snapshot import Rows, Snapshot


@dataclass(frozen=True)
class Verdict:
    """What an upload's hits amount to."""

    matches: tuple[Match, ...]
    """Nearest first; then by algorithm, list and id."""
    suppressed: tuple[SuppressedMatch, ...]
    """In the same order."""


def judge(snapshot: Snapshot, found: Iterable[Hits]) -> Verdict:
    """Apply the allow lists to everything that one upload hit."""
    found = tuple(found)
    known = _exactly_allowed(snapshot, found)
    matches: list[Match] = []
    suppressed: list[SuppressedMatch] = []
    for hits in found:
        exact = known if ALGORITHMS[hits.queries.algorithm].radius else None
        best, hidden_by = _best(hits, hide_all=exact is not None)
        hidden = hidden_by >= 0
        matches += _matches(snapshot, hits, best[~hidden])
        allowed = _matches(snapshot, hits, hidden_by[hidden]) if exact is None else [exact] * int(hidden.sum())
        over = _matches(snapshot, hits, best[hidden])
        suppressed += [SuppressedMatch(*pair) for pair in zip(over, allowed, strict=True)]
    return Verdict(tuple(sorted(matches, key=_order)), tuple(sorted(suppressed, key=lambda pair: _order(pair.match))))


def _exactly_allowed(snapshot: Snapshot, found: tuple[Hits, ...]) -> Match | None:
    """The first allow hit of a digest, if there is one."""
    for hits in found:
        if ALGORITHMS[hits.queries.algorithm].radius == 0 and hits.allows.any():
            return _matches(snapshot, hits, np.flatnonzero(hits.allows)[:1])[0]
    return None


def _best(hits: Hits, hide_all: bool) -> tuple[Rows, Rows]:
    """The hit that tells of each block record.

    Returns:
        Two arrays, one item per block record that was hit: the hit that tells of it, and the allow hit that
        hides it. The latter is -1 where nothing does; with ``hide_all``, where everything is hidden, it is any number
        from 0 up.
    """
    hider = _hiders(hits)
    block = np.flatnonzero(~hits.allows)
    hidden_by = hider[hits.query[block]]
    beaten = (hidden_by >= 0) & (hits.distance[hidden_by] <= hits.distance[block])
    hidden = np.ones(len(block), dtype=np.bool_) if hide_all else beaten
    order = np.lexsort((hits.query[block], hits.distance[block], hidden, hits.record[block]))
    record = hits.record[block][order]
    first = order[np.append(True, record[1:] != record[:-1])[: len(order)]]
    return block[first], np.where(hidden[first], np.maximum(hidden_by[first], 0), -1)


def _hiders(hits: Hits) -> Rows:
    """For each query code its nearest allow hit, of equally near ones that of the first record; -1 without one."""
    nearest: npt.NDArray[np.int64] = np.full(len(hits.queries.codes), -1)
    allow = np.flatnonzero(hits.allows)
    order = allow[np.lexsort((hits.record[allow], hits.distance[allow]))][::-1]
    # Of several that are assigned to one place the last one stays: the nearest.
    nearest[hits.query[order]] = order
    return nearest


def _matches(snapshot: Snapshot, hits: Hits, chosen: Rows) -> list[Match]:
    """Some of the hits, for people."""
    records = snapshot.hash_records(hits.record[chosen])
    queries = hits.queries
    return [
        Match(
            queries.algorithm,
            distance,
            record,
            queries.orientations[query],
            queries.frames[query].frame,
            queries.frames[query].timestamp,
        )
        for query, distance, record in zip(
            hits.query[chosen].tolist(), hits.distance[chosen].tolist(), records, strict=True
        )
    ]


def _order(match: Match) -> tuple[int, str, str, str, int, bytes]:
    record = match.record
    return match.distance, match.algorithm, record.list, record.source_id, record.frame, record.digest
