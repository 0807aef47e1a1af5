"""What a run of the search benchmark found, as values and as JSON."""

from __future__ import annotations

from dataclasses import dataclass

from .contenders import Way
from .machine import Machine
from .run import Run
from .timing import Timed
from .truth import Verdict

ORIENTATIONS = 8
"""Codes of one upload: one for each orientation of the picture."""

_MICROSECONDS_A_DAY = 86_400e6


@dataclass(frozen=True)
class Build:
    """How an index came to be."""

    seconds: float
    codes_per_second: float
    bytes_per_code: float | None
    """By how much the process's own memory grew; None if there are too few codes, or the system does not tell."""


@dataclass(frozen=True)
class Row:
    """One contender, asked in one way, on one workload."""

    contender: str
    """Its name in ``CONTENDERS``."""
    title: str
    way: Way
    distribution: str
    n: int
    complete: bool
    """Whether it promises every answer."""
    verdict: Verdict
    build: Build
    timed: Timed
    ratio: float
    """How many times as fast as FAISS's flat scan in its largest batch, in the same rounds."""

    @property
    def uploads_a_day(self) -> float:
        """Uploads that one core would look up in a day, each in eight orientations."""
        return _MICROSECONDS_A_DAY / (ORIENTATIONS * self.timed.us_per_query)


@dataclass(frozen=True)
class Absence:
    """A contender that was not measured on a workload."""

    contender: str
    """Its name in ``CONTENDERS``."""
    distribution: str
    n: int
    reason: str


@dataclass(frozen=True)
class Opening:
    """What an index of ours costs that was saved, and is used by other processes. All on uniform codes."""

    n: int
    save_seconds: float
    bytes_per_code: float
    """Of its files."""
    import_seconds: float
    """Importing hashmatch, numpy and numba in a fresh process, the median of several. Files are in the page cache."""
    open_seconds: float
    """Opening the index there, its compiled functions among it."""
    first_query_seconds: float
    private_bytes: int | None
    """By how much a process that searches grows in private memory, while another one does the same."""
    proportional_bytes: int | None
    """The same in PSS, which counts pages that both have as half."""
    faiss_kept: dict[str, float]
    """Threads that FAISS was given -> its speed after our index was used in the process, by its speed before."""


@dataclass(frozen=True)
class Crossing:
    """Our two indexes, asked alike, on few codes; what ``auto`` should pick."""

    n: int
    way: Way
    flat: Timed
    multi: Timed

    @property
    def ratio(self) -> float:
        """How many times as fast as ``faiss_flat`` ``multi_index`` is: the median over rounds."""
        return self.multi.ratio_to(self.flat)


@dataclass(frozen=True)
class Crowd:
    """Queries that have very many neighbours."""

    n: int
    neighbors: int
    """Of each query."""
    limit: int | None
    """Answers that each query may get."""
    queries: int
    """In one call."""
    seconds: float
    """Of the call, the median of several."""
    peak_bytes: int | None
    """By how much the process's memory grew at most during a call."""
    right: bool
    """Whether it gave all neighbours, or as many of the nearest as the limit says, and said so if it cut."""


@dataclass(frozen=True)
class Scaling:
    """What several threads are worth; follows from two rows."""

    row: Row
    """Of the threads."""
    ratio: float
    """Queries that they answer in the time in which one thread answers one: the median over rounds."""


@dataclass(frozen=True)
class SearchResults(Run):
    """One run."""

    machine: Machine
    seed: int
    radius: int
    quick: bool
    rows: tuple[Row, ...]
    absences: tuple[Absence, ...]
    openings: tuple[Opening, ...]
    crossings: tuple[Crossing, ...]
    crowds: tuple[Crowd, ...]

    @property
    def scalings(self) -> tuple[Scaling, ...]:
        """For each row of several threads, what they are worth."""
        places = {(row.contender, row.distribution, row.n, row.way): row.timed for row in self.rows}
        return tuple(
            Scaling(row, row.timed.ratio_to(places[row.contender, row.distribution, row.n, Way(row.way.batch)]))
            for row in self.rows
            if row.way.threads > 1
        )

    @property
    def faults(self) -> tuple[str, ...]:
        """A sentence for each answer that must be complete and right, and is not."""
        rows = tuple(
            f"{row.title}, {row.way}, {row.distribution}, {row.n} codes: recall {row.verdict.recall}, "
            f"{row.verdict.planted_missed} planted codes missed, {row.verdict.false_answers} false answers"
            for row in self.rows
            if row.complete and not row.verdict.faultless
        )
        crowds = tuple(
            f"{crowd.queries} queries of {crowd.neighbors} neighbours each, limit {crowd.limit}: wrong answers"
            for crowd in self.crowds
            if not crowd.right
        )
        return rows + crowds
