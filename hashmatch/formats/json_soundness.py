"""Soundness: which texts of a column are no JSON objects, or hold what cannot be read."""

from __future__ import annotations

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..errors import InvalidValue
from ..texts import Mask
from .json_text import OBJECT, decode


def unsound(column: pa.Array) -> Mask:
    """Which texts ``decode`` does not read as an object, ``bool[n]``; null is sound.

    Args:
        column: Of n texts, each of which begins and ends with a brace, or null.
    """
    found = np.zeros(len(column), dtype=np.bool_)
    if column.null_count < len(column) and not _all_sound(column.drop_null()):
        for row in np.flatnonzero(column.is_valid().to_numpy(zero_copy_only=False)).tolist():
            found[row] = not _is_sound(column[row].as_py())
    return found


def _all_sound(texts: pa.Array) -> bool:
    """Whether all are seen to be sound when they are read as lines: that takes no longer than to look for their ends."""
    if pc.any(pc.match_substring(texts, "\n")).as_py():
        return False
    whole = pa.ListArray.from_arrays(pa.array([0, len(texts)], pa.int32()), texts)
    try:
        # What begins and ends with a brace, and is no object, is none together with its neighbours either.
        return len(OBJECT.decode_lines(pc.binary_join(whole, "\n")[0].as_buffer())) == len(texts)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return False


def _is_sound(text: str) -> bool:
    try:
        decode(text.encode(), OBJECT)
    except InvalidValue:
        return False
    return True
