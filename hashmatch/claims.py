"""Claims: what one partner says under one id, as arrays.

A claim is known by its **key**, a 128-bit hash of its id (claims of different lists are never compared),
and its content by a **fingerprint**: 64 bits over everything but ``updated_at``, and 64 bits over
everything. Both are non-cryptographic (XXH3): a partner who forged a collision would only spoil claims of
its own list, which it could withdraw anyway.

What a file says of the claims of a list (``words.Words``) and what stands of it (``Standing``) are both sorted by
key, so that they are compared by binary search.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from .records import MICROSECONDS
from .texts import places
from .word_rows import WORD_SCHEMA

Keys = npt.NDArray[np.uint64]
"""``uint64[n, 2]``: high and low half of each key."""

UNDATED = np.iinfo(np.int64).max
"""In place of a word's date, in microseconds since 1970, where it has none."""

STANDS, WITHDRAWN, WITHDRAWN_BY_HAND = np.uint8(0), np.uint8(1), np.uint8(2)
"""The states of a claim. By hand is a veto over what the partner says beneath it."""

_FINGERPRINTED = tuple(
    field.name for field in WORD_SCHEMA if field.name not in ("source_id", "quarantine", "updated_at")
)
_SEED = np.uint64(0x9E3779B97F4A7C15)
_SAMPLE = 1000
_COMBINED = 1 << 30
"""Bytes of a column of text that are joined at the most: 31 bits count those of one array."""
_SLICE = 1 << 20
"""Keys that are looked up at once, so that what is made of them on the way stays small."""

Hashes = npt.NDArray[np.uint64]
"""``uint64[n]``: a hash of each row."""


def claim_keys(source_ids: Sequence[str] | pa.Array | pa.ChunkedArray) -> Keys:
    """The key of each id, ``uint64[n, 2]``."""
    if isinstance(source_ids, pa.Array | pa.ChunkedArray):
        encoded = source_ids.cast(pa.binary()).to_pylist()
    else:
        encoded = [source_id.encode("utf-8", "surrogatepass") for source_id in source_ids]
    joined = b"".join(map(xxhash.xxh3_128_digest, encoded))
    return np.frombuffer(joined, dtype=">u8").reshape(-1, 2).astype(np.uint64)


def key_bytes(keys: Keys) -> pa.Array:
    """Keys, or fingerprints, as Arrow ``fixed_size_binary[16]``."""
    return pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(16), len(keys), [None, pa.py_buffer(np.ascontiguousarray(keys.astype(">u8")))]
    )


def bytes_keys(array: pa.Array) -> Keys:
    """The reverse of ``key_bytes``, for an array that may be a slice."""
    joined = np.frombuffer(array.buffers()[1], dtype=">u8", count=2 * len(array), offset=16 * array.offset)
    return joined.reshape(-1, 2).astype(np.uint64)


def table_keys(table: pa.Table) -> Keys:
    """``bytes_keys`` of the column ``claim_key``."""
    chunks = table.column("claim_key").chunks
    return np.concatenate([np.empty((0, 2), dtype=np.uint64), *map(bytes_keys, chunks)])


def sort_keys(keys: Keys) -> npt.NDArray[np.int64]:
    """The stable order of keys: equal keys stay in the order in which they come."""
    order = np.argsort(keys[:, 0], kind="stable")
    high, low = keys[order, 0], keys[order, 1]
    # Different keys with an equal high half are rare enough to be sorted the slow way.
    if np.any((high[1:] == high[:-1]) & (low[1:] != low[:-1])):
        order = np.lexsort((keys[:, 1], keys[:, 0]))
    return order


def run_starts(keys: Keys) -> npt.NDArray[np.int64]:
    """Where a new key begins, and the length at the end: ``int64[runs + 1]``. Equal keys stand together."""
    if len(keys) == 0:
        return np.zeros(1, dtype=np.int64)
    new = (keys[1:, 0] != keys[:-1, 0]) | (keys[1:, 1] != keys[:-1, 1])
    return np.concatenate(([0], np.flatnonzero(new) + 1, [len(keys)])).astype(np.int64)


