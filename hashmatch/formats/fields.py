"""Fields: what partners call the things that we know, and the words they use for them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from ..errors import InvalidValue
from .entry import remainder
from .json_text import ARRAY, canonical, decode, text_of

ALIASES: Mapping[str, tuple[str, ...]] = {
    "list": ("list",),
    "source_id": ("source_id", "native_id", "record_id", "entry_id", "id"),
    "algorithm": ("algorithm", "hash_algorithm", "hash_type", "signal_type", "algo", "type"),
    "digest": (
        "digest",
        "hash_digest",
        "hash_value",
        "hashvalue",
        "hash",
        "hex_digest",
        "hexdigest",
        "hex",
        "signal",
        "value",
    ),
    "frame": ("frame", "frame_number"),
    "media_type": ("media_type",),
    "file_type": ("file_type", "file_extension"),
    "timestamp": ("timestamp",),
    "quality": ("quality", "pdq_quality"),
    "labels": ("labels", "label", "tags", "categories"),
    "ideology": ("ideology",),
    "opinion": ("opinion",),
    "share_level": ("share_level", "tlp"),
    "created_at": ("created_at", "created_on", "created", "date_added"),
    "updated_at": ("updated_at", "updated_on", "updated", "last_updated", "modified"),
    "expires_at": ("expires_at", "expires", "valid_until"),
    "withdrawn": ("withdrawn", "deleted"),
    "extra": ("extra",),
}
"""Our field -> the names that mean it, as ``normal_name`` writes them; where a file has several, the first counts."""

DIGESTS = ("sha512", "sha256", "sha1", "md5")
"""Digests of a file's bytes, the strongest first: what names a file that has no id."""

EXTRA_BYTES = 32_000
"""Most that ``extra`` may be, in bytes of canonical JSON: a row with more is not taken at all."""

NAMELESS_DELETION = "it takes a claim back, but has no id that says which"
"""Why a deletion without id is rejected, in a feed whose claims have ids: by its hash it would take nothing back."""

_MEDIA_TYPES: Mapping[str, str] = {
    ending: media_type
    for media_type, endings in {
        "image": "png jpg jpeg jpe jfif gif webp bmp tif tiff avif heic heif jxl ico svg",
        "video": "mp4 mov m4v webm mkv avi wmv flv mpg mpeg 3gp 3g2 ogv ts mts m2ts vob asf",
        "document": "pdf doc docx odt rtf txt ppt pptx odp xls xlsx ods csv epub html htm md",
    }.items()
    for ending in endings.split()
}
_WORDS = {"true": True, "yes": True, "y": True, "t": True, "1": True} | {
    "false": False, "no": False, "n": False, "f": False, "0": False, "": False
}  # fmt: skip
_TRADITIONAL_DATE = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)[,.](\d+)")


def normal_name(name: str) -> str:
    """A column's name without what partners vary: case, blanks, hyphens."""
    return name.strip().lower().replace(" ", "_").replace("-", "_")


def squeezed(name: str) -> str:
    """An algorithm's name without what partners vary: ``SHA-256`` gives ``sha256``."""
    return normal_name(name).replace("_", "")


def algorithm_name(text: str, known: Collection[str]) -> str:
    """The algorithm in our spelling if it is one of ``known``, else in lower case."""
    lower = text.strip().lower()
    if lower in known:
        return lower
    name = squeezed(lower)
    return name if name in known else lower


def find_fields(names: Sequence[str]) -> dict[str, int]:
    """Our field -> position among ``names``, for those that are recognised.

    ``list`` counts only beside ``source_id`` and either ``digest`` or ``withdrawn``, under these very
    names, as we write it: elsewhere such a column means something of the partner's.
    """
    where: dict[str, int] = {}
    for position, name in enumerate(names):
        where.setdefault(normal_name(name), position)
    ours = "source_id" in where and ("digest" in where or "withdrawn" in where)
    found = {}
    for field, aliases in ALIASES.items():
        named = [where[alias] for alias in aliases if alias in where]
        if named and (ours or field != "list"):
            found[field] = named[0]
    return found


