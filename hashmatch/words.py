"""Words: what one file says of the claims of one list, in however many rows.

Rows stay as they were read. What the words of a list are is kept beside them in arrays: where the rows of
each stand, its key, its fingerprint, its date. Lists that are too large for the memory are set aside in a scratch
file, divided by their claims' keys, and looked at one part after the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .claims import (
    UNDATED,
    Keys,
    claim_keys,
    key_bytes,
    row_hashes,
    run_starts,
    sort_keys,
    summed,
    table_keys,
    withdrawal_rows,
)
from .repeats import taken_back, united
from .scratch import Place, Scratch
from .word_rows import WORD_SCHEMA

HELD_BYTES = 32 << 20
"""Rows of one file that are held in memory; more are set aside. More memory would not be faster: it has to be had first."""

_PARTS = 64
"""Of what is set aside, by the first bits of the key: ten million rows give some 100 MB each."""
_SHIFT = np.uint64(64 - (_PARTS - 1).bit_length())
_PIECE = 65_536
_NEVER = np.iinfo(np.int64).min
_STORED = pa.schema(
    [
        *WORD_SCHEMA,
        pa.field("withdrawn", pa.bool_(), nullable=False),
        pa.field("claim_key", pa.binary(16), nullable=False),
    ]
)

Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class WordRows:
    """The rows of words whose keys lie in one range."""

    rows: pa.Table
    """In ``WORD_SCHEMA``, in no order that matters; some may belong to no word."""
    order: Rows
    """``int64[k]``: the places of the first word's rows, then of the second's, ..."""
    starts: Rows
    """``int64[n + 1]``: word i's rows are ``rows[order[starts[i]:starts[i + 1]]]``."""

    def pieces(self, chosen: Mask) -> Iterator[tuple[pa.Table, Rows]]:
        """The rows of the chosen words in order, some tens of thousands at a time, and the word of each row."""
        owner = np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))
        kept = np.flatnonzero(chosen[owner])
        if not len(kept):
            return
        # Taking from many chunks joins them each time.
        rows = self.rows.combine_chunks()
        for start in range(0, len(kept), _PIECE):
            here = kept[start : start + _PIECE]
            yield rows.take(pa.array(self.order[here])), owner[here]


@dataclass(frozen=True)
class Words:
    """What one file says of the claims of one list, one word for each, sorted by key."""

    parts: tuple[WordRows, ...]
    """In the order of the keys."""
    keys: Keys
    fingerprints: Keys
    """``uint64[n, 2]``: of everything but ``updated_at``; of everything."""
    updated_at: npt.NDArray[np.int64]
    """Newest of the word's rows, microseconds since 1970; ``UNDATED`` if any row has none."""
    withdrawn: Mask

    def __len__(self) -> int:
        return len(self.keys)

    def pieces(self, chosen: Mask) -> Iterator[tuple[pa.Table, Rows]]:
        """The rows of the chosen words, sorted by key, some tens of thousands at a time.

        Yields:
            Rows in ``WORD_SCHEMA``, and for each of them the number of the word that it belongs to.
        """
        first = 0
        for part in self.parts:
            count = len(part.starts) - 1
            for rows, owner in part.pieces(chosen[first : first + count]):
                yield rows, owner + first
            first += count

    def columns(self, names: list[str]) -> Iterator[pa.Table]:
        """Some columns of all rows, part by part, in no order that matters."""
        for part in self.parts:
            rows = part.rows.select(names)
            # As many as there are: they are all of them, each once.
            yield rows if len(part.order) == len(rows) else rows.take(pa.array(part.order))

    @classmethod
    def joined(cls, ranges: list[Words]) -> Words:
        """Words whose keys lie in ranges that follow each other."""
        if len(ranges) == 1:
            return ranges[0]
        return cls(
            tuple(part for words in ranges for part in words.parts),
            *(
                np.concatenate([getattr(words, name) for words in ranges])
                for name in ("keys", "fingerprints", "updated_at", "withdrawn")
            ),
        )


def words_of(rows: pa.Table, withdrawn: Mask, *, row_is_word: bool) -> tuple[Words, int]:
    """Gather checked rows of one list into words.

    Args:
        rows: In ``WORD_SCHEMA``, in the order of the file.
        withdrawn: For each row, whether it takes its claim back.
        row_is_word: Each row is a word of its own, and of several on one id the newest date wins, then
            the last, no date being the time of import; else all rows of one id are one word, what rows
            of it take back is not in it, and equal hashes are united.

    Returns:
        The words, and how many rows said a hash of their claim again.
    """
    return _gathered(rows, withdrawn, claim_keys(rows.column("source_id")), row_is_word, None)


def _gathered(
    rows: pa.Table, withdrawn: Mask, keys: Keys, row_is_word: bool, scratch: Scratch | None
) -> tuple[Words, int]:
    """As ``words_of``; rows that become other than they were read are set aside too, if others are."""
    order = sort_keys(keys)
    updated = rows.column("updated_at").cast(pa.int64()).fill_null(int(UNDATED)).to_numpy()
    duplicates = 0
    amended: list[tuple[Rows, pa.Table]] = []
    if row_is_word:
        order = order[_newest_of_each(keys[order], updated[order])]
    else:
        every = order
        order = _live(order, keys, rows, withdrawn, updated)
        order, duplicates = united(rows, order, keys, amended)
    gone = order[withdrawn[order]]
    if len(gone):
        # They keep the id and the date, and nothing else: equal withdrawals must compare equal.
        stated = rows.select(["source_id", "updated_at"]).take(pa.array(gone))
        amended.append((gone, withdrawal_rows(stated.column("source_id"), stated.column("updated_at"))))
    starts = run_starts(keys[order])
    rows, places = _amended(rows, order, amended, scratch)
    firsts = starts[:-1]
    content, whole = (hashes[places] for hashes in row_hashes(rows))
    said = _newest_in_each(keys[order], updated[order])
    if not row_is_word and withdrawn.any():
        # Rows that took hashes back are no longer there, and said so all the same.
        said = np.maximum(said, _newest_in_each(keys[every], np.where(withdrawn, updated, _NEVER)[every]))
    words = Words(
        parts=(WordRows(rows, places, starts),),
        keys=keys[order][firsts],
        fingerprints=np.stack((summed(content, starts), summed(whole, starts)), axis=1),
        updated_at=said,
        withdrawn=withdrawn[order][firsts],
    )
    return words, duplicates