def locate(among: Keys, wanted: Keys) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Where each of ``wanted`` stands in ``among`` (sorted, each once), and whether it does.

    A position is only meaningful where the key was found; else it is 0.
    """
    position = np.zeros(len(wanted), dtype=np.int64)
    found = np.zeros(len(wanted), dtype=np.bool_)
    high = np.ascontiguousarray(among[:, 0])
    for start in range(0, len(wanted), _SLICE):
        here = slice(start, start + _SLICE)
        position[here], found[here] = _located(high, among[:, 1], wanted[here])
    return position, found


def _located(high: Hashes, low: Hashes, wanted: Keys) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    position = np.searchsorted(high, wanted[:, 0]).astype(np.int64)
    found = np.zeros(len(wanted), dtype=np.bool_)
    undecided = np.arange(len(wanted))
    while len(undecided):
        here = position[undecided]
        inside = here < len(high)
        undecided, here = undecided[inside], here[inside]
        same_high = high[here] == wanted[undecided, 0]
        same = same_high & (low[here] == wanted[undecided, 1])
        found[undecided[same]] = True
        undecided = undecided[same_high & ~same]
        position[undecided] += 1
    return np.where(found, position, 0), found


@dataclass(frozen=True)
class Standing:
    """What stands of one list: its claims, or some of them, sorted by key, and where their rows are."""

    keys: Keys
    fingerprints: Keys
    said_at: npt.NDArray[np.int64]
    """When the word that stands was said, microseconds since 1970."""
    state: npt.NDArray[np.uint8]
    """``STANDS``, ``WITHDRAWN`` or ``WITHDRAWN_BY_HAND``."""
    withdrawn_at: npt.NDArray[np.int64]
    """When it was withdrawn by hand; 0 for other states."""
    batch: npt.NDArray[np.int32]
    """Number of the file that holds its rows."""
    start: npt.NDArray[np.int64]
    """First of its rows in that file."""
    count: npt.NDArray[np.int32]
    """How many rows."""
    others: int = 0
    """How many claims that are not among these stand."""

    @property
    def stands(self) -> int:
        """How many claims of the list stand."""
        return int(np.sum(self.state == STANDS)) + self.others

    def __len__(self) -> int:
        return len(self.keys)

    @classmethod
    def empty(cls) -> Standing:
        """A list of which nothing was ever said."""
        return cls.blank(0)

    @classmethod
    def blank(cls, count: int) -> Standing:
        """Room for so many claims, to be filled."""
        keys, fingerprints = (np.empty((count, 2), dtype=np.uint64) for _ in range(2))
        said_at, start = (np.empty(count, dtype=np.int64) for _ in range(2))
        batch, rows = (np.empty(count, dtype=np.int32) for _ in range(2))
        state, withdrawn_at = np.empty(count, dtype=np.uint8), np.zeros(count, dtype=np.int64)
        return cls(keys, fingerprints, said_at, state, withdrawn_at, batch, start, rows)

    def fill(self, start: int, claims: Standing) -> int:
        """Write claims into the room from place ``start`` on; how many they are."""
        for name in _COLUMNS:
            column = getattr(claims, name)
            # Zeros that are written nowhere take no memory.
            if name != "withdrawn_at" or column.any():
                getattr(self, name)[start : start + len(claims)] = column
        return len(claims)

    def first(self, count: int) -> Standing:
        """The first claims; where they are few, without the room behind them."""
        few = 2 * count < len(self)
        columns = (getattr(self, name)[:count] for name in _COLUMNS)
        return Standing(*(column.copy() if few else column for column in columns))

    def chosen(self, which: npt.NDArray[np.bool_] | npt.NDArray[np.int64]) -> Standing:
        """Only the claims that a mask chooses, or that stand at some places, in that order."""
        if which.dtype == np.bool_ and which.all():
            return self
        return Standing(*(getattr(self, name)[which] for name in _COLUMNS))

    def overlaid(self, newer: Standing) -> Standing:
        """This, with every claim of ``newer`` in the place of, or beside, what was said before."""
        if not len(self) or not len(newer):
            return newer if not len(self) else self
        position, found = locate(self.keys, newer.keys)
        fresh = newer.keys[~found]
        before = _places_among(self.keys, fresh)
        # Where those that are fresh come to stand, those that stood, and of these the ones that are said anew.
        inserted = before + np.arange(len(fresh))
        stayed = np.ones(len(self) + len(fresh), dtype=np.bool_)
        stayed[inserted] = False
        anew = position[found] + np.searchsorted(before, position[found], "right")

        def merged(name: str) -> npt.NDArray[Any]:
            older, later = getattr(self, name), getattr(newer, name)
            column = np.empty((len(stayed), *older.shape[1:]), dtype=older.dtype)
            column[stayed] = older
            column[anew] = later[found]
            column[inserted] = later[~found]
            return column

        columns: dict[str, Any] = {name: merged(name) for name in _COLUMNS}
        return Standing(**columns)

    @classmethod
    def joined(cls, parts: Sequence[Standing], others: int = 0) -> Standing:
        """The claims of several, no key of which is in two of them."""
        columns: dict[str, Any] = {
            name: np.concatenate([getattr(part, name) for part in (cls.empty(), *parts)]) for name in _COLUMNS
        }
        return replace(cls(**columns).chosen(sort_keys(columns["keys"])), others=others)

    def says(self, keys: Keys) -> npt.NDArray[np.bool_]:
        """Which claims have one of some keys, which are sorted, each once: ``bool[n]``."""
        found = np.zeros(len(self), dtype=np.bool_)
        if len(self):
            first = np.searchsorted(keys[:, 0], self.keys[0, 0], "left")
            last = np.searchsorted(keys[:, 0], self.keys[-1, 0], "right")
            position, here = locate(self.keys, keys[first:last])
            found[position[here]] = True
        return found


_COLUMNS = ("keys", "fingerprints", "said_at", "state", "withdrawn_at", "batch", "start", "count")


def _places_among(keys: Keys, wanted: Keys) -> npt.NDArray[np.int64]:
    """How many keys come before each of ``wanted``; both are sorted, and have none in common."""
    place = np.searchsorted(keys[:, 0], wanted[:, 0]).astype(np.int64)
    behind = np.arange(len(wanted))
    while len(behind):
        behind = behind[place[behind] < len(keys)]
        high, low = keys[place[behind]].T
        behind = behind[(high == wanted[behind, 0]) & (low < wanted[behind, 1])]
        place[behind] += 1
    return place


def fingerprints(rows: pa.Table, starts: npt.NDArray[np.int64]) -> Keys:
    """The fingerprint of each run of rows, ``uint64[runs, 2]``, whatever the order inside a run."""
    return np.stack([summed(hashes, starts) for hashes in row_hashes(rows)], axis=1)


def row_hashes(rows: pa.Table) -> tuple[Hashes, Hashes]:
    """Of each row, 64 bits over everything but ``updated_at``, and 64 bits over everything: ``uint64[n]`` each."""
    content = _folded(np.full(len(rows), _SEED), rows, _FINGERPRINTED)
    return content, _folded(content, rows, ("updated_at",))


def row_identities(rows: pa.Table, keys: Keys) -> Hashes:
    """64 bits over all columns of each row, and the key of its claim: ``uint64[n]``."""
    return _folded(_mixed(_mixed(keys[:, 0]) ^ keys[:, 1]), rows, rows.column_names)


def summed(hashes: Hashes, starts: npt.NDArray[np.int64]) -> Hashes:
    """The sum of each run of hashes, ``uint64[runs]``."""
    sums: Hashes = np.add.reduceat(hashes, starts[:-1]) if len(starts) > 1 else hashes[:0]
    return sums


def _folded(hashes: Hashes, rows: pa.Table, names: Sequence[str]) -> Hashes:
    for name in names:
        column = rows.column(name)
        if name == "updated_at":
            hashes = _mixed(hashes ^ _mixed(_microseconds(column).view(np.uint64)))
        else:
            hashes = _mixed(hashes ^ _column_hashes(column))
    return hashes


def _column_hashes(column: pa.ChunkedArray) -> Hashes:
    """64 bits for each value, or for all where there is only one; equal values, however encoded, give equal bits."""
    if pa.types.is_dictionary(column.type):
        return _hashed_by_place(column)
    # What is nowhere said is one value for all rows.
    return _hashed(_comparable(column if column.null_count < len(column) else column.slice(0, 1)))


def _hashed_by_place(column: pa.ChunkedArray) -> Hashes:
    column = column.combine_chunks()
    # Behind the values stands null, whose place is -1.
    values = pa.chunked_array([column.dictionary, pa.nulls(1, column.type.value_type)])
    hashes: Hashes = _hashed(_comparable(values))[places(column)]
    return hashes


@functools.cache
def withdrawal_content() -> np.uint64:
    """The first half of the fingerprint of every withdrawal."""
    content: np.uint64 = fingerprints(withdrawal_rows(pa.array([""])), np.array([0, 1]))[0, 0]
    return content


def withdrawal_rows(
    source_ids: pa.Array | pa.ChunkedArray, updated_at: pa.Array | pa.ChunkedArray | None = None
) -> pa.Table:
    """Rows in ``WORD_SCHEMA`` that withdraw claims, undated unless said."""
    count = len(source_ids)
    values: dict[str, object] = {
        "source_id": source_ids,
        "frame": np.full(count, -1, dtype=np.int32),
        "media_type": ["unknown"] * count,
        "labels": [""] * count,
        "opinion": ["positive"] * count,
        "updated_at": pa.nulls(count, MICROSECONDS) if updated_at is None else updated_at,
        "extra": ["{}"] * count,
    }
    columns = [values.get(field.name, pa.nulls(count, field.type)) for field in WORD_SCHEMA]
    return pa.table(columns, schema=WORD_SCHEMA)


def _microseconds(column: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    filled = column.cast(pa.int64()).fill_null(int(UNDATED))
    values: npt.NDArray[np.int64] = filled.to_numpy()
    return values


def _comparable(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column as binary or int64, null as something that no value is."""
    if pa.types.is_string(column.type) or pa.types.is_binary(column.type):
        return column.cast(pa.binary()).fill_null(b"\x00null")
    if pa.types.is_float32(column.type):
        bits = pa.array(column.combine_chunks().fill_null(0).to_numpy().view(np.int32).astype(np.int64))
        return pc.if_else(column.is_null(), pa.scalar(-(2**40), pa.int64()), pa.chunked_array([bits]))
    return column.cast(pa.int64()).fill_null(-(2**62))


def _hashed(column: pa.ChunkedArray) -> Hashes:
    """64 bits for each value; equal values give equal bits."""
    if not pa.types.is_binary(column.type):
        numbers: npt.NDArray[np.int64] = column.to_numpy()
        return _mixed(numbers.view(np.uint64))
    if column.num_chunks > 1 and column.nbytes > _COMBINED:
        return np.concatenate([_hashed(pa.chunked_array([chunk])) for chunk in column.chunks])
    sample = column.slice(0, _SAMPLE)
    if 2 * len(sample.unique()) > len(sample):
        return _hashed_values(column)
    encoded = column.combine_chunks().dictionary_encode()
    hashes: Hashes = _hashed_values(encoded.dictionary)[encoded.indices.to_numpy()]
    return hashes


def _hashed_values(values: pa.Array | pa.ChunkedArray) -> Hashes:
    joined = b"".join(map(xxhash.xxh3_64_digest, values.to_pylist()))
    hashes: Hashes = np.frombuffer(joined, dtype=">u8").astype(np.uint64)
    return hashes


def _mixed(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The finaliser of SplitMix64: every bit of the input reaches every bit of the output."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: npt.NDArray[np.uint64] = values ^ (values >> np.uint64(31))
    return mixed
