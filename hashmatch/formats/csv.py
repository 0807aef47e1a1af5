"""CSV with a header: the columns' names say what they hold."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping
from string import hexdigits
from typing import BinaryIO

import pyarrow as pa

from ..errors import FormatError
from ..records import ListSettings
from .base import ListFormat, RawRows, ReadOptions
from .blocks import Blocks
from .chunk import Chunk
from .csv_reading import CsvReading
from .csv_rows import RowReader, split
from .csv_writing import csv_lines
from .fields import find_fields, find_wide, normal_name
from .named_columns import layout_of, unique_names
from .nsrl_header import is_nsrl
from .source import Source
from .written import WRITTEN, pieces

COLUMNS = WRITTEN[1:]
"""What we write, in order; before them ``list``, where there are several."""

_DELIMITERS = ",;\t"
_BLANK_LINES = 1000
"""Most blank lines before the header."""


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
        names = _first_names(source)
        if names is None or is_nsrl(names):
            # NSRL's may only allow.
            return False
        if "digest" in find_fields(names) or find_wide(names, algorithms):
            return True
        return len(names) > 1 and bool({".csv", ".tsv"} & set(source.suffixes))

    def recognises_columns(self, source: Source, columns: Collection[str]) -> bool:
        """Whether its first line names all of the columns."""
        names = _first_names(source)
        return names is not None and {*map(normal_name, columns)} <= {*map(normal_name, names)}

    def read(self, source: Source, options: ReadOptions) -> Iterator[RawRows]:
        """The rows; ``line`` is the first line of each.

        Raises:
            FormatError: If there is no header, or a row of hashes in its place; if it names no column of hashes, or
                none of those that ``options.columns`` asks for.
            InvalidValue: If ``options.columns`` maps something that is no field of ours.
        """
        blocks = Blocks(source)
        rows = _rows(blocks)
        header = None if rows is None else rows.row()
        number, names_given, reason = header or (1, None, "it is empty")
        if rows is None or names_given is None:
            raise FormatError(f"{source.name} is not in the format {self.name}: line {number}: {reason}")
        if any("\r" in cell for cell in names_given):
            raise FormatError(f"{source.name} has lines that end in CR alone; save it with LF or CR LF")
        if any(_is_hash(cell.strip(), options.algorithms) for cell in names_given):
            raise FormatError(f"{source.name} has no header: its first line holds a hash")
        names = unique_names(names_given, source.name)
        verbatim = tuple(names_given) in (COLUMNS, ("list", *COLUMNS))
        layout = layout_of(names_given, names, source.name, options.of_ours() if verbatim else options)
        chunk = Chunk(source.name, self.name)
        chunk.in_form = True
        yield from CsvReading(chunk, layout, len(names), rows, verbatim=verbatim).read(blocks)
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
            for batch in pieces(table):
                sink.write(csv_lines(batch, columns))


def _is_hash(cell: str, algorithms: Mapping[str, int]) -> bool:
    """Whether a cell is as many hexadecimal digits as an algorithm has: no column is called so."""
    return len(cell) in {2 * size for size in algorithms.values()} and not cell.strip(hexdigits)


def _first_names(source: Source) -> list[str] | None:
    """The cells of the first line that has any; None if it is no line of CSV."""
    line = next((line for line in source.head.splitlines() if line.strip()), b"")
    text = line.decode(errors="replace")
    if "\0" in text or text.lstrip()[:1] in ("{", "["):
        return None
    return [name.strip() for name in split(text, _delimiter(text))]


def _rows(blocks: Blocks) -> RowReader | None:
    """A reader of all rows, the header first; its delimiter holds for all. None if there is no header."""
    lines = iter(blocks.line, None)
    given = (pair for pair in itertools.islice(lines, _BLANK_LINES) if pair[1] is None or pair[1].strip())
    first = next(given, None)
    if first is None:
        return None
    following = itertools.chain([first], lines)
    return RowReader(lambda: next(following, None), _delimiter((first[1] or b"").decode(errors="replace")))


def _delimiter(header: str) -> str:
    """The character that divides a header: the one that gives a column of hashes, else most columns."""
    rows = {delimiter: split(header, delimiter) for delimiter in _DELIMITERS}
    return max(rows, key=lambda delimiter: ("digest" in find_fields(rows[delimiter]), len(rows[delimiter])))


CSV = Csv()
