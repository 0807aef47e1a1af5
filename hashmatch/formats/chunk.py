"""Chunk: the rows that a format gathers, until there are enough of them for a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ..errors import FormatError
from ..records import RowError
from ..texts import decoded
from .base import RAW_SCHEMA, RawRows
from .source import LINE_BYTES

CHUNK_ROWS = 32_768
"""Most rows, rejects among them, that one chunk is filled with; one record may add a few more."""

CHUNK_BYTES = 32 * 1024 * 1024
"""Bytes of the file after which a chunk is handed on, however few its rows are."""

FOOTHOLD = 100
"""Lines within which the first one in form must come; else the file is not in the format."""

_REASON = 280
"""Characters of a reason: what it quotes comes from the file."""

TOO_LONG = f"longer than {LINE_BYTES} bytes"
"""Why a line that ``Source.lines`` gives as None is rejected."""

Row = tuple[Any, ...]
"""One row: a value for each column of ``RAW_SCHEMA``, in that order."""


class Chunk:
    """Gathers one file's rows and rejects.

    Adding a row is one tuple; columns are made once a chunk. The chunk also knows whether anything in
    the file was in form yet, since a file of nothing but rejects is not in the format.
    """

    def __init__(self, name: str, form: str) -> None:
        """A chunk of the file called ``name``, read as the format called ``form``."""
        self._name = name
        self._form = form
        self._rows: list[Row] = []
        self._rejects: list[RowError] = []
        self._headers: list[Mapping[str, object]] = []
        self._bytes = 0
        self._refused = 0
        self._first_reason = ""
        self.in_form = False
        """Whether a row, a header or a page was found."""

    def add(self, rows: Iterable[Row], size: int) -> None:
        """Take the rows of one record that takes ``size`` bytes in the file; they count as often as they repeat it."""
        begun = len(self._rows)
        self._rows.extend(rows)
        # What a record says once is written out in each of its rows.
        self._bytes += size + sum(map(_characters, self._rows[begun + 1 :]))
        self.in_form = True

    def add_header(self, header: Mapping[str, object]) -> None:
        """Take what the file says about a list."""
        self._headers.append(header)
        self.in_form = True

    def reject(self, line: int, reason: str, *, list: str | None = None, source_id: str | None = None) -> None:
        """Take note of a row that could not be read.

        Raises:
            FormatError: If it is the hundredth, and nothing before it was in form.
        """
        if len(reason) > _REASON:
            reason = f"{reason[: _REASON - 3]}..."
        self._rejects.append(RowError(line, reason, list, source_id))
        self._bytes += len(source_id or "")
        self._first_reason = self._first_reason or f"line {line}: {reason}"
        self._refused += 1
        if self._refused >= FOOTHOLD:
            self._check()

    @property
    def begun(self) -> bool:
        """Whether anything was gathered since the last time."""
        return bool(self._rows or self._rejects or self._headers)

    @property
    def full(self) -> bool:
        """Whether it should be taken before more is added."""
        return len(self._rows) + len(self._rejects) >= CHUNK_ROWS or self._bytes >= CHUNK_BYTES

    def take(self) -> RawRows:
        """What was gathered since the last time."""
        columns = zip(*self._rows) if self._rows else [()] * len(RAW_SCHEMA)  # noqa: B905 - all rows are equally long
        arrays = [pa.array(column, type=field.type) for column, field in zip(columns, RAW_SCHEMA, strict=True)]
        table = pa.Table.from_arrays(arrays, schema=RAW_SCHEMA)
        taken = RawRows(table, tuple(self._rejects), tuple(self._headers))
        self._rows, self._rejects, self._headers, self._bytes = [], [], [], 0
        return taken

    def among(self, rows: pa.Table) -> Iterator[RawRows]:
        """Hand on rows that were made of whole columns, and what was gathered, both in order of line."""
        gathered = self.take()
        if not len(rows):
            rows = gathered.rows
        elif len(gathered.rows):
            plain = pa.table([decoded(column.combine_chunks()) for column in rows.columns], names=rows.column_names)
            if plain.schema.types == RAW_SCHEMA.types:
                rows = pa.concat_tables([plain.cast(RAW_SCHEMA), gathered.rows])
                rows = rows.take(pc.sort_indices(rows, sort_keys=[("line", "ascending")]))
            else:
                # Typed columns and text do not stand in one table.
                yield RawRows(gathered.rows)
        yield RawRows(rows.slice(0, CHUNK_ROWS), gathered.rejects, gathered.headers)
        for start in range(CHUNK_ROWS, len(rows), CHUNK_ROWS):
            yield RawRows(rows.slice(start, CHUNK_ROWS))

    def finish(self) -> RawRows:
        """What was gathered since the last time, at the end of the file.

        Raises:
            FormatError: If nothing in the whole file was in form.
        """
        self._check()
        return self.take()

    def _check(self) -> None:
        if not self.in_form:
            raise FormatError(f"{self._name} is not in the format {self._form}: {self._first_reason or 'it is empty'}")


def _characters(row: Row) -> int:
    """How many characters a row's texts and labels have."""
    return sum(
        len(cell) if cell.__class__ is str else sum(map(len, filter(None, cell))) if cell.__class__ is list else 0
        for cell in row
    )
