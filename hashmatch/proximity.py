"""Proximity: which hashes that an import adds lie near an allow list, or among many hashes of other claims.

Either is how a list does harm without being wrong in form: it blocks what is allowed, or, being an allow list, hides what
is blocked; or it holds what blank or equal pictures give, and matches everybody's.

Added hashes are those of claims that are added or changed and fit to match, but for those that their claim has in the
snapshot already. They are held against the snapshot, without the claims that the import changes or withdraws, and
against each other. Within radius means that of the added hash's list, or else of the algorithm; no clock decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

import numpy as np

from .changes import Change
from .errors import InvalidValue
from .fresh import fresh_hashes, fresh_rows
from .named import Crowded, Found, NearAllowed
from .records import Role
from .snapshot import Rows, Snapshot
from .surroundings import NOBODY, Around, Surroundings, ranges

CROWD = 50
"""So many hashes of other claims within radius are many."""

MOST_CROWD = 10_000
"""How many may be asked for."""

FEW_ROWS = 100_000
"""So many added rows are looked at without being asked to."""

NAMED = 1000
"""How many hashes of each kind a report names; all are counted."""

_ANSWERS = 1 << 20
"""Neighbours that are looked at together."""
_FIRST, _SECOND = 256, 4096
"""Neighbours of a hash that are counted at first, and where these do not decide it."""
_NAMED_TOGETHER = 64

_OTHER = {Role.BLOCK: Role.ALLOW, Role.ALLOW: Role.BLOCK}


@dataclass(frozen=True)
class Density:
    """What is asked of the surroundings of added hashes."""

    hashes: int = CROWD
    """So many hashes of other claims within radius are many."""
    rows: int | None = FEW_ROWS
    """Of more added rows the surroundings are not looked at; None: of any number they are."""

    def __post_init__(self) -> None:
        if not 1 <= self.hashes <= MOST_CROWD:
            raise InvalidValue(f"hashes around another are counted from 1 to {MOST_CROWD}, not to {self.hashes}")


@dataclass
class Proximity:
    """What was found."""

    near: list[NearAllowed] = field(default_factory=list)
    near_count: int = 0
    crowded: list[Crowded] = field(default_factory=list)
    crowded_count: int = 0
    undecided: int = 0
    """Hashes around which there are too many of their own claim to tell whether there are many of others."""
    rows: int = 0
    """Added rows, if they were too many to be looked at."""

    @property
    def near_allowed(self) -> Found[NearAllowed]:
        """The added hashes that are near some of a list of the other role."""
        return Found(self.near_count, tuple(self.near))

    @property
    def crowds(self) -> Found[Crowded]:
        """The added hashes that have many of other claims around them."""
        return Found(self.crowded_count, tuple(self.crowded))

    def notes(self) -> Iterator[str]:
        """What was not found out."""
        if self.rows:
            yield (
                f"what lies around the {self.rows} added hashes was not looked at, since they are many: "
                "ask for it by check_density (--check-density)"
            )
        if self.undecided:
            yield (
                f"around {self.undecided} added hashes lie so many of their own claims that those of others were not "
                "all counted"
            )


def proximity(changes: Sequence[Change], snapshot: Snapshot | None, density: Density) -> Proximity:
    """Look around the hashes that an import adds.

    Args:
        changes: What a file does to each list.
        snapshot: What is published without it; None: nothing.
        density: What is many.

    Raises:
        BankDamaged: If the snapshot's files are not what they were.
    """
    found = Proximity()
    rows = fresh_rows(changes)
    if density.rows is not None and rows > density.rows:
        found.rows = rows
        return found
    for fresh in fresh_hashes(changes):
        with ExitStack() as stack:
            surroundings = Surroundings(changes, fresh, snapshot, stack)
            for number, change in enumerate(changes):
                for pairs, apart in surroundings.added(number):
                    if len(pairs):
                        radius, other = surroundings.radii[number], _OTHER[change.after.role]
                        _Looking(surroundings, pairs, apart, radius, other, density.hashes).look(found)
    return found


class _Looking:
    """Hashes that are added to one list, by one algorithm, and what is known of what lies around them."""

    def __init__(
        self, surroundings: Surroundings, pairs: Rows, apart: int | None, radius: int, other: Role, crowd: int
    ) -> None:
        self._surroundings = surroundings
        self._pairs = pairs
        self._apart = apart
        self._radius = radius
        self._other = other
        self._crowd = crowd
        self._codes, of_pair = np.unique(surroundings.fresh.code[self._pairs], return_inverse=True)
        # The pairs of code i are _by_code[_starts[i]:_starts[i + 1]].
        self._by_code = np.argsort(of_pair, kind="stable")
        self._starts = np.searchsorted(of_pair[self._by_code], np.arange(len(self._codes) + 1))
        self._of_pair = of_pair
        self._near = np.full(len(self._codes), NOBODY, dtype=np.int64)
        self._distance = np.zeros(len(self._codes), dtype=np.int64)
        self._others = np.zeros(len(self._codes), dtype=np.int64)
        self._more = np.zeros(len(self._codes), dtype=np.bool_)
        self._whole = np.zeros(len(self._codes), dtype=np.int64)
        self._around = np.zeros(len(self._pairs), dtype=np.int64)

    def look(self, found: Proximity) -> None:
        """Find out, and tell."""
        perceptual, other = self._surroundings.algorithm.radius > 0, self._surroundings.hold(self._other)
        if not perceptual and not other:
            return
        todo = np.arange(len(self._codes))
        for least, times in ((_FIRST, 2), (_SECOND, 8)):
            limit = max(least, times * self._crowd)
            size = max(1, _ANSWERS // limit)
            todo = np.concatenate(
                [todo[:0], *(self._look(todo[first : first + size], limit) for first in range(0, len(todo), size))]
            )
        if other:
            # Of what was left out, some may be nearer than the nearest that was found.
            hidden = np.flatnonzero(self._more & ((self._near == NOBODY) | (self._distance > self._whole)))
            if len(hidden):
                self._near[hidden], self._distance[hidden] = self._surroundings.nearest(
                    self._codes[hidden], self._radius, self._other
                )
                self._others[hidden] = np.maximum(self._others[hidden], self._near[hidden] != NOBODY)
            self._tell_near(found)
        if perceptual:
            crowded = self._around >= self._crowd
            found.undecided += int(np.sum(~crowded[self._by_code[ranges(self._starts[todo], self._starts[todo + 1])]]))
            self._tell_crowded(found, np.flatnonzero(crowded))

    def _look(self, codes: Rows, limit: int) -> Rows:
        """Count what lies around some codes; gives those of which this was not enough to tell."""
        around = self._surroundings.around(self._codes[codes], self._radius, limit, self._apart)
        self._more[codes], self._whole[codes] = around.cut, around.whole
        others = around.owner[self._other] != NOBODY
        reached, first = np.unique(around.query[others], return_index=True)
        self._near[codes[reached]] = around.owner[self._other][others][first]
        self._distance[codes[reached]] = around.distance[others][first]
        self._others[codes] = np.bincount(around.query[others], minlength=len(codes))
        starts, ends = self._starts[codes], self._starts[codes + 1]
        pairs = self._by_code[ranges(starts, ends)]
        query = np.repeat(np.arange(len(codes)), ends - starts)
        totals = np.bincount(around.query[around.counts], minlength=len(codes))
        self._around[pairs] = totals[query] - self._own(
            around, query, self._surroundings.fresh.claim[self._pairs[pairs]]
        )
        few = np.zeros(len(codes), dtype=np.bool_)
        few[query[self._around[pairs] < self._crowd]] = True
        return codes[around.cut & few]

    def _own(self, around: Around, query: Rows, claim: Rows) -> Rows:
        """How many of the hashes around a code only its own claim has, for some pairs of a code and a claim."""
        claims = int(self._surroundings.fresh.firsts[-1])
        alone = around.sole >= 0
        owned, counts = np.unique(around.query[alone] * claims + around.sole[alone], return_counts=True)
        wanted = query * claims + claim
        place = np.searchsorted(owned, wanted)
        place[place == len(owned)] = 0
        return np.where(owned[place] == wanted, counts[place], 0) if len(owned) else np.zeros(len(wanted), np.int64)

    def _tell_near(self, found: Proximity) -> None:
        near = np.flatnonzero(self._near[self._of_pair] != NOBODY)
        found.near_count += len(near)
        for place in near[: max(0, NAMED - len(found.near))].tolist():
            code = self._of_pair[place]
            found.near.append(
                NearAllowed(
                    **vars(self._surroundings.of_pair(int(self._pairs[place]))),
                    near=self._surroundings.of_owner(int(self._near[code]), self._other),
                    distance=int(self._distance[code]),
                    hashes=int(self._others[code]),
                    more=bool(self._more[code]),
                )
            )

    def _tell_crowded(self, found: Proximity, crowded: Rows) -> None:
        found.crowded_count += len(crowded)
        named = crowded[: max(0, NAMED - len(found.crowded))]
        for start in range(0, len(named), _NAMED_TOGETHER):
            some = named[start : start + _NAMED_TOGETHER]
            limit = max(_FIRST, 2 * self._crowd)
            claims, more = self._surroundings.claims(self._pairs[some], self._radius, limit, self._apart)
            found.crowded += [
                Crowded(
                    **vars(self._surroundings.of_pair(int(self._pairs[place]))),
                    hashes=int(self._around[place]),
                    claims=count,
                    more=bool(self._more[self._of_pair[place]]) or cut,
                )
                for place, count, cut in zip(some.tolist(), claims.tolist(), more.tolist(), strict=True)
            ]
