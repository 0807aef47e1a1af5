"""Overlap: how much of each list the others hold, exactly and within radius, as snapshots have it."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .algorithms import ALGORITHMS
from .algorithms.base import Algorithm
from .errors import InvalidValue
from .hashes import Codes
from .indexes.base import HashIndex
from .loading import load_lists
from .results import HashOverlap, ImportReport, Overlap
from .snapshot import Rows, Snapshot
from .terms import Radius, asked_radii

Progress = Callable[[int], None]
"""Called with the number of different hashes looked up so far."""

SEARCHES: tuple[tuple[int, int | None], ...] = ((16_384, 256), (64, 65_536), (1, None))
"""How many codes are looked up together, and how many answers each may have: some four million in all. Codes with more
answers are looked up again, fewer at a time, unless the first ones were of every list already."""

ANSWERS = 1 << 22
"""Answers that are told apart by list at a time."""

_RECORDS = 1 << 16
"""Codes whose records are read at a time."""

_Mask = npt.NDArray[np.bool_]
_Counts = npt.NDArray[np.int64]


def overlap_lists(
    paths: Iterable[str | os.PathLike[str]] = (),
    *,
    bank: str | os.PathLike[str] | None = None,
    radius: Radius = None,
    algorithms: Collection[str] | None = None,
    progress: Progress | None = None,
) -> Overlap:
    """How much of each list the others hold: lists of files and folders, of a bank, or of both together.

    What counts is what is fit to match, as ``docs/lists.md`` says. A list of a file that has the name of a list of
    the bank is called ``NAME (file)``.

    Args:
        paths: List files, and folders of them, each taken as a whole list.
        bank: The folder of a bank; what is published there counts.
        radius: Inclusive, in bits: for the longest perceptual codes, or by algorithm; None: each algorithm's own.
        algorithms: Only hashes of these; None: all.
        progress: Called after each batch of hashes.

    Raises:
        InvalidValue: If there is neither a path nor a bank, or a radius makes no sense.
        UnknownName: If there is no algorithm of a name.
        BankNotFound: If there is no bank in the folder.
        NotPublished: If the bank has published nothing.
        FormatError: If a named file is in no known format, or nothing was loaded; as ``Matcher.from_lists``.
    """
    paths = list(paths)
    if bank is None and not paths:
        raise InvalidValue("name a bank, or list files")
    published = [] if bank is None else [Snapshot.open_current(bank)]
    loaded = load_lists(paths) if paths else None
    snapshots = published if loaded is None else [*published, loaded.snapshot]
    found = _Overlapping(snapshots, radius, algorithms, progress)
    return found.overlap(() if loaded is None else loaded.reports, () if loaded is None else loaded.left)


@dataclass(frozen=True)
class _Owners:
    """Which lists hold each code of one algorithm of one snapshot."""

    starts: Rows
    """``int64[codes + 1]``: code i is held by ``lists[starts[i]:starts[i + 1]]``."""
    lists: npt.NDArray[np.int32]
    """Numbers of lists; those of one code are different."""

    @classmethod
    def of(cls, snapshot: Snapshot, algorithm: str, numbers: Mapping[str, int]) -> _Owners:
        """Read them from the records, which are sorted by code and list."""
        counts, lists = [], []
        codes = len(snapshot.codes(algorithm))
        for first in range(0, codes, _RECORDS):
            rows = np.arange(first, min(first + _RECORDS, codes))
            positions, records = snapshot.record_rows(algorithm, rows)
            names = snapshot.take(records, ("list",)).column("list").combine_chunks().dictionary_encode()
            known = np.array([numbers[name] for name in names.dictionary.to_pylist()], dtype=np.int32)
            owners = known[names.indices.to_numpy()]
            new = np.ones(len(owners), dtype=np.bool_)
            new[1:] = (positions[1:] != positions[:-1]) | (owners[1:] != owners[:-1])
            counts.append(np.bincount(positions[new], minlength=len(rows)))
            lists.append(owners[new])
        starts = np.zeros(codes + 1, dtype=np.int64)
        np.cumsum(np.concatenate([np.zeros(0, np.int64), *counts]), out=starts[1:])
        return cls(starts, np.concatenate([np.zeros(0, np.int32), *lists]))

    def mark(self, held: _Mask, places: Rows, codes: Rows) -> None:
        """Mark in ``held`` (``bool[n, lists]``), at each place, the lists that hold the code of that place."""
        counts = self.starts[codes + 1] - self.starts[codes]
        ends = np.cumsum(counts)
        start = 0
        while start < len(codes):
            done = int(ends[start - 1]) if start else 0
            stop = max(start + 1, int(np.searchsorted(ends, done + ANSWERS, side="right")))
            some = counts[start:stop]
            inside = np.arange(some.sum()) - np.repeat(np.cumsum(some) - some, some)
            owners = self.lists[np.repeat(self.starts[codes[start:stop]], some) + inside]
            held[np.repeat(places[start:stop], some), owners] = True
            start = stop


class _Overlapping:
    """The overlap of the lists of some snapshots, counted algorithm by algorithm."""

    def __init__(
        self,
        snapshots: Sequence[Snapshot],
        radius: Radius,
        algorithms: Collection[str] | None,
        progress: Progress | None,
    ) -> None:
        self._snapshots = snapshots
        self._progress = progress
        self._done = 0
        held = {name for snapshot in snapshots for name in snapshot.algorithms}
        chosen = held if algorithms is None else {ALGORITHMS[name].name for name in algorithms}
        known = {name: ALGORITHMS[name] for name in sorted(held)}
        self._radii = _radii(radius, {name: own for name, own in known.items() if name in chosen})
        self._lists, self._numbers = _numbered(snapshots)

    def overlap(self, reports: Sequence[ImportReport], left: Sequence[tuple[str, str]]) -> Overlap:
        algorithms = {name: self._of(name, radius) for name, radius in self._radii.items()}
        empty = np.zeros((len(self._lists), len(self._lists)), dtype=np.int64)
        exact, near = (
            sum((np.array(getattr(own, matrix)) for own in algorithms.values()), empty) for matrix in ("exact", "near")
        )
        return Overlap(
            snapshots=tuple(snapshot.version for snapshot in self._snapshots),
            lists=tuple(self._lists),
            algorithms=algorithms,
            total=_shared(exact, near, None),
            reports=tuple(reports),
            left=tuple(left),
        )

    def _of(self, algorithm: str, radius: int) -> HashOverlap:
        """Every code of every snapshot, looked up once in each."""
        width = len(self._lists)
        exact, near = np.zeros((width, width), dtype=np.int64), np.zeros((width, width), dtype=np.int64)
        held = [
            (snapshot, _Owners.of(snapshot, algorithm, numbers))
            for snapshot, numbers in zip(self._snapshots, self._numbers, strict=True)
            if algorithm in snapshot.algorithms
        ]
        for snapshot, owners in held:
            codes = snapshot.codes(algorithm)
            size = SEARCHES[0][0]
            for first in range(0, len(codes), size):
                queries = codes[first : first + size]
                here = np.arange(len(queries))
                own, same, close = (np.zeros((len(queries), width), dtype=np.bool_) for _ in range(3))
                owners.mark(own, here, here + first)
                for other, others in held:
                    reached = same, close
                    if other is snapshot and not radius:
                        # In one snapshot each code stands once, so what equals it is itself.
                        for mask in reached:
                            mask |= own
                    else:
                        _look_up(other.index(algorithm, radius), others, queries, radius, *reached)
                _count(own, same, exact)
                _count(own, close, near)
                self._tell(len(queries))
        return _shared(exact, near, radius)

    def _tell(self, codes: int) -> None:
        self._done += codes
        if self._progress is not None:
            self._progress(self._done)


def _numbered(snapshots: Sequence[Snapshot]) -> tuple[list[str], list[dict[str, int]]]:
    """The names of all lists, and for each snapshot the numbers of its own among them."""
    names: list[str] = []
    numbers: list[dict[str, int]] = []
    for snapshot in snapshots:
        own = sorted(snapshot.settings)
        numbers.append({name: len(names) + place for place, name in enumerate(own)})
        names += [f"{name} (file)" if name in names else name for name in own]
    return names, numbers


def _radii(radius: Radius, algorithms: Mapping[str, Algorithm]) -> dict[str, int]:
    asked = asked_radii(radius, algorithms)
    return {name: asked.get(name, own.radius) for name, own in algorithms.items()}


def _look_up(index: HashIndex, owners: _Owners, codes: Codes, radius: int, same: _Mask, close: _Mask) -> None:
    """Mark, for each code (a row of the masks), which lists hold it, and which hold one within the radius."""
    todo = np.arange(len(codes))
    everybody = np.unique(owners.lists)
    for size, limit in SEARCHES:
        cut = []
        for part in _parts(todo, size):
            found = index.search(codes[part], radius, limit)
            places = np.repeat(part, np.diff(found.offsets))
            owners.mark(close, places, found.rows)
            equal = found.distances == 0
            owners.mark(same, places[equal], found.rows[equal])
            cut.append(part[found.cut])
        todo = np.concatenate([todo[:0], *cut])
        todo = todo[~close[np.ix_(todo, everybody)].all(axis=1)]


def _parts(rows: Rows, size: int) -> Iterator[Rows]:
    return (rows[first : first + size] for first in range(0, len(rows), size))


def _count(own: _Mask, held: _Mask, counts: _Counts) -> None:
    """Add to ``counts[i, j]`` the codes of list i that list j holds."""
    for number in np.flatnonzero(own.any(axis=0)).tolist():
        counts[number] += held[own[:, number]].sum(axis=0)


def _shared(exact: _Counts, near: _Counts, radius: int | None) -> HashOverlap:
    return HashOverlap(
        hashes=tuple(np.diag(exact).tolist()),
        exact=tuple(map(tuple, exact.tolist())),
        near=tuple(map(tuple, near.tolist())),
        radius=radius,
    )
