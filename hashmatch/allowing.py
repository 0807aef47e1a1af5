"""Allowing: which hits allow lists hide, and what is told of the rest.

The rules:

- An allow hit hides a block hit of the same query code (algorithm, frame, view and orientation), if it is at
  least as near; and an allow hit of a whole frame those of its views in the same orientation, unless another frame, or a
  whole one, has that code too.
- A hit of an allowed digest, which knows the file's exact bytes, hides every perceptual block hit.
- A perceptual allow hit never hides a block hit of a digest; nor does the digest of one algorithm hide
  that of another.

A record is told of once, by its nearest hit that nothing hides. If all its hits are hidden it is told of
as suppressed, by the nearest of them and by what hides that one. Frames of known videos are not told of one by one if
the upload is a video: ``watching`` judges them together, by what is hidden here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .algorithms import ALGORITHMS
from .hits import Hits
from .query_codes import QueryCodes
from .results import Match, SuppressedMatch
from .snapshot import Rows, Snapshot

_FAR = np.iinfo(np.int64).max
"""In place of the distance of what is not there."""


@dataclass(frozen=True)
class Verdict:
    """What an upload's hits amount to, but for those of known videos."""

    matches: tuple[Match, ...]
    """Nearest first; then by algorithm, list and id."""
    suppressed: tuple[SuppressedMatch, ...]
    """In the same order."""


@dataclass(frozen=True)
class Weighed:
    """The hits of one algorithm, and what allow lists hide of them."""

    snapshot: Snapshot
    hits: Hits
    exact: Match | None
    """The allowed digest that hides all of them; None if there is none."""
    allowed: Rows
    """``int64[queries]``: the nearest allow hit for each query code, as its distance; very far without one."""
    allowing: Rows
    """``int64[queries]``: the query code of that hit: the same, or that of the whole frame."""
    by: Rows
    """``int64[queries]``: the record of that hit, by its place among those of the hits; -1 without one."""
    hidden: npt.NDArray[np.bool_]
    """``bool[h]``: whether a block hit at that place is hidden."""

    @property
    def barred(self) -> npt.NDArray[np.bool_]:
        """``bool[queries]``: which query codes an allow list knows."""
        return np.full(len(self.allowed), self.exact is not None) | (self.allowed < _FAR)

    def matches(self, queries: Rows, distances: Rows, records: Rows) -> list[Match]:
        """Some hits, for people: three arrays of one length; records by their place among those of the hits."""
        hits = self.hits
        told = self.snapshot.hash_records(hits.record[records])
        answers = []
        for query, distance, record in zip(queries.tolist(), distances.tolist(), told, strict=True):
            frame, orientation, view = hits.queries.used(query)
            when = frame.frame, frame.timestamp
            answers.append(Match(hits.queries.algorithm, distance, record, orientation, *when, view))
        return answers

    def hiders(self, queries: Rows) -> list[Match]:
        """What hides hidden hits of some query codes."""
        if self.exact is not None:
            return [self.exact] * len(queries)
        return self.matches(self.allowing[queries], self.allowed[queries], self.by[queries])


def weigh(snapshot: Snapshot, found: Iterable[Hits]) -> tuple[Weighed, ...]:
    """Apply the allow lists to everything that one upload hit."""
    weighed = [_weighed(snapshot, hits, None) for hits in found]
    exact = _exactly_allowed(weighed)
    if exact is None:
        return tuple(weighed)
    return tuple(
        _weighed(snapshot, own.hits, exact) if ALGORITHMS[own.hits.queries.algorithm].radius else own for own in weighed
    )


def judge(found: Iterable[Weighed]) -> Verdict:
    """What is told of records one by one."""
    matches: list[Match] = []
    suppressed: list[SuppressedMatch] = []
    for own in found:
        hits = own.hits
        records = np.flatnonzero(~hits.allows & (hits.video < 0))
        seen, unseen = _nearest(hits, ~own.hidden), _nearest(hits, own.hidden)
        radius, owner = hits.radius[records], hits.owner[records]
        told = seen.distance[owner] <= radius
        matches += own.matches(seen.query[owner[told]], seen.distance[owner[told]], records[told])
        only = ~told & (unseen.distance[owner] <= radius)
        over = own.matches(unseen.query[owner[only]], unseen.distance[owner[only]], records[only])
        hiders = own.hiders(unseen.query[owner[only]])
        suppressed += [SuppressedMatch(*pair) for pair in zip(over, hiders, strict=True)]
    return Verdict(tuple(sorted(matches, key=_order)), tuple(sorted(suppressed, key=lambda pair: _order(pair.match))))


