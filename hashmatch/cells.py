"""Cells: the columns of raw rows, read as what they should hold.

Whole columns at a time, each value that occurs often only once; one by one only what a column's fast way cannot take.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .dates import parse_dates
from .records import MediaType
from .texts import decoded, from_places, places, said
from .word_rows import LABEL_END, joined_labels

Mask = npt.NDArray[np.bool_]

LONGEST_TEXT = 32_000
"""Bytes in a row's labels together, and in its ``extra``: a hostile list must not outgrow what a batch can hold."""

_CONTROL = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029]")
"""What would end a line or command a terminal. Joiners and marks of direction are part of how names are written."""


class Cells:
    """Raw rows while they are checked: the first thing wrong with a row is the reason that is kept."""

    def __init__(self, raw: pa.Table) -> None:
        """The cells of rows as ``formats.base.RawRows`` has them."""
        self.raw = raw.combine_chunks()
        self.reasons: dict[int, str] = {}
        """Row -> why it is rejected."""
        self._texts: dict[str, pa.Array] = {}
        self.withdrawn: Mask = decoded(self.column("withdrawn")).fill_null(False).to_numpy(zero_copy_only=False)
        self.excused = self.withdrawn & valid(self.text("source_id"))
        """Rows that withdraw a claim by its id: nothing but id, list and date matters then."""

    def __len__(self) -> int:
        return len(self.raw)

    def column(self, name: str) -> pa.Array:
        """A column as it stands."""
        column = self.raw.column(name)
        return column.chunk(0) if column.num_chunks else pa.array([], type=column.type)

    def text(self, name: str) -> pa.Array:
        """A column of text without blanks around its values; empty is null. Without a dictionary."""
        if name not in self._texts:
            column = self.column(name)
            silent = column.null_count == len(column)
            self._texts[name] = pa.nulls(len(column), pa.string()) if silent else decoded(said(column, trim=True))
        return self._texts[name]

    def distinct(self, name: str) -> tuple[list[str | None], npt.NDArray[np.int64]]:
        """The different values of a column of text, null at the end, and the place among them of each row."""
        column = self.column(name)
        if column.null_count == len(column):
            return [None], np.zeros(len(column), dtype=np.int64)
        column = said(column, trim=True)
        encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
        where = places(encoded)
        values = encoded.dictionary.to_pylist()
        return [*values, None], np.where(where < 0, len(values), where)

    def reject(self, bad: Mask, reason: str | Callable[[int], str], *, always: bool = False) -> None:
        """Give a reason to each bad row that has none yet; unless ``always``, only to rows that are not excused."""
        if not bad.any():
            return
        for row in np.flatnonzero(bad if always else bad & ~self.excused).tolist():
            if row not in self.reasons:
                self.reasons[row] = reason if isinstance(reason, str) else reason(row)


def valid(column: pa.Array) -> Mask:
    """Which values are not null, ``bool[n]``."""
    if not column.null_count:
        return np.ones(len(column), dtype=np.bool_)
    mask: Mask = column.is_valid().to_numpy(zero_copy_only=False)
    return mask


def shown(text: str) -> str:
    """A value, short enough for a reason."""
    return repr(text if len(text) <= 60 else f"{text[:57]}...")


def numbers(cells: Cells, name: str, kind: pa.DataType, low: float, high: float) -> pa.Array:
    """A column of numbers from ``low`` to ``high``, inclusive."""
    column = decoded(cells.column(name))
    if column.null_count == len(column):
        return pa.nulls(len(column), kind)
    whole = pa.types.is_integer(kind)
    if pa.types.is_string(column.type):
        text = cells.text(name)
        shape = r"^[+-]?\d{1,18}(\.0+)?$" if whole else r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$"
        stated = pc.if_else(pc.match_substring_regex(text, shape), text, None).cast(pa.float64())
    else:
        text, stated = column, column.cast(pa.float64(), safe=False)
        if whole and pa.types.is_floating(column.type):
            stated = pc.if_else(pc.equal(pc.floor(stated), stated), stated, None)
    inside = pc.and_(pc.greater_equal(stated, low), pc.less_equal(stated, high)).fill_null(False)
    cells.reject(
        pc.and_(text.is_valid(), pc.invert(inside)).to_numpy(zero_copy_only=False),
        lambda row: f"{shown(str(text[row].as_py()))} is not a {name} ({_range(low, high, whole)})",
    )
    return pc.if_else(inside, stated, None).cast(kind, safe=False)


