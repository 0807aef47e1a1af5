"""The media of VICS: what it says of one file, as a claim."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PureWindowsPath
from typing import Any

from ..errors import InvalidValue
from ..hashes import parse_digest
from ..records import Opinion
from .fields import hash_of, media_type_of
from .json_text import OBJECT, decode, text_of
from .raw_claim import RawClaim

_ALTERNATIVES = "AlternativeHashes"
_HASHES = frozenset({"MD5", "SHA1", "SHA256", "PhotoDNA"})
"""Fields that hold a hash; any other kind stands among the alternative ones."""

_READ = frozenset({"Category", "DateUpdated"})
"""Fields of which a claim says all; every other that is no hash goes to ``extra``."""

_CASE_FIELDS = ("CaseID", "CaseNumber")
_CATEGORY = re.compile(r"[0-9]{1,3}")
_NAME_CHARACTERS = 256
_CASE_CHARACTERS = 1000
"""Most that each file keeps of what names its case."""

Media = Mapping[str, Any]


@dataclass(frozen=True)
class Case:
    """Where a file stands."""

    model: str
    """Version and country of the data model, as in ``2.0/US``: what a category means differs by country."""
    fields: Mapping[str, object] = field(default_factory=dict)
    """What names the case that it belongs to."""
    before: bytes = b""
    """The object around the array that the file stands in, up to the array."""

    def moved_to(self, before: bytes) -> Case:
        """The case around another array."""
        if before is self.before:
            return self
        try:
            around = decode(before + b"null}", OBJECT)
        except InvalidValue:
            around = {}
        said = {name: around[name] for name in _CASE_FIELDS if isinstance(around.get(name), str | int)}
        named = {name: text[:_CASE_CHARACTERS] if isinstance(text, str) else text for name, text in said.items()}
        return replace(self, fields=named, before=before)


def source_id_of(md5: object) -> str:
    """The id of a file's claim: its MD5, by which VICS joins what it says of a file.

    Raises:
        InvalidValue: If there is none, or it is no MD5.
    """
    digest = (hash_of(md5, "MD5") or "").strip()
    if not digest:
        raise InvalidValue("no MD5, by which VICS names a file")
    return f"md5:{parse_digest(digest, 16).hex()}"


def is_categorised(category: object) -> bool:
    """Whether somebody found the file to be of concern: 0, and none, mean that nobody did.

    Raises:
        InvalidValue: If it is no category.
    """
    return bool(_number(category))


def media_claim(number: int, media: Media, case: Case, *, categorised: bool) -> RawClaim:
    """The claim of one file.

    Args:
        number: Of the file, from 1.
        media: What is said of it.
        case: Where it stands.
        categorised: Whether it is categorised where it stands again. Without a category is no objection to one.

    Raises:
        InvalidValue: If it has no MD5, or a field cannot be what it should be.
    """
    hashes, others = _divided(media)
    category = _number(media.get("Category"))
    opinion = None if category or categorised else Opinion.NEGATIVE.value
    return RawClaim(
        number,
        source_id_of(media.get("MD5")),
        hashes=[(name, digest, opinion) for name, digest in hashes],
        media_type=_media_type(media),
        labels=[] if category is None else [f"vics:category-{category}"],
        updated_at=text_of(media.get("DateUpdated"), "DateUpdated"),
        extra={**others, **case.fields, "DataModel": case.model},
    )


def _divided(media: Media) -> tuple[list[tuple[str, str]], dict[str, object]]:
    """Name and digest of each hash, and everything else that is said."""
    hashes: list[tuple[str, str]] = []
    others: dict[str, object] = {}
    for name, value in media.items():
        if name in _HASHES:
            digest = hash_of(value, name)
            hashes += [(name, digest)] if digest else []
        elif name == _ALTERNATIVES and isinstance(value, list):
            found = [_alternative(entry) for entry in value]
            hashes += [pair for pair in found if pair]
            if strange := [entry for entry, pair in zip(value, found, strict=True) if not pair]:
                others[name] = strange
        elif name not in _READ and value is not None:
            others[name] = value
    return hashes, others


def _alternative(entry: object) -> tuple[str, str] | None:
    """Name and digest of an alternative hash; None if it has another shape than these."""
    name, digest = (entry.get("HashName"), entry.get("HashValue")) if isinstance(entry, dict) else (None, None)
    return (name, digest) if isinstance(name, str) and isinstance(digest, str) else None


def _number(category: object) -> int | None:
    """The number of a category, 0 to 999; None if there is none.

    Raises:
        InvalidValue: If it is no category.
    """
    if isinstance(category, float) and category.is_integer():
        category = int(category)
    text = (text_of(category, "Category") or "").strip()
    if not text:
        return None
    if not _CATEGORY.fullmatch(text):
        raise InvalidValue(f"{text[:40]!r} as Category, where a number from 0 to 999 is meant")
    return int(text)


def _media_type(media: Media) -> str | None:
    """What kind of file it is, by its MIME type, else by the ending of a name that it was seen under."""
    mime = media.get("MimeType")
    if isinstance(mime, str) and (known := media_type_of(mime)):
        return known
    return next(filter(None, (media_type_of(PureWindowsPath(name).suffix) for name in _names(media))), None)


def _names(media: Media) -> Iterator[str]:
    """Names of the file, with their endings."""
    files = media.get("MediaFiles")
    first = files[0] if isinstance(files, list) and files and isinstance(files[0], dict) else {}
    for name in (media.get("RelativeFilePath"), first.get("FileName")):
        if isinstance(name, str):
            yield name[-_NAME_CHARACTERS:]
