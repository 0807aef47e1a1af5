"""Footer: what a batch says of itself, beside its rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from enum import Enum

from .errors import BankDamaged, InvalidValue
from .records import ListSettings
from .results import BatchEntry

LAYOUT = 1
"""Version of the batches' layout, fingerprints included: a reader refuses one that it does not know."""


class Kind(str, Enum):
    """What a batch does."""

    IMPORT = "import"
    WITHDRAW = "withdraw"
    DROP = "drop"
    ROLLBACK = "rollback"
    SETTINGS = "settings"
    BASE = "base"


@dataclass(frozen=True)
class Footer:
    """What a batch says of itself."""

    number: int
    kind: Kind
    time: datetime
    lists: tuple[str, ...]
    """The lists that it is about."""
    settings: Mapping[str, ListSettings]
    """Of every list of the bank, as they stand after it."""
    origin: str | None = None
    sha256: str | None = None
    format: str | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    target: int | None = None
    """The batch that a rollback goes back to."""
    versions: Mapping[str, str] = field(default_factory=dict)
    folded: tuple[BatchEntry, ...] = ()
    """Of a base: what it was folded from, oldest first."""

    def entry(self) -> BatchEntry:
        """The line of the history that tells of this batch."""
        return BatchEntry(
            number=self.number,
            kind=self.kind.value,
            time=self.time,
            lists=self.lists,
            origin=self.origin,
            sha256=self.sha256,
            format=self.format,
            counts=self.counts,
            target=self.target,
        )

    def to_bytes(self) -> bytes:
        """JSON that ``from_bytes`` reads back to an equal value."""
        said = _entry_json(self.entry())
        said["layout"] = LAYOUT
        said["settings"] = {name: settings.to_json() for name, settings in sorted(self.settings.items())}
        said["versions"] = dict(self.versions)
        said["folded"] = [_entry_json(entry) for entry in self.folded]
        return json.dumps(said, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")

    @classmethod
    def from_bytes(cls, stored: bytes) -> Footer:
        """The footer that ``to_bytes`` wrote.

        Raises:
            BankDamaged: If it is not one, or of a layout that this version does not know.
        """
        try:
            said = json.loads(stored.decode("utf-8", "surrogatepass"))
            if said["layout"] != LAYOUT:
                raise BankDamaged(f"a batch has layout {said['layout']}; this version of hashmatch reads {LAYOUT}")
            entry = _entry(said)
            return cls(
                number=entry.number,
                kind=Kind(entry.kind),
                time=entry.time,
                lists=entry.lists,
                settings={name: ListSettings.from_json(settings) for name, settings in said["settings"].items()},
                origin=entry.origin,
                sha256=entry.sha256,
                format=entry.format,
                counts=entry.counts,
                target=entry.target,
                versions=said["versions"],
                folded=tuple(_entry(folded, compacted=True) for folded in said["folded"]),
            )
        except (KeyError, TypeError, AttributeError, ValueError, InvalidValue) as error:
            raise BankDamaged(f"the footer of a batch cannot be read: {error}") from error


def _entry_json(entry: BatchEntry) -> dict[str, object]:
    return {
        "number": entry.number,
        "kind": entry.kind,
        "time": entry.time.isoformat(),
        "lists": list(entry.lists),
        "origin": entry.origin,
        "sha256": entry.sha256,
        "format": entry.format,
        "counts": dict(entry.counts),
        "target": entry.target,
    }


def _entry(said: Mapping[str, object], *, compacted: bool = False) -> BatchEntry:
    counts, lists, number, target = said["counts"], said["lists"], said["number"], said["target"]
    if not (isinstance(counts, dict) and isinstance(lists, list) and isinstance(number, int)):
        raise TypeError("number, lists or counts have the wrong type")
    return BatchEntry(
        number=number,
        kind=str(said["kind"]),
        time=datetime.fromisoformat(str(said["time"])).astimezone(timezone.utc),
        lists=tuple(str(name) for name in lists),
        origin=_text(said["origin"]),
        sha256=_text(said["sha256"]),
        format=_text(said["format"]),
        counts={str(key): int(count) for key, count in counts.items()},
        target=target if isinstance(target, int) else None,
        compacted=compacted,
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)
