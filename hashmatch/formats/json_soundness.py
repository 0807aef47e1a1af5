"""Soundness: which texts of a column are no JSON objects, without making anything of those that are."""

from __future__ import annotations

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..errors import InvalidValue
from ..texts import Mask
from .json_text import OBJECT, decode

_FORM = msgspec.json.Decoder(msgspec.Raw)
_BEYOND = r"[0-9][eE]\+?[0-9]{3}|[0-9.]{200}"
"""What a number beyond all measure holds, and hardly anything else: the form of JSON does not tell it."""


def unsound(column: pa.Array, *, formed: bool) -> Mask:
    """Which texts ``decode`` does not read as an object, ``bool[n]``; null is sound.

    Args:
        column: Of n texts, each of which begins and ends with a brace, or null.
        formed: Whether all are JSON in form, as values of JSON lines are once a record was read.
    """
    suspects = np.zeros(len(column), dtype=np.bool_)
    if column.null_count == len(column):
        return suspects
    if formed or _formed(column):
        suspects |= pc.match_substring_regex(column, _BEYOND).fill_null(False).to_numpy(zero_copy_only=False)
    else:
        suspects |= column.is_valid().to_numpy(zero_copy_only=False)
    for row in np.flatnonzero(suspects).tolist():
        suspects[row] = not _is_sound(column[row].as_py())
    return suspects


def _formed(column: pa.Array) -> bool:
    """Whether all texts are seen to be JSON in form when they are read as lines."""
    texts = column.drop_null()
    if pc.any(pc.match_substring(texts, "\n")).as_py():
        return False
    whole = pa.ListArray.from_arrays(pa.array([0, len(texts)], pa.int32()), texts)
    try:
        # What begins and ends with a brace, and is no object, is none together with its neighbours either.
        return len(_FORM.decode_lines(pc.binary_join(whole, "\n")[0].as_buffer())) == len(texts)
    except (msgspec.MsgspecError, RecursionError):
        return False


def _is_sound(text: str) -> bool:
    try:
        decode(text.encode(), OBJECT)
    except InvalidValue:
        return False
    return True
