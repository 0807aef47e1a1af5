"""What attributes and objects of MISP say as claims: one for an attribute that stands alone, one for an object."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from ..errors import InvalidValue
from ..hashes import parse_digest
from ..records import Opinion
from .fields import squeezed, truth
from .json_text import text_of
from .raw_claim import RawClaim
from .tags import label_of, share_level, tlp_word

_HASHES = frozenset(
    {
        *("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha512/224", "sha512/256"),
        *("sha3-224", "sha3-256", "sha3-384", "sha3-512", "ssdeep", "tlsh", "imphash", "impfuzzy", "vhash"),
        *("authentihash", "telfhash", "pehash", "cdhash", "dom-hash"),
    }
)
"""Types whose value is a hash. Fingerprints of certificates and connections are none: they are not of files."""
_PAIR = "filename|"
_SAMPLE = "malware-sample"
_FREE = frozenset({"other", "text", "hex"})
"""Types that carry what MISP has no type for."""
_LOCAL = frozenset({"id", "event_id", "object_id", "sharing_group_id", "value1", "value2", "data"})
"""Numbers of one server's own, what repeats the value, and the content of files: never kept."""
_ATTRIBUTE = _LOCAL | {"uuid", "type", "value", "to_ids", "deleted", "timestamp", "Tag"}
_OBJECT = _LOCAL | {"uuid", "deleted", "timestamp", "Attribute", "description", "template_uuid", "template_version"}

_MOST_TAGS = 1000
_TAG_CHARACTERS = 16_000
"""Most tags, and characters in them, that an event or an attribute may have: every hash repeats them."""
_CONTEXT_CHARACTERS = 1000
"""Most that each hash keeps of a field of its event."""
_NAMELESS = "it is deleted, but has no uuid"
"""Why such a claim is rejected: by its hash it would take back nothing, since claims are known by their uuid."""


class Context(msgspec.Struct):
    """What an event says of all that is in it, as the file has it."""

    uuid: Any = None
    info: Any = None
    date: Any = None
    Orgc: Any = None
    distribution: Any = None
    Tag: Any = None


@dataclass(frozen=True)
class _Marks:
    """What tags say."""

    labels: list[str] = field(default_factory=list)
    share_level: str | None = None


@dataclass(frozen=True)
class Event:
    """What an event says of all that is in it, read once for all of its parts."""

    marks: _Marks = field(default_factory=_Marks)
    extra: Mapping[str, object] = field(default_factory=dict)
    """What each hash keeps of the event."""
    flaw: str | None = None
    """Why its tags cannot be read: then nothing that is in it can be taken but what is deleted."""

    @classmethod
    def of(cls, context: Context) -> Event:
        """Read it."""
        try:
            marks = _marks(context.Tag)
        except InvalidValue as error:
            return cls(flaw=str(error))
        organisation = context.Orgc.get("name") if isinstance(context.Orgc, dict) else None
        fields = {
            "uuid": context.uuid,
            "info": context.info,
            "date": context.date,
            "distribution": context.distribution,
            "organisation": organisation,
        }
        kept = {
            name: value[:_CONTEXT_CHARACTERS] if isinstance(value, str) else value
            for name, value in fields.items()
            if isinstance(value, str | int) and value != ""
        }
        return cls(marks, {"event": kept} if kept else {})


def attribute_claim(number: int, record: Mapping[str, Any], event: Event, known: Collection[str]) -> RawClaim | None:
    """What an attribute that stands alone says; None if it is no hash.

    One that was deleted and does not say what it was may have been one: it is withdrawn.

    Raises:
        InvalidValue: If it is not as MISP writes attributes. Of one that is withdrawn only its id and date have to be
            right.
    """
    if truth(record.get("deleted")):
        gone = not record.get("type") or _may_be_hash(record, known)
        return _withdrawal(number, record, [record.get("timestamp")]) if gone else None
    found = _hash(record, known)
    if found is None:
        return None
    claim = RawClaim(number, text_of(record.get("uuid"), "uuid"))
    claim.updated_at = _newest([record.get("timestamp")])
    _mark(claim, event, [record.get("Tag")])
    claim.extra = {**event.extra, **_said(record, _ATTRIBUTE)}
    name, digest, filename = found
    claim.hashes = [(name, digest, _opinion(record))]
    claim.extra |= {"filename": filename} if filename else {}
    return claim


def object_claim(number: int, record: Mapping[str, Any], event: Event, known: Collection[str]) -> RawClaim | None:
    """What an object says, its hashes being those of one file; None if it has no hash.

    An attribute that was deleted is left out; an object of which every hash was, is withdrawn, and so is one that was
    deleted and does not say what it held.

    Raises:
        InvalidValue: If it is not as MISP writes objects. Of one that is withdrawn only its id and dates have to be right.
    """
    deleted, attributes = truth(record.get("deleted")), record.get("Attribute") or []
    if not isinstance(attributes, list) or not all(isinstance(attribute, dict) for attribute in attributes):
        if deleted:
            return _withdrawal(number, record, [record.get("timestamp")])
        raise InvalidValue("an object whose attributes are no array of objects")
    stamps = [record.get("timestamp"), *(attribute.get("timestamp") for attribute in attributes)]
    standing = [] if deleted else [attribute for attribute in attributes if not truth(attribute.get("deleted"))]
    found = [(attribute, _hash(attribute, known)) for attribute in standing]
    if all(hashed is None for _, hashed in found):
        # What stands is no hash, so what may be one was deleted.
        gone = any(_may_be_hash(attribute, known) for attribute in attributes) or (deleted and not attributes)
        return _withdrawal(number, record, stamps) if gone else None
    claim = RawClaim(number, text_of(record.get("uuid"), "uuid"), updated_at=_newest(stamps))
    fields: dict[str, list[object]] = {}
    for attribute, hashed in found:
        if hashed is None:
            _note(claim, fields, attribute)
            continue
        claim.hashes.append((hashed[0], hashed[1], _opinion(attribute)))
        if hashed[2]:
            fields.setdefault("filename", []).append(hashed[2])
    _mark(claim, event, [attribute.get("Tag") for attribute in standing])
    claim.extra = {**event.extra, **_said(record, _OBJECT)}
    if fields:
        claim.extra["attributes"] = {name: values if len(values) > 1 else values[0] for name, values in fields.items()}
    return claim


