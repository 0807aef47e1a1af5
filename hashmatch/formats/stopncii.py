"""StopNCII: hashes of intimate images that people submitted themselves, as the FetchHashes call gives them.

::

    {"count": 2, "nextPageToken": "...", "nextSetTimestamp": 1625175071, "hasMoreRecords": false, "hashRecords":
     [{"lastModtimestamp": 1625167804, "signalType": "ImagePDQ", "hashValue": "...", "hashStatus": "Active",
       "caseNumbers": {"...": "Active"}, "CSPFeedbacks": [{"source": "...", "feedbackValue": "Blocked", "tags": []}]}]}

A record is the whole of what is known of one hash. The interface is not published; its shape is known from
python-threatexchange's client.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

import msgspec

from ..errors import InvalidValue
from ..records import Mode, Opinion
from .base import ListFormat, RawRows, ReadOptions
from .chunk import TOO_LONG, Chunk, Row
from .entry import remainder
from .fields import algorithm_name, hash_of
from .json_keys import record_keys
from .json_pages import read_pages
from .json_text import ANYTHING, ELEMENTS, OBJECT, decode, text_of
from .source import LINE_BYTES, Source

_READ = frozenset({"signalType", "hashValue", "lastModtimestamp"})
"""Fields of which a row says all; every other goes to ``extra``."""

_FIELDS = _READ | {"hashStatus", "caseNumbers"}
_TELLING = 3
"""So many of these fields tell a record. Its cases may stand before the others, and be longer than the beginning."""

_GONE = frozenset({"withdrawn", "deleted"})
_OBJECTION = "notblocked"
_PDQ = re.compile(r"[0-9A-Fa-f]{64}")
_SIGNAL_TYPE = re.compile(r"(image|video)?(.*)", re.IGNORECASE | re.DOTALL)


class _Page(msgspec.Struct, rename="camel"):
    """What is read of a page; all are empty in what is none."""

    hash_records: msgspec.Raw = msgspec.Raw()
    next_set_timestamp: msgspec.Raw = msgspec.Raw()
    has_more_records: msgspec.Raw = msgspec.Raw()


_PAGE = msgspec.json.Decoder(_Page)


class StopNcii(ListFormat):
    """StopNCII's hash records."""

    name = "stopncii"
    mode = Mode.UPDATE
    row_is_word = True
    suffix = ".json"

    def recognises(self, source: Source, algorithms: Collection[str]) -> bool:
        """Whether it begins with a page, or with most of the fields of a record."""
        keys = record_keys(source.head)
        return "hashRecords" in keys or len(keys & _FIELDS) >= _TELLING

    def read(self, source: Source, options: ReadOptions) -> Iterator[RawRows]:
        """The records of all pages; where the last page ends a set, the next set's timestamp comes as a header.

        Rows are numbered by record, from 1; where each line is a record, by line.
        """
        chunk, pages = Chunk(source.name, self.name), _Pages()
        for number, raw in read_pages(source, chunk, pages.records_of):
            try:
                size = len(memoryview(raw))
                if size > LINE_BYTES:
                    raise InvalidValue(TOO_LONG)
                record = decode(raw, OBJECT)
                chunk.add([_row(number, record, options.algorithms)], size)
            except InvalidValue as error:
                chunk.reject(number, str(error))
            if chunk.full:
                yield chunk.take()
        if pages.checkpoint:
            chunk.add_header({"checkpoint": pages.checkpoint})
        yield chunk.finish()


class _Pages:
    """Tells the records of pages, and remembers where the feed is to be taken up again."""

    def __init__(self) -> None:
        self.checkpoint: str | None = None
        """The last page's ``nextSetTimestamp``; None if more pages follow that are not in the file."""

    def records_of(self, raw: bytes | msgspec.Raw) -> list[msgspec.Raw] | None:
        """The records of a page; None if it is none.

        Raises:
            InvalidValue: If it is no JSON object, or its records are no array.
        """
        page = decode(raw, _PAGE)
        if not page.hash_records:
            return None
        records = decode(page.hash_records, ELEMENTS)
        more, stamp = (
            decode(raw, ANYTHING) if raw else None for raw in (page.has_more_records, page.next_set_timestamp)
        )
        self.checkpoint = text_of(stamp, "nextSetTimestamp") if stamp and not more else None
        return records


def _row(number: int, record: dict[str, Any], algorithms: Collection[str]) -> Row:
    """The row of one record.

    Raises:
        InvalidValue: If it has no hash of a kind that is known here, or a field cannot be what it should be.
    """
    digest = (hash_of(record.get("hashValue"), "hashValue") or "").strip()
    status = text_of(record.get("hashStatus"), "hashStatus") or ""
    withdrawn = status.strip().lower() in _GONE
    signal_type = text_of(record.get("signalType"), "signalType")
    try:
        algorithm, media_type = _algorithm(signal_type, algorithms)
    except InvalidValue:
        # A claim is known by its hash alone, so that no other than that of this value can be taken back.
        if not withdrawn or not _PDQ.fullmatch(digest):
            raise
        algorithm, media_type = "pdq", None
    if not digest:
        raise InvalidValue("no hash")
    extra = remainder({name: value for name, value in record.items() if name not in _READ and value is not None})
    updated_at = text_of(record.get("lastModtimestamp"), "lastModtimestamp")
    opinion = _opinion(record.get("CSPFeedbacks"))
    # A record has no id: its claim is known, and withdrawn, by the hash.
    hashed = (number, None, None, algorithm, digest, None, media_type, None, None)
    return (*hashed, None, opinion, None, None, updated_at, None, withdrawn, extra)


def _algorithm(signal_type: str | None, algorithms: Collection[str]) -> tuple[str, str | None]:
    """The algorithm and the media type that a signal type (``ImagePDQ``) stands for."""
    if not (signal_type or "").strip():
        raise InvalidValue("no signalType")
    found = _SIGNAL_TYPE.fullmatch((signal_type or "").strip())
    media_type, name = found.groups() if found else (None, "")
    algorithm = algorithm_name(name, algorithms)
    if algorithm not in algorithms:
        raise InvalidValue(f"{(signal_type or '').strip()[:60]!r} is no kind of hash that is known here")
    return algorithm, media_type.lower() if media_type else None


def _opinion(feedbacks: object) -> str | None:
    """Disputed if a platform looked at a match and left it standing; what else platforms say decides nothing."""
    for feedback in feedbacks if isinstance(feedbacks, list) else ():
        value = feedback.get("feedbackValue") if isinstance(feedback, dict) else None
        if isinstance(value, str) and value.strip().lower() == _OBJECTION:
            return Opinion.DISPUTED.value
    return None


STOPNCII = StopNcii()
