"""JSON lines: the library's own form, in which nothing is lost, and the one-object-a-line of others.

::

    {"hashmatch":1,"list":{"name":"tcap","partner":"...","role":"block",...},"partial":false}
    {"list":"tcap","source_id":"2819","algorithm":"pdq","digest":"d8f8...","labels":["ideology:far-right"]}

One header per list comes first, then a record a line, without what is null or default. Lines without a
header, as others write them, are read by the names of their fields.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import BinaryIO

import msgspec
import pyarrow as pa

from ..errors import InvalidValue
from ..records import ListSettings
from .base import ListFormat, RawRows, ReadOptions
from .blocks import Blocks
from .chunk import Chunk
from .fields import find_fields, find_wide
from .headers import header_of, is_header
from .json_document import first_keys
from .json_reading import JsonReading
from .json_text import OBJECT, decode
from .json_writing import json_lines
from .layout import Layouts
from .source import Source
from .written import pieces


class JsonLines(ListFormat):
    """The library's own JSON lines, and those of others."""

    name = "jsonl"
    suffix = ".jsonl"

    def recognises(self, source: Source, algorithms: Collection[str]) -> bool:
        """Whether its first line is a header of ours, or an object with a field that is known to hold hashes."""
        line = next(iter(source.head_lines), source.head)
        if not line.lstrip().startswith(b"{"):
            return False
        try:
            record = decode(line, OBJECT)
        except InvalidValue:
            # Broken, or cut where the head ends.
            return b'"hashmatch"' in line or b'"digest"' in line or _tell(first_keys(line), algorithms)
        return is_header(record) or _tell(record, algorithms)

    def recognises_columns(self, source: Source, columns: Collection[str]) -> bool:
        """Whether its first line is an object that has one of the fields; those that it lacks may be empty there."""
        line = next(iter(source.head_lines), source.head)
        return line.lstrip().startswith(b"{") and not first_keys(line).isdisjoint(columns)

    def read(self, source: Source, options: ReadOptions) -> Iterator[RawRows]:
        """The records; headers come with the rows that follow them.

        Raises:
            FormatError: If nothing in the file is in form, or a newer version of ours wrote it.
        """
        chunk = Chunk(source.name, self.name)
        yield from JsonReading(chunk, Layouts(options.columns, options.algorithms), source.name).read(Blocks(source))
        yield chunk.finish()

    def write(
        self, tables: Iterable[pa.Table], settings: Mapping[str, ListSettings], sink: BinaryIO, cut: Collection[str]
    ) -> None:
        """Write a header per list, and then a line per record."""
        encoder = msgspec.json.Encoder()
        for stated in settings.values():
            sink.write(encoder.encode(header_of(stated, cut)) + b"\n")
        for table in tables:
            for batch in pieces(table):
                sink.write(json_lines(batch))


def _tell(names: Iterable[str], algorithms: Collection[str]) -> bool:
    """Whether one of some keys is known to hold hashes."""
    keys = tuple(names)
    return "digest" in find_fields(keys) or bool(find_wide(keys, algorithms))


JSONL = JsonLines()
