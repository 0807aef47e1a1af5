"""CSV with a header: the columns' names say what they hold."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import BinaryIO

import msgspec
import pyarrow as pa

from ..errors import FormatError, InvalidValue
from ..records import ListSettings
from .base import ListFormat, RawRows, ReadOptions
from .chunk import TOO_LONG, Chunk
from .csv_rows import read_rows, split
from .fields import ALIASES, find_fields, find_wide, normal_name
from .layout import Layout, check_columns, find_layout
from .source import Source
from .written import WRITTEN, written_columns

MAX_COLUMNS = 16_384
"""As many as a spreadsheet has; a file with more is no list."""

COLUMNS = WRITTEN[1:]
"""What we write, in order; before them ``list``, where there are several."""

_DELIMITERS = ",;\t"
_BLANK_LINES = 1000
"""Most blank lines before the header."""
_QUOTED = re.compile(r'[",\r\n]|^\s|\s$')
_NOT_PLAIN = re.compile(r"[;|,\x00-\x1f]|^\[|^\s|\s$|^$")
"""In a label: what would not come back from labels that are joined by ``;``."""


class Csv(ListFormat):
    """CSV with a header.

    Values are written as they are, quoted where CSV asks for it. A spreadsheet may take a value that
    begins with ``=`` for a formula, quoted or not: marks that would prevent it change the value, and
    the file would not come back the same. Open lists of strangers as text.
    """

    name = "csv"
    suffix = ".csv"

    def recognises(self, source: Source, algorithms: Collection[str]) -> bool:
        """Whether its first line names a column of hashes, or could and the name ends in .csv or .tsv."""
        line = next((line for line in source.head.splitlines() if line.strip()), b"")
        text = line.decode(errors="replace")
        if "\0" in text or text.lstrip()[:1] in ("{", "["):
            return False
        names = [name.strip() for name in split(text, _delimiter(text))]
        if "digest" in find_fields(names) or find_wide(names, algorithms):
            return True
        return len(names) > 1 and bool({".csv", ".tsv"} & set(source.suffixes))

    def read(self, source: Source, options: ReadOptions) -> Iterator[RawRows]:
        """The rows; ``line`` is the first line of each.

        Raises:
            FormatError: If there is no header, it names no column of hashes, or none of those that
                ``options.columns`` asks for.
            InvalidValue: If ``options.columns`` maps something that is no field of ours.
        """
        chunk = Chunk(source.name, self.name)
        rows = _rows(source)
        number, header, reason = next(rows, (1, None, "it is empty"))
        if header is None:
            raise FormatError(f"{source.name} is not in the format {self.name}: line {number}: {reason}")
        names = _names(header, source.name)
        if "digest" not in options.columns:
            _check_one_digest(header, source.name)
        layout = _layout(names, source.name, options)
        verbatim = tuple(header) in (COLUMNS, ("list", *COLUMNS))
        chunk.in_form = True
        for number, cells, reason in rows:
            if cells is None:
                chunk.reject(number, reason)
            else:
                _add(chunk, layout, number, len(names), cells if verbatim else [cell.strip() for cell in cells])
            if chunk.full:
                yield chunk.take()
        yield chunk.finish()

    def write(
        self, tables: Iterable[pa.Table], settings: Mapping[str, ListSettings], sink: BinaryIO, cut: Collection[str]
    ) -> None:
        """Write a header and a row per record; a first column ``list`` if there are several.

        The settings of lists, and whether claims were left out, are not said in this format.
        """
        columns = ("list", *COLUMNS) if len(settings) > 1 else COLUMNS
        sink.write(f"{','.join(columns)}\n".encode())
        for table in tables:
            for batch in table.to_batches(max_chunksize=32_768):
                sink.write(_written(batch, columns).encode())


def _rows(source: Source) -> Iterator[tuple[int, list[str] | None, str]]:
    """All rows, the header first; its delimiter holds for all."""
    lines = source.lines(whole=True)
    for number, line in itertools.islice(lines, _BLANK_LINES):
        if line is None:
            yield number, None, TOO_LONG
            return
        if line.strip():
            delimiter = _delimiter(line.decode(errors="replace"))
            yield from read_rows(itertools.chain([(number, line)], lines), delimiter)
            return


def _delimiter(header: str) -> str:
    """The character that divides a header: the one that gives a column of hashes, else most columns."""
    rows = {delimiter: split(header, delimiter) for delimiter in _DELIMITERS}
    return max(rows, key=lambda delimiter: ("digest" in find_fields(rows[delimiter]), len(rows[delimiter])))


def _names(header: Sequence[str], file: str) -> list[str]:
    """The columns' names, each once."""
    if len(header) > MAX_COLUMNS:
        raise FormatError(f"{file} has more than {MAX_COLUMNS} columns")
    if any("\r" in cell for cell in header):
        raise FormatError(f"{file} has lines that end in CR alone; save it with LF or CR LF")
    names: dict[str, None] = {}
    for position, cell in enumerate(header, start=1):
        name = cell.strip() or f"column_{position}"
        while name in names:
            name = f"{name}_{position}"
        names[name] = None
    return list(names)


def _check_one_digest(header: Sequence[str], file: str) -> None:
    """Raise FormatError if several columns could hold the hash: which one counts must not be a guess."""
    several = [cell.strip() for cell in header if normal_name(cell) in ALIASES["digest"]]
    if len(several) > 1:
        raise FormatError(f"{file} has several columns that may hold hashes ({', '.join(several)}): map one as digest")


def _layout(names: Sequence[str], file: str, options: ReadOptions) -> Layout:
    normal = [normal_name(name) for name in names]
    shown = ", ".join(name[:40] for name in names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
    check_columns(options.columns, options.algorithms)
    stated = {}
    for field, column in options.columns.items():
        if column in names:
            stated[field] = names.index(column)
        elif normal_name(column) in normal:
            stated[field] = normal.index(normal_name(column))
        else:
            raise FormatError(f"{file} has no column {column!r} for {field}; its columns are {shown}")
    layout = find_layout(names, stated, options.algorithms)
    if not layout.has_hashes:
        raise FormatError(
            f"{file} has no column that is known to hold hashes; map one as digest; its columns are {shown}"
        )
    return layout


def _add(chunk: Chunk, layout: Layout, number: int, width: int, texts: list[str]) -> None:
    """Add a row's hashes, or its reject, to the chunk."""
    cells = [text or None for text in texts]
    if len(cells) != width:
        chunk.reject(number, f"{len(cells)} cells where the header has {width}", **layout.claim(cells))
        return
    try:
        chunk.add(layout.rows(number, cells), sum(map(len, texts)))
    except InvalidValue as error:
        chunk.reject(number, str(error), **layout.claim(cells))


def _written(batch: pa.RecordBatch, columns: Sequence[str]) -> str:
    """Records as lines of CSV."""
    texts = written_columns(batch)
    texts["labels"] = [_labels(labels) for labels in texts["labels"]]
    texts["extra"] = ["" if extra == "{}" else extra for extra in texts["extra"]]
    rows = zip(*(texts[column] for column in columns), strict=True)
    return "".join(f"{','.join(map(_cell, row))}\n" for row in rows)


def _labels(labels: Sequence[str]) -> str:
    if any(_NOT_PLAIN.search(label) for label in labels):
        return msgspec.json.encode(labels).decode()
    return ";".join(labels)


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = str(value)
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


CSV = Csv()
