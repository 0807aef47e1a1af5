"""What a list is made of: records, their Arrow schema, and the settings of a list.

A record is one hash of one claim. Between rooms records travel as Arrow tables in ``SCHEMA``;
people see ``HashRecord``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum

import pyarrow as pa

from .errors import InvalidValue

MICROSECONDS = pa.timestamp("us", tz="UTC")

SCHEMA = pa.schema(
    [
        pa.field("list", pa.string(), nullable=False),
        pa.field("source_id", pa.string(), nullable=False),
        pa.field("algorithm", pa.string()),
        pa.field("frame", pa.int32(), nullable=False),
        pa.field("digest", pa.binary()),
        pa.field("media_type", pa.string(), nullable=False),
        pa.field("timestamp", pa.float32()),
        pa.field("quality", pa.int16()),
        pa.field("labels", pa.list_(pa.string()), nullable=False),
        pa.field("opinion", pa.string(), nullable=False),
        pa.field("share_level", pa.string()),
        pa.field("created_at", MICROSECONDS),
        pa.field("updated_at", MICROSECONDS),
        pa.field("expires_at", MICROSECONDS),
        pa.field("quarantine", pa.string()),
        pa.field("said_at", MICROSECONDS, nullable=False),
        pa.field("extra", pa.string(), nullable=False),
        pa.field("batch", pa.int64(), nullable=False),
    ]
)
"""One row per hash of a claim.

``algorithm`` and ``digest`` are null only in the log, for a claim that is withdrawn and whose
hashes are not known. ``frame`` is -1 for a whole file. ``timestamp`` is in seconds. ``extra`` is
canonical JSON (sorted keys, no blanks) of an object, ``{}`` where nothing is unknown to us.
"""


class _Word(str, Enum):
    """An enumeration whose members are their own text."""

    def __str__(self) -> str:
        return str(self.value)

    @classmethod
    def parse(cls, text: str) -> _Word:
        """The member that ``text`` names.

        Raises:
            InvalidValue: If there is none; the error names the choices.
        """
        try:
            return cls(text)
        except ValueError:
            choices = ", ".join(member.value for member in cls)
            raise InvalidValue(f"{text!r} is none of {choices}") from None


class MediaType(_Word):
    """What kind of file a hash was taken from."""

    IMAGE = "image"
    VIDEO = "video"
    DOCUMENT = "document"
    UNKNOWN = "unknown"


class Opinion(_Word):
    """What the partner says of the content."""

    POSITIVE = "positive"
    """It is what the list is about."""
    SEED = "seed"
    """It may be; it is shared for investigation. Matches, and the match says so."""
    NEGATIVE = "negative"
    """It is not. Never matches."""
    DISPUTED = "disputed"
    """Partners disagree. Matches, and the match says so."""


class ShareLevel(_Word):
    """Traffic Light Protocol 2.0, laxest first: who else may see it."""

    CLEAR = "clear"
    GREEN = "green"
    AMBER = "amber"
    AMBER_STRICT = "amber+strict"
    RED = "red"

    @property
    def strictness(self) -> int:
        """0 for clear up to 4 for red."""
        return list(ShareLevel).index(self)

    @property
    def restricted(self) -> bool:
        """Whether it must not leave without saying so: amber and stricter."""
        return self.strictness >= ShareLevel.AMBER.strictness


class Role(_Word):
    """What a list does: block what it holds, or allow it."""

    BLOCK = "block"
    ALLOW = "allow"


class Mode(_Word):
    """How a file speaks about its list."""

    UPDATE = "update"
    """It names what changed."""
    REPLACE = "replace"
    """It is the whole list; claims that it does not name are withdrawn."""


_LIST_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


def check_list_name(name: str) -> str:
    """The name, if it can name a list: ``[a-z0-9][a-z0-9._-]{0,63}``.

    Raises:
        InvalidValue: If it cannot.
    """
    if not _LIST_NAME.fullmatch(name):
        raise InvalidValue(
            f"{name[:80]!r} cannot name a list: up to 64 of a-z, 0-9, '.', '_' and '-', the first a letter or a digit"
        )
    return name


LONGEST_SETTING = 1000
"""Characters in a setting of a list: it travels in the footer of every later batch."""


@dataclass(frozen=True)
class ListSettings:
    """What we hold to be true of a list. Travels in the footer of every batch."""

    name: str
    partner: str | None = None
    """Who shares it."""
    role: Role = Role.BLOCK
    share_level: ShareLevel = ShareLevel.AMBER
    """Of every row that does not say its own."""
    mode: Mode | None = None
    """None until the user or a format has said which."""
    algorithm: str | None = None
    """Of hashes that do not name theirs and whose length fits several."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Our field -> the column of the partner's file that holds it."""
    radius: Mapping[str, int] = field(default_factory=dict)
    """Algorithm -> inclusive radius in bits, where it differs from the algorithm's own."""
    releases: frozenset[tuple[str, str]] = frozenset()
    """(algorithm, hex) that match although the quarantine objects to them."""
    checkpoint: str | None = None
    """Where the partner's feed is to be taken up again."""

    def __post_init__(self) -> None:
        check_list_name(self.name)
        for text in (self.partner, self.checkpoint, *self.columns, *self.columns.values()):
            if text is not None and len(text) > LONGEST_SETTING:
                raise InvalidValue(f"a setting of {self.name} is longer than {LONGEST_SETTING} characters")
        for algorithm, radius in self.radius.items():
            if radius < 0:
                raise InvalidValue(f"the radius of {algorithm} must not be negative")

    def to_json(self) -> dict[str, object]:
        """A JSON object that ``from_json`` reads back to an equal value."""
        return {
            "name": self.name,
            "partner": self.partner,
            "role": self.role.value,
            "share_level": self.share_level.value,
            "mode": self.mode.value if self.mode else None,
            "algorithm": self.algorithm,
            "columns": dict(sorted(self.columns.items())),
            "radius": dict(sorted(self.radius.items())),
            "releases": sorted(list(pair) for pair in self.releases),
            "checkpoint": self.checkpoint,
        }

    @classmethod
    def from_json(cls, source: Mapping[str, object]) -> ListSettings:
        """Settings from a JSON object; keys that are absent or null take their defaults.

        Raises:
            InvalidValue: If a value has the wrong type or is none of its choices.
        """
        return replace(cls(name=_text(source, "name") or ""), **settings_from_json(source))  # type: ignore[arg-type]


