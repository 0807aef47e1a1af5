"""Revisions: in which fields two sides say different things of one claim."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .records import SCHEMA
from .word_rows import LABEL_END

HASHES = "hashes"
"""What is said to differ where two sides say different hashes of a claim."""

_HASH = ("algorithm", "frame", "digest")
_OF_THE_BANK = ("list", "source_id", "quarantine", "said_at", "batch")
_FIELDS = tuple(name for name in SCHEMA.names if name not in (*_OF_THE_BANK, *_HASH))

COLUMNS = (*_HASH, *_FIELDS)
"""The columns that are looked at."""

Claims = npt.NDArray[np.int64]


def revised(a: pa.Table, b: pa.Table) -> Iterator[tuple[str, Claims]]:
    """The fields that differ, each with the claims in which it does.

    The hashes of a claim (algorithm, frame and digest) are compared as a set. Any other field is compared hash by
    hash, over those that both sides say; of a claim without any, the values that each side says are compared as sets.

    Args:
        a: The rows of one side: ``COLUMNS``, and ``claim``, a number (``int64``) for the claim that a row is of.
        b: The rows of the other side, with the same numbers for the same claims.

    Returns:
        ``HASHES`` first if they differ, then fields in the order of the schema; claims ascending, each once.
    """
    sides = pa.concat_tables([_comparable(a, 0), _comparable(b, 1)])
    sides = sides.append_column("row", pa.array(np.arange(len(sides))))
    said = sides.group_by(["claim", *_HASH]).aggregate([("side", "min"), ("side", "max"), ("row", "list")])
    common = pc.not_equal(said.column("side_min"), said.column("side_max"))
    if len(lone := _claims(said.filter(pc.invert(common)))):
        yield HASHES, lone
    shared = sides.take(pc.list_flatten(said.filter(common).column("row_list")))
    apart = sides.filter(pc.invert(pc.is_in(sides.column("claim"), pc.unique(shared.column("claim")))))
    for field in _FIELDS:
        claims = np.union1d(_one_sided(shared, ["claim", *_HASH, field]), _one_sided(apart, ["claim", field]))
        if len(claims):
            yield field, claims


def _one_sided(rows: pa.Table, keys: Sequence[str]) -> Claims:
    """The claims of which only one side says some combination of values."""
    said = rows.group_by(list(keys)).aggregate([("side", "min"), ("side", "max")])
    return _claims(said.filter(pc.equal(said.column("side_min"), said.column("side_max"))))


def _claims(groups: pa.Table) -> Claims:
    claims: Claims = np.unique(groups.column("claim").to_numpy())
    return claims


def _comparable(rows: pa.Table, side: int) -> pa.Table:
    """Rows whose values can be grouped by, of one side."""
    columns = {name: rows.column(name) for name in ("claim", *COLUMNS)}
    # Of 64 bits, since the texts of many hostile rows outgrow what 32 bits can count.
    columns["labels"] = pc.binary_join(columns["labels"], LABEL_END).cast(pa.large_string())
    columns["extra"] = columns["extra"].cast(pa.large_string())
    timestamps = columns["timestamp"].combine_chunks()
    # Bit by bit, as fingerprints are taken.
    bits = pa.array(timestamps.fill_null(0).to_numpy(zero_copy_only=False).view(np.int32))
    columns["timestamp"] = pc.if_else(timestamps.is_valid(), bits, None)
    columns["side"] = pa.array(np.full(len(rows), side, dtype=np.int8))
    return pa.table(columns)
