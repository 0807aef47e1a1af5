"""TCAP: the content hash list, version 2, of Tech Against Terrorism's Terrorist Content Analytics Platform.

The feed gives pages, ``{count, next, previous, checkpoint, results: [record, ...]}``. People keep them as
one page, as an array of pages, as a page a line; or keep the records alone, as an array or one a line.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import msgspec

from ..records import Mode
from .base import ListFormat, RawRows, ReadOptions
from .chunk import Chunk
from .json_keys import record_keys
from .json_pages import Json, read_pages
from .json_text import ANYTHING, ELEMENTS, decode, text_of
from .source import Source
from .tcap_records import TcapRecords


class _Page(msgspec.Struct):
    """What is read of a page; both are empty in what is none."""

    results: msgspec.Raw = msgspec.Raw()
    checkpoint: msgspec.Raw = msgspec.Raw()


_PAGE = msgspec.json.Decoder(_Page)


class Tcap(ListFormat):
    """TCAP's content hash list, version 2."""

    name = "tcap"
    mode = Mode.UPDATE
    row_is_word = True
    suffix = ".json"

    def recognises(self, source: Source, algorithms: Collection[str]) -> bool:
        """Whether it begins with a page, or with a record that has an id and a date of change."""
        keys = record_keys(source.head)
        if {"results", "count"} <= keys and keys & {"checkpoint", "next", "previous"}:
            return True
        return "hash_digest" in keys and ("updated_on" in keys or {"id", "ideology"} <= keys)

    def read(self, source: Source, options: ReadOptions) -> Iterator[RawRows]:
        """The records of all pages; the last page's checkpoint, if it has one, comes as a header.

        Rows are numbered by record, from 1; where each line is a record, by line.
        """
        chunk = Chunk(source.name, self.name)
        to_rows = TcapRecords(options, have_ids=True)
        pages = _Pages()
        for number, record in read_pages(source, chunk, pages.records):
            to_rows.add(chunk, number, record)
            if chunk.full:
                yield chunk.take()
        if pages.checkpoint:
            chunk.add_header({"checkpoint": pages.checkpoint})
        yield chunk.finish()


class _Pages:
    """Tells pages from records, and keeps the last checkpoint that a page has."""

    def __init__(self) -> None:
        self.checkpoint: str | None = None

    def records(self, element: Json) -> list[msgspec.Raw] | None:
        """The records of a page; None if it is a record itself."""
        page = decode(element, _PAGE)
        records = decode(page.results, ELEMENTS) if page.results else None
        self.checkpoint = _checkpoint(page) or self.checkpoint
        return records


def _checkpoint(page: _Page) -> str | None:
    return text_of(decode(page.checkpoint, ANYTHING), "checkpoint") if page.checkpoint else None


TCAP = Tcap()
