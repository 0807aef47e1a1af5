"""Columns: what ``Layout`` makes of one record, made of many at once.

``Layout`` says what is right. Whole columns give the same for the records that are in order; those that are
odd in any way are named, and whoever reads the file asks ``Layout`` about each of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ..texts import Mask, brackets, decoded, from_places, json_texts, mapped, places
from .base import RAW_SCHEMA
from .fields import DIGESTS, EXTRA_BYTES, algorithm_name, ideology_label, labels_of, media_type_of, truth
from .json_canonical import canonical_objects
from .json_text import ANYTHING, MAX_DEPTH, decode
from .layout import SCALARS, Layout

_TRANSLATED = ("algorithm", "digest", "media_type", "file_type", "ideology")
_AS_THEY_ARE = tuple(name for name in SCALARS if name not in _TRANSLATED)
_FREE_BRACKETS = MAX_DEPTH - 4
"""Opening brackets that a text may have without being counted level by level."""
_FREE_BYTES = EXTRA_BYTES // 8
"""Bytes of JSON that are no more than ``EXTRA_BYTES`` however they are written: ``1e15`` takes 18 in canonical JSON."""


class Columns:
    """A layout, for whole columns."""

    def __init__(self, layout: Layout, *, json: Collection[int] = ()) -> None:
        """Whole columns of records that have a layout.

        Args:
            layout: Theirs.
            json: Positions of the labels, ``extra`` and unknown fields whose columns hold JSON, each value
                read once already and found to be JSON in form.
        """
        self._layout = layout
        self._json = frozenset(json)

    def rows(
        self, lines: npt.NDArray[np.int64], cells: Sequence[pa.Array], odd: Mask | None = None
    ) -> tuple[pa.Table, Mask]:
        """The rows of n records.

        Args:
            lines: Line of each record, ``int64[n]``.
            cells: A column of n values for each name of the layout: text, or typed as ``RAW_SCHEMA`` allows, plain or
                dictionary-encoded, null for what is not said.
            odd: Records that are known to be odd beforehand, ``bool[n]``; changed in place.

        Returns:
            The rows of the records in order, as ``RawRows.rows`` has them, in order of line; and which are odd.
        """
        records = _Records(self._layout, self._json, lines, cells, odd)
        columns = records.columns()
        hashes = records.hashes()
        good = ~records.odd
        if self._layout.wide:
            return _spread(columns, hashes, good), records.odd
        ((algorithm, digest, _),) = hashes
        table = _table({**columns, "algorithm": algorithm, "digest": digest})
        return table if good.all() else table.filter(pa.array(good)), records.odd


Hash = tuple[pa.Array, pa.Array, Mask]
"""Algorithm and digest of each record, and which records have one."""


class _Records:
    """The columns of one block while rows are made of them."""

    def __init__(
        self,
        layout: Layout,
        json: frozenset[int],
        lines: npt.NDArray[np.int64],
        cells: Sequence[pa.Array],
        odd: Mask | None,
    ) -> None:
        self.layout = layout
        self.json = json
        self.lines = lines
        self.cells = cells
        self.odd = np.zeros(len(lines), dtype=np.bool_) if odd is None else odd
        self.withdrawn = self._withdrawn()

    def cell(self, field: str) -> pa.Array | None:
        """The column that holds a field."""
        return self.cells[self.layout.at[field]] if field in self.layout.at else None

    def columns(self) -> dict[str, pa.Array]:
        """The columns of ``RAW_SCHEMA`` other than those of the hash, those that nothing is said in left out."""
        found = {name: self.cells[self.layout.at[name]] for name in _AS_THEY_ARE if name in self.layout.at}
        found["line"] = pa.array(self.lines)
        media_type, *known = self._media_types()
        if media_type is not None:
            found["media_type"] = media_type
        for name, column in (("labels", self._labels()), ("withdrawn", self.withdrawn), ("extra", self._extra(known))):
            if column is not None:
                found[name] = column
        return found

    def hashes(self) -> list[Hash]:
        """The hashes, column by column; records that have none are odd, but for those that plainly withdraw."""
        found: list[Hash] = []
        for position, name in self.layout.wide.items():
            column = self.cells[position]
            found.append((from_places(np.zeros(len(column), dtype=np.int32), pa.array([name])), column, _full(column)))
        digest = self.cell("digest")
        if digest is not None:
            algorithm = self.cell("algorithm")
            known = self.layout.algorithms
            if algorithm is not None:
                algorithm, _ = mapped(
                    algorithm, lambda text: algorithm_name(text, known) if text else None, pa.string()
                )
            else:
                algorithm = pa.nulls(len(digest), pa.string())
            found.append((algorithm, digest, _full(digest)))
        said = np.any([full for _, _, full in found], axis=0)
        if self.withdrawn is not None and not self.layout.wide:
            nothing = found[0][1].is_null().to_numpy(zero_copy_only=False)
            said |= nothing & self.withdrawn.fill_null(False).to_numpy(zero_copy_only=False)
        self.odd |= ~said
        return found

    def _mapped(self, column: pa.Array, function: Callable[[Any], Hashable], kind: pa.DataType) -> pa.DictionaryArray:
        result, bad = mapped(column, function, kind)
        self.odd |= bad
        return result

    def _withdrawn(self) -> pa.Array | None:
        column = self.cell("withdrawn")
        if column is None or pa.types.is_boolean(column.type):
            return column
        return decoded(self._mapped(column, truth, pa.bool_()))

    def _labels(self) -> pa.Array | None:
        labels, ideology = self.cell("labels"), self.cell("ideology")
        if labels is not None and not pa.types.is_list(labels.type):
            raw = self.layout.at["labels"] in self.json

            def read(text: str) -> tuple[str, ...]:
                return tuple(labels_of(decode(text.encode(), ANYTHING) if raw else text) or ())

            labels = self._mapped(labels, read, RAW_SCHEMA.field("labels").type)
        if ideology is None:
            return labels
        ideology = self._mapped(ideology, lambda text: ideology_label(text) if text else None, pa.string())
        if labels is None:
            labels = pa.nulls(len(ideology), RAW_SCHEMA.field("labels").type)
        return _joined_labels(labels, ideology)

    def _media_types(self) -> tuple[pa.Array | None, pa.Array | None, pa.Array | None]:
        """The media type in our words, and what stands beside it in ``extra``: type of the file, and their own word."""
        own, file = self.cell("media_type"), self.cell("file_type")
        ours = theirs = by_file = None
        if own is not None:
            ours, _ = mapped(own, lambda text: (media_type_of(text) or text) or None, pa.string())
            theirs, _ = mapped(own, _foreign_word, pa.string())
        if file is not None:
            file, _ = mapped(file, lambda text: text or None, pa.string())
            by_file, _ = mapped(file, lambda text: media_type_of(text) or "unknown", pa.string())
        if ours is None or by_file is None:
            return (by_file if ours is None else ours), file, theirs
        return pc.coalesce(decoded(ours), decoded(by_file)), file, theirs

    def _extra(self, known: Sequence[pa.Array | None]) -> pa.Array | None:
        """The unknown fields as canonical JSON objects, null where there are none."""
        own = self.cell("extra")
        fields = {name: self._json_of(position) for name, position in self.layout.unknown}
        for name, column in zip(("file_type", "media_type"), known, strict=True):
            if column is not None:
                fields[name] = _either(json_texts(column), fields.get(name))
        if own is None:
            return self._plain(_object(fields))
        own = decoded(own)
        braced = pc.and_(pc.starts_with(own, "{"), pc.ends_with(own, "}")).fill_null(True)
        sure = self.layout.at["extra"] in self.json
        if not sure and not pc.any(pc.starts_with(own, "{")).as_py():
            return self._plain(_object({**fields, "extra": _either(fields.get("extra"), json_texts(own))}))
        self.odd |= ~braced.to_numpy(zero_copy_only=False)
        others = _object(fields)
        if others is None or others.null_count == len(others):
            return self._plain(own)
        if sure:
            return self._plain(_united(own, others))
        # What an object of the text says as well may not be JSON.
        self.odd |= pc.and_(own.is_valid(), others.is_valid()).to_numpy(zero_copy_only=False)
        return self._plain(pc.coalesce(own, others))

    def _json_of(self, position: int) -> pa.Array:
        column = self.cells[position]
        return column if position in self.json else json_texts(column)

    def _plain(self, extra: pa.Array | None) -> pa.Array | None:
        """The same in canonical JSON; what may be too deep or too long, or is no object that can be read, is odd."""
        if extra is None:
            return None
        self.odd |= brackets(extra) > _FREE_BRACKETS
        long = pc.greater(pc.binary_length(extra), _FREE_BYTES).fill_null(False)
        self.odd |= long.to_numpy(zero_copy_only=False)
        if self.odd.any():
            extra = pc.if_else(pa.array(self.odd), None, extra)
        extra, unreadable = canonical_objects(extra)
        self.odd |= unreadable
        return extra


def _full(column: pa.Array) -> Mask:
    """Where something stands in a column of text or bytes."""
    long = pc.greater(pc.binary_length(decoded(column)), 0).fill_null(False)
    return np.asarray(long.to_numpy(zero_copy_only=False))


def _foreign_word(text: str) -> str | None:
    """A word for a kind of file that ours cannot say, though we know what it means."""
    known = media_type_of(text)
    return text if known and known != text.lower() else None


def _either(first: pa.Array | None, second: pa.Array | None) -> pa.Array:
    """The first column, and where it is null the second."""
    return pc.coalesce(*(column for column in (first, second) if column is not None))


def _object(fields: dict[str, pa.Array]) -> pa.Array | None:
    """JSON objects of columns of JSON, by name; null where all are null; None if there are no columns."""
    members = [
        pc.binary_join_element_wise(f",{msgspec.json.encode(name).decode()}:", fields[name], "")
        for name in sorted(fields)
        if fields[name].null_count < len(fields[name])
    ]
    if not members:
        return pa.nulls(len(next(iter(fields.values()))), pa.string()) if fields else None
    inner = pc.binary_join_element_wise(*members, "", null_handling="replace")
    return pc.binary_join_element_wise("{", pc.if_else(pc.equal(inner, ""), None, pc.utf8_ltrim(inner, ",")), "}", "")


def _united(own: pa.Array, others: pa.Array) -> pa.Array:
    """Objects with the members of both; of equal keys the last counts, as it does in JSON."""
    inner = pc.utf8_trim_whitespace(pc.utf8_slice_codeunits(own, 1, -1))
    comma = pc.if_else(pc.equal(inner, ""), "", ",")
    both = pc.binary_join_element_wise("{", inner, comma, pc.utf8_slice_codeunits(others, 1), "")
    return pc.coalesce(both, own, others)


def _joined_labels(labels: pa.Array, ideology: pa.DictionaryArray) -> pa.DictionaryArray:
    """Labels, and the label of an ideology behind them; null where neither is said."""
    if not pa.types.is_dictionary(labels.type):
        labels = _listed(labels)
    first, second = places(labels), places(ideology)
    width = len(ideology.dictionary) + 1
    pairs, where = np.unique((first + 1) * width + second + 1, return_inverse=True)
    # Behind each dictionary stands what null, whose place is -1, adds.
    lists, words = [*labels.dictionary.to_pylist(), []], [*ideology.dictionary.to_pylist(), None]
    both = [(lists[pair // width - 1], words[pair % width - 1]) for pair in pairs.tolist()]
    joined = pa.array(
        [stated if word is None else [*stated, word] for stated, word in both], type=RAW_SCHEMA.field("labels").type
    )
    nothing = int(len(pairs) > 0 and pairs[0] == 0)
    return from_places((where.reshape(-1) - nothing).astype(np.int32), joined[nothing:])


def _listed(labels: pa.Array) -> pa.DictionaryArray:
    """A column of lists as a dictionary of as many."""
    where = np.where(labels.is_valid().to_numpy(zero_copy_only=False), np.arange(len(labels)), -1)
    return from_places(where.astype(np.int32), labels)


def _spread(columns: dict[str, pa.Array], hashes: Sequence[Hash], good: Mask) -> pa.Table:
    """A row for each hash of each good record."""
    record, kind = np.nonzero(np.stack([full & good for _, _, full in hashes], axis=1))
    place = pa.array(kind * len(good) + record)
    algorithm = pa.concat_arrays([decoded(algorithm) for algorithm, _, _ in hashes]).take(place)
    digest = pa.concat_arrays([decoded(digest) for _, digest, _ in hashes]).take(place)
    table = _table({name: column.take(pa.array(record)) for name, column in columns.items()})
    # A quality is the picture's, not that of digests that stand beside it.
    others = pc.is_in(algorithm, pa.array(DIGESTS)).fill_null(False)
    quality = pc.if_else(others, None, decoded(table.column("quality").combine_chunks()))
    for name, column in (("algorithm", algorithm), ("digest", digest), ("quality", quality)):
        table = table.set_column(table.column_names.index(name), name, column)
    return table


def _table(columns: dict[str, pa.Array]) -> pa.Table:
    """Columns by name as ``RawRows.rows`` has them; those that are missing are null."""
    count = len(columns["line"])
    arrays = [columns.get(field.name) for field in RAW_SCHEMA]
    filled = [
        pa.nulls(count, field.type) if array is None or pa.types.is_null(array.type) else array
        for field, array in zip(RAW_SCHEMA, arrays, strict=True)
    ]
    return pa.table(filled, names=RAW_SCHEMA.names)
