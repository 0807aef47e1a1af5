"""ThreatExchange's ``threat_updates``: the feed in which GIFCT's members, and others, share hashes.

::

    {"data": [{"id": "7316", "indicator": "d8f8...", "type": "HASH_PDQ", "creation_time": 1581977111,
               "last_updated": 1582372222, "should_delete": false, "tags": ["group:example"],
               "descriptors": {"data": [{"id": "81", "owner": {"id": "1234567890"}, "status": "MALICIOUS"}]}}],
     "paging": {"cursors": {"before": "MjVFR", "after": "MjQZD"}}}

Described at developers.facebook.com/docs/threat-exchange/reference/apis/threat-updates.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, BinaryIO

import msgspec
import pyarrow as pa

from ..errors import InvalidValue
from ..escaping import shown
from ..records import ListSettings, Mode, ShareLevel
from .base import ListFormat, RawRows, ReadOptions
from .blocking import refuse_allow_lists
from .chunk import TOO_LONG, Chunk
from .json_keys import record_keys
from .json_pages import Json, read_pages
from .json_text import ANYTHING, ELEMENTS, OBJECT, decode, members
from .source import LINE_BYTES, Source
from .threatexchange_records import in_members_words, row_of, written_update
from .written import written_columns

_DESCRIPTORS = re.compile(rb'"descriptors"\s*:')
_LATEST = 253_402_300_799
"""The last second of the year 9999: what is later is no date."""
_MESSAGE = 100
"""Characters that are shown of what the service says."""
_PAGE_KEYS = frozenset({"data", "paging"})
_DATA = re.compile(rb'"data"\s*:\s*(\[\s*\])?')


class _Page(msgspec.Struct):
    """What is read of a page; empty in what is none."""

    data: msgspec.Raw = msgspec.Raw()
    error: msgspec.Raw = msgspec.Raw()
    id: msgspec.Raw = msgspec.Raw()
    indicator: msgspec.Raw = msgspec.Raw()


_PAGE = msgspec.json.Decoder(_Page)


class ThreatExchange(ListFormat):
    """Pages of ``threat_updates``."""

    name = "threatexchange"
    mode = Mode.UPDATE
    row_is_word = True
    suffix = ".json"
    losses = frozenset({"list", "source_id", "frame", "timestamp", "quality"})

    def recognises(self, source: Source, algorithms: Collection[str]) -> bool:
        """Whether it begins with an indicator of a type, or with an empty page of the Graph API: ``{"data": []}``."""
        keys = record_keys(source.head)
        if "data" in keys and keys <= _PAGE_KEYS:
            data = _DATA.search(source.head)
            return data is not None and data[1] is not None
        return {"indicator", "type"} <= keys and bool(keys & {"last_updated", "should_delete", "descriptors", "status"})

    def read(self, source: Source, options: ReadOptions) -> Iterator[RawRows]:
        """The updates of all pages; the highest ``last_updated`` comes as a header, as the checkpoint."""
        chunk = Chunk(source.name, self.name)
        pages = _Pages(source)
        latest = -1
        for number, raw in read_pages(source, chunk, pages.updates):
            latest = max(latest, _add(chunk, number, raw, options, asked=pages.asked))
            if chunk.full:
                yield chunk.take()
        if latest >= 0:
            chunk.add_header({"checkpoint": str(latest)})
        yield chunk.finish()

    def write(
        self, tables: Iterable[pa.Table], settings: Mapping[str, ListSettings], sink: BinaryIO, cut: Collection[str]
    ) -> None:
        """Write one page, an update per record.

        An update stands for one hash: where a claim has several, or several lists are written, the id is made
        longer so that each update has its own. A feed says nothing of its list, so each update has the share level
        that holds of it: its own or its list's, whichever is stricter.

        Raises:
            FormatError: If a list allows what it holds: its hashes would be taken for malicious.
        """
        refuse_allow_lists(settings, self.name)
        encoder = msgspec.json.Encoder()
        separator = b'{"data":[\n'
        for record, alone in _records(tables):
            names = [record["list"]] if len(settings) > 1 else []
            own = [] if alone else [f"{record['algorithm']}:{record['digest']}"]
            record["share_level"] = _stricter(record["share_level"], settings[record["list"]].share_level)
            update = written_update(record, ":".join([*names, record["source_id"], *own]))
            sink.write(separator + encoder.encode(in_members_words(update, {record["algorithm"]})))
            separator = b",\n"
        sink.write(b"\n]}\n" if separator == b",\n" else b'{"data":[],"paging":{}}\n')


class _Pages:
    """Tells pages from updates, and whether descriptors were asked for."""

    def __init__(self, source: Source) -> None:
        self._head_asked = bool(_DESCRIPTORS.search(source.head))
        self.asked = self._head_asked
        """Whether any update of the page, or at the beginning of the file, speaks of descriptors."""

    def updates(self, element: Json) -> list[msgspec.Raw] | None:
        """The updates of a page; None if it is an update itself.

        Raises:
            InvalidValue: If it is neither: no object, or what the service answers when it gives no page.
        """
        page = decode(element, _PAGE)
        if page.error and not (page.data or page.id or page.indicator):
            raise InvalidValue(f"the service answered with an error: {_message(page.error)}")
        if not page.data:
            return None
        self.asked = self._head_asked or bool(_DESCRIPTORS.search(memoryview(element)))
        return decode(page.data, ELEMENTS)


def _add(chunk: Chunk, number: int, raw: Json, options: ReadOptions, *, asked: bool) -> int:
    """Add an update's row, or its reject, to the chunk; when it was updated, in whole seconds, or -1."""
    source_id, latest = None, -1
    try:
        size = len(memoryview(raw))
        if size > LINE_BYTES:
            raise InvalidValue(TOO_LONG)
        update = _members(raw)
        chunk.in_form = chunk.in_form or {"indicator", "type"} <= update.keys()
        source_id = _claim(update.get("id"))
        latest = _seconds(update.get("last_updated"))
        chunk.add([row_of(number, update, options.algorithms, asked=asked)], size)
    except InvalidValue as error:
        chunk.reject(number, str(error), source_id=source_id)
    return latest


