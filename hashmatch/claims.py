"""Claims: what one partner says under one id, as arrays.

A claim is known by its **key**, a 128-bit hash of its id (claims of different lists are never compared),
and its content by a **fingerprint**: 64 bits over everything but ``updated_at``, and 64 bits over
everything. Both are non-cryptographic (XXH3): a partner who forged a collision would only spoil claims of
its own list, which it could withdraw anyway.

``Words`` is what a file says of the claims of one list; ``Standing`` is what stands of a list. Both are
sorted by key, so that they are compared by binary search.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from .records import MICROSECONDS, SCHEMA

Keys = npt.NDArray[np.uint64]
"""``uint64[n, 2]``: high and low half of each key."""

WORD_SCHEMA = pa.schema([field for field in SCHEMA if field.name not in ("list", "said_at", "batch")])
"""The rows of a word: a record without what only the bank knows. A withdrawal is one row whose
``algorithm`` and ``digest`` are null."""

UNDATED = np.iinfo(np.int64).max
"""In place of a word's date, in microseconds since 1970, where it has none."""

STANDS, WITHDRAWN, WITHDRAWN_BY_HAND = np.uint8(0), np.uint8(1), np.uint8(2)
"""The states of a claim. By hand is a veto over what the partner says beneath it."""

_FINGERPRINTED = tuple(
    field.name for field in WORD_SCHEMA if field.name not in ("source_id", "quarantine", "updated_at")
)
_LABEL_END = "\x1f"


def claim_keys(source_ids: Sequence[str]) -> Keys:
    """The key of each id, ``uint64[n, 2]``."""
    joined = b"".join([xxhash.xxh3_128_digest(source_id.encode("utf-8", "surrogatepass")) for source_id in source_ids])
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
    new = np.any(keys[1:] != keys[:-1], axis=1)
    return np.concatenate(([0], np.flatnonzero(new) + 1, [len(keys)])).astype(np.int64)


def locate(among: Keys, wanted: Keys) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Where each of ``wanted`` stands in ``among`` (sorted, each once), and whether it does.

    A position is only meaningful where the key was found; else it is 0.
    """
    position = np.searchsorted(among[:, 0], wanted[:, 0]).astype(np.int64)
    found = np.zeros(len(wanted), dtype=np.bool_)
    undecided = np.arange(len(wanted))
    while len(undecided):
        here = position[undecided]
        inside = here < len(among)
        undecided, here = undecided[inside], here[inside]
        same_high = among[here, 0] == wanted[undecided, 0]
        same = same_high & (among[here, 1] == wanted[undecided, 1])
        found[undecided[same]] = True
        undecided = undecided[same_high & ~same]
        position[undecided] += 1
    return np.where(found, position, 0), found


@dataclass(frozen=True)
class Words:
    """What one file says of the claims of one list, one word for each, sorted by key."""

    rows: pa.Table
    """In ``WORD_SCHEMA``, the rows of one word together, in the order of the keys."""
    starts: npt.NDArray[np.int64]
    """``int64[n + 1]``: word i's rows are ``rows[starts[i]:starts[i + 1]]``."""
    keys: Keys
    fingerprints: Keys
    """``uint64[n, 2]``: of everything but ``updated_at``; of everything."""
    updated_at: npt.NDArray[np.int64]
    """Newest of the word's rows, microseconds since 1970; ``UNDATED`` if any row has none."""
    withdrawn: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.keys)

    def rows_of(self, chosen: npt.NDArray[np.bool_]) -> tuple[pa.Table, npt.NDArray[np.int64]]:
        """The rows of the chosen words, and for each row the word that it belongs to."""
        owner = np.repeat(np.arange(len(self)), np.diff(self.starts))
        kept = np.flatnonzero(chosen[owner])
        return self.rows.take(pa.array(kept)), owner[kept]


@dataclass(frozen=True)
class Standing:
    """What stands of one list: its claims, sorted by key, and where their rows are."""

    keys: Keys
    fingerprints: Keys
    said_at: npt.NDArray[np.int64]
    """When the word that stands was said, microseconds since 1970."""
    state: npt.NDArray[np.uint8]
    """``STANDS``, ``WITHDRAWN`` or ``WITHDRAWN_BY_HAND``."""
    withdrawn_at: npt.NDArray[np.int64]
    """When it was withdrawn by hand; 0 for other states."""
    batch: npt.NDArray[np.int64]
    """Number of the file that holds its rows."""
    start: npt.NDArray[np.int64]
    """First of its rows in that file."""
    count: npt.NDArray[np.int64]
    """How many rows."""

    def __len__(self) -> int:
        return len(self.keys)

    @classmethod
    def empty(cls) -> Standing:
        """A list of which nothing was ever said."""
        none = np.zeros(0, dtype=np.int64)
        pairs = np.zeros((0, 2), dtype=np.uint64)
        return cls(pairs, pairs, none, np.zeros(0, dtype=np.uint8), none, none, none, none)

    def chosen(self, which: npt.NDArray[np.bool_]) -> Standing:
        """Only the claims that a mask chooses."""
        return Standing(*(getattr(self, column.name)[which] for column in fields(self)))

    def overlaid(self, newer: Standing) -> Standing:
        """This, with every claim of ``newer`` in the place of, or beside, what was said before."""
        if not len(self) or not len(newer):
            return newer if not len(self) else self
        position, found = locate(self.keys, newer.keys)
        kept = np.ones(len(self), dtype=np.bool_)
        kept[position[found]] = False
        older = self.chosen(kept)
        columns = [
            np.concatenate((getattr(older, column.name), getattr(newer, column.name))) for column in fields(self)
        ]
        order = sort_keys(columns[0])
        return Standing(*(column[order] for column in columns))


