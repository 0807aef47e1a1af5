"""Canonical JSON of whole columns: keys sorted, no blanks."""

from __future__ import annotations

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..errors import InvalidValue
from ..texts import Mask, lines_of
from .json_text import OBJECT, decode

_ENCODER = msgspec.json.Encoder(order="deterministic")


def canonical_objects(column: pa.StringArray) -> tuple[pa.StringArray, Mask]:
    """Objects in canonical JSON.

    Args:
        column: Of n texts, each of which begins and ends with a brace, or null.

    Returns:
        What ``decode`` reads of each, written anew, null for null and for what it does not read as an object; and
        which those are, ``bool[n]``.
    """
    bad = np.zeros(len(column), dtype=np.bool_)
    if column.null_count == len(column):
        return column, bad
    said = column.drop_null() if column.null_count else column
    written = _all_at_once(said)
    if written is None:
        written = _each(said)
    if written is column:
        return column, bad
    if not column.null_count:
        return written, written.is_null().to_numpy(zero_copy_only=False)
    valid = column.is_valid().to_numpy(zero_copy_only=False)
    bad[valid] = written.is_null().to_numpy(zero_copy_only=False)
    return written.take(pa.array(np.cumsum(valid) - 1, mask=~valid)), bad


def _all_at_once(texts: pa.StringArray) -> pa.StringArray | None:
    """The texts in canonical JSON, themselves if they are it; None if they are not seen to be objects, all of them."""
    whole = pa.ListArray.from_arrays(pa.array([0, len(texts)], pa.int32()), texts)
    lines = pc.binary_join(whole, "\n")[0].as_buffer().to_pybytes()
    if lines.count(b"\n") != len(texts) - 1:
        return None
    try:
        # What begins and ends with a brace, and is no object, is none together with its neighbours either.
        objects = OBJECT.decode_lines(lines)
        written = _ENCODER.encode_lines(objects)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return None
    if len(objects) != len(texts):
        return None
    if len(written) == len(lines) + 1 and written.startswith(lines):
        return texts
    return lines_of(written)


def _each(texts: pa.StringArray) -> pa.StringArray:
    return pa.array([_canonical(text) for text in texts.to_pylist()], type=pa.string())


def _canonical(text: str) -> bytes | None:
    try:
        return _ENCODER.encode(decode(text.encode(), OBJECT))
    except (InvalidValue, RecursionError):
        return None