def named_as(field: str, names: Iterable[str]) -> list[str]:
    """Those of some names that mean a field of ours, as the file writes them."""
    return [name.strip()[:40] for name in names if normal_name(name) in ALIASES[field]]


def unclear_withdrawal(names: Iterable[str]) -> str | None:
    """What is wrong with names of which several may say that a row is withdrawn; None if at most one may.

    By the first of them alone a row that another one takes back would be added.
    """
    several = named_as("withdrawn", names)
    if len(several) < 2:
        return None
    return f"several columns that may say that a row is withdrawn ({', '.join(several)}): map one as withdrawn"


def find_wide(names: Sequence[str], algorithms: Collection[str]) -> dict[int, str]:
    """Position among ``names`` -> the algorithm that it is named after."""
    wide = {}
    for position, name in enumerate(names):
        algorithm = squeezed(name)
        if algorithm in algorithms:
            wide[position] = algorithm
    return wide


def media_type_of(text: str) -> str | None:
    """What kind of file an ending (``png``), a MIME type or one of our own words means; None if unknown."""
    word = text.strip().lower().removeprefix(".")
    kind, _, subtype = word.partition("/")
    if kind in ("image", "video", "document", "unknown"):
        return kind
    return _MEDIA_TYPES.get(subtype or kind)


def ideology_label(text: str) -> str:
    """``Far-Right`` as a label: ``ideology:far-right``."""
    return f"ideology:{'-'.join(text.lower().split())}"


def iso_date(text: str) -> str:
    """A date with its fraction after a comma, as Python's log files have it, in ISO 8601; others as they are."""
    return _TRADITIONAL_DATE.sub(r"\1T\2.\3", text, count=1)


def extra_of(fields: Mapping[str, object]) -> str | None:
    """Fields that we do not know, as ``extra`` holds them; None if there are none.

    All that a row can carry stays, so that what we wrote ourselves comes back. Of more than that stays what
    ``entry.remainder`` leaves, as a hash is worth more than what stands beside it.

    Raises:
        InvalidValue: If a field is nested too deeply.
    """
    if not fields:
        return None
    whole = canonical(fields)
    return whole if len(whole.encode()) <= EXTRA_BYTES else remainder(fields)


def truth(value: object) -> bool | None:
    """Whether a cell says yes; None if it says nothing.

    Raises:
        InvalidValue: If it says neither.
    """
    if value is None or isinstance(value, bool):
        return value
    word = (text_of(value, "withdrawn") or "").strip().lower()
    if word not in _WORDS:
        raise InvalidValue(f"{word[:40]!r} as withdrawn, where true or false is meant")
    return _WORDS[word]


def hash_of(value: object, field: str) -> str | None:
    """A hash as text; None stays None.

    Raises:
        InvalidValue: If it is something else than text. A number is none, even if its digits are as many as a hash
            has: what stood before them, and whether they were meant to be hexadecimal, is lost.
    """
    if isinstance(value, bool | int | float):
        kind = "a truth value" if isinstance(value, bool) else "a number"
        raise InvalidValue(f"{(text_of(value, field) or '')[:40]} is {kind}, not a hash")
    return text_of(value, field)


def labels_of(value: object) -> list[str] | None:
    """Labels from an array, from the text of a JSON array, or from text divided by ``;``, ``|`` or ``,``.

    Raises:
        InvalidValue: If a label is an object or an array, or the text begins like JSON and is none.
    """
    if value is None:
        return None
    if isinstance(value, str):
        if not value.startswith("["):
            return [label for label in map(str.strip, re.split(r"[;|,]", value)) if label]
        try:
            value = decode(value.encode(), ARRAY)
        except InvalidValue as error:
            raise InvalidValue(f"labels begin like a JSON array but are {error}") from None
    if not isinstance(value, list):
        text = text_of(value, "labels")
        return [text] if text else []
    return [text for text in (text_of(label, "a label") for label in value) if text is not None]