def _members(raw: Json) -> dict[str, Any]:
    """An update, with ``Unreadable`` for values that cannot be read: of a deletion they may not matter."""
    try:
        return decode(raw, OBJECT)
    except InvalidValue:
        return members(bytes(memoryview(raw)))


def _message(error: msgspec.Raw) -> str:
    """What the Graph API says is wrong, safe to show."""
    try:
        said = decode(error, ANYTHING)
    except InvalidValue:
        said = None
    message = said.get("message") if isinstance(said, dict) else said
    text = shown(message[: _MESSAGE + 1]) if isinstance(message, str) and message.strip() else "it does not say which"
    return text if len(text) <= _MESSAGE else f"{text[: _MESSAGE - 3]}..."


def _claim(value: object) -> str | None:
    """An id that can be read."""
    return str(value) if isinstance(value, str | int) else None


def _seconds(value: object) -> int:
    """Seconds since 1970 as a feed writes them, or -1."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16:
        value = int(value)
    return int(value) if isinstance(value, int | float) and 0 <= value <= _LATEST else -1


def _records(tables: Iterable[pa.Table]) -> Iterator[tuple[dict[str, Any], bool]]:
    """Each record with its fields as they are written, and whether it is all that its claim has."""
    before: tuple[str, str] | None = None
    held: dict[str, Any] | None = None
    for record in _rows(tables):
        claim = (record["list"], record["source_id"])
        if held is not None:
            last = (held["list"], held["source_id"])
            yield held, last not in (before, claim)
            before = last
        held = record
    if held is not None:
        yield held, (held["list"], held["source_id"]) != before


def _stricter(own: str | None, of_list: ShareLevel) -> str:
    """The share level that holds of a record."""
    levels = [of_list] if own is None else [ShareLevel(own), of_list]
    return max(levels, key=lambda level: level.strictness).value


def _rows(tables: Iterable[pa.Table]) -> Iterator[dict[str, Any]]:
    for table in tables:
        for batch in table.to_batches(max_chunksize=32_768):
            columns = written_columns(batch)
            for name in ("created_at", "updated_at"):
                columns[name] = [_written_seconds(micros) for micros in _micros(batch, name)]
            expiries = zip(_micros(batch, "expires_at"), columns["expires_at"], strict=True)
            # 0 would be "never", so the first second of 1970 is written in words.
            columns["expires_at"] = [_written_seconds(micros) or text for micros, text in expiries]
            columns["extra"] = [decode(extra.encode(), OBJECT) for extra in columns["extra"]]
            for values in zip(*columns.values(), strict=True):
                yield dict(zip(columns, values, strict=True))


def _micros(batch: pa.RecordBatch, name: str) -> list[int | None]:
    micros: list[int | None] = batch.column(name).cast(pa.int64()).to_pylist()
    return micros


def _written_seconds(micros: int | None) -> int | float | str | None:
    """Seconds since 1970: a whole number where it is one; as text where a number of JSON would not be exact."""
    if micros is None:
        return None
    exact = Decimal(micros) / 1_000_000
    if exact == int(exact):
        # With a point a number of eight digits is no day of the calendar.
        return float(exact) if 10**7 <= exact < 10**8 else int(exact)
    number = float(exact)
    return number if Decimal(repr(number)) == exact else format(exact, "f")


THREATEXCHANGE = ThreatExchange()
