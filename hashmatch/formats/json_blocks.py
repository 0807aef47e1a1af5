"""Blocks of JSON lines as whole columns, where each line is a record of the shape that is known."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..texts import Mask, is_text, strings
from .columns import Columns
from .fields import normal_name
from .json_shape import RecordDecoder
from .json_text import text_of
from .layout import Layout
from .source import Block

_LF, _CR, _OPENING, _CLOSING = b"\n\r{}"


def read_columns(block: Block, decoder: RecordDecoder) -> tuple[pa.Table, npt.NDArray[np.int64]] | None:
    """A block of JSON lines as rows, and the lines that have to be read singly; None if any line is out of shape."""
    content = block.content or b""
    if not is_text(content):
        return None
    lines = _lines(block.number, content)
    records = None if lines is None else decoder.decode(content)
    if lines is None or records is None or len(records) != len(lines):
        return None
    cells = [
        _raws(records, position)
        if position in decoder.json
        else _texts(records, position, name, plain=position in decoder.plain)
        for position, name in enumerate(decoder.names)
    ]
    columns = Columns(decoder.layout, json=decoder.json)
    table, odd = columns.rows(lines, cells, _odd(decoder, cells))
    return table, lines[odd]


def _lines(first: int, content: bytes) -> npt.NDArray[np.int64] | None:
    """Numbers of the lines that are not empty; None unless each begins like an object and ends like one.

    No value goes on from a line that ends so into one that begins so.
    """
    array = np.frombuffer(content, dtype=np.uint8)
    ends = np.flatnonzero(array == _LF)
    if content[-1] != _LF:
        ends = np.append(ends, len(content))
    starts = np.concatenate([np.zeros(1, dtype=np.int64), ends[:-1] + 1])
    returns = (ends > starts) & (array[np.maximum(ends - 1, 0)] == _CR)
    ends = ends - returns
    full = ends > starts
    opening, closing = array[starts[full]], array[ends[full] - 1]
    if not ((opening == _OPENING).all() and (closing == _CLOSING).all()):
        return None
    return np.flatnonzero(full) + first


def _texts(records: Sequence[Any], position: int, field: str, *, plain: bool) -> pa.Array:
    """Single values as ``text_of`` gives them; ``plain`` if they are text already."""
    values = list(map(operator.attrgetter(f"f{position}"), records))
    kinds = set() if plain else set(map(type, values)) - {type(None)}
    if kinds <= {str}:
        return pa.array(values, type=pa.string())
    if kinds == {int}:
        try:
            return pa.array(values, type=pa.int64()).cast(pa.string())
        except OverflowError:
            pass
    return pa.array([value if value.__class__ is str else text_of(value, field) for value in values], type=pa.string())


def _raws(records: Sequence[Any], position: int) -> pa.Array:
    """Values as they stand in the file, without null."""
    values = list(map(operator.attrgetter(f"f{position}"), records))
    lengths = np.fromiter(map(len, values), dtype=np.int32, count=len(values))
    content = b"".join(values)
    column = strings(content, lengths)
    four = np.flatnonzero(lengths == len("null"))
    if not len(four):
        return column
    starts = np.cumsum(lengths)[four] - len("null")
    null = [content[start : start + 4] == b"null" for start in starts.tolist()]
    valid = lengths > 0
    valid[four[null]] = False
    return pa.array(column.to_pylist(), mask=~valid, type=pa.string())


def _odd(decoder: RecordDecoder, cells: Sequence[pa.Array]) -> Mask:
    """Records that lack what decides about the meaning of other fields."""
    layout: Layout = decoder.layout
    at = layout.at
    odd = np.zeros(len(cells[0]), dtype=np.bool_)

    def said(field: str) -> Mask:
        return cells[at[field]].is_valid().to_numpy(zero_copy_only=False) if field in at else np.zeros_like(odd)

    if "list" in at and not decoder.list_stated:
        where = {normal_name(name): position for position, name in enumerate(decoder.names)}
        ours = _any(cells, [where["source_id"]])
        ours &= _any(cells, [where[name] for name in ("digest", "withdrawn") if name in where])
        odd |= said("list") & ~ours
    if "digest" in at:
        odd |= said("algorithm") & ~said("digest")
        if layout.wide:
            odd |= said("quality") & said("digest")
    return odd


def _any(cells: Sequence[pa.Array], positions: Sequence[int]) -> Mask:
    """Where any of some columns says something."""
    masks = [cells[position].is_valid().to_numpy(zero_copy_only=False) for position in positions]
    return np.asarray(np.any(masks, axis=0))
