"""Writing JSON lines, whole columns at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..codes import hex_column
from ..records import MediaType, Opinion
from ..texts import bytes_of, decoded, json_texts, mapped
from .written import DATES, WRITTEN, date_texts, frame_texts, shortest

_DEFAULTS: Mapping[str, str] = {
    "media_type": MediaType.UNKNOWN.value,
    "opinion": Opinion.POSITIVE.value,
    "extra": "{}",
}
"""What is left out; so is null, and a list without labels."""

_FEW = ("list", "algorithm", "media_type", "opinion", "share_level")
"""Columns of few different values."""


def json_lines(batch: pa.RecordBatch) -> pa.Buffer:
    """Records in ``SCHEMA`` as JSON lines, without what is null or default."""
    members = [_member(name, batch.column(name)) for name in WRITTEN]
    lines = pc.binary_join_element_wise(*members, "}\n", "", null_handling="replace")
    return lines.buffers()[2]


def _member(name: str, column: pa.Array) -> pa.Array:
    """A column as members of objects with what divides them; null where it is left out."""
    if name in _DEFAULTS:
        column = pc.if_else(pc.equal(column, _DEFAULTS[name]), None, column)
    # The list comes first, and is never null.
    return pc.binary_join_element_wise(f'{"{" if name == WRITTEN[0] else ","}"{name}":', _values(name, column), "")


def _values(name: str, column: pa.Array) -> pa.Array:
    """The values of a column as JSON."""
    plain: dict[str, Callable[[pa.Array], pa.Array]] = {
        "digest": lambda digest: _in_quotes(hex_column(digest)),
        "frame": frame_texts,
        "timestamp": lambda seconds: decoded(
            mapped(seconds, lambda value: msgspec.json.encode(shortest(value)).decode(), pa.string())[0]
        ),
        "quality": lambda quality: quality.cast(pa.string()),
        "labels": _arrays,
        # It is canonical JSON already; reading it would only be a chance to change it.
        "extra": lambda extra: extra,
        **dict.fromkeys(DATES, lambda dates: _in_quotes(date_texts(dates))),
        **dict.fromkeys(_FEW, lambda words: json_texts(words.dictionary_encode())),
    }
    return plain.get(name, _texts)(column)


def _texts(column: pa.Array) -> pa.Array:
    content = bytes_of(column)
    if ((content < ord(" ")) | (content == ord('"')) | (content == ord("\\"))).any():
        return json_texts(column)
    return _in_quotes(column)


def _in_quotes(column: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise('"', column, '"', "")


def _arrays(labels: pa.Array) -> pa.Array:
    """Lists of labels as JSON arrays; null where they are empty."""
    start = labels.offsets[0].as_py()
    texts = json_texts(labels.flatten().dictionary_encode())
    lists = pa.ListArray.from_arrays(pc.subtract(labels.offsets, start), texts)
    arrays = pc.binary_join_element_wise("[", pc.binary_join(lists, ","), "]", "")
    empty = pa.array(np.diff(labels.offsets.to_numpy()) == 0)
    return pc.if_else(empty, None, arrays)
