"""What a run of the load benchmark found, as values and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from ..machine import Machine
from ..run import Run
from .loads import Load
from .watch import Usage

FLOOR, BESIDE = "floor", "pdq_index"
"""Whom ours is compared with."""

BATCH, SNAPSHOT, AGAIN = "batch", "snapshot", "again"
DELTA_BATCH, DELTA_SNAPSHOT = "delta_batch", "delta_snapshot"

PUBLISHED = "published"
"""Batch and snapshot together: from the file to what matchers read."""

TITLES = {
    FLOOR: "floor: pyarrow reads, writes Parquet",
    BESIDE: "python-threatexchange PDQIndex",
    BATCH: "hashmatch, file to batch",
    SNAPSHOT: "hashmatch, batch to snapshot",
    PUBLISHED: "hashmatch, file to snapshot",
    AGAIN: "hashmatch, the same file again",
    DELTA_BATCH: "hashmatch, delta to batch",
    DELTA_SNAPSHOT: "hashmatch, delta's snapshot",
}
"""What is measured -> what people read, in the order of the tables."""


@dataclass(frozen=True)
class Measured:
    """One step on one file, in all rounds."""

    step: str
    """A name in ``TITLES``, but ``PUBLISHED``, which follows from two."""
    load: Load
    rounds: tuple[Usage, ...]
    kept_bytes: int
    """Length of the files that it left behind, in the last round."""

    @property
    def seconds(self) -> float:
        """The median of the rounds."""
        return median(usage.seconds for usage in self.rounds)

    @property
    def cores(self) -> float:
        """Seconds of work for each second, of all threads: at most 1 if it was pinned to one core."""
        return median(usage.cpu_seconds / usage.seconds for usage in self.rounds)

    @property
    def peak_bytes(self) -> int | None:
        """The most private memory in any round."""
        return max((usage.peak_bytes for usage in self.rounds if usage.peak_bytes is not None), default=None)

    @property
    def written_bytes(self) -> int | None:
        """The most that was given to the disk in any round."""
        return max((usage.written_bytes for usage in self.rounds if usage.written_bytes is not None), default=None)

    @property
    def pinned(self) -> bool:
        """Whether it was kept to one core in every round."""
        return all(usage.pinned for usage in self.rounds)

    def ratio_to(self, other: Measured) -> float:
        """How many times as long as ``other`` it took: the median of the ratios within rounds."""
        pairs = zip(self.rounds, other.rounds, strict=True)
        return median(mine.seconds / theirs.seconds for mine, theirs in pairs)

    def after(self, other: Measured) -> Measured:
        """Both, one after the other: times and bytes added, and of the two peaks the higher."""
        rounds = tuple(
            Usage(
                mine.seconds + theirs.seconds,
                mine.cpu_seconds + theirs.cpu_seconds,
                max((peak for peak in (mine.peak_bytes, theirs.peak_bytes) if peak is not None), default=None),
                _sum(mine.written_bytes, theirs.written_bytes),
                mine.pinned and theirs.pinned,
            )
            for mine, theirs in zip(self.rounds, other.rounds, strict=True)
        )
        return Measured(PUBLISHED, self.load, rounds, self.kept_bytes + other.kept_bytes)


@dataclass(frozen=True)
class ListFile:
    """A file that was loaded."""

    load: Load
    bytes: int
    changes: int
    """Rows of the delta to it."""


@dataclass(frozen=True)
class Absence:
    """A step that was not measured."""

    step: str
    load: Load
    reason: str


@dataclass(frozen=True)
class LoadResults(Run):
    """One run."""

    machine: Machine
    file_system: str | None
    """Kind of the one that all was written to, ``"ext4"``; None if the system does not tell."""
    seed: int
    quick: bool
    files: tuple[ListFile, ...]
    measured: tuple[Measured, ...]
    absences: tuple[Absence, ...]
    faults: tuple[str, ...]
    """A sentence for each thing that is not as it must be: rows lost, hashes not found, and the like. Never of time."""

    def find(self, step: str, load: Load) -> Measured | None:
        """A step as it was measured; None if it was not."""
        if step == PUBLISHED:
            batch, snapshot = self.find(BATCH, load), self.find(SNAPSHOT, load)
            return None if batch is None or snapshot is None else snapshot.after(batch)
        return next((one for one in self.measured if (one.step, one.load) == (step, load)), None)

    def ratio(self, step: str, other: str, load: Load) -> float | None:
        """How many times as long as ``other`` a step took; None unless both were measured."""
        mine, theirs = self.find(step, load), self.find(other, load)
        return None if mine is None or theirs is None else mine.ratio_to(theirs)


def _sum(*counts: int | None) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None