def settings_from_json(source: Mapping[str, object]) -> dict[str, object]:
    """The settings, other than the name, that a JSON object states, checked and typed.

    Keys that are unknown, absent or null are left out.

    Raises:
        InvalidValue: If a value has the wrong type or is none of its choices.
    """
    stated: dict[str, object] = {
        "partner": _text(source, "partner"),
        "role": _word(source, "role", Role),
        "share_level": _word(source, "share_level", ShareLevel),
        "mode": _word(source, "mode", Mode),
        "algorithm": _text(source, "algorithm"),
        "columns": _mapping(source, "columns", str),
        "radius": _mapping(source, "radius", int),
        "releases": _releases(source),
        "checkpoint": _text(source, "checkpoint"),
    }
    return {key: value for key, value in stated.items() if value is not None}


def _text(source: Mapping[str, object], key: str) -> str | None:
    value = source.get(key)
    if value is not None and not isinstance(value, str):
        raise InvalidValue(f"the {key} of a list must be text, not {value!r}")
    return value


def _word(source: Mapping[str, object], key: str, words: type[_Word]) -> _Word | None:
    text = _text(source, key)
    return None if text is None else words.parse(text)


def _mapping(source: Mapping[str, object], key: str, kind: type) -> dict[str, object] | None:
    value = source.get(key)
    if value is None:
        return None
    if not isinstance(value, Mapping) or not all(type(item) is kind for item in value.values()):
        raise InvalidValue(f"the {key} of a list must map names to {kind.__name__}, not {value!r}")
    return dict(value)


def _releases(source: Mapping[str, object]) -> frozenset[tuple[str, str]] | None:
    value = source.get("releases")
    if value is None:
        return None
    if not isinstance(value, list) or not all(
        isinstance(pair, list) and len(pair) == 2 and all(isinstance(part, str) for part in pair) for pair in value
    ):
        raise InvalidValue("the releases of a list must be pairs of algorithm and hash")
    return frozenset((pair[0], pair[1]) for pair in value)


@dataclass(frozen=True)
class HashRecord:
    """One hash of one claim, as people see it. The fields are those of ``SCHEMA``."""

    list: str
    source_id: str
    algorithm: str
    digest: bytes
    frame: int = -1
    media_type: str = MediaType.UNKNOWN.value
    timestamp: float | None = None
    quality: int | None = None
    labels: tuple[str, ...] = ()
    opinion: str = Opinion.POSITIVE.value
    share_level: str | None = None
    """None where the list's own level holds."""
    created_at: datetime | None = None
    updated_at: datetime | None = None
    expires_at: datetime | None = None
    quarantine: str | None = None
    said_at: datetime | None = None
    extra: str = "{}"
    batch: int = 0
    """Number of the import that brought it."""
    partner: str | None = None
    """Who shares the list."""

    @property
    def hex(self) -> str:
        """The digest in lower-case hexadecimal."""
        return self.digest.hex()


@dataclass(frozen=True)
class RowError:
    """A row that was not taken, and why."""

    line: int
    """Number of the line, from 1; of the record, from 1, in formats that are one document."""
    reason: str
    list: str | None = None
    """The list that the row speaks of, where the row says so."""
    source_id: str | None = None
    """The claim that the row speaks of, where its id could be read."""