def _range(low: float, high: float, whole: bool) -> str:
    return f"from {low:g} to {high:g}" if whole and high < 1000 else f"a number from {low:g} up"


def media_types(cells: Cells) -> pa.DictionaryArray:
    """One of our four; a MIME type counts by its first half, and what we do not know is unknown."""
    values, where = cells.distinct("media_type")
    known = {media.value for media in MediaType}
    kinds = [(value or "").lower().partition("/")[0] for value in values]
    return by_place(where, [kind if kind in known else MediaType.UNKNOWN.value for kind in kinds])


def chosen_words(cells: Cells, name: str, words: Mapping[str, str], default: str | None = None) -> pa.DictionaryArray:
    """A column that holds words of a fixed set; ``default`` is what it holds where nothing is said."""
    values, where = cells.distinct(name)
    found = [None if value is None else words.get(value.lower().removeprefix("tlp:")) for value in values]
    wrong = np.array([value is not None and word is None for value, word in zip(values, found, strict=True)])
    cells.reject(
        wrong[where],
        lambda row: f"{shown(str(values[where[row]]))} is no {name.replace('_', ' ')} ({', '.join(words)})",
    )
    return by_place(where, [word or default for word in found])


def by_place(where: npt.NDArray[np.int64], values: Sequence[str | None]) -> pa.DictionaryArray:
    """A dictionary-encoded column of the places of its values, null where the value is None."""
    said = np.array([value is not None for value in values], dtype=np.bool_)
    place = np.where(said, np.cumsum(said) - 1, -1).astype(np.int32)
    return from_places(place[where], pa.array([value for value in values if value is not None], type=pa.string()))


def dates(cells: Cells, name: str) -> pa.Array:
    """A column of dates, as ``dates`` reads them."""
    column = cells.column(name)
    if column.null_count < len(column) and pa.types.is_string(column.type):
        column = cells.text(name)
    elif pa.types.is_dictionary(column.type) and pa.types.is_string(column.type.value_type):
        column = said(column, trim=True)
    read, bad = parse_dates(column)
    # An older word might pass for a newer one, so that even a withdrawal needs its date to be right.
    cells.reject(
        bad, lambda row: f"{shown(str(column[row].as_py()))} is not a date ({name})", always=name == "updated_at"
    )
    return read


def labels(cells: Cells) -> pa.DictionaryArray:
    """Labels without blanks around them, each once, sorted, those of a row as one text."""
    stated, where = _label_sets(cells.column("labels"))
    tidy = [sorted({label.strip() for label in labels or () if label and label.strip()}) for labels in stated]
    bad = np.array([any(map(_CONTROL.search, labels)) for labels in tidy], dtype=np.bool_)
    cells.reject(bad[where], "a label holds control characters")
    long = [sum(len(label.encode()) for label in labels) > LONGEST_TEXT for labels in tidy]
    cells.reject(np.array(long, dtype=np.bool_)[where], f"its labels are longer than {LONGEST_TEXT} bytes")
    return by_place(where, list(map(joined_labels, tidy)))


def _label_sets(column: pa.Array) -> tuple[Sequence[Sequence[str | None] | None], npt.NDArray[np.int64]]:
    """The different sets of labels, and for each row which is its."""
    if not len(column) or column.null_count == len(column):
        return [None], np.zeros(len(column), dtype=np.int64)
    if pa.types.is_dictionary(column.type):
        sets, where = column.dictionary.to_pylist(), places(column)
        return [*sets, None], np.where(where < 0, len(sets), where)
    flat = column.flatten()
    if flat.null_count or pc.any(pc.match_substring(flat, LABEL_END), min_count=0).as_py():
        return column.to_pylist(), np.arange(len(column))
    # Different sets must not join to one text: an empty one is not one empty label.
    sizes = pc.list_value_length(column).fill_null(0).cast(pa.string())
    joined = pc.binary_join_element_wise(sizes, pc.binary_join(column, LABEL_END).fill_null(""), LABEL_END)
    encoded = joined.dictionary_encode()
    where = encoded.indices.to_numpy().astype(np.int64)
    _, first = np.unique(where, return_index=True)
    return column.take(pa.array(first)).to_pylist(), where


def extras(cells: Cells) -> pa.Array:
    """The canonical JSON objects that formats give; ``{}`` where nothing was said."""
    column = decoded(cells.column("extra")).cast(pa.string()).fill_null("{}")
    long = pc.greater(pc.binary_length(column), LONGEST_TEXT).to_numpy(zero_copy_only=False)
    cells.reject(long, f"its unknown fields are longer than {LONGEST_TEXT} bytes")
    return column