def words_of(rows: pa.Table, withdrawn: npt.NDArray[np.bool_], *, row_is_word: bool) -> tuple[Words, int]:
    """Gather checked rows of one list into words.

    Args:
        rows: In ``WORD_SCHEMA``, in the order of the file.
        withdrawn: For each row, whether it takes its claim back.
        row_is_word: Each row is a word of its own, and of several on one id the newest date wins, then
            the last, no date being the time of import; else all rows of one id are one word, and equal
            hashes in it are united.

    Returns:
        The words, and how many rows said a hash of their claim again.
    """
    keys = claim_keys(rows.column("source_id").to_pylist())
    order = sort_keys(keys)
    updated = _microseconds(rows.column("updated_at"))
    duplicates = 0
    if row_is_word:
        order = order[_newest_of_each(keys[order], updated[order])]
    else:
        order = _without_half_withdrawn(order, keys, withdrawn, updated)
        rows, order, duplicates = _united(rows, order, keys, withdrawn)
    starts = run_starts(keys[order])
    taken, withdrawn, updated = _emptied(rows.take(pa.array(order)), withdrawn[order]), withdrawn[order], updated[order]
    firsts = starts[:-1]
    words = Words(
        rows=taken,
        starts=starts,
        keys=keys[order][firsts],
        fingerprints=fingerprints(taken, starts),
        updated_at=np.maximum.reduceat(updated, firsts) if len(firsts) else updated,
        withdrawn=withdrawn[firsts],
    )
    return words, duplicates


def fingerprints(rows: pa.Table, starts: npt.NDArray[np.int64]) -> Keys:
    """The fingerprint of each run of rows, ``uint64[runs, 2]``, whatever the order inside a run."""
    content = np.full(len(rows), 0x9E3779B97F4A7C15, dtype=np.uint64)
    for name in _FINGERPRINTED:
        content = _mixed(content ^ _hashed(_comparable(rows.column(name))))
    whole = _mixed(content ^ _mixed(_microseconds(rows.column("updated_at")).view(np.uint64)))
    if len(starts) == 1:
        return np.zeros((0, 2), dtype=np.uint64)
    sums = [np.add.reduceat(column, starts[:-1]) for column in (content, whole)]
    return np.stack(sums, axis=1)


@functools.cache
def withdrawal_content() -> np.uint64:
    """The first half of the fingerprint of every withdrawal."""
    content: np.uint64 = fingerprints(withdrawal_rows(pa.array([""])), np.array([0, 1]))[0, 0]
    return content


