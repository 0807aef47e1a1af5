"""JSON lines: the library's own form, in which nothing is lost, and the one-object-a-line of others.

::

    {"hashmatch":1,"list":{"name":"tcap","partner":"...","role":"block",...},"partial":false}
    {"list":"tcap","source_id":"2819","algorithm":"pdq","digest":"d8f8...","labels":["ideology:far-right"]}

One header per list comes first, then a record a line, without what is null or default. Lines without a
header, as others write them, are read by the names of their fields.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, BinaryIO

import msgspec
import pyarrow as pa

from ..errors import FormatError, InvalidValue
from ..records import ListSettings, MediaType, Opinion
from .base import ListFormat, RawRows, ReadOptions
from .chunk import TOO_LONG, Chunk
from .fields import find_fields, find_wide
from .json_text import OBJECT, decode
from .layout import Layouts
from .source import Source
from .written import WRITTEN, written_columns

VERSION = 1
"""Of what we write; stands in each header as ``hashmatch``."""

_DEFAULTS: Mapping[str, object] = {
    "media_type": MediaType.UNKNOWN.value,
    "opinion": Opinion.POSITIVE.value,
    "labels": [],
    "extra": "{}",
}
"""What is left out; so is null."""


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
            return b'"hashmatch"' in line or b'"digest"' in line
        names = tuple(record)
        return _is_header(record) or "digest" in find_fields(names) or bool(find_wide(names, algorithms))

    def read(self, source: Source, options: ReadOptions) -> Iterator[RawRows]:
        """The records; headers come with the rows that follow them.

        Raises:
            FormatError: If nothing in the file is in form, or a newer version of ours wrote it.
        """
        chunk = Chunk(source.name, self.name)
        layouts = Layouts(options.columns, options.algorithms)
        for number, line in source.lines():
            if line is not None and not line.strip():
                continue
            claim: dict[str, str | None] = {}
            try:
                if line is None:
                    raise InvalidValue(TOO_LONG)
                record = decode(line, OBJECT)
                if _is_header(record):
                    chunk.add_header(_header(record, source.name))
                else:
                    layout, cells = layouts.of(tuple(record)), tuple(record.values())
                    claim = layout.claim(cells)
                    chunk.add(layout.rows(number, cells), len(line))
            except InvalidValue as error:
                chunk.reject(number, str(error), **claim)
            if chunk.full:
                yield chunk.take()
        yield chunk.finish()

    def write(
        self, tables: Iterable[pa.Table], settings: Mapping[str, ListSettings], sink: BinaryIO, cut: Collection[str]
    ) -> None:
        """Write a header per list, and then a line per record."""
        encoder = msgspec.json.Encoder()
        for stated in settings.values():
            header = {"hashmatch": VERSION, "list": stated.to_json(), "partial": stated.name in cut}
            sink.write(encoder.encode(header) + b"\n")
        for table in tables:
            for batch in table.to_batches(max_chunksize=32_768):
                sink.write(encoder.encode_lines(list(_records(batch))))


def _is_header(record: Mapping[str, object]) -> bool:
    return "hashmatch" in record and isinstance(record.get("list"), dict)


def _header(record: Mapping[str, Any], file: str) -> dict[str, object]:
    """What a header says, as ``RawRows.headers`` has it."""
    version = record["hashmatch"]
    if version != VERSION:
        raise FormatError(f"{file} was written in version {str(version)[:20]} of the format; {VERSION} is known")
    return {**record["list"], "partial": bool(record.get("partial"))}


def _records(batch: pa.RecordBatch) -> Iterator[dict[str, object]]:
    """The objects of a batch of records."""
    columns = written_columns(batch)
    for values in zip(*(columns[name] for name in WRITTEN), strict=True):
        record = {
            name: value
            for name, value in zip(WRITTEN, values, strict=True)
            if value is not None and value != _DEFAULTS.get(name)
        }
        if "extra" in record:
            # It is canonical JSON already; reading it would only be a chance to change it.
            record["extra"] = msgspec.Raw(record["extra"].encode())
        yield record


JSONL = JsonLines()
