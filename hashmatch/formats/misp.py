"""MISP: events of the open-source threat-intelligence platform, as it exports and feeds them.

One event (``{"Event": {…}}``), an array of events, an event a line, or the answer of a search (``{"response": …}``).
Hashes are attributes, alone or within an object, which then is one file. What attributes of other types say
(addresses, links, …) is no hash, and only counted.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from ..errors import FormatError, InvalidValue
from ..records import Mode
from .base import ListFormat, RawRows, ReadOptions
from .chunk import Chunk
from .fields import truth
from .json_document import first_keys
from .json_pages import Json, read_pages
from .json_text import ELEMENTS, OBJECT, decode
from .misp_claims import Context, Event, attribute_claim, object_claim
from .newest import Newest, rank_of
from .raw_claim import RawClaim
from .skipped import OLDER, Skipped
from .source import LINE_BYTES, Source

_EVENT_KEYS = frozenset({"uuid", "info", "date", "Orgc", "timestamp", "Attribute", "Object"})
_INDEX_LINE = re.compile(rb"[0-9a-f]{32},[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SEEN = 20
_EMPTY = re.compile(rb'\s*\{\s*"response"\s*:\s*\[\s*\]\s*\}\s*')
"""The answer of a search that found nothing."""


class _Wrapper(msgspec.Struct):
    """What an event may be wrapped in, or the event itself; what is absent is empty."""

    Event: msgspec.Raw = msgspec.Raw()
    response: msgspec.Raw = msgspec.Raw()
    Attribute: msgspec.Raw = msgspec.Raw()
    Object: msgspec.Raw = msgspec.Raw()


class _Whole(Context):
    """An event; lists of attributes and objects are left for later."""

    Attribute: msgspec.Raw = msgspec.Raw()
    Object: msgspec.Raw = msgspec.Raw()


class _Object(msgspec.Struct):
    """What is needed to name an object that cannot be read."""

    uuid: Any = None


class _Deletion(_Object):
    """What matters of what is deleted."""

    deleted: Any = None
    timestamp: Any = None


_WRAPPER = msgspec.json.Decoder(_Wrapper)
_WHOLE = msgspec.json.Decoder(_Whole)
_UUID = msgspec.json.Decoder(_Object)
_DELETION = msgspec.json.Decoder(_Deletion)


class Misp(ListFormat):
    """MISP events.

    Attributes of types that are no hashes, objects without any, and versions that a newer one in the file replaces are
    counted in the header ``skipped``.
    """

    name = "misp"
    mode = Mode.UPDATE
    suffix = ".json"

    def recognises(self, source: Source, algorithms: Collection[str]) -> bool:
        """Whether it begins with an event, or found none, or is the index of a feed, which is refused by ``read``."""
        if _is_index(source) or _EMPTY.fullmatch(source.head):
            return True
        keys = first_keys(source.head)
        wrapped = bool(keys & {"Event", "response"} and keys & _EVENT_KEYS)
        return wrapped or bool({"info", "uuid"} <= keys and keys & {"Attribute", "Orgc"})

    def read(self, source: Source, options: ReadOptions) -> Iterator[RawRows]:
        """The hashes of each event; ``line`` is the number of the event, from 1, or its line. The file is read twice.

        Raises:
            FormatError: If the file is the index of a feed, or nothing in it is an event.
        """
        if _is_index(source):
            raise FormatError(
                f"{source.name} is the index of a MISP feed: it holds the MD5 of attributes' text, not of files; "
                "import the feed's events"
            )
        newest = Newest(_versions(source, options.algorithms))
        chunk, skipped = Chunk(source.name, self.name), Skipped()
        for number, raw in read_pages(source, chunk, _answers):
            try:
                event, parts = _event(raw)
            except InvalidValue as error:
                chunk.reject(number, str(error))
                continue
            if event.flaw:
                chunk.reject(number, event.flaw)
            else:
                chunk.in_form = True
            for place, part in enumerate(parts, start=1):
                _add(chunk, skipped, newest, options.algorithms, number, place, event, part)
                if chunk.full:
                    yield chunk.take()
        if header := skipped.header():
            chunk.add_header(header)
        yield chunk.finish()


@dataclass(frozen=True)
class _Part:
    """An attribute or an object of an event."""

    is_object: bool
    raw: msgspec.Raw

    def uuid(self) -> str | None:
        """Its id; None if it has none."""
        uuid = decode(self.raw, _UUID).uuid
        return uuid if isinstance(uuid, str) else None

    def claim(self, number: int, event: Event, known: Collection[str]) -> object:
        """What it says, a RawClaim; or of what is no hash, what it is called.

        Raises:
            InvalidValue: If it is not as MISP writes it, or too long.
        """
        record = self._record()
        claim = (object_claim if self.is_object else attribute_claim)(number, record, event, known)
        return record.get("name" if self.is_object else "type") if claim is None else claim

    def _record(self) -> Mapping[str, object]:
        """Its fields; of one that is deleted and cannot be read, those that matter then."""
        try:
            if len(memoryview(self.raw)) > LINE_BYTES:
                raise InvalidValue(f"longer than {LINE_BYTES} bytes")
            return decode(self.raw, OBJECT)
        except InvalidValue:
            deletion = decode(self.raw, _DELETION)
            if not truth(deletion.deleted):
                raise
            return msgspec.structs.asdict(deletion)


def _versions(source: Source, known: Collection[str]) -> Iterator[tuple[str, int]]:
    """Id and rank of each claim. What cannot be read becomes a reject at its turn."""
    chunk, unmarked = Chunk(source.name, Misp.name), Event()
    chunk.in_form = True
    for _, raw in read_pages(source, chunk, _answers):
        if chunk.full:
            chunk.take()
        try:
            event, parts = _event(raw)
        except InvalidValue:
            continue
        for part in parts:
            try:
                claim = part.claim(0, unmarked, known)
            except InvalidValue:
                continue
            if isinstance(claim, RawClaim) and claim.source_id and not (event.flaw and not claim.withdrawn):
                yield claim.source_id, rank_of(claim.updated_at, claim.withdrawn)


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


def _event(raw: Json) -> tuple[Event, list[_Part]]:
    """An event, in its wrapper or without, and its parts.

    Raises:
        InvalidValue: If it is none, or cannot be read.
    """
    wrapper = decode(raw, _WRAPPER)
    if not (wrapper.Event or wrapper.Attribute or wrapper.Object):
        raise InvalidValue("no MISP event")
    whole = decode(wrapper.Event or raw, _WHOLE)
    lists = [(kind, decode(raw, ELEMENTS)) for kind, raw in ((False, whole.Attribute), (True, whole.Object)) if raw]
    return Event.of(whole), [_Part(kind, part) for kind, parts in lists for part in parts]


def _add(
    chunk: Chunk,
    skipped: Skipped,
    newest: Newest,
    known: Collection[str],
    number: int,
    place: int,
    event: Event,
    part: _Part,
) -> None:
    """Add what an attribute or an object of an event says to a chunk: rows, or a reject.

    Of an event that is a reject as a whole only deletions are taken.
    """
    uuid = None
    try:
        uuid = part.uuid()
        claim = part.claim(number, event, known)
        if event.flaw and not (isinstance(claim, RawClaim) and claim.withdrawn):
            return
        if not isinstance(claim, RawClaim):
            skipped.add(claim)
        elif newest.outranked(claim.source_id, rank_of(claim.updated_at, claim.withdrawn)):
            skipped.add(OLDER)
        else:
            claim.add_to(chunk, len(memoryview(part.raw)), known)
    except InvalidValue as error:
        chunk.reject(number, f"part {place} of the event: {error}", source_id=uuid)


MISP = Misp()
