"""Examples: a few claims of each kind that an import counts, read one by one, however long the list is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .batches import Log
from .changes import Change
from .claims import STANDS, locate, table_keys
from .differences import Outcome
from .errors import InvalidValue
from .named import ImportExamples, NamedClaim
from .revisions import COLUMNS, revised
from .word_rows import plain
from .words import Words

EXAMPLES = 5
"""How many claims of each kind a report names."""

MOST_EXAMPLES = 1000
"""How many it may be asked to name."""

ROWS_COMPARED = 32_768
"""Rows of changed claims, old and new, that are compared to tell what was changed."""

_CALLED = ("source_id", "algorithm", "digest")
Places = npt.NDArray[np.int64]


def check_examples(wanted: int) -> None:
    """Raise unless a report can name so many claims of each kind.

    Raises:
        InvalidValue: If it cannot.
    """
    if not 0 <= wanted <= MOST_EXAMPLES:
        raise InvalidValue(f"the number of examples is from 0 to {MOST_EXAMPLES}, not {wanted}")


def examples(changes: Sequence[Change], log: Log | None, wanted: int = EXAMPLES) -> ImportExamples:
    """A few claims of each kind.

    Args:
        changes: What a file does to each list.
        log: What stands of these lists; None: nothing.
        wanted: How many of each kind.
    """
    each = [_Examples(change, log, wanted) for change in changes]

    def named(outcome: Outcome) -> tuple[NamedClaim, ...]:
        return tuple(islice(chain.from_iterable(own.of(outcome) for own in each), wanted))

    return ImportExamples(
        added=named(Outcome.ADDED),
        changed=named(Outcome.CHANGED),
        withdrawn=named(Outcome.WITHDRAWN),
        unchanged=named(Outcome.UNCHANGED),
        older=named(Outcome.OLDER),
        held_back=named(Outcome.HELD_BACK),
        quarantined=tuple(islice(chain.from_iterable(own.quarantined() for own in each), wanted)),
    )


class _Examples:
    """The examples of one list."""

    def __init__(self, change: Change, log: Log | None, wanted: int) -> None:
        self._change = change
        self._log = log
        self._wanted = wanted

    def of(self, outcome: Outcome) -> Iterator[NamedClaim]:
        """Claims of which the file says something, and then those that it leaves out."""
        words = self._first(self._change.difference.outcome == outcome)
        if outcome is Outcome.WITHDRAWN:
            # A word that withdraws has no hash; what it withdraws has.
            standing, difference = self._change.standing, self._change.difference
            gone, _ = locate(standing.keys, self._change.part.words.keys[words])
            unnamed = self._first(difference.unnamed & (standing.state == STANDS))
            yield from self._standing(np.concatenate([gone, unnamed]))
            return
        fields = self._fields(words) if outcome is Outcome.CHANGED else {}
        for number, word in enumerate(words.tolist()):
            yield replace(self._said(word), fields=tuple(fields.get(number, ())))
        if outcome is Outcome.HELD_BACK:
            yield from self._standing(self._first(self._change.difference.spared))

    def quarantined(self) -> Iterator[NamedClaim]:
        """Hashes that are not fit to match."""
        for rows in self._change.quarantined():
            for row in rows.slice(0, self._wanted).to_pylist():
                yield replace(self._named(row, 1), reason=row["quarantine"])

    def _first(self, chosen: npt.NDArray[np.bool_]) -> Places:
        """Where the first of the chosen stand, as many as are wanted."""
        found: list[Places] = []
        for start in range(0, len(chosen), _SLICE):
            found.append(np.flatnonzero(chosen[start : start + _SLICE]) + start)
            if sum(map(len, found)) >= self._wanted:
                break
        return np.concatenate([np.zeros(0, np.int64), *found])[: self._wanted]

    def _said(self, word: int) -> NamedClaim:
        """A claim as the file says it."""
        row, rows = _first_row(self._change.part.words, word)
        return self._named(row, 0 if row["digest"] is None else rows)

    def _standing(self, places: Places) -> Iterator[NamedClaim]:
        """Claims as they stand, in no order that matters."""
        if self._log is None or not len(places):
            return
        claims = self._change.standing.chosen(np.sort(places)[: self._wanted])
        # Their first rows say enough.
        firsts = replace(claims, count=np.ones(len(claims), dtype=np.int64))
        for table in self._log.rows(firsts, [*_CALLED, "claim_key"]):
            where, _ = locate(claims.keys, table_keys(table))
            for row, count in zip(table.to_pylist(), claims.count[where].tolist(), strict=True):
                yield self._named(row, count)

    def _fields(self, words: Places) -> dict[int, list[str]]:
        """What was changed in the claims of some words, by their place among these; not of the largest ones."""
        said, standing = self._change.part.words, self._change.standing
        keys = said.keys[words]
        place, _ = locate(standing.keys, keys)
        rows = np.cumsum(standing.count[place] + _counts(said, words)) if len(words) else words
        small = int(np.searchsorted(rows, ROWS_COMPARED, side="right"))
        if self._log is None or not small:
            return {}
        words, keys, place = words[:small], keys[:small], place[:small]
        chosen = np.zeros(len(said), dtype=np.bool_)
        chosen[words] = True
        new = [
            plain(table.select(COLUMNS)).append_column("claim", pa.array(np.searchsorted(words, owner)))
            for table, owner in said.pieces(chosen)
        ]
        old = [
            table.select(COLUMNS).append_column("claim", pa.array(locate(keys, table_keys(table))[0]))
            for table in self._log.rows(standing.chosen(place), [*COLUMNS, "claim_key"])
        ]
        fields: dict[int, list[str]] = {}
        for field, claims in revised(pa.concat_tables(old), pa.concat_tables(new)):
            for claim in claims.tolist():
                fields.setdefault(claim, []).append(field)
        return fields

    def _named(self, row: dict[str, object], hashes: int) -> NamedClaim:
        digest = row["digest"]
        return NamedClaim(
            list=self._change.after.name,
            source_id=str(row["source_id"]),
            algorithm=None if digest is None else str(row["algorithm"]),
            hex=digest.hex() if isinstance(digest, bytes) else None,
            hashes=hashes,
        )


def source_id(words: Words, word: int) -> str:
    """The id of the claim that a word speaks of."""
    return str(_first_row(words, word)[0]["source_id"])


_SLICE = 1 << 20


def _first_row(words: Words, word: int) -> tuple[dict[str, object], int]:
    """What stands in the first row of a word, and how many rows it has."""
    for part in words.parts:
        count = len(part.starts) - 1
        if word < count:
            start, stop = part.starts[word], part.starts[word + 1]
            (row,) = part.rows.select(_CALLED).slice(int(part.order[start]), 1).to_pylist()
            return row, int(stop - start)
        word -= count
    raise IndexError(word)


def _counts(words: Words, chosen: Places) -> Places:
    """How many rows each of some words has, in their order, which is ascending."""
    counts, first = [np.zeros(0, np.int64)], 0
    for part in words.parts:
        count = len(part.starts) - 1
        here = chosen[(chosen >= first) & (chosen < first + count)] - first
        counts.append(part.starts[here + 1] - part.starts[here])
        first += count
    return np.concatenate(counts)