class WordGatherer:
    """The checked rows of one list while its file is read."""

    def __init__(self, scratch: Scratch, *, row_is_word: bool) -> None:
        """Rows are set aside in ``scratch``, which others may use too; ``row_is_word`` as in ``words_of``."""
        self.rows = 0
        self.held_bytes = 0
        """Of the rows that are held in memory."""
        self._row_is_word = row_is_word
        self._held: list[pa.Table] = []
        self._scratch = scratch
        self._aside = False
        self._places: list[list[Place]] = [[] for _ in range(_PARTS)]

    def add(self, rows: pa.Table, withdrawn: Mask) -> None:
        """Take rows in ``WORD_SCHEMA``, in the order of the file, and which of them take their claim back."""
        self.rows += len(rows)
        self.held_bytes += rows.nbytes
        keys = key_bytes(claim_keys(rows.column("source_id")))
        self._held.append(pa.table([*rows.columns, pa.array(withdrawn), keys], schema=_STORED))

    def take_over(self, other: WordGatherer) -> None:
        """Take the rows of another list after those of this one."""
        for part in other._ranges():
            self.add(part.select(WORD_SCHEMA.names), part.column("withdrawn").to_numpy())
            if self.held_bytes > HELD_BYTES:
                self.set_aside()

    def set_aside(self) -> None:
        """Write what is held into the scratch file.

        Raises:
            OSError: If the disk is full.
        """
        self._aside = True
        table = self._taken_held()
        range_of = (table_keys(table)[:, 0] >> _SHIFT).astype(np.uint8)
        order = np.argsort(range_of, kind="stable")
        limits = np.searchsorted(range_of[order], np.arange(_PARTS + 1))
        table = table.take(pa.array(order))
        for number, places in enumerate(self._places):
            first, end = int(limits[number]), int(limits[number + 1])
            if first < end:
                places.append(self._scratch.put(table.slice(first, end - first)))

    def words(self) -> tuple[Words, int]:
        """The words, and how many rows said a hash of their claim again; once only."""
        gathered, duplicates = [], 0
        for table in self._ranges():
            withdrawn = table.column("withdrawn").to_numpy()
            rows = table.select(WORD_SCHEMA.names)
            words, again = _gathered(
                rows, withdrawn, table_keys(table), self._row_is_word, self._scratch if self._aside else None
            )
            gathered.append(words)
            duplicates += again
        return Words.joined(gathered), duplicates

    def _ranges(self) -> Iterator[pa.Table]:
        """All rows, by ranges of the key if they were set aside."""
        if not self._aside:
            yield self._taken_held()
            return
        if self._held:
            self.set_aside()
        for places in self._places:
            yield self._scratch.get(places, _STORED)

    def _taken_held(self) -> pa.Table:
        table = pa.concat_tables([_STORED.empty_table(), *self._held]).combine_chunks()
        self._held, self.held_bytes = [], 0
        return table


def _amended(
    rows: pa.Table, order: Rows, amended: list[tuple[Rows, pa.Table]], scratch: Scratch | None
) -> tuple[pa.Table, Rows]:
    """Rows with those that are to be otherwise behind them, and the order that goes to these instead."""
    place = np.arange(len(rows))
    tables = [rows]
    for which, table in amended:
        place[which] = sum(map(len, tables)) + np.arange(len(which))
        tables.append(table if scratch is None else scratch.get([scratch.put(table)], table.schema))
    return pa.concat_tables(tables), place[order]


def _newest_of_each(keys: Keys, updated: npt.NDArray[np.int64]) -> Rows:
    """Of each run of equal keys the position of the newest, then the last."""
    starts = run_starts(keys)
    if len(starts) - 1 == len(keys):
        return np.arange(len(keys))
    owner = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    order = np.lexsort((np.arange(len(keys)), updated, owner))
    return order[starts[1:] - 1]


def _newest_in_each(keys: Keys, updated: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The newest date of each run of equal keys."""
    firsts = run_starts(keys)[:-1]
    newest: npt.NDArray[np.int64] = np.maximum.reduceat(updated, firsts) if len(firsts) else updated
    return newest


def _live(order: Rows, keys: Keys, rows: pa.Table, withdrawn: Mask, updated: npt.NDArray[np.int64]) -> Rows:
    """The order without rows that withdraw and those that they take back, but for the newest of words of no others."""
    if not withdrawn.any():
        return order
    starts = run_starts(keys[order])
    owner = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    gone = withdrawn | taken_back(rows, order, keys, withdrawn, updated)
    all_gone = np.logical_and.reduceat(gone[order], starts[:-1])
    # What is taken back is not newer than what does so: the newest of such words withdraws.
    newest = np.zeros(len(order), dtype=np.bool_)
    newest[_newest_of_each(keys[order], updated[order])] = True
    return order[np.where(all_gone[owner], newest, ~gone[order])]
