"""What the library answers with: small frozen values for people and programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from .errors import MediaError
from .hashes import ORIGINAL, MediaHash
from .records import HashRecord, ListSettings, MediaType, RowError


@dataclass(frozen=True)
class HashedMedia(Mapping[str, MediaHash]):
    """The hashes of one file or picture, by algorithm.

    Asking for an algorithm that could not be computed raises MediaError with the reason.
    """

    hashes: Mapping[str, MediaHash]
    file: str | None = None
    """The path as it was given; None for pixels and bytes from memory."""
    media_type: MediaType = MediaType.UNKNOWN
    failures: Mapping[str, str] = field(default_factory=dict)
    """Why, for each algorithm that was asked for and could not be computed."""
    decoding: str = "exact"
    """``"exact"``: from the pixels at full size."""

    def __getitem__(self, algorithm: str) -> MediaHash:
        if algorithm in self.failures:
            raise MediaError(f"{self.file or 'the picture'} has no {algorithm} hash: {self.failures[algorithm]}")
        return self.hashes[algorithm]

    def __contains__(self, algorithm: object) -> bool:
        return algorithm in self.hashes

    def __iter__(self) -> Iterator[str]:
        return iter(self.hashes)

    def __len__(self) -> int:
        return len(self.hashes)


@dataclass(frozen=True)
class Match:
    """One record that an upload hit."""

    algorithm: str
    distance: int
    """Hamming distance in bits."""
    record: HashRecord
    """Whose claim it is, with labels, opinion and dates."""
    orientation: str = ORIGINAL
    """Which orientation of the upload hit, the nearest first."""
    frame: int = -1
    """Frame of the upload that hit; -1 for a still or a whole file."""
    timestamp: float | None = None
    """Seconds into the upload."""


@dataclass(frozen=True)
class SuppressedMatch:
    """A match that an allow list hides."""

    match: Match
    """What would have been reported."""
    allowed_by: Match
    """The allow record that is at least as near, or that knows the file's exact bytes."""


@dataclass(frozen=True)
class MatchReport:
    """What became of one upload: what was hashed, what matched, or why not."""

    file: str | None
    snapshot: str
    """Version of the one snapshot that gave this answer."""
    hashed: HashedMedia | None = None
    matches: tuple[Match, ...] = ()
    """Nearest first; every record of every claim of each hash that was hit."""
    suppressed: tuple[SuppressedMatch, ...] = ()
    low_quality: tuple[str, ...] = ()
    """Algorithms whose hash was not matched because its quality is too low."""
    error: str | None = None
    """Why the file, or its pixels, could not be matched; None if all went well."""

    @property
    def matched(self) -> bool:
        """Whether anything hit that no allow list hides."""
        return bool(self.matches)


@dataclass(frozen=True)
class ImportReport:
    """What one import did, or, in a dry run, would do. Counts are of claims unless said."""

    lists: tuple[str, ...]
    format: str
    origin: str
    batch: int | None = None
    """Number of the batch that was written; None if there was nothing to write."""
    added: int = 0
    changed: int = 0
    withdrawn: int = 0
    unchanged: int = 0
    """Equal to what stands, but for ``updated_at``."""
    older: int = 0
    """Words that lost to a newer one, or to a withdrawal made by hand."""
    held_back: int = 0
    """Claims that replacing would have withdrawn, kept since a reject may have named them."""
    duplicates: int = 0
    """Rows that say a hash of their claim again."""
    quarantined: int = 0
    """Rows taken but not fit to match."""
    unbalanced: int = 0
    """PDQ rows taken whose number of ones is not 128, as that of a photo would be."""
    rows: int = 0
    """Rows taken."""
    rejected: int = 0
    """Rows not taken."""
    rejects: tuple[RowError, ...] = ()
    """The first 1 000 of them."""
    notes: tuple[str, ...] = ()
    """What else one should know: settings that changed, or that a new list takes from its file."""
    partial: bool = False
    """The file says of itself that claims were left out."""
    dry_run: bool = False
    snapshot: str | None = None
    """The snapshot that was published with it."""


@dataclass(frozen=True)
class ExportReport:
    """What one export wrote."""

    format: str
    rows: int
    claims: int
    lists: tuple[str, ...]
    partial: bool
    """Whether claims of these lists were left out."""
    losses: tuple[str, ...] = ()
    """Columns that hold something and that the format cannot carry."""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class BatchEntry:
    """One line of a bank's history."""

    number: int
    kind: str
    """import, withdraw, drop, rollback, settings or base."""
    time: datetime
    lists: tuple[str, ...]
    origin: str | None = None
    """Name of the file that was imported."""
    sha256: str | None = None
    """SHA-256 of that file."""
    format: str | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    target: int | None = None
    """The batch that a rollback went back to."""
    compacted: bool = False
    """Folded into a base: it can be read about, not gone back to."""


@dataclass(frozen=True)
class ListSummary:
    """One list of a bank, and how much of it stands."""

    settings: ListSettings
    claims: int
    """Claims that stand."""
    hashes: int
    """Their hashes."""
    withdrawn: int
    """Claims that are withdrawn, by the partner or by hand."""
    quarantined: int
    """Hashes that stand but are not fit to match, and were not released."""
    batch: int
    """The last batch that is about it."""
    time: datetime
    """When that was written."""


@dataclass(frozen=True)
class SnapshotSummary:
    """The snapshot that matchers read now."""

    version: str
    batch: int
    """The batch that it was folded up to."""
    lists: tuple[str, ...]
    codes: Mapping[str, int]
    """Algorithm -> how many different hashes."""
    records: Mapping[str, int]
    """Algorithm -> how many records."""
    indexes: Mapping[str, str]
    """Algorithm -> the kind of index over its hashes."""
    verified: bool
    """Whether every file's checksum was just found right."""
