"""TCAP: the content hash list, version 2, of Tech Against Terrorism's Terrorist Content Analytics Platform.

The feed gives pages, ``{count, next, previous, checkpoint, results: [record, ...]}``. People keep them as
one page, as an array of pages, as a page a line; or keep the records alone, as an array or one a line.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import msgspec

from ..errors import InvalidValue
from ..records import Mode
from .base import ListFormat, RawRows, ReadOptions
from .chunk import TOO_LONG, Chunk
from .json_document import first_keys, read_document
from .json_text import ANYTHING, ELEMENTS, decode, text_of
from .source import Source
from .tcap_records import TcapRecords

_PEEK = 20
"""Lines looked at to tell lines from one document."""


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
        keys = first_keys(source.head)
        if {"results", "count"} <= keys and keys & {"checkpoint", "next", "previous"}:
            return True
        return "hash_digest" in keys and ("updated_on" in keys or {"id", "ideology"} <= keys)

    def read(self, source: Source, options: ReadOptions) -> Iterator[RawRows]:
        """The records of all pages; the last page's checkpoint, if it has one, comes as a header.

        Rows are numbered by record, from 1; where each line is a record, by line.
        """
        chunk = Chunk(source.name, self.name)
        to_rows = TcapRecords(options)
        number, checkpoint = 0, None
        for line, element in _elements(source):
            try:
                if element is None:
                    raise InvalidValue(TOO_LONG)
                page = decode(element, _PAGE)
                records = decode(page.results, ELEMENTS) if page.results else None
                checkpoint = _checkpoint(page) or checkpoint
            except InvalidValue as error:
                number = max(number + 1, line)
                chunk.reject(number, str(error))
                continue
            if records is None:
                number = max(number, line - 1)
                records = [msgspec.Raw(element)]
            else:
                chunk.in_form = True
            for record in records:
                number += 1
                to_rows.add(chunk, number, record)
                if chunk.full:
                    yield chunk.take()
        if checkpoint:
            chunk.add_header({"checkpoint": checkpoint})
        yield chunk.finish()


def _elements(source: Source) -> Iterator[tuple[int, bytes | msgspec.Raw | None]]:
    """Line, or 0 in a document, and JSON of each page or record; None for a line that is too long."""
    if source.head.lstrip()[:1] == b"{" and _are_lines(source):
        for number, line in source.lines():
            if line is None or line.strip():
                yield number, line
    else:
        for element in read_document(source):
            yield 0, element


def _are_lines(source: Source) -> bool:
    """Whether most of the first lines are JSON objects of their own."""
    good = seen = 0
    for _, line in source.lines():
        if seen == _PEEK:
            break
        seen += 1
        try:
            good += line is not None and decode(line, _PAGE) is not None
        except InvalidValue:
            continue
    return 2 * good > seen


def _checkpoint(page: _Page) -> str | None:
    return text_of(decode(page.checkpoint, ANYTHING), "checkpoint") if page.checkpoint else None


TCAP = Tcap()
