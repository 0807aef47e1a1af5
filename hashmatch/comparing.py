"""Comparing: two lists held against each other, claim by claim and hash by hash.

Claims are matched by their keys and compared by their fingerprints; rows are read of those alone that differ, some
tens of thousands at a time. So a comparison of long lists takes the memory of their keys.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .claims import locate, run_starts, table_keys
from .errors import InvalidValue
from .hash_sets import HASH_COLUMNS, hash_sets
from .importing import Progress
from .ledger import Ledger
from .results import ClaimDifference, HashDifference, ListDiff
from .revisions import COLUMNS, revised
from .sides import Named, Reading, Side, opened

ONLY_A, ONLY_B, CHANGED = "only_a", "only_b", "changed"

EXAMPLES = 10
"""How many examples of each kind of difference a result names."""

ROWS_TOGETHER = 32_768
"""Rows of changed claims that are held at a time, or those of one claim where it has more."""

CLAIMS_TOGETHER = 1_000_000
"""Claims of one side alone whose rows are looked for at a time."""

Places = npt.NDArray[np.int64]
"""Where claims stand among those of a side."""

Each = Callable[[ClaimDifference | HashDifference], None]
"""Called with every difference."""

_Told = TypeVar("_Told", ClaimDifference, HashDifference)


def diff(
    a: Named,
    b: Named,
    ledger: Ledger | None,
    *,
    examples: int = EXAMPLES,
    each: Each | None = None,
    reading: Reading | None = None,
) -> ListDiff:
    """How two lists differ; see ``HashBank.diff``.

    Args:
        a: One list.
        b: The other.
        ledger: The bank whose lists may be named; None: both are files.
        examples: How many of each kind of difference to name.
        each: Called with every difference, while the bank is held for reading.
        reading: How files are read.

    Raises:
        InvalidValue: If the number of examples is negative.
        UnknownList: If there is neither a list nor a file of a name, or the list did not stand after that batch.
        FormatError: If a file cannot be read as one list.
        BankBusy: If another process holds the bank for too long.
    """
    if examples < 0:
        raise InvalidValue(f"the number of examples must not be negative, as {examples} is")
    with opened(a, b, ledger, reading or Reading()) as sides:
        return _compared(*sides, _Telling(examples, each))


def diff_lists(
    a: Named,
    b: Named,
    *,
    examples: int = EXAMPLES,
    each: Each | None = None,
    format: str | None = None,
    map: Mapping[str, str] | None = None,
    algorithm: str | None = None,
    progress: Progress | None = None,
) -> ListDiff:
    """How two list files differ, each taken as a whole list; needs a POSIX system.

    Args:
        a: One file; gzip is read as it is. Or a ``Source`` of bytes.
        b: The other.
        examples: How many of each kind of difference to name.
        each: Called with every difference.
        format: Name of the format of both; None: recognised.
        map: Our field -> the column of the files that holds it.
        algorithm: Of hashes that do not name theirs and whose length fits several.
        progress: Called with the number of rows of a file read so far.

    Raises:
        InvalidValue: If the number of examples is negative, or a name of a format or an algorithm is unknown.
        FormatError: If a file cannot be read as one list.
    """
    return diff(a, b, None, examples=examples, each=each, reading=Reading(format, map, algorithm, progress))


def _compared(a: Side, b: Side, telling: _Telling) -> ListDiff:
    place, found = locate(b.claims.keys, a.claims.keys)
    equal = found.copy()
    equal[found] = (a.claims.fingerprints[found] == b.claims.fingerprints[place[found]]).all(axis=1)
    known = np.zeros(len(b.claims), dtype=np.bool_)
    known[place[found]] = True
    ours, theirs, was = np.flatnonzero(~found), np.flatnonzero(~known), np.flatnonzero(found & ~equal)
    telling.tell(ClaimDifference(ONLY_A, source_id) for source_id in _source_ids(a, ours))
    telling.tell(ClaimDifference(ONLY_B, source_id) for source_id in _source_ids(b, theirs))
    counted: Counter[str] = Counter()
    telling.tell(_changes(a, was, b, place[was], counted), wholly=True)
    hashes = _hashes(a, b, telling)
    return ListDiff(
        a=a.name,
        b=b.name,
        claims_only_a=len(ours),
        claims_only_b=len(theirs),
        claims_changed=len(was),
        claims_equal=int(np.sum(equal)),
        fields=dict(counted.most_common()),
        hashes_only_a=hashes[ONLY_A],
        hashes_only_b=hashes[ONLY_B],
        hashes_both=hashes["both"],
        claims=tuple(telling.claims),
        hashes=tuple(telling.hashes),
        rejected=a.rejected + b.rejected,
        partial=tuple(side.name for side in (a, b) if side.partial),
    )


@dataclass
class _Telling:
    """Who is told of the differences: the result, of some of each kind, and the caller, of all."""

    examples: int
    each: Each | None
    claims: list[ClaimDifference] = field(default_factory=list)
    hashes: list[HashDifference] = field(default_factory=list)

    def tell(self, claims: Iterator[ClaimDifference], *, wholly: bool = False) -> None:
        """Tell of claims of one kind; they are read to their end if that is asked for, or if somebody wants all."""
        self.claims += self._told(claims, self.examples)
        if wholly:
            for _ in claims:
                pass

    def tell_hashes(self, hashes: Iterator[HashDifference], before: int) -> None:
        """Tell of hashes of one kind, of which ``before`` were told already."""
        self.hashes += self._told(hashes, max(self.examples - before, 0))

    def _told(self, differences: Iterator[_Told], wanted: int) -> list[_Told]:
        if self.each is None:
            return list(islice(differences, wanted))
        kept: list[_Told] = []
        for difference in differences:
            self.each(difference)
            if len(kept) < wanted:
                kept.append(difference)
        return kept


def _source_ids(side: Side, places: Places) -> Iterator[str]:
    """The id of each of some claims, once."""
    for first in range(0, len(places), CLAIMS_TOGETHER):
        last: bytes | None = None
        claims = side.claims.chosen(places[first : first + CLAIMS_TOGETHER])
        for table in side.log.rows(claims, ["claim_key", "source_id"]):
            keys = table_keys(table)
            ids = table.column("source_id").take(pa.array(run_starts(keys)[:-1])).to_pylist()
            # The rows of a claim may go on in the next piece.
            yield from ids[1:] if keys[0].tobytes() == last else ids
            last = keys[-1].tobytes()


def _changes(a: Side, was: Places, b: Side, now: Places, counted: Counter[str]) -> Iterator[ClaimDifference]:
    """What was changed in each of the claims that both sides hold, place by place; counts the fields."""
    ends = np.cumsum(a.claims.count[was] + b.claims.count[now])
    start = 0
    while start < len(was):
        before = int(ends[start - 1]) if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, before + ROWS_TOGETHER, side="right")))
        rows, others = _rows(a, was[start:stop]), _rows(b, now[start:stop])
        changed: list[list[str]] = [[] for _ in range(stop - start)]
        for name, claims in revised(rows, others):
            counted[name] += len(claims)
            for claim in claims.tolist():
                changed[claim].append(name)
        _, firsts = np.unique(rows.column("claim").to_numpy(), return_index=True)
        ids = rows.column("source_id").take(pa.array(firsts)).to_pylist()
        for source_id, names in zip(ids, changed, strict=True):
            yield ClaimDifference(CHANGED, source_id, tuple(names))
        start = stop


def _rows(side: Side, places: Places) -> pa.Table:
    """The rows of some claims, with the position of each row's claim among them."""
    claims = side.claims.chosen(places)
    tables = list(side.log.rows(claims, ["claim_key", "source_id", *COLUMNS]))
    rows = pa.concat_tables(tables)
    place = np.concatenate([locate(claims.keys, table_keys(table))[0] for table in tables])
    return rows.append_column("claim", pa.array(place))


def _hashes(a: Side, b: Side, telling: _Telling) -> Counter[str]:
    """Tell which hashes only one side holds; counts them, and those of ``both``."""
    counted: Counter[str] = Counter()
    rows = int(np.sum(a.claims.count) + np.sum(b.claims.count))
    for sets in hash_sets(lambda: _hash_rows(a), lambda: _hash_rows(b), rows):
        for difference, codes in ((ONLY_A, sets.only_a), (ONLY_B, sets.only_b)):
            told = (HashDifference(difference, sets.algorithm, code.tobytes()) for code in codes)
            telling.tell_hashes(told, before=counted[difference])
            counted[difference] += len(codes)
        counted["both"] += sets.both
    return counted


def _hash_rows(side: Side) -> Iterable[pa.Table]:
    return side.log.rows(side.claims, HASH_COLUMNS)
