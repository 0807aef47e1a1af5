"""STIX 2.1: bundles of the OASIS standard for threat intelligence, TAXII envelopes of them, or arrays of objects.

Hashes stand in ``file`` objects and in the patterns of ``indicator`` objects. Whatever else a bundle holds
(identities, relationships, observed data, reports, …) is context, and only counted.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import msgspec

from ..errors import FormatError, InvalidValue
from ..records import Mode, Opinion
from .base import ListFormat, RawRows, ReadOptions
from .chunk import TOO_LONG, Chunk
from .fields import labels_of, truth
from .json_document import first_keys, read_document
from .json_text import ELEMENTS, OBJECT, decode, text_of
from .raw_claim import RawClaim
from .skipped import Skipped
from .source import LINE_BYTES, Source
from .stix_markings import Markings
from .stix_patterns import pattern_hashes
from .tags import label_of

_ID = re.compile(rb'"id"\s*:\s*"[a-z][a-z0-9-]*--[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"')
_KNOWN = frozenset(
    {
        *("type", "spec_version", "id", "created", "modified", "revoked", "labels", "hashes", "indicator_types"),
        *("pattern", "pattern_type", "pattern_version", "valid_until", "object_marking_refs"),
    }
)
_HARMLESS, _UNSURE = {"benign"}, {"benign", "anomalous-activity", "unknown"}


class _Bundle(msgspec.Struct):
    objects: msgspec.Raw = msgspec.Raw()
    type: Any = None


class _Version(msgspec.Struct):
    type: Any = None
    id: Any = None
    modified: Any = None

    @property
    def moment(self) -> str:
        """What orders versions: STIX writes all dates alike, in UTC."""
        return self.modified.rstrip("Zz") if isinstance(self.modified, str) else ""


_BUNDLE = msgspec.json.Decoder(_Bundle)
_VERSION = msgspec.json.Decoder(_Version)


class Stix(ListFormat):
    """STIX 2.1 bundles.

    Objects that hold no hash, and versions of one that a newer one in the file replaces, are counted in the header
    ``skipped``.
    """

    name = "stix"
    mode = Mode.UPDATE
    suffix = ".json"

    def recognises(self, source: Source, algorithms: Collection[str]) -> bool:
        """Whether it begins with an object, or a bundle of objects, that has an id of STIX."""
        return bool(first_keys(source.head) & {"objects", "type"}) and _ID.search(source.head) is not None

    def read(self, source: Source, options: ReadOptions) -> Iterator[RawRows]:
        """The hashes of each file and indicator; ``line`` is the number of the object in the file, from 1."""
        chunk, skipped = Chunk(source.name, self.name), Skipped()
        objects = _objects(source)
        chunk.in_form = not objects
        newest, markings = _survey(objects)
        for number, raw in enumerate(objects, start=1):
            version = _Version()
            try:
                version = decode(raw, _VERSION)
                if not isinstance(version.type, str):
                    raise InvalidValue("no type: not a STIX object")
                chunk.in_form = True
                if newest.get(version.id, version.moment) != version.moment:
                    skipped.add("older version")
                elif (claim := _claim(number, raw, version.type, markings)) is None:
                    skipped.add(version.type)
                else:
                    claim.add_to(chunk, len(memoryview(raw)), options.algorithms)
            except InvalidValue as error:
                chunk.reject(number, str(error), source_id=version.id if isinstance(version.id, str) else None)
            if chunk.full:
                yield chunk.take()
        if header := skipped.header():
            chunk.add_header(header)
        yield chunk.finish()


def _objects(source: Source) -> list[msgspec.Raw]:
    """The objects of a bundle, an envelope or an array.

    Raises:
        FormatError: If the file is none of these.
    """
    elements = read_document(source)
    if source.head.lstrip()[:1] == b"[":
        return elements
    try:
        bundle = decode(elements[0], _BUNDLE)
        if not bundle.objects and bundle.type != "bundle":
            raise InvalidValue("it is no bundle of objects")
        return decode(bundle.objects, ELEMENTS) if bundle.objects else []
    except InvalidValue as error:
        raise FormatError(f"{source.name} is not in the format stix: {error}") from None


def _survey(objects: list[msgspec.Raw]) -> tuple[dict[Any, str], Markings]:
    """The newest version of each indicator, by its id, and the markings that the file defines."""
    newest: dict[Any, str] = {}
    markings = Markings()
    for raw in objects:
        try:
            version = decode(raw, _VERSION)
            if version.type == "marking-definition":
                marking = decode(raw, OBJECT)
                markings.define(marking)
        except InvalidValue:
            # It becomes a reject, or is skipped, at its turn.
            continue
        if version.type == "indicator" and isinstance(version.id, str):
            newest[version.id] = max(newest.get(version.id, ""), version.moment)
    return newest, markings


def _claim(number: int, raw: msgspec.Raw, kind: str, markings: Markings) -> RawClaim | None:
    """What a file or an indicator says; None of another object, or of a file without hashes.

    Raises:
        InvalidValue: If something is not as the standard has it, or a pattern asks for more than hashes.
    """
    if kind not in ("file", "indicator"):
        return None
    if len(memoryview(raw)) > LINE_BYTES:
        raise InvalidValue(TOO_LONG)
    record = decode(raw, OBJECT)
    if kind == "file" and not record.get("hashes"):
        return None
    claim = RawClaim(number, text_of(record.get("id"), "id"))
    if not claim.source_id:
        raise InvalidValue("no id: not a STIX object")
    claim.withdrawn = truth(record.get("revoked")) or False
    claim.created_at = text_of(record.get("created"), "created")
    claim.updated_at = text_of(record.get("modified"), "modified")
    claim.expires_at = text_of(record.get("valid_until"), "valid_until")
    types = labels_of(record.get("indicator_types")) or []
    claim.labels = [*map(label_of, labels_of(record.get("labels")) or ()), *(f"indicator:{name}" for name in types)]
    claim.share_level, unknown = markings.of(record)
    claim.extra = {key: value for key, value in record.items() if key not in _KNOWN and value is not None}
    if unknown:
        claim.extra["object_marking_refs"] = unknown
    if kind == "file":
        claim.media_type = text_of(record.get("mime_type"), "mime_type")
    if not claim.withdrawn:
        opinion = _opinion(types)
        found = _file_hashes(record["hashes"]) if kind == "file" else _pattern(record)
        claim.hashes = [(name, digest, opinion) for name, digest in found]
    return claim


def _opinion(types: Collection[str]) -> str | None:
    """What the types of an indicator say of the content; None: that it is what the list is about."""
    named = set(types)
    if not named or not named <= _UNSURE:
        return None
    return Opinion.NEGATIVE.value if named <= _HARMLESS else Opinion.SEED.value


def _file_hashes(hashes: object) -> list[tuple[str, str]]:
    if not isinstance(hashes, dict):
        raise InvalidValue("hashes are something else than an object")
    return [(name, text_of(digest, "a hash") or "") for name, digest in hashes.items()]


def _pattern(record: Mapping[str, object]) -> list[tuple[str, str]]:
    language = text_of(record.get("pattern_type"), "pattern_type") or "stix"
    if language.lower() != "stix":
        raise InvalidValue(f"a pattern in {language[:40]!r}, from which no hashes can be taken")
    pattern = record.get("pattern")
    if not isinstance(pattern, str):
        raise InvalidValue("an indicator without a pattern")
    return pattern_hashes(pattern)


STIX = Stix()
