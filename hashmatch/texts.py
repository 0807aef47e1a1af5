"""Texts: what is done to whole columns of text, without a look at the values that are alike or need nothing."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .errors import InvalidValue

Mask = npt.NDArray[np.bool_]

_ENCODER = msgspec.json.Encoder(order="deterministic")
_EDGE = np.zeros(256, dtype=np.bool_)
_EDGE[[*range(9, 14), *range(28, 33), *range(128, 256)]] = True
"""Bytes that a blank in the sense of Unicode may begin or end with."""
_MOST_BYTES = 2**31 - 1
"""What a column of text can hold: its offsets have 32 bits."""
_BRACKET = 0x5B
_PIECE = 128 * 1024
"""Bytes that are looked at together, so that what is noted of them stays in a processor's cache."""
_NO_CASE = 0xDF
"""What makes ``{`` the ``[`` that it is but for one bit."""


def is_text(content: bytes) -> bool:
    """Whether some bytes are UTF-8."""
    if content.isascii():
        return True
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def offsets_of(column: pa.StringArray) -> npt.NDArray[np.int32]:
    """Where each value of a column begins in its buffer of bytes, and where the last ends: ``int32[n + 1]``."""
    buffer = column.buffers()[1]
    if buffer is None or not len(column):
        return np.zeros(1, dtype=np.int32)
    return np.frombuffer(buffer, dtype=np.int32)[column.offset : column.offset + len(column) + 1]


def bytes_of(column: pa.StringArray) -> npt.NDArray[np.uint8]:
    """The buffer of bytes that ``offsets_of`` speaks of."""
    buffer = column.buffers()[2]
    return np.zeros(0, dtype=np.uint8) if buffer is None else np.frombuffer(buffer, dtype=np.uint8)


def strings(content: bytes, lengths: npt.NDArray[np.int32]) -> pa.StringArray:
    """Texts that stand one after another in UTF-8, by their lengths in bytes; those without any are null.

    Raises:
        OverflowError: If they are more than a column can hold.
    """
    if len(content) > _MOST_BYTES:
        raise OverflowError(f"{len(content)} bytes of text in one column")
    offsets = np.zeros(len(lengths) + 1, dtype=np.int32)
    np.cumsum(lengths, out=offsets[1:])
    buffers = [bitmap(lengths > 0), pa.py_buffer(offsets), pa.py_buffer(content)]
    return pa.StringArray.from_buffers(len(lengths), *buffers[1:], buffers[0])


def lines_of(content: bytes) -> pa.StringArray:
    """Each of some lines, all of which have ends, as a text without it; empty ones are null."""
    ends = np.flatnonzero(np.frombuffer(content, dtype=np.uint8) == ord("\n"))
    return strings(content.replace(b"\n", b""), np.diff(ends, prepend=-1).astype(np.int32) - np.int32(1))


def bitmap(valid: Mask) -> pa.Buffer:
    """Which values are not null, as Arrow has it."""
    return pa.py_buffer(np.packbits(valid, bitorder="little"))


def said(column: pa.Array, *, trim: bool) -> pa.Array:
    """A column of text, plain or dictionary-encoded, in which empty is null, with or without blanks around values."""
    if pa.types.is_dictionary(column.type):
        return mapped(column, lambda text: (text.strip() if trim else text) or None, pa.string())[0]
    if trim and edges(column).any():
        column = pc.utf8_trim_whitespace(column)
    full = np.diff(offsets_of(column)) > 0
    if full.all() and not column.null_count:
        return column
    valid = full & column.is_valid().to_numpy(zero_copy_only=False)
    _, offset_buffer, content_buffer = column.buffers()
    if column.offset:
        offset_buffer = pa.py_buffer(offsets_of(column))
    return pa.StringArray.from_buffers(len(column), offset_buffer, content_buffer, bitmap(valid))


def edges(column: pa.StringArray) -> Mask:
    """Which texts begin or end with a byte that a blank may begin or end with, ``bool[n]``."""
    content, offsets = bytes_of(column), offsets_of(column)
    full = np.diff(offsets) > 0
    if full.all():
        return _blank(content, offsets[:-1]) | _blank(content, offsets[1:] - 1)
    found = np.zeros(len(column), dtype=np.bool_)
    found[full] = _blank(content, offsets[:-1][full]) | _blank(content, offsets[1:][full] - 1)
    return found


def _blank(content: npt.NDArray[np.uint8], where: npt.NDArray[np.int32]) -> Mask:
    blank: Mask = _EDGE.take(content.take(where))
    return blank


def decoded(column: pa.Array) -> pa.Array:
    """A column without its dictionary."""
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def places(column: pa.DictionaryArray) -> npt.NDArray[np.int64]:
    """For each value its place in the dictionary, -1 for null."""
    where: npt.NDArray[np.int64] = column.indices.cast(pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False)
    return where


def mapped(column: pa.Array, function: Callable[[Any], Hashable], kind: pa.DataType) -> tuple[pa.DictionaryArray, Mask]:
    """What a function makes of each value of a column, asked once for those that are alike.

    Args:
        column: Of n values, plain or dictionary-encoded; null stays null.
        function: Gives None for null, or raises InvalidValue.
        kind: The type of what it gives.

    Returns:
        The results, dictionary-encoded, each once; and for which values it raised, ``bool[n]``: they are null.
    """
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    distinct = column.dictionary.to_pylist()
    found: dict[Hashable, int] = {}
    table = np.full(len(distinct) + 1, -1, dtype=np.int32)
    bad = np.zeros(len(distinct) + 1, dtype=np.bool_)
    for place, value in enumerate(distinct):
        try:
            result = None if value is None else function(value)
        except InvalidValue:
            bad[place] = True
            continue
        if result is not None:
            table[place] = found.setdefault(result, len(found))
    # The place of null is -1: the last of each table.
    where = places(column)
    return from_places(table[where], pa.array(list(found), type=kind)), bad[where]


def from_places(where: npt.NDArray[np.int32], dictionary: pa.Array) -> pa.DictionaryArray:
    """A dictionary-encoded column of the places of its values, -1 for null."""
    return pa.DictionaryArray.from_arrays(pa.array(where, mask=where < 0), dictionary)


def json_texts(column: pa.Array) -> pa.Array:
    """Each value of a column as JSON; null stays null. What JSON has no word for (NaN) is null as well."""
    if pa.types.is_dictionary(column.type):
        texts = json_texts(column.dictionary)
        return texts.take(column.indices)
    if column.null_count == len(column):
        return pa.nulls(len(column), pa.string())
    # No JSON that is written without blanks holds an end of line.
    texts = lines_of(_ENCODER.encode_lines(column.to_pylist()))
    return pc.if_else(pc.equal(texts, "null"), None, texts)


def brackets(column: pa.Array) -> npt.NDArray[np.int64]:
    """How many opening brackets each text of a column has, which it cannot be nested deeper than."""
    content, offsets = bytes_of(column), offsets_of(column)
    if len(offsets) < 2:
        return np.zeros(len(column), dtype=np.int64)
    starts = range(int(offsets[0]), int(offsets[-1]), _PIECE)
    pieces = (content[start : min(start + _PIECE, offsets[-1])] for start in starts)
    found = [
        np.flatnonzero((piece & _NO_CASE) == _BRACKET) + start for piece, start in zip(pieces, starts, strict=True)
    ]
    opening = np.concatenate(found) if found else np.zeros(0, dtype=np.int64)
    return np.diff(np.searchsorted(opening, offsets))
