"""Video writing: the files of a snapshot that say which records are frames of one known video; see ``known_videos``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .algorithms import ALGORITHMS
from .arrays import ArrayWriter, map_array, write_array
from .claims import Keys, claim_keys, locate, run_starts, sort_keys
from .durable import writing
from .known_videos import CODES, COUNTS_FILE, NUMBERS_FILE, PLACES_FILE, RECORD, RECORDS, SPANS_FILE, TIMED
from .timeline import LATEST

COLUMNS = ("list", "source_id", "frame", "timestamp")
"""What of a record is looked at."""

_ROWS = 500_000
"""Records of which the times are sorted at once."""
_SLICE = 1 << 22
"""Records among which a video's are looked for at once."""
_FEW = 1 << 16
"""Keys of one list that are gathered before those that are there several times are left out."""

Numbers = npt.NDArray[np.int32]


class VideoIds:
    """The claims that are known videos, by algorithm and list, gathered while records stream by."""

    def __init__(self) -> None:
        self._keys: dict[str, dict[str, _Keys]] = {}

    def add(self, piece: pa.RecordBatch) -> None:
        """Take note of the frames among some records in ``SCHEMA``."""
        framed = pc.greater_equal(piece.column("frame"), 0)
        if not pc.any(framed, min_count=0).as_py():
            return
        frames = piece.select(["algorithm", "list", "source_id"]).filter(framed)
        for algorithm in frames.column("algorithm").unique().to_pylist():
            # A digest is of a whole file, whatever a list says.
            if not ALGORITHMS[algorithm].radius:
                continue
            own = frames.filter(pc.equal(frames.column("algorithm"), algorithm))
            lists = self._keys.setdefault(algorithm, {})
            for name in own.column("list").unique().to_pylist():
                ids = own.column("source_id").filter(pc.equal(own.column("list"), name))
                lists.setdefault(name, _Keys()).add(claim_keys(ids.unique()))

    def of(self, algorithm: str) -> dict[str, Keys]:
        """The keys of an algorithm's videos by list, sorted; nothing where there is none."""
        return {name: own.sorted() for name, own in sorted(self._keys.pop(algorithm, {}).items())}


class _Keys:
    """Keys of one list's claims, of which some come again and again."""

    def __init__(self) -> None:
        self._held: list[Keys] = []
        self._different = 0
        self._count = 0

    def add(self, keys: Keys) -> None:
        self._held.append(keys)
        self._count += len(keys)
        if self._count > 2 * self._different + _FEW:
            self._different = self._count = len(self.sorted())

    def sorted(self) -> Keys:
        joined = np.concatenate(self._held)
        joined = joined[sort_keys(joined)]
        self._held = [joined[run_starts(joined)[:-1]]]
        return self._held[0]