def _weighed(snapshot: Snapshot, hits: Hits, exact: Match | None) -> Weighed:
    allowed, by = _allowed(hits)
    allowing = _by_whole(hits.queries, allowed)
    allowed, by = allowed[allowing], by[allowing]
    hidden = np.ones(len(hits.query), np.bool_) if exact else allowed[hits.query] <= hits.distance
    return Weighed(snapshot, hits, exact, allowed, allowing, by, hidden)


def _by_whole(queries: QueryCodes, allowed: Rows) -> Rows:
    """Which code's allow hit counts for each code: its own, or that of a whole frame if each use of it has a nearer one."""
    none = queries.whole < 0
    if none.all():
        return np.arange(len(allowed))
    distance = np.where(none, _FAR, allowed[queries.whole])
    # Of all uses of a code the one that is allowed the least decides: it is the last that is assigned.
    order = np.argsort(distance, kind="stable")
    deciding = np.empty(len(allowed), np.int64)
    deciding[queries.code[order]] = order
    nearer = distance[deciding] < allowed
    return np.where(nearer, queries.whole[deciding], np.arange(len(allowed)))


def _allowed(hits: Hits) -> tuple[Rows, Rows]:
    """For each query code its nearest allow hit, of equally near ones that of the first record: distance and record."""
    distance: Rows = np.full(len(hits.queries.codes), _FAR)
    by: Rows = np.full(len(hits.queries.codes), -1)
    allowing = np.flatnonzero(hits.allows)
    if not len(allowing):
        return distance, by
    reach: Rows = np.full(int(hits.found.max()) + 1, -1)
    np.maximum.at(reach, hits.owner[allowing], hits.radius[allowing])
    near = np.flatnonzero(hits.distance <= reach[hits.found])
    order = near[np.lexsort((hits.found[near], hits.distance[near]))][::-1]
    # Of several that are assigned to one place the last one stays: the nearest.
    chosen: Rows = np.full(len(distance), -1)
    chosen[hits.query[order]] = order
    there = np.flatnonzero(chosen >= 0)
    distance[there] = hits.distance[chosen[there]]
    by[there] = _first_reaching(hits, allowing, hits.found[chosen[there]], distance[there])
    return distance, by


def _first_reaching(hits: Hits, allowing: Rows, found: Rows, distance: Rows) -> Rows:
    """The first allow record of each of some found codes that reaches as far as a distance."""
    at = np.searchsorted(hits.owner[allowing], found)
    while len(short := np.flatnonzero(hits.radius[allowing[at]] < distance)):
        at[short] += 1
    return allowing[at]


@dataclass(frozen=True)
class _Nearest:
    """The nearest hit of each found code, of equally near ones that of the first query code."""

    query: Rows
    """Any without one."""
    distance: Rows
    """Very far without one."""


def _nearest(hits: Hits, among: npt.NDArray[np.bool_]) -> _Nearest:
    """For each found code the nearest of some hits (``bool[h]``)."""
    codes = len(hits.queries.codes)
    nearest: Rows = np.full(len(hits.code), _FAR)
    np.minimum.at(nearest, hits.found[among], (hits.distance * codes + hits.query)[among])
    there = nearest < _FAR
    return _Nearest(nearest % codes, np.where(there, nearest // codes, _FAR))


def _exactly_allowed(found: Sequence[Weighed]) -> Match | None:
    """The first allow hit of a digest, if there is one."""
    for own in found:
        if ALGORITHMS[own.hits.queries.algorithm].radius == 0 and (own.by >= 0).any():
            first = np.flatnonzero(own.by >= 0)[:1]
            return own.hiders(first)[0]
    return None


def _order(match: Match) -> tuple[int, str, str, str, int, bytes]:
    record = match.record
    return match.distance, match.algorithm, record.list, record.source_id, record.frame, record.digest
