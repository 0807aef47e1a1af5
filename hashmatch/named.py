"""Named: claims and hashes that the report of an import calls by their names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

_T = TypeVar("_T")


@dataclass(frozen=True)
class NamedClaim:
    """A claim that a file speaks of."""

    list: str
    source_id: str
    algorithm: str | None = None
    """Of its first hash; None where no hash is known."""
    hex: str | None = None
    """Its first hash, in lower-case hexadecimal."""
    hashes: int = 0
    """How many rows of hashes it has."""
    fields: tuple[str, ...] = ()
    """What was changed: ``hashes``, or names of columns of a record. Empty too where that would take too many rows."""
    reason: str | None = None
    """Why the hash is not fit to match."""


@dataclass(frozen=True)
class ImportExamples:
    """A few claims of each kind that an import counts, in no meaningful order."""

    added: tuple[NamedClaim, ...] = ()
    changed: tuple[NamedClaim, ...] = ()
    withdrawn: tuple[NamedClaim, ...] = ()
    unchanged: tuple[NamedClaim, ...] = ()
    older: tuple[NamedClaim, ...] = ()
    held_back: tuple[NamedClaim, ...] = ()
    quarantined: tuple[NamedClaim, ...] = ()
    """Hashes, one each, with the reason."""


@dataclass(frozen=True)
class NamedHash:
    """A hash of a claim."""

    list: str
    source_id: str
    algorithm: str
    hex: str
    """The digest in lower-case hexadecimal."""


@dataclass(frozen=True)
class NearAllowed(NamedHash):
    """An added hash near one of an allow list; or, added to an allow list, near one of a block list."""

    near: NamedHash
    """The nearest hash of a list of the other role: what lets uploads through, or what is no longer found."""
    distance: int
    """How far that is, in bits."""
    hashes: int
    """How many different hashes of lists of the other role lie within the radius."""
    more: bool
    """Whether there are more than were counted."""


@dataclass(frozen=True)
class Crowded(NamedHash):
    """An added hash that has many hashes of other claims around it, as those of blank or equal pictures do."""

    hashes: int
    """How many different hashes of other claims lie within the radius."""
    claims: int
    """How many claims these are of."""
    more: bool
    """Whether there are more hashes, or more claims, than were counted."""


@dataclass(frozen=True)
class Found(Generic[_T]):
    """What was found of one kind."""

    count: int = 0
    """How many there are."""
    first: tuple[_T, ...] = ()
    """The first 1 000 of them."""

    def __bool__(self) -> bool:
        return self.count > 0
