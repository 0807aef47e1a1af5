"""MISP: events of the open-source threat-intelligence platform, as it exports and feeds them.

One event (``{"Event": {…}}``), an array of events, an event a line, or the answer of a search (``{"response": …}``).
Hashes are attributes, alone or within an object, which then is one file. What attributes of other types say
(addresses, links, …) is no hash, and only counted.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

import msgspec

from ..errors import FormatError, InvalidValue
from ..records import Mode
from .base import ListFormat, RawRows, ReadOptions
from .chunk import Chunk
from .json_document import first_keys
from .json_pages import Json, read_pages
from .json_text import ELEMENTS, OBJECT, decode
from .misp_claims import Context, attribute_claim, object_claim
from .skipped import Skipped
from .source import LINE_BYTES, Source

_EVENT_KEYS = frozenset({"uuid", "info", "date", "Orgc", "timestamp", "Attribute", "Object"})
_INDEX_LINE = re.compile(rb"[0-9a-f]{32},[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SEEN = 20


class _Wrapper(msgspec.Struct):
    """What an event may be wrapped in, or the event itself; what is absent is empty."""

    Event: msgspec.Raw = msgspec.Raw()
    response: msgspec.Raw = msgspec.Raw()
    Attribute: msgspec.Raw = msgspec.Raw()
    Object: msgspec.Raw = msgspec.Raw()


class _Event(Context):
    """An event; lists of attributes and objects are left for later."""

    Attribute: msgspec.Raw = msgspec.Raw()
    Object: msgspec.Raw = msgspec.Raw()


class _Object(msgspec.Struct):
    """What is needed to name an object that cannot be read."""

    uuid: Any = None


_WRAPPER = msgspec.json.Decoder(_Wrapper)
_EVENT = msgspec.json.Decoder(_Event)
_UUID = msgspec.json.Decoder(_Object)


class Misp(ListFormat):
    """MISP events.

    Attributes of types that are no hashes, and objects without any, are counted in the header ``skipped``.
    """

    name = "misp"
    mode = Mode.UPDATE
    suffix = ".json"

    def recognises(self, source: Source, algorithms: Collection[str]) -> bool:
        """Whether it begins with an event, or is the index of a feed, which is refused by ``read``."""
        if _is_index(source):
            return True
        keys = first_keys(source.head)
        wrapped = bool(keys & {"Event", "response"} and keys & _EVENT_KEYS)
        return wrapped or bool({"info", "uuid"} <= keys and keys & {"Attribute", "Orgc"})

    def read(self, source: Source, options: ReadOptions) -> Iterator[RawRows]:
        """The hashes of each event; ``line`` is the number of the event, from 1, or its line.

        Raises:
            FormatError: If the file is the index of a feed, or nothing in it is an event.
        """
        if _is_index(source):
            raise FormatError(
                f"{source.name} is the index of a MISP feed: it holds the MD5 of attributes' text, not of files; "
                "import the feed's events"
            )
        chunk, skipped = Chunk(source.name, self.name), Skipped()
        for number, raw in read_pages(source, chunk, _answers):
            try:
                event = _event(raw)
                parts = [(kind, part) for kind in ("Attribute", "Object") for part in _parts(event, kind)]
            except InvalidValue as error:
                chunk.reject(number, str(error))
                continue
            chunk.in_form = True
            for place, (kind, part) in enumerate(parts, start=1):
                _add(chunk, skipped, options.algorithms, number, place, event, kind, part)
                if chunk.full:
                    yield chunk.take()
        if header := skipped.header():
            chunk.add_header(header)
        yield chunk.finish()


def _is_index(source: Source) -> bool:
    """Whether it is a feed's ``hashes.csv``."""
    lines = source.head_lines[:_SEEN]
    return bool(lines) and all(_INDEX_LINE.fullmatch(line) for line in lines)


def _answers(element: Json) -> list[msgspec.Raw] | None:
    """The events that a search answered; None of anything else, which is one event or none.

    Raises:
        InvalidValue: If it is no object, or its answer is none.
    """
    response = decode(element, _WRAPPER).response
    if not response:
        return None
    if bytes(memoryview(response)[:1]) == b"[":
        return decode(response, ELEMENTS)
    decode(response, _WRAPPER)
    return [response]


def _event(raw: Json) -> _Event:
    """An event, in its wrapper or without.

    Raises:
        InvalidValue: If it is none, or its tags cannot be read.
    """
    wrapper = decode(raw, _WRAPPER)
    if not (wrapper.Event or wrapper.Attribute or wrapper.Object):
        raise InvalidValue("no MISP event")
    event = decode(wrapper.Event or raw, _EVENT)
    event.check()
    return event


def _parts(event: _Event, kind: str) -> list[msgspec.Raw]:
    raw = event.Attribute if kind == "Attribute" else event.Object
    return decode(raw, ELEMENTS) if raw else []


def _add(
    chunk: Chunk,
    skipped: Skipped,
    known: Collection[str],
    number: int,
    place: int,
    event: Context,
    kind: str,
    raw: msgspec.Raw,
) -> None:
    """Add what an attribute or an object of an event says to a chunk: rows, or a reject."""
    size, uuid = len(memoryview(raw)), None
    try:
        uuid = decode(raw, _UUID).uuid
        if size > LINE_BYTES:
            raise InvalidValue(f"longer than {LINE_BYTES} bytes")
        record = decode(raw, OBJECT)
        claim = (attribute_claim if kind == "Attribute" else object_claim)(number, record, event, known)
        if claim is None:
            skipped.add(record.get("type" if kind == "Attribute" else "name"))
        else:
            claim.add_to(chunk, size, known)
    except InvalidValue as error:
        source_id = uuid if isinstance(uuid, str) else None
        chunk.reject(number, f"part {place} of the event: {error}", source_id=source_id)


MISP = Misp()