def _newest_of_each(keys: Keys, updated: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Of each run of equal keys the position of the newest, then the last."""
    owner = np.repeat(np.arange(len(run_starts(keys)) - 1), np.diff(run_starts(keys)))
    order = np.lexsort((np.arange(len(keys)), updated, owner))
    last_of_run = run_starts(keys)[1:] - 1
    return order[last_of_run]


def _without_half_withdrawn(
    order: npt.NDArray[np.int64], keys: Keys, withdrawn: npt.NDArray[np.bool_], updated: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """The order without rows that withdraw, but for the newest of each word that holds nothing else.

    In a word with live rows the withdrawn ones only say which hashes it lost.
    """
    starts = run_starts(keys[order])
    if not withdrawn.any():
        return order
    owner = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    gone = withdrawn[order]
    all_gone = np.logical_and.reduceat(gone, starts[:-1])
    newest = np.zeros(len(order), dtype=np.bool_)
    newest[_newest_of_each(keys[order], updated[order])] = True
    return order[np.where(all_gone[owner], newest, ~gone)]


def _united(
    rows: pa.Table, order: npt.NDArray[np.int64], keys: Keys, withdrawn: npt.NDArray[np.bool_]
) -> tuple[pa.Table, npt.NDArray[np.int64], int]:
    """Equal hashes of a claim as one row: labels united, else the values of the last of them."""
    starts = run_starts(keys[order])
    lengths = np.diff(starts)
    several = order[np.repeat(lengths > 1, lengths)]
    if not len(several):
        return rows, order, 0
    identity: dict[tuple[bytes, object, object, object], list[int]] = {}
    columns = [rows.column(name).take(pa.array(several)).to_pylist() for name in ("algorithm", "frame", "digest")]
    for row, algorithm, frame, digest in zip(several.tolist(), *columns, strict=True):
        identity.setdefault((keys[row].tobytes(), algorithm, frame, digest), []).append(row)
    dropped = [row for same in identity.values() for row in same[:-1]]
    if not dropped:
        return rows, order, 0
    labels = rows.column("labels").to_pylist()
    for same in identity.values():
        labels[same[-1]] = sorted({label for row in same for label in labels[row]})
    index = rows.schema.get_field_index("labels")
    rows = rows.set_column(index, rows.schema.field("labels"), pa.array(labels, type=rows.schema.field("labels").type))
    return rows, order[~np.isin(order, dropped)], len(dropped)


def _emptied(rows: pa.Table, withdrawn: npt.NDArray[np.bool_]) -> pa.Table:
    """Rows that withdraw keep the id and the date, and nothing else: equal withdrawals must compare equal."""
    if not withdrawn.any():
        return rows
    stays = pa.array(~withdrawn)
    blank = withdrawal_rows(rows.column("source_id"), rows.column("updated_at"))
    columns = [
        pc.if_else(stays, rows.column(name), blank.column(name)) for name in WORD_SCHEMA.names if name != "labels"
    ]
    labels = [label if keep else [] for label, keep in zip(rows.column("labels").to_pylist(), ~withdrawn, strict=True)]
    columns.insert(WORD_SCHEMA.get_field_index("labels"), pa.array(labels, type=pa.list_(pa.string())))
    return pa.table(
        [_plain(column, field) for column, field in zip(columns, WORD_SCHEMA, strict=True)], schema=WORD_SCHEMA
    )


def withdrawal_rows(
    source_ids: pa.Array | pa.ChunkedArray, updated_at: pa.Array | pa.ChunkedArray | None = None
) -> pa.Table:
    """Rows in ``WORD_SCHEMA`` that withdraw claims, undated unless said."""
    count = len(source_ids)
    values = {
        "source_id": source_ids,
        "frame": pa.array(np.full(count, -1, dtype=np.int32)),
        "media_type": pa.array(["unknown"] * count, type=pa.string()),
        "labels": pa.array([[]] * count, type=pa.list_(pa.string())),
        "opinion": pa.array(["positive"] * count, type=pa.string()),
        "updated_at": pa.nulls(count, MICROSECONDS) if updated_at is None else updated_at,
        "extra": pa.array(["{}"] * count, type=pa.string()),
    }
    return pa.table([values.get(field.name, pa.nulls(count, field.type)) for field in WORD_SCHEMA], schema=WORD_SCHEMA)


def _plain(column: pa.Array | pa.ChunkedArray, field: pa.Field) -> pa.ChunkedArray:
    return pa.chunked_array(column if isinstance(column, pa.ChunkedArray) else [column]).cast(field.type)


def _microseconds(column: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    filled = column.cast(pa.int64()).fill_null(int(UNDATED))
    values: npt.NDArray[np.int64] = filled.to_numpy()
    return values


def _comparable(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column as binary or int64, null as something that no value is."""
    if pa.types.is_list(column.type):
        column = pc.binary_join(column, _LABEL_END)
    if pa.types.is_string(column.type) or pa.types.is_binary(column.type):
        return column.cast(pa.binary()).fill_null(b"\x00null")
    if pa.types.is_float32(column.type):
        bits = pa.array(column.combine_chunks().fill_null(0).to_numpy().view(np.int32).astype(np.int64))
        return pc.if_else(column.is_null(), pa.scalar(-(2**40), pa.int64()), pa.chunked_array([bits]))
    return column.cast(pa.int64()).fill_null(-(2**62))


def _hashed(column: pa.ChunkedArray) -> npt.NDArray[np.uint64]:
    """64 bits for each value; equal values give equal bits."""
    if not pa.types.is_binary(column.type):
        numbers: npt.NDArray[np.int64] = column.to_numpy()
        return _mixed(numbers.view(np.uint64))
    encoded = column.combine_chunks().dictionary_encode()
    distinct = np.fromiter(
        (xxhash.xxh3_64_intdigest(value) for value in encoded.dictionary.to_pylist()),
        dtype=np.uint64,
        count=len(encoded.dictionary),
    )
    return distinct[encoded.indices.to_numpy()] if len(encoded) else np.zeros(0, dtype=np.uint64)


def _mixed(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The finaliser of SplitMix64: every bit of the input reaches every bit of the output."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: npt.NDArray[np.uint64] = values ^ (values >> np.uint64(31))
    return mixed
