"""The entries of NCMEC: what a member says of one image or video, as a claim."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from ..errors import InvalidValue
from ..records import Opinion
from .fields import algorithm_name
from .newest import rank_of
from .raw_claim import RawClaim

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_KINDS = {"image": "image", "video": "video", "deletedimage": "image", "deletedvideo": "video"}
"""Name of an entry, in lower case -> what was hashed."""

_GONE = "deleted"
_READ = frozenset({"member", "id", "timestamp", "classification", "fingerprints"})
"""Elements of which a claim says all; every other goes to ``extra``."""


def local_name(element: Element) -> str:
    """The name of an element without its namespace."""
    return _local(element.tag)


def source_id_of(entry: Element) -> str:
    """The id of an entry's claim, ``{member_id}-{entry_id}``: members number their entries themselves.

    Raises:
        InvalidValue: If either is missing, or there are several.
    """
    member, own = _only(entry, "member"), _text(entry, "id")
    member_id = (member.get("id") or "").strip() if member is not None else ""
    if not member_id or not own:
        raise InvalidValue("no id of a member" if not member_id else "no id")
    return f"{member_id}-{own}"


def rank_of_entry(entry: Element) -> int:
    """What orders the versions of one entry in a file.

    Raises:
        InvalidValue: If there are several times of change.
    """
    return rank_of(_text(entry, "timestamp"), _is_gone(entry))


def entry_claim(number: int, entry: Element, known: Collection[str]) -> RawClaim:
    """The claim of one entry.

    Raises:
        InvalidValue: If it is no entry, or has no id, or several of what it can have one of.
    """
    kind = local_name(entry).lower()
    if kind not in _KINDS:
        raise InvalidValue(f"{local_name(entry)[:60]!r} is no entry that is known here")
    classification = _text(entry, "classification")
    objected = _objected(entry, known)
    opinion = Opinion.DISPUTED.value
    return RawClaim(
        number,
        source_id_of(entry),
        hashes=[
            (name, digest, opinion if {algorithm_name(name, known), ""} & objected else None)
            for name, digest in _fingerprints(entry)
        ],
        media_type=_KINDS[kind],
        labels=[f"ncmec:{'-'.join(classification.lower().split())}"] if classification else [],
        updated_at=_text(entry, "timestamp"),
        withdrawn=_is_gone(entry),
        extra=_others(entry),
    )


def _is_gone(entry: Element) -> bool:
    return local_name(entry).lower().startswith(_GONE)


def _fingerprints(entry: Element) -> Iterator[tuple[str, str]]:
    """Name and digest of each fingerprint; of a large one, where to fetch it."""
    for fingerprints in _children(entry, "fingerprints"):
        for fingerprint in fingerprints:
            digest = (fingerprint.text or "").strip() or fingerprint.get("href")
            if digest:
                yield local_name(fingerprint), digest


def _objected(entry: Element, known: Collection[str]) -> set[str]:
    """The algorithms of fingerprints that members object to; the empty name means all of them."""
    return {
        algorithm_name(objection.get("type") or "", known)
        for feedback in _children(entry, "feedback")
        for objection in _children(feedback, "negativeFeedback")
        if len(objection)
    }


def _others(entry: Element) -> dict[str, object]:
    """Everything that is said of an entry beside what is read, as JSON has it."""
    member = _only(entry, "member")
    name = (member.text or "").strip() if member is not None else ""
    return {**({"member": name} if name else {}), **_fields(child for child in entry if local_name(child) not in _READ)}


def _fields(elements: Iterator[Element]) -> dict[str, object]:
    """Elements by name; those that share a name as an array."""
    fields: dict[str, list[object]] = {}
    for element in elements:
        value = _json(element)
        if value:
            fields.setdefault(local_name(element), []).append(value)
    return {name: values if len(values) > 1 else values[0] for name, values in fields.items()}


def _json(element: Element) -> object:
    """An element as JSON: text if it is nothing else, else an object of its attributes, children and ``text``."""
    text = (element.text or "").strip()
    attributes = {_local(name): value for name, value in element.attrib.items()}
    fields = {**attributes, **_fields(iter(element))}
    if not fields:
        return text
    return {**fields, "text": text} if text else fields


def _children(element: Element, name: str) -> list[Element]:
    return [child for child in element if local_name(child) == name]


def _only(element: Element, name: str) -> Element | None:
    """The one child of a name, or None.

    Raises:
        InvalidValue: If there are several: which is meant must not be a guess.
    """
    children = _children(element, name)
    if len(children) > 1:
        raise InvalidValue(f"{len(children)} elements {name!r} in one entry")
    return children[0] if children else None


def _text(element: Element, name: str) -> str | None:
    child = _only(element, name)
    return ((child.text or "").strip() or None) if child is not None else None


@functools.lru_cache(maxsize=256)
def _local(name: str) -> str:
    return name.rpartition("}")[2]