class VideoWriter:
    """Writes an algorithm's video files while its records stream by in their order.

    It holds some tens of bytes for each video, and for each record only while the times of a part of them are sorted.
    """

    def __init__(self, folder: Path, first: int, lists: dict[str, Keys]) -> None:
        """Begin.

        Args:
            folder: The algorithm's, in a snapshot that is being made.
            first: Row of the algorithm's first record among all of the snapshot.
            lists: As ``VideoIds.of`` gives them; at least one.
        """
        self._folder = folder
        self._row = first
        self._lists = lists
        starts = np.cumsum([0, *map(len, lists.values())]).tolist()
        self._starts = dict(zip(lists, starts[:-1], strict=True))
        self._counts = np.zeros((starts[-1], 4), np.int64)
        self._counts[:, RECORD] = -1
        self._counts[:, TIMED] = 1
        self._earliest = np.full(starts[-1], np.inf, np.float32)
        self._latest = np.full(starts[-1], -np.inf, np.float32)
        self._before = -1
        self._files = ExitStack()
        self._numbers = ArrayWriter(self._files.enter_context(writing(folder / NUMBERS_FILE)), np.int32)

    def __enter__(self) -> VideoWriter:
        return self

    def __exit__(self, *error: object) -> None:
        self._files.__exit__(*error)  # type: ignore[arg-type]

    def append(self, records: pa.RecordBatch, new: npt.NDArray[np.bool_]) -> None:
        """Take the next records.

        Args:
            records: In the order of the snapshot; of ``SCHEMA`` at least ``COLUMNS``.
            new: ``bool[records]``: whether the record's code is not that of the one before.
        """
        numbers = self._numbered(records)
        self._numbers.append(numbers)
        # The records of one code stand together, and among them those of one claim.
        other = new | (numbers != np.append(self._before, numbers[:-1]))
        self._before = int(numbers[-1])
        framed = np.flatnonzero(numbers >= 0)
        own = numbers[framed]
        np.add.at(self._counts[:, RECORDS], own, 1)
        np.add.at(self._counts[:, CODES], own, other[framed].astype(np.int64))
        # Of several that are put into one place the last one stays: the first record.
        fresh = framed[self._counts[own, RECORD] < 0][::-1]
        self._counts[numbers[fresh], RECORD] = self._row + fresh
        times = _times(records)[framed]
        self._counts[own[np.isnan(times)], TIMED] = 0
        np.fmin.at(self._earliest, own, times)
        np.fmax.at(self._latest, own, times)
        self._row += len(records)

    def finish(self, records: Iterable[pa.RecordBatch]) -> int:
        """Write what is left to write; nothing may be appended afterwards.

        Args:
            records: The same again, in pieces of any length.

        Returns:
            How many videos there are.
        """
        self._numbers.finish()
        self._files.close()
        several = self._counts[:, RECORDS] > 1
        self._counts[several & (self._earliest == self._latest), TIMED] = 0
        numbers = map_array(self._folder / NUMBERS_FILE, np.int32)
        self._write_places(numbers, records)
        write_array(self._folder / COUNTS_FILE, self._counts)
        places = map_array(self._folder / PLACES_FILE, np.float32)
        with writing(self._folder / SPANS_FILE) as stream:
            spans = ArrayWriter(stream, np.float64, 3)
            for start, stop in self._parts():
                spans.append(_spans(numbers, places, start, stop))
            spans.finish()
        return len(self._counts)

    def _numbered(self, records: pa.RecordBatch) -> Numbers:
        """The video of each record, -1 for none."""
        numbers = np.full(len(records), -1, np.int32)
        framed = pc.greater_equal(records.column("frame"), 0)
        for name in records.column("list").filter(framed).unique().to_pylist():
            chosen = pc.and_(framed, pc.equal(records.column("list"), name))
            ids = records.column("source_id").filter(chosen).dictionary_encode()
            positions, _ = locate(self._lists[name], claim_keys(ids.dictionary))
            numbers[chosen.to_numpy(zero_copy_only=False)] = self._starts[name] + positions[ids.indices.to_numpy()]
        return numbers

    def _write_places(self, numbers: Numbers, records: Iterable[pa.RecordBatch]) -> None:
        with writing(self._folder / PLACES_FILE) as stream:
            places = ArrayWriter(stream, np.float32)
            for piece in records:
                own = numbers[places.rows : places.rows + len(piece)]
                when = np.where(
                    self._counts[own, TIMED] == 1, _times(piece), piece.column("frame").to_numpy().astype(np.float32)
                )
                when[own < 0] = np.nan
                places.append(when)
            places.finish()

    def _parts(self) -> Iterator[tuple[int, int]]:
        """Runs of videos, of few enough records or one alone."""
        ends = np.cumsum(self._counts[:, RECORDS])
        start = 0
        while start < len(ends):
            before = int(ends[start - 1]) if start else 0
            stop = max(start + 1, int(np.searchsorted(ends, before + _ROWS, side="right")))
            yield start, stop
            start = stop


def _times(records: pa.RecordBatch) -> npt.NDArray[np.float32]:
    """Their timestamps in seconds; NaN where there is none, or none that can be."""
    times: npt.NDArray[np.float32] = (
        records.column("timestamp").fill_null(float("nan")).to_numpy(zero_copy_only=False).astype(np.float32)
    )
    return np.where((times >= 0) & (times <= LATEST), times, np.float32(np.nan))


def _spans(numbers: Numbers, places: npt.NDArray[np.float32], start: int, stop: int) -> npt.NDArray[np.float64]:
    """When the frames of videos ``start`` to ``stop``, exclusive, are: ``float64[videos, 3]``."""
    rows = np.concatenate(
        [
            at + np.flatnonzero((numbers[at : at + _SLICE] >= start) & (numbers[at : at + _SLICE] < stop))
            for at in range(0, len(numbers), _SLICE)
        ]
    )
    own, when = numbers[rows] - start, places[rows].astype(np.float64)
    order = np.lexsort((when, own))
    own, when = own[order], when[order]
    ends = np.cumsum(np.bincount(own, minlength=stop - start))
    spans = np.full((stop - start, 3), np.nan)
    spans[:, 0], spans[:, 1] = when[np.append(0, ends[:-1])], when[ends - 1]
    gaps, owners = np.diff(when), own[1:]
    apart = (owners == own[:-1]) & (gaps > 0)
    gaps, owners = gaps[apart], owners[apart]
    gaps = gaps[np.lexsort((gaps, owners))]
    counts = np.bincount(owners, minlength=stop - start)
    middle = np.cumsum(counts) - counts + (counts - 1) // 2
    spans[counts > 0, 2] = gaps[middle[counts > 0]]
    return spans
