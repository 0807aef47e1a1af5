"""Lists that change round by round, and what a snapshot of each round must answer, found the slow way."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hashmatch.hashes import Codes

STILL = 30_000
"""Hashes of strangers in the list that stands still; so many that the published index is the multi-index."""
CROWD = 400
"""Near-equal hashes in it, as of the frames of a video."""
MOVING = 400
"""Claims of the list that moves, of which each round leaves out some."""
RADIUS = 31
FAR = 40
"""A radius beyond that of the published index."""

_CHUNK = 16
_KEPT = 4

Pairs = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]
"""Query, what it found, and the distance, of each pair."""


@dataclass(frozen=True)
class Claims:
    """One hash each: ``ids[i]`` claims ``codes[i]``."""

    ids: tuple[str, ...]
    codes: Codes

    def csv(self, label: str) -> bytes:
        """As a list file."""
        rows = (f"{name},{code.tobytes().hex()},pdq,{label}\n" for name, code in zip(self.ids, self.codes, strict=True))
        return "".join(("id,hash,algorithm,labels\n", *rows)).encode()


@dataclass(frozen=True)
class Answers:
    """What ``Neighbors`` of some queries must hold."""

    offsets: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int64]
    distances: npt.NDArray[np.int64]
    cut: npt.NDArray[np.bool_]


class Truth:
    """What the snapshot of one round must answer to any of the queries."""

    def __init__(self, claims: Claims, pairs: Pairs, queries: int) -> None:
        """Pairs are of queries and claims; several claims on one hash are one answer."""
        codes, row_of_claim = np.unique(claims.codes, axis=0, return_inverse=True)
        query, claim, distance = pairs
        row = row_of_claim[claim]
        order = np.lexsort((row, distance, query))
        new = np.append(True, np.diff(query[order]) | np.diff(row[order]))
        query, self.rows, self.distances = (own[order][new != 0] for own in (query, row, distance))
        self.starts = np.searchsorted(query, np.arange(queries))
        self._counts = {
            radius: np.bincount(query[self.distances <= radius], minlength=queries) for radius in (RADIUS, FAR)
        }
        # Of one hash the claims stand in the order of their lists and ids; the ids begin with the lists.
        order = np.lexsort((np.array(claims.ids), row_of_claim))
        self._ids = pa.array(claims.ids).take(pa.array(order))
        self._claims = np.searchsorted(row_of_claim[order], np.arange(len(codes) + 1))

    def answers(self, queries: npt.NDArray[np.int64], radius: int, limit: int | None) -> Answers:
        """The nearest of each query, at most ``limit``."""
        counts = self._counts[radius][queries]
        kept = counts if limit is None else np.minimum(counts, limit)
        chosen = _runs(self.starts[queries], kept)
        return Answers(_offsets(kept), self.rows[chosen], self.distances[chosen], counts > kept)

    def claimants(self, rows: npt.NDArray[np.int64]) -> pa.Array:
        """The ids of all claims on the hashes at these rows, one after another."""
        return self._ids.take(pa.array(_runs(self._claims[rows], self._claims[rows + 1] - self._claims[rows])))

    def matches(self, queries: npt.NDArray[np.int64]) -> dict[str, int]:
        """Every claim on what an upload with these codes hits, and how near its nearest code comes."""
        found = self.answers(queries, RADIUS, None)
        nearest: dict[str, int] = {}
        for row, distance in sorted(
            zip(found.rows.tolist(), found.distances.tolist(), strict=True), key=lambda p: p[1]
        ):
            for name in self.claimants(np.array([row])).to_pylist():
                nearest.setdefault(name, distance)
        return nearest


@dataclass
class Rounds:
    """What each round's lists hold, around the same queries."""

    queries: Codes
    _truths: dict[int, Truth] = field(default_factory=dict)

    @cached_property
    def still(self) -> Claims:
        """The list that stands still: strangers, a crowd around one query, and of each other query some neighbours."""
        random = np.random.default_rng(0)
        strangers = balanced(STILL, random)
        crowd = near(self.queries[-1:].repeat(CROWD, axis=0), random.integers(0, 12, CROWD), random)
        known = self.queries[:-1].repeat(np.arange(len(self.queries) - 1) % 7, axis=0)
        codes = np.concatenate([strangers, crowd, near(known, random.integers(0, FAR + 5, len(known)), random)])
        return Claims(tuple(f"still-{number:05}" for number in range(len(codes))), codes)

    def moving(self, number: int) -> Claims:
        """The list that moves, in one round: its claims come and go and change their hashes, each at its own pace."""
        ids, codes = [], []
        for claim in range(MOVING):
            if (number + claim) % 5:
                random = np.random.default_rng([claim, (number + claim) // (1 + claim % 7)])
                query = self.queries[random.integers(len(self.queries), size=1)]
                ids.append(f"moving-{claim:03}")
                # Half of them say a hash that another claim may say too.
                distance = random.integers(0, FAR + 5, 1) * (claim % 2)
                codes.append(near(query, distance, random)[0])
        return Claims(tuple(ids), np.array(codes))

    def truth(self, number: int) -> Truth:
        """What the snapshot of a round must answer; kept of some rounds."""
        with _looking:
            if number not in self._truths:
                moving = self.moving(number)
                claims = Claims(self.still.ids + moving.ids, np.concatenate([self.still.codes, moving.codes]))
                query, claim, distance = _within(FAR, moving.codes, self.queries)
                found = (query, claim + len(self.still.ids), distance)
                pairs = [np.concatenate(both) for both in zip(self._still_pairs, found, strict=True)]
                self._truths[number] = Truth(claims, (pairs[0], pairs[1], pairs[2]), len(self.queries))
                if len(self._truths) > _KEPT:
                    del self._truths[next(iter(self._truths))]
            return self._truths[number]

    @cached_property
    def _still_pairs(self) -> Pairs:
        return _within(FAR, self.still.codes, self.queries)


_looking = threading.Lock()


def balanced(n: int, random: np.random.Generator) -> Codes:
    """Codes of which half of the bits are one, as of photos; others may be quarantined."""
    bits = np.tile(np.arange(256, dtype=np.uint8) % 2, (n, 1))
    return np.packbits(random.permuted(bits, axis=1), axis=1)


def near(codes: Codes, distances: npt.NDArray[np.int64], random: np.random.Generator) -> Codes:
    """Each code with so many of its bits turned."""
    turned = np.arange(256) < distances[:, np.newaxis]
    return codes ^ np.packbits(random.permuted(turned, axis=1), axis=1)


def _within(radius: int, codes: Codes, queries: Codes) -> Pairs:
    """Every pair within a radius: each query is compared with each code."""
    words, wanted = (np.ascontiguousarray(own).view(np.uint64) for own in (codes, queries))
    found = []
    for start in range(0, len(wanted), _CHUNK):
        differing = words ^ wanted[start : start + _CHUNK, np.newaxis]
        distances = np.bitwise_count(differing).sum(axis=2, dtype=np.int64)
        query, row = np.nonzero(distances <= radius)
        found.append((query + start, row, distances[query, row]))
    query, row, distance = (np.concatenate(part) for part in zip(*found, strict=True))
    return query, row, distance


def _offsets(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(counts)])


def _runs(starts: npt.NDArray[np.int64], counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """``starts[i]``, ``starts[i] + 1`` and so on, ``counts[i]`` numbers, for each i."""
    return np.repeat(starts - _offsets(counts)[:-1], counts) + np.arange(counts.sum())
