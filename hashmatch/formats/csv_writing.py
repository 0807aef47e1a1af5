"""Writing CSV, whole columns at a time: what is quoted, and what becomes of labels."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..codes import hex_column
from ..texts import Mask, bytes_of, decoded, edges, mapped, offsets_of
from .written import DATES, date_texts, frame_texts, shortest

_QUOTED = re.compile(r'[",\r\n]|^\s|\s$')
_NOT_PLAIN = re.compile(r"[;|,\x00-\x1f]|^\[|^\s|\s$|^$")
"""In a label: what would not come back from labels that are joined by ``;``."""


def csv_lines(batch: pa.RecordBatch, columns: Sequence[str]) -> pa.Buffer:
    """Records in ``SCHEMA`` as lines of CSV with some of its columns, in order."""
    cells = [_cells(name, batch.column(name)) for name in columns]
    commas = [part for cell in cells for part in (cell, ",")]
    lines = pc.binary_join_element_wise(*commas[:-1], "\n", "", null_handling="replace")
    return lines.buffers()[2]


def _cells(name: str, column: pa.Array) -> pa.Array:
    """A column as it is written, null for what is not said."""
    plain: dict[str, Callable[[pa.Array], pa.Array]] = {
        "digest": hex_column,
        "frame": frame_texts,
        "timestamp": lambda seconds: decoded(mapped(seconds, lambda value: str(shortest(value)), pa.string())[0]),
        "quality": lambda quality: quality.cast(pa.string()),
        **dict.fromkeys(DATES, date_texts),
    }
    if name in plain:
        return plain[name](column)
    if name == "labels":
        return _quoted(_joined(column))
    if name == "extra":
        column = pc.if_else(pc.equal(column, "{}"), None, column)
    return _quoted(column)


def _joined(labels: pa.Array) -> pa.Array:
    """Labels in one cell: joined by ``;``, or as a JSON array where they would not come back."""
    odd, _ = mapped(labels.flatten(), lambda label: True if _NOT_PLAIN.search(label) else None, pa.bool_())
    joined = pc.binary_join(labels, ";")
    marked = np.flatnonzero(odd.is_valid().to_numpy(zero_copy_only=False))
    if not len(marked):
        return joined
    rows = np.unique(pc.list_parent_indices(labels).to_numpy()[marked])
    arrays = [msgspec.json.encode(labels[row].as_py()).decode() for row in rows.tolist()]
    mask = np.zeros(len(labels), dtype=np.bool_)
    mask[rows] = True
    return pc.replace_with_mask(joined, pa.array(mask), pa.array(arrays, type=pa.string()))


def _quoted(column: pa.Array) -> pa.Array:
    """Texts in quotes where CSV asks for them."""
    mask = _special(column)
    # At the edges blanks of Unicode count, which their first or last byte alone does not tell.
    unsure = np.flatnonzero(edges(column) & ~mask)
    mask[unsure] = [bool(_QUOTED.search(text)) for text in column.take(pa.array(unsure)).to_pylist()]
    if not mask.any():
        return column
    doubled = pc.replace_substring(column.filter(pa.array(mask)), '"', '""')
    return pc.replace_with_mask(column, pa.array(mask), pc.binary_join_element_wise('"', doubled, '"', ""))


def _special(column: pa.Array) -> Mask:
    """Which texts hold a quote, a comma or an end of line."""
    content, offsets = bytes_of(column), offsets_of(column)
    marks = np.zeros(len(content), dtype=np.bool_)
    for mark in b'",\r\n':
        marks |= content == mark
    places = np.flatnonzero(marks)
    return np.asarray(np.diff(np.searchsorted(places, offsets)) > 0)