def _withdrawal(number: int, record: Mapping[str, Any], stamps: Iterable[object]) -> RawClaim:
    """The withdrawal of what a record names."""
    uuid = text_of(record.get("uuid"), "uuid")
    if not (uuid or "").strip():
        raise InvalidValue(_NAMELESS)
    return RawClaim(number, uuid, withdrawn=True, updated_at=_newest(stamps))


def _may_be_hash(attribute: Mapping[str, Any], known: Collection[str]) -> bool:
    """Whether an attribute is a hash, or cannot be read, so that it may have been one."""
    try:
        return _hash(attribute, known) is not None
    except InvalidValue:
        return True


def _hash(attribute: Mapping[str, Any], known: Collection[str]) -> tuple[str, str, str | None] | None:
    """Algorithm as MISP spells it, digest, and file name if the value has one; None of what is no hash."""
    kind, value = text_of(attribute.get("type"), "type") or "", text_of(attribute.get("value"), "value") or ""
    if kind in _HASHES:
        return kind, value, None
    paired = "md5" if kind == _SAMPLE else kind.removeprefix(_PAIR)
    if paired != kind and paired in _HASHES:
        filename, bar, digest = value.rpartition("|")
        if not bar:
            raise InvalidValue(f"{kind} without a bar between name and hash")
        return paired, digest, filename
    if kind in _FREE and (named := _named(attribute, value, known)):
        return named, value, None
    return None


def _named(attribute: Mapping[str, Any], value: str, known: Collection[str]) -> str | None:
    """The algorithm that an attribute of a free type is said to be of.

    The relation in its object says so (``pdq``, ``pdq-hash``); or, of PDQ, the comment does and the value is one.
    """
    relation = squeezed(text_of(attribute.get("object_relation"), "object_relation") or "")
    for name in (relation, relation.removesuffix("hash")):
        if name in known:
            return name
    comment = text_of(attribute.get("comment"), "comment") or ""
    if "pdq" not in known or "pdq" not in comment.lower().replace(":", " ").replace(",", " ").split():
        return None
    try:
        parse_digest(value.strip(), 32)
    except InvalidValue:
        return None
    return "pdq"


def _opinion(attribute: Mapping[str, Any]) -> str | None:
    """What ``to_ids`` says: a hash that is not for detection is shared for investigation."""
    return Opinion.SEED.value if truth(attribute.get("to_ids")) is False else None


def _note(claim: RawClaim, fields: dict[str, list[object]], attribute: Mapping[str, Any]) -> None:
    """Take note of an attribute of an object that is no hash."""
    relation = text_of(attribute.get("object_relation"), "object_relation") or text_of(attribute.get("type"), "type")
    value = text_of(attribute.get("value"), "value")
    if relation == "mimetype":
        claim.media_type = claim.media_type or value
    if relation and value:
        fields.setdefault(relation, []).append(value)


def _newest(stamps: Iterable[object]) -> str | None:
    """The newest of times in seconds since 1970, 0 being none; one that is no number comes back as it is."""
    texts = [text for text in (text_of(stamp, "timestamp") for stamp in stamps) if text and text != "0"]
    odd = [text for text in texts if not (text.isascii() and text.isdigit() and len(text) < 16)]
    return odd[0] if odd else max(texts, key=int, default=None)


def _mark(claim: RawClaim, event: Event, tags: Iterable[object]) -> None:
    """Give a claim the labels and the share level of its event and of some arrays of tags."""
    own = [_marks(some) for some in tags if some]
    labels = [label for marks in own for label in marks.labels]
    # Thousands of hashes may share the tags of one event.
    claim.labels = list(dict.fromkeys([*event.marks.labels, *labels])) if labels else event.marks.labels
    claim.share_level = share_level(filter(None, [event.marks.share_level, *(marks.share_level for marks in own)]))


def _marks(tags: object) -> _Marks:
    """What an array of tags says, nothing twice.

    Raises:
        InvalidValue: If it is none, or too long.
    """
    names = dict.fromkeys(_tags(tags))
    words = {name: tlp_word(name) for name in names}
    labels = dict.fromkeys(label_of(name) for name in names if words[name] is None)
    return _Marks(list(labels), share_level(word for word in words.values() if word is not None))


def _tags(tags: object) -> list[str]:
    """The names of an array of tags.

    Raises:
        InvalidValue: If it is none, or too long.
    """
    if tags is None:
        return []
    if not isinstance(tags, list) or not all(isinstance(tag, dict) for tag in tags):
        raise InvalidValue("Tag is no array of objects")
    names = [name for name in (text_of(tag.get("name"), "the name of a tag") for tag in tags) if name and name.strip()]
    if len(names) > _MOST_TAGS or sum(map(len, names)) > _TAG_CHARACTERS:
        raise InvalidValue(f"more than {_MOST_TAGS} tags, or {_TAG_CHARACTERS} characters in them")
    return names


def _said(record: Mapping[str, Any], known: Collection[str]) -> dict[str, object]:
    """The fields that are not known and say something."""
    return {name: value for name, value in record.items() if name not in known and value not in (None, "", [], {})}
