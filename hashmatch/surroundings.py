"""Surroundings: what lies around the hashes that an import adds, in the snapshot and among themselves."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from .algorithms import ALGORITHMS
from .changes import Change
from .choice import build_chosen
from .examples import source_id
from .fresh import FreshHashes
from .hashes import Codes
from .indexes import AUTO, Neighbors
from .indexes.base import HashIndex
from .named import NamedHash
from .records import Role
from .remaining import Mask, RemainingHashes
from .snapshot import Rows, Snapshot

SCANNED = 2000
"""Up to so many added hashes are scanned. Beyond, bands are quicker, above all where hashes stand close."""

BANDS = "multi_index"
"""The index by bands."""

IN_MEMORY = 200_000
"""Beyond so many added hashes their index is laid out on the disk."""

LARGE = 2048
"""A claim of more hashes, such as those of a long video, would fill its own surroundings: it is left out of them."""

MOST_APART = 20_000_000
"""Hashes that are indexed anew, all in all, to leave large claims out; where it would take more, they stay in."""

NOBODY = -1
"""In place of an owner. Others are rows of records of the snapshot, from 0 up, and below -1 codes of the import."""

RECORDS = 64
"""Records of a hash that are looked at to count claims."""


@dataclass(frozen=True)
class Around:
    """The hashes around some codes, one item each, grouped by code and nearest first."""

    query: Rows
    """Which of the codes."""
    distance: Rows
    """In bits."""
    owner: Mapping[Role, Rows]
    """By role, who has the hash, or ``NOBODY``."""
    counts: Mask
    """Whether it counts as a hash of its own; one that stands in the snapshot and is added too comes twice."""
    sole: Rows
    """The claim of the import that alone has the hash, or -1."""
    cut: Mask
    """For each of the codes, whether there are more."""
    whole: Rows
    """For each of the codes, the distance below which there are no more."""


class Surroundings:
    """Where the added hashes of one algorithm lie."""

    def __init__(
        self, changes: Sequence[Change], fresh: FreshHashes, snapshot: Snapshot | None, stack: ExitStack
    ) -> None:
        """What is needed to look around.

        Args:
            changes: What a file does to each list.
            fresh: The added hashes.
            snapshot: What is published without them; None: nothing.
            stack: Holds what must be cleared away.
        """
        self.fresh = fresh
        self.algorithm = ALGORITHMS[fresh.algorithm]
        self.radii = [self._radius(change) for change in changes]
        self._changes = changes
        self._remaining = RemainingHashes(snapshot, fresh.algorithm, changes)
        self._stack = stack
        self._index = self._indexed(np.arange(len(fresh.codes)))
        self._apart: tuple[int, Rows, HashIndex] | None = None
        self._owners = {role: fresh.owners(role) for role in Role}
        self._sole = fresh.sole_owners()
        self._by_code = np.argsort(fresh.code, kind="stable")
        self._starts = np.searchsorted(fresh.code[self._by_code], np.arange(len(fresh.codes) + 1))
        found = self._remaining.search(fresh.codes, 0, 1)
        self._twin = np.full(len(fresh.codes), -1, dtype=np.int64)
        self._twin[np.diff(found.offsets) > 0] = found.rows
        self._doubled = {role: np.zeros(len(fresh.codes), dtype=np.bool_) for role in Role}
        for role, owners in self._remaining.owners(found.rows).items():
            self._doubled[role][self._twin >= 0] = owners >= 0

    def added(self, number: int) -> Iterator[tuple[Rows, int | None]]:
        """The pairs of a list's claims and codes, without those that the snapshot has already.

        Yields:
            Pairs of many claims, and None; or those of one large claim, and the claim.
        """
        pairs = self.fresh.pairs(number)
        claims, counts = np.unique(self.fresh.claim[pairs], return_counts=True)
        large = claims[counts > LARGE]
        if len(large) * len(self.fresh.codes) > MOST_APART:
            large = large[:0]
        pairs = pairs[~self._remaining.had(self.fresh, pairs, self._twin)]
        yield pairs[~np.isin(self.fresh.claim[pairs], large)], None
        for claim in large.tolist():
            yield pairs[self.fresh.claim[pairs] == claim], claim

    def hold(self, role: Role) -> bool:
        """Whether any list of a role may have a hash."""
        return self._remaining.holds(role) or bool((self._owners[role] != NOBODY).any())

    def around(self, codes: Rows, radius: int, limit: int, apart: int | None = None) -> Around:
        """The hashes within a radius of some of the added codes.

        Args:
            codes: Which of the added codes.
            radius: Inclusive, in bits.
            limit: At most so many of the snapshot, and so many of the added ones.
            apart: A claim whose own hashes are left out.
        """
        queries = self.fresh.codes[codes]
        old = self._remaining.search(queries, radius, limit)
        new = self._search_added(queries, radius, limit, apart)
        rows, where = np.unique(old.rows, return_inverse=True)
        remaining = self._remaining.owners(rows)
        query = np.concatenate([_queries(old), _queries(new)])
        distance = np.concatenate([old.distances, new.distances]).astype(np.int64)
        owner = {role: np.concatenate([remaining[role][where], self._added_owners(role, new.rows)]) for role in Role}
        doubled = (self._doubled[Role.BLOCK] | self._doubled[Role.ALLOW])[new.rows]
        counts = np.concatenate([np.ones(len(old.rows), dtype=np.bool_), ~doubled])
        sole = np.concatenate([np.full(len(old.rows), -1), np.where(doubled, -1, self._sole[new.rows])])
        kept = (owner[Role.BLOCK] != NOBODY) | (owner[Role.ALLOW] != NOBODY)
        order = np.flatnonzero(kept)[np.lexsort((distance[kept], query[kept]))]
        return Around(
            query[order],
            distance[order],
            {role: owners[order] for role, owners in owner.items()},
            counts[order],
            sole[order],
            old.cut | new.cut,
            np.minimum(_whole(old), _whole(new)),
        )

    def nearest(self, codes: Rows, radius: int, role: Role) -> tuple[Rows, Rows]:
        """The nearest owner of a role for each of some codes, or ``NOBODY``, and its distance.

        For codes of which ``around`` leaves out too much.
        """
        known, owners = self._remaining.owned(role)
        fresh = np.flatnonzero(self._added_owners(role, np.arange(len(self.fresh.codes))) != NOBODY)
        owners = np.concatenate([owners, self._added_owners(role, fresh)])
        index = build_chosen(np.concatenate([known, self.fresh.codes[fresh]]), AUTO, radius)
        found = index.search(self.fresh.codes[codes], radius, 1)
        owner = np.full(len(codes), NOBODY, dtype=np.int64)
        distance = np.zeros(len(codes), dtype=np.int64)
        reached = np.diff(found.offsets) > 0
        owner[reached], distance[reached] = owners[found.rows], found.distances
        return owner, distance

    def claims(self, pairs: Rows, radius: int, limit: int, apart: int | None = None) -> tuple[Rows, Mask]:
        """How many other claims have hashes within the radius of each of some pairs, and whether there may be more.

        Of each pair at most ``limit`` hashes are looked at, of each of these ``RECORDS`` claims.
        """
        queries = self.fresh.codes[self.fresh.code[pairs]]
        old = self._remaining.search(queries, radius, limit)
        new = self._search_added(queries, radius, limit, apart)
        rows, where = np.unique(old.rows, return_inverse=True)
        owned, claims, more_records = self._remaining.claims(rows, RECORDS)
        starts = np.searchsorted(owned, np.arange(len(rows) + 1))
        counts = np.zeros(len(pairs), dtype=np.int64)
        more = old.cut | new.cut
        for place, pair in enumerate(pairs.tolist()):
            here = where[old.offsets[place] : old.offsets[place + 1]]
            counts[place] = len(np.unique(claims[ranges(starts[here], starts[here + 1])]))
            codes = new.rows[new.offsets[place] : new.offsets[place + 1]]
            first = self._starts[codes]
            end = np.minimum(self._starts[codes + 1], first + RECORDS)
            own = self.fresh.claim[self._by_code[ranges(first, end)]]
            counts[place] += len(np.unique(own[own != self.fresh.claim[pair]]))
            more[place] |= more_records[here].any() or (end < self._starts[codes + 1]).any()
        return counts, more

    def of_pair(self, pair: int) -> NamedHash:
        """The hash of a pair, by its name."""
        return self._named(int(self.fresh.claim[pair]), int(self.fresh.code[pair]))

    def of_owner(self, owner: int, role: Role) -> NamedHash:
        """The hash that an owner of a role has, by its name."""
        if owner < NOBODY:
            code = -2 - owner
            return self._named(int(self._owners[role][code]), code)
        return NamedHash(**self._remaining.name(owner), algorithm=self.algorithm.name)

    def _named(self, claim: int, code: int) -> NamedHash:
        number = int(np.searchsorted(self.fresh.firsts, claim, side="right")) - 1
        change = self._changes[number]
        called = source_id(change.part.words, claim - int(self.fresh.firsts[number]))
        return NamedHash(change.after.name, called, self.algorithm.name, self.fresh.codes[code].tobytes().hex())

    def _added_owners(self, role: Role, codes: Rows) -> Rows:
        nobody = (self._owners[role][codes] < 0) | self._doubled[role][codes]
        return np.where(nobody, NOBODY, -2 - codes)

    def _search_added(self, queries: Codes, radius: int, limit: int, apart: int | None) -> Neighbors:
        """As an index over the added codes does, but for those that only the claim ``apart`` has."""
        if apart is None:
            return self._index.search(queries, radius, limit)
        if self._apart is None or self._apart[0] != apart:
            others = np.flatnonzero(self._sole != apart)
            self._apart = apart, others, self._indexed(others)
        _, others, index = self._apart
        found = index.search(queries, radius, limit)
        return replace(found, rows=others[found.rows])

    def _indexed(self, chosen: Rows) -> HashIndex:
        codes = self.fresh.codes[chosen]
        folder = None
        if len(codes) > IN_MEMORY:
            scratch = tempfile.TemporaryDirectory(prefix="hashmatch-", ignore_cleanup_errors=True)
            folder = Path(self._stack.enter_context(scratch))
        return build_chosen(codes, AUTO if len(codes) <= SCANNED else BANDS, max(self.radii), folder)

    def _radius(self, change: Change) -> int:
        own = self.algorithm.radius
        return min(change.after.radius.get(self.algorithm.name, own), self.algorithm.bits) if own else 0


def _queries(found: Neighbors) -> Rows:
    return np.repeat(np.arange(len(found.offsets) - 1), np.diff(found.offsets))


def _whole(found: Neighbors) -> Rows:
    """For each query the distance below which nothing was left out."""
    whole = np.full(len(found.cut), np.iinfo(np.int64).max)
    whole[found.cut] = found.distances[found.offsets[1:][found.cut] - 1]
    return whole


def ranges(starts: Rows, ends: Rows) -> Rows:
    """The numbers of several ranges, one after the other."""
    lengths = ends - starts
    numbers: Rows = np.arange(lengths.sum()) + np.repeat(starts - (np.cumsum(lengths) - lengths), lengths)
    return numbers
