"""STIX 2.1, and 2.0: bundles of the OASIS standard for threat intelligence, TAXII envelopes, or arrays of either.

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
from .newest import Newest, rank_of
from .raw_claim import RawClaim
from .skipped import OLDER, Skipped
from .source import LINE_BYTES, Source
from .stix_markings import Markings
from .stix_patterns import pattern_hashes
from .tags import label_of

_ID = re.compile(rb'"id"\s*:\s*"[a-z][a-z0-9-]*--[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"')
_EMPTY = re.compile(rb'\s*\{(?:\s*"more"\s*:\s*false\s*,)?\s*"objects"\s*:\s*\[\s*\]\s*\}\s*')
"""An envelope of TAXII when there is nothing new."""
_KNOWN = frozenset(
    {
        *("type", "spec_version", "id", "created", "modified", "revoked", "labels", "hashes", "indicator_types"),
        *("pattern", "pattern_type", "pattern_version", "valid_until", "object_marking_refs"),
    }
)
_TYPES_2_0 = frozenset(
    {"anomalous-activity", "anonymization", "benign", "compromised", "malicious-activity", "attribution"}
)
"""What version 2.0 calls the types of an indicator; it writes them among the labels."""
_DEEPEST = 2
"""Bundles that are opened within each other, as in an array of bundles that hold bundles: each is read once more."""
_CLOSED = f"a bundle that cannot be opened: its objects are no array, or more than {_DEEPEST} bundles are around them"
_CLAIMING = ("file", "indicator")
"""Types of objects that hold hashes."""
_HARMLESS, _UNSURE = {"benign"}, {"benign", "anomalous-activity", "unknown"}


class _Bundle(msgspec.Struct):
    objects: msgspec.Raw = msgspec.Raw()
    type: Any = None


class _Version(msgspec.Struct):
    type: Any = None
    id: Any = None
    modified: Any = None
    revoked: Any = None

    @property
    def rank(self) -> int:
        """What orders the versions of one id.

        Raises:
            InvalidValue: If a field is something else than it should be.
        """
        return rank_of(text_of(self.modified, "modified"), self.withdrawn)

    @property
    def withdrawn(self) -> bool:
        """Whether it takes its claim back.

        Raises:
            InvalidValue: If it cannot be told.
        """
        return truth(self.revoked) or False


_BUNDLE = msgspec.json.Decoder(_Bundle)
_VERSION = msgspec.json.Decoder(_Version)


class Stix(ListFormat):
    """STIX 2.1 and 2.0 bundles.

    Objects that hold no hash, and versions of one that a newer one in the file replaces, are counted in the header
    ``skipped``.
    """

    name = "stix"
    mode = Mode.UPDATE
    suffix = ".json"

    def recognises(self, source: Source, algorithms: Collection[str]) -> bool:
        """Whether it begins with an object, or a bundle of objects, that has an id of STIX; or has no news."""
        if _EMPTY.fullmatch(source.head):
            return True
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
                if version.type == "bundle":
                    raise InvalidValue(_CLOSED)
                if version.type in _CLAIMING and newest.outranked(version.id, version.rank):
                    skipped.add(OLDER)
                elif (claim := _claim(number, raw, version, markings)) is None:
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
    """The objects of a bundle, an envelope or an array, and those of bundles among them, in order.

    Raises:
        FormatError: If the file is none of these.
    """
    elements, room = read_document(source), _DEEPEST
    if source.head.lstrip()[:1] != b"[":
        try:
            found = _within(elements[0])
            if found is None:
                raise InvalidValue("it is no bundle of objects")
        except InvalidValue as error:
            raise FormatError(f"{source.name} is not in the format stix: {error}") from None
        elements, room = found, room - 1
    for _ in range(room):
        elements = [inner for element in elements for inner in _opened(element)]
    return elements


def _within(raw: msgspec.Raw) -> list[msgspec.Raw] | None:
    """The objects of a bundle or an envelope; None of anything else.

    Raises:
        InvalidValue: If it cannot be read, or its objects are no array.
    """
    bundle = decode(raw, _BUNDLE)
    if bundle.type != "bundle" and (bundle.type is not None or not bundle.objects):
        return None
    return decode(bundle.objects, ELEMENTS) if bundle.objects else []


def _opened(raw: msgspec.Raw) -> list[msgspec.Raw]:
    """The objects of a bundle or an envelope; of anything else, and of what cannot be opened, it itself."""
    try:
        found = _within(raw)
    except InvalidValue:
        # It becomes a reject at its turn.
        found = None
    return [raw] if found is None else found


def _survey(objects: list[msgspec.Raw]) -> tuple[Newest, Markings]:
    """The newest version of each file and indicator, and the markings that the file defines."""
    versions: list[tuple[str, int]] = []
    markings = Markings()
    for raw in objects:
        try:
            version = decode(raw, _VERSION)
            if version.type == "marking-definition":
                marking = decode(raw, OBJECT)
                markings.define(marking)
            if version.type in _CLAIMING and isinstance(version.id, str):
                versions.append((version.id, version.rank))
        except InvalidValue:
            # It becomes a reject, or is skipped, at its turn.
            continue
    return Newest(versions), markings


def _claim(number: int, raw: msgspec.Raw, version: _Version, markings: Markings) -> RawClaim | None:
    """What a file or an indicator says; None of another object, or of a file without hashes.

    Of one that is revoked nothing but the id and the date is looked at.

    Raises:
        InvalidValue: If something is not as the standard has it, or a pattern asks for more than hashes.
    """
    kind = version.type
    if kind not in _CLAIMING:
        return None
    claim = RawClaim(number, text_of(version.id, "id"), withdrawn=version.withdrawn)
    claim.updated_at = text_of(version.modified, "modified")
    if claim.withdrawn and (claim.source_id or "").strip():
        return claim
    if len(memoryview(raw)) > LINE_BYTES:
        raise InvalidValue(TOO_LONG)
    record = decode(raw, OBJECT)
    if kind == "file" and not record.get("hashes"):
        return None
    if not (claim.source_id or "").strip():
        raise InvalidValue("no id: not a STIX object")
    claim.created_at = text_of(record.get("created"), "created")
    claim.expires_at = text_of(record.get("valid_until"), "valid_until")
    labels, types = _labels_and_types(record)
    claim.labels = [*map(label_of, labels), *(f"indicator:{name}" for name in types)]
    claim.share_level, unknown = markings.of(record)
    claim.extra = {key: value for key, value in record.items() if key not in _KNOWN and value is not None}
    if unknown:
        claim.extra["object_marking_refs"] = unknown
    if kind == "file":
        claim.media_type = text_of(record.get("mime_type"), "mime_type")
    opinion = _opinion(types)
    found = _file_hashes(record["hashes"]) if kind == "file" else _pattern(record)
    claim.hashes = [(name, digest, opinion) for name, digest in found]
    return claim


def _labels_and_types(record: Mapping[str, object]) -> tuple[list[str], list[str]]:
    """Labels, and the types of an indicator; in version 2.0, whose objects name no version, these are labels too."""
    labels, types = (labels_of(record.get(name)) or [] for name in ("labels", "indicator_types"))
    if record.get("type") == "indicator" and record.get("spec_version") in (None, "2.0"):
        types += [label for label in labels if label in _TYPES_2_0]
        labels = [label for label in labels if label not in _TYPES_2_0]
    return labels, types


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
