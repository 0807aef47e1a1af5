"""Typed columns: those of Parquet and Arrow, made ready to be read by a layout as the text of CSV is.

What a record has a type for stays as it is: digests as bytes, dates, numbers, lists of labels. Anything else that we
know becomes text; what we do not know becomes JSON, with bytes in base64, and dates and decimals as text.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ..errors import FormatError, InvalidValue
from ..escaping import one_line
from ..texts import decoded, json_texts, said
from .base import RAW_SCHEMA, RawRows
from .chunk import Chunk
from .columns import Columns
from .fields import EXTRA_BYTES
from .json_text import ANYTHING, decode, text_of
from .layout import Layout
from .typed_digests import as_text, read_digests
from .typed_sizes import PIECE_BYTES, ROW_BYTES, cut, dictionary_bytes, halves, sizes
from .typed_texts import checked, unreadable

_TOO_LONG = f"longer than {ROW_BYTES} bytes"
_STAND_IN = "x" * (EXTRA_BYTES + 1)
"""What stands for an unknown value that is longer than ``extra`` may be: it is left out there like the value itself."""

Reader = Callable[[pa.Array], pa.Array]

_LABELS = RAW_SCHEMA.field("labels").type
_DATES = ("created_at", "updated_at", "expires_at")
_NESTED = (pa.types.is_nested, pa.types.is_union)
_AS_TEXT = (
    pa.types.is_timestamp,
    pa.types.is_date,
    pa.types.is_time,
    pa.types.is_duration,
    pa.types.is_decimal,
    pa.types.is_interval,
)


class TypedColumns:
    """How the columns of one typed file are read."""

    def __init__(
        self,
        schema: pa.Schema,
        names: Sequence[str],
        layout: Layout,
        sizes: Mapping[str, int],
        file: str,
        *,
        verbatim: bool,
    ) -> None:
        """Columns of a schema.

        Args:
            schema: That of the file.
            names: Of its columns, each once.
            layout: Says what they hold.
            sizes: Every algorithm that is known, with the size of its digests in bytes.
            file: Its name, for errors.
            verbatim: Whether blanks around text belong to it, and bytes are digests whatever they look like, since we
                wrote the file.

        Raises:
            FormatError: If a column cannot hold what it is said to hold.
        """
        self._layout = layout
        self._names = names
        self._sizes = sizes
        self._foreign = not verbatim
        self._file = file
        fields = {position: field for field, position in layout.at.items()} | dict.fromkeys(layout.wide, "digest")
        kinds = [schema.field(position).type for position in range(len(names))]
        self._digests = [position for position, field in fields.items() if field == "digest"]
        self._readers: list[Reader] = []
        json: list[int] = []
        for position, (name, kind) in enumerate(zip(names, kinds, strict=True)):
            reader, is_json = self._reader(name, fields.get(position), kind)
            self._readers.append(reader)
            if is_json:
                json.append(position)
        self._json = frozenset(json)
        self._free = sorted(self._json | {position for _, position in layout.unknown})
        self._columns = Columns(layout, json=json)

    def read(self, chunk: Chunk, batch: pa.RecordBatch, first: int) -> Iterator[RawRows]:
        """The rows of a batch.

        Args:
            chunk: Gathers the records that have to be read singly.
            batch: In the schema.
            first: Number of its first record, from 1.

        Raises:
            FormatError: If a column holds values that cannot be read at all.
        """
        for part in halves(batch):
            for piece in cut(part, self._row_sizes(part)):
                if len(piece) == 1 and self._row_sizes(piece)[0] > ROW_BYTES:
                    chunk.reject(first, _TOO_LONG, **self._claim(piece))
                    yield chunk.take()
                else:
                    yield from self._read(chunk, piece, first)
                first += len(piece)

    def _row_sizes(self, batch: pa.RecordBatch) -> npt.NDArray[np.int64]:
        """What each row takes, ``int64[n]``; of unknown values at most what stands for them."""
        total = np.zeros(len(batch), dtype=np.int64)
        for position, column in enumerate(batch.columns):
            found = sizes(column)
            total += np.minimum(found, len(_STAND_IN)) if position in self._free else found
        return total

    def _claim(self, batch: pa.RecordBatch) -> dict[str, str | None]:
        """List and id of a single row, where they can be read: the arguments of a reject."""
        claim: dict[str, str | None] = {}
        for field in ("list", "source_id"):
            position = self._layout.at.get(field, -1)
            if position >= 0 and sizes(batch.column(position))[0] <= EXTRA_BYTES:
                try:
                    claim[field] = self._readers[position](batch.column(position))[0].as_py()
                except (pa.ArrowException, ValueError, OverflowError):
                    continue
        return claim

    def _read(self, chunk: Chunk, batch: pa.RecordBatch, first: int) -> Iterator[RawRows]:
        lines = np.arange(first, first + len(batch))
        batch, long = self._without_long(batch, lines)
        cells = self._cells(batch)
        read = [column for column in cells if column is not None]
        if len(read) < len(cells):
            batch, lines = self._without_unreadable(chunk, batch, cells, lines)
            read = [column for column in self._cells(batch) if column is not None]
        for position, missing in long.items():
            word = f'"{_STAND_IN}"' if position in self._json else _STAND_IN
            read[position] = pc.if_else(pa.array(np.isin(lines, missing)), word, decoded(read[position]))
        cells = self._with_digests(read)
        table, odd = self._columns.rows(lines, cells)
        for row in np.flatnonzero(odd).tolist():
            self._add(chunk, int(lines[row]), [column[row].as_py() for column in cells])
        yield from chunk.among(table)

    def _without_long(
        self, batch: pa.RecordBatch, lines: npt.NDArray[np.int64]
    ) -> tuple[pa.RecordBatch, dict[int, npt.NDArray[np.int64]]]:
        """A batch without large dictionaries and without unknown values too long to be kept; and their lines by column."""
        columns, long = list(batch.columns), {}
        for position in self._free:
            mask = sizes(columns[position]) > EXTRA_BYTES
            if mask.any():
                columns[position] = columns[position].take(pa.array(np.arange(len(mask)), mask=mask))
                long[position] = lines[mask]
        columns = [decoded(column) if dictionary_bytes(column) > PIECE_BYTES else column for column in columns]
        return pa.RecordBatch.from_arrays(columns, names=batch.schema.names), long

    def _cells(self, batch: pa.RecordBatch) -> list[pa.Array | None]:
        """The columns made ready; None for one that holds a value that cannot be read."""
        cells: list[pa.Array | None] = []
        for name, reader, column in zip(self._names, self._readers, batch.columns, strict=True):
            try:
                cells.append(reader(column))
            except (ValueError, OverflowError):
                cells.append(None)
            except (pa.ArrowException, TypeError, RecursionError) as error:
                raise FormatError(
                    f"{self._file} has a column {name[:80]!r} that cannot be read: {one_line(error)}"
                ) from error
        return cells

    def _without_unreadable(
        self, chunk: Chunk, batch: pa.RecordBatch, cells: Sequence[pa.Array | None], lines: npt.NDArray[np.int64]
    ) -> tuple[pa.RecordBatch, npt.NDArray[np.int64]]:
        """A batch and its lines without the rows that hold a value that cannot be read, which are rejects."""
        columns = [
            decoded(column) if cell is None else column for column, cell in zip(batch.columns, cells, strict=True)
        ]
        good = np.ones(len(lines), dtype=np.bool_)
        reasons: dict[int, str] = {}
        for position, cell in enumerate(cells):
            if cell is None:
                rows = np.flatnonzero(good)
                for place, error in unreadable(columns[position].take(pa.array(rows)), self._readers[position]):
                    reasons[int(rows[place])] = _reason(self._names[position], error)
                    good[rows[place]] = False
        at = {field: self._layout.at.get(field, -1) for field in ("list", "source_id")}
        speaking = {field: cells[position] for field, position in at.items() if position >= 0}
        for row, reason in sorted(reasons.items()):
            claim = {field: cell[row].as_py() for field, cell in speaking.items() if cell is not None}
            chunk.reject(int(lines[row]), reason, **claim)
        kept = pa.RecordBatch.from_arrays(columns, names=self._names).filter(pa.array(good))
        return kept, lines[good]

    def _with_digests(self, cells: list[pa.Array]) -> list[pa.Array]:
        """The columns with their digests all as bytes, or all as text."""
        named = cells[self._layout.at["algorithm"]] if "algorithm" in self._layout.at else None
        for position in self._digests:
            if self._foreign and pa.types.is_binary(cells[position].type):
                algorithm = self._layout.wide.get(position, named)
                cells[position] = read_digests(cells[position], algorithm, self._sizes)
        in_bytes = [position for position in self._digests if pa.types.is_binary(cells[position].type)]
        if len(in_bytes) < len(self._digests):
            for position in in_bytes:
                cells[position] = as_text(cells[position], np.zeros(len(cells[position]), dtype=np.bool_))
        return cells

    def _add(self, chunk: Chunk, line: int, values: Sequence[object]) -> None:
        claim: dict[str, str | None] = {}
        try:
            cells = [
                decode(value.encode(), ANYTHING) if position in self._json and isinstance(value, str) else _plain(value)
                for position, value in enumerate(values)
            ]
            claim = self._layout.claim(cells)
            chunk.add(self._layout.rows(line, cells), 1)
        except InvalidValue as error:
            chunk.reject(line, str(error), **claim)

    def _reader(self, name: str, field: str | None, kind: pa.DataType) -> tuple[Reader, bool]:
        """What makes a column ready, and whether that gives JSON."""
        inner = kind.value_type if pa.types.is_dictionary(kind) else kind
        nested = any(test(inner) for test in _NESTED)
        if (nested and _unbounded(inner)) or _is_view(inner):
            raise FormatError(f"{self._file} has a column {name[:80]!r} of {str(inner)[:80]}, which is not read")
        if _is_string(inner):
            return self._said, False
        if field is None or (field == "extra" and nested):
            as_text = any(test(inner) for test in _AS_TEXT)
            return (_as_text, False) if as_text else (_as_json, True)
        if field == "labels" and nested and hasattr(inner, "value_type") and not pa.types.is_nested(inner.value_type):
            return _as_labels, False
        if nested or (field == "digest" and _is_no_hash(inner)):
            raise FormatError(f"{self._file} has a column {name[:80]!r} of {str(inner)[:80]}, which cannot be {field}")
        if field == "digest" and _is_bytes(inner):
            return lambda column: decoded(column).cast(pa.binary()), False
        return self._known(field, inner), False

    def _known(self, field: str, kind: pa.DataType) -> Reader:
        """What makes a column ready that holds one value of ours in each row."""
        if field == "digest" and pa.types.is_floating(kind):
            return _not_said
        if field == "withdrawn" and pa.types.is_boolean(kind):
            return decoded
        if field in ("frame", "quality") and pa.types.is_integer(kind):
            return decoded
        if field == "timestamp" and pa.types.is_floating(kind):
            return _as_number
        if field in _DATES and (pa.types.is_timestamp(kind) or pa.types.is_date(kind)):
            days = pa.types.is_date(kind)
            return (lambda column: decoded(column).cast(pa.timestamp("ms"))) if days else decoded
        if pa.types.is_floating(kind) or _is_bytes(kind):
            return lambda column: pa.array(map(_text, decoded(column).to_pylist()), type=pa.string())
        return _as_text

    def _said(self, column: pa.Array) -> pa.Array:
        if pa.types.is_dictionary(column.type):
            plain = column.dictionary.cast(pa.string())
            return said(pa.DictionaryArray.from_arrays(column.indices, plain), trim=self._foreign)
        return said(checked(column).cast(pa.string()), trim=self._foreign)


def _reason(column: str, error: Exception) -> str:
    """Why a row is rejected that holds a value which cannot be read."""
    if isinstance(error, UnicodeError) or "UTF8" in str(error):
        return f"column {column[:40]!r} is not UTF-8"
    return f"column {column[:40]!r} cannot be read: {one_line(error)}"


def _unbounded(kind: pa.DataType) -> bool:
    """Whether values within a nested type may be far larger than the bytes that hold them."""
    if pa.types.is_nested(kind):
        fields = [kind.field(place) for place in range(kind.num_fields)]
        repeats = pa.types.is_fixed_size_list(kind) or (pa.types.is_union(kind) and kind.mode == "dense")
        return not fields or repeats or any(_unbounded(field.type) for field in fields)
    return pa.types.is_dictionary(kind) or pa.types.is_null(kind) or _is_view(kind)


def _is_view(kind: pa.DataType) -> bool:
    return "view" in str(kind) or "run_end" in str(kind)


def check_names(fields: Iterable[pa.Field]) -> None:
    """Raise ValueError if the name of a column, or of one within it, is no text: Arrow sees that when it is asked."""
    for field in fields:
        field.name.encode()
        kind = field.type
        if pa.types.is_nested(kind):
            check_names(kind.field(place) for place in range(kind.num_fields))


def _as_json(column: pa.Array) -> pa.Array:
    return json_texts(decoded(column))


def _as_text(column: pa.Array) -> pa.Array:
    return decoded(column).cast(pa.string())


def _as_number(column: pa.Array) -> pa.Array:
    numbers = decoded(column)
    return pc.if_else(pc.is_nan(numbers), None, numbers)


def _not_said(column: pa.Array) -> pa.Array:
    """A column of digests that pandas made one of numbers, since it holds none.

    Raises:
        TypeError: If it holds a number, which is no hash.
    """
    if _as_number(column).null_count < len(column):
        raise TypeError("numbers are no hashes")
    return pa.nulls(len(column), pa.string())


def _as_labels(column: pa.Array) -> pa.Array:
    lists = decoded(column)
    checked(lists.flatten())
    return lists.cast(_LABELS)


def _is_no_hash(kind: pa.DataType) -> bool:
    """Whether no hash can stand in a column; one of floats may be empty, and is looked at when it is read."""
    tests = (_is_string, _is_bytes, pa.types.is_null, pa.types.is_floating)
    return not any(test(kind) for test in tests)


def _is_string(kind: pa.DataType) -> bool:
    return any(test(kind) for test in (pa.types.is_string, pa.types.is_large_string))


def _is_bytes(kind: pa.DataType) -> bool:
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    tests = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary)
    return any(test(kind) for test in tests)


def _text(value: object) -> str | None:
    """A number as text; bytes as the text that they are, or else in hexadecimal."""
    if isinstance(value, float):
        return text_of(value, "a number") if math.isfinite(value) else (None if math.isnan(value) else str(value))
    if isinstance(value, bytes):
        try:
            text = value.decode()
        except UnicodeDecodeError:
            return value.hex()
        return text if text.isprintable() else value.hex()
    return None if value is None else str(value)


def _plain(value: object) -> object:
    """A value as JSON has it."""
    if isinstance(value, bytes):
        return value.hex()
    return value if value is None or isinstance(value, str | int | float | bool | list | dict) else str(value)
