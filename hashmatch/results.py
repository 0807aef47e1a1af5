"""What the library answers with: small frozen values for people and programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from .errors import MediaError
from .escaping import shown
from .hashes import ORIGINAL, MediaHash
from .named import Crowded, Found, ImportExamples, NearAllowed
from .records import HashRecord, ListSettings, MediaType, RowError
from .video_results import Segment as Segment
from .video_results import VideoMatch as VideoMatch
from .views import View

EXACT, FAST = "exact", "fast"


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
    decoding: str = EXACT
    """How pixels were decoded: ``"exact"``, or ``"fast"``, as luma and at a reduced scale."""
    damage: str | None = None
    """Why frames may be missing among or behind those that were hashed; None if none are."""
    duration: float | None = None
    """Seconds of a video or an animation that were looked at, to the end of the last frame, hashed or not."""
    views: bool = False
    """Whether pixels were hashed with views of the pictures, for a thorough search."""

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
class HashReport:
    """One file of many: its hashes, or why it has none."""

    file: str | None
    """The path as it was given; None for what came from memory."""
    hashed: HashedMedia | None = None
    error: str | None = None

    @classmethod
    def failed(cls, file: str | None, reason: str) -> HashReport:
        """A report that says why a file, by its name, has no hashes."""
        return cls(file, None, reason if file is None else f"{shown(file)}: {reason}")


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
    view: View | None = None
    """Which view of the upload hit, its ``kind`` being the variant: what was taken off it or put back; None: the whole."""


@dataclass(frozen=True)
class SuppressedMatch:
    """A match that an allow list hides."""

    match: Match
    """What would have been reported."""
    allowed_by: Match
    """The allow record that is at least as near, or that knows the file's exact bytes."""


@dataclass(frozen=True)
class SuppressedVideo:
    """A match with a known video that an allow list hides."""

    match: VideoMatch
    """What would have been reported."""
    allowed_by: Match
    """An allow record that is at least as near to one of its frames, or that knows the file's exact bytes."""


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
    videos: tuple[VideoMatch, ...] = ()
    """Known videos that it shows, those with the most evidence first; their frames are not among the matches."""
    suppressed_videos: tuple[SuppressedVideo, ...] = ()

    @property
    def matched(self) -> bool:
        """Whether anything hit that no allow list hides."""
        return bool(self.matches or self.videos)


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
    skipped: Mapping[str, int] = field(default_factory=dict)
    """What the file holds that is no hash, by kind, and how many: neither taken nor rejected."""
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
    rejects_file: str | None = None
    """Where all of them were written, if that was asked for."""
    examples: ImportExamples = field(default_factory=ImportExamples)
    """A few claims of each kind."""
    near_allowed: Found[NearAllowed] = field(default_factory=Found)
    """Hashes of added or changed claims that lie within radius of an allow list's; or, of an allow list, of a block
    list's."""
    crowded: Found[Crowded] = field(default_factory=Found)
    """Hashes of added or changed claims that have many hashes of other claims within radius."""
    notes: tuple[str, ...] = ()
    """What else one should know: settings that changed, or that a new list takes from its file; what was not looked
    at."""
    partial: bool = False
    """The file says of itself that claims were left out."""
    dry_run: bool = False
    empty: bool = False
    """There was nothing to write, or in a dry run there would be nothing."""
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
    videos: Mapping[str, int] = field(default_factory=dict)
    """Algorithm -> how many known videos, of those that have any."""


@dataclass(frozen=True)
class ClaimDifference:
    """A claim that two lists, A and B, do not hold alike."""

    difference: str
    """``only_a``, ``only_b`` or ``changed``."""
    source_id: str
    fields: tuple[str, ...] = ()
    """What was changed: ``hashes``, or names of columns of a record."""


@dataclass(frozen=True)
class HashDifference:
    """A hash that only one of two lists, A and B, holds in any claim."""

    difference: str
    """``only_a`` or ``only_b``."""
    algorithm: str
    digest: bytes

    @property
    def hex(self) -> str:
        """The digest in lower-case hexadecimal."""
        return self.digest.hex()


@dataclass(frozen=True)
class ListDiff:
    """How two lists, A and B, differ: claim by claim, by their ids, and hash by hash, in whatever claim."""

    a: str
    b: str
    claims_only_a: int
    claims_only_b: int
    claims_changed: int
    """Claims of which A and B say different things."""
    claims_equal: int
    fields: Mapping[str, int]
    """What was changed -> in how many claims."""
    hashes_only_a: int
    """Different hashes (algorithm and digest) that A holds and B does not."""
    hashes_only_b: int
    hashes_both: int
    claims: tuple[ClaimDifference, ...] = ()
    """Some of each kind of difference, in no meaningful order."""
    hashes: tuple[HashDifference, ...] = ()
    """Some of each kind of difference, in no meaningful order."""
    rejected: int = 0
    """Rows of files that could not be read, and so count on neither side."""
    partial: tuple[str, ...] = ()
    """Which of A and B are files that say of themselves that claims were left out."""

    @property
    def differs(self) -> bool:
        """Whether there is any difference."""
        return bool(
            self.claims_only_a or self.claims_only_b or self.claims_changed or self.hashes_only_a or self.hashes_only_b
        )


@dataclass(frozen=True)
class HashOverlap:
    """How many different hashes lists share, by one algorithm or by several together. Rows and columns are lists."""

    hashes: tuple[int, ...]
    """Different hashes of each list."""
    exact: tuple[tuple[int, ...], ...]
    """``exact[i][j]``: how many hashes of list i list j holds too; ``hashes[i]`` where i is j."""
    near: tuple[tuple[int, ...], ...]
    """``near[i][j]``: how many hashes of list i have one of list j within the radius; ``hashes[i]`` where i is j."""
    radius: int | None = None
    """Inclusive, in bits; None where several algorithms are counted together."""

    def share(self, row: int, column: int, *, near: bool = True) -> float | None:
        """The share, 0 to 1, of list ``row`` that list ``column`` holds; None of a list without hashes."""
        held = (self.near if near else self.exact)[row][column]
        return held / self.hashes[row] if self.hashes[row] else None


@dataclass(frozen=True)
class Overlap:
    """How much of each list the others hold, of what is fit to match."""

    snapshots: tuple[str, ...]
    """Versions of the snapshots that answered."""
    lists: tuple[str, ...]
    """The lists, in the order of the rows and columns of each matrix."""
    algorithms: Mapping[str, HashOverlap]
    """By algorithm."""
    total: HashOverlap
    """Of all algorithms together: their sums."""
    reports: tuple[ImportReport, ...] = ()
    """What was taken of each list file, and what was not."""
    left: tuple[tuple[str, str], ...] = ()
    """Files in folders that are in no known format, and why they were left."""


@dataclass(frozen=True)
class QuarantinedHash:
    """A hash of a claim that stands, and that is not fit to match."""

    list: str
    source_id: str
    algorithm: str
    digest: bytes
    reason: str
    """Why it is not fit."""
    released: bool
    """Whether the list lets it match all the same."""
    frame: int = -1
    """Number of the frame; -1 for a whole file."""

    @property
    def hex(self) -> str:
        """The digest in lower-case hexadecimal."""
        return self.digest.hex()
