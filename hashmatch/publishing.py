"""Publishing: from records to a snapshot's folder, and from there to the bank's ``CURRENT``."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .algorithms import ALGORITHMS
from .arrays import ArrayWriter, map_array
from .choice import build_chosen, usual_radius
from .claims import claim_keys
from .codes import digest_codes
from .durable import rename_folder, sync_folder, write_file, writing
from .errors import BankDamaged, InvalidValue
from .hashes import Codes
from .indexes import AUTO
from .indexes.base import CODES_FILE
from .live import live
from .manifest import (
    LAYOUT,
    LAYOUT_WITHOUT_VIDEOS,
    MANIFEST_FILE,
    OFFSETS_FILE,
    RECORDS_FILE,
    AlgorithmEntry,
    FileEntry,
    ListEntry,
    Manifest,
    folder_name,
)
from .records import SCHEMA, ListSettings
from .snapshot import CURRENT_FILE, SNAPSHOTS_FOLDER, Snapshot, current
from .sorting import RecordSorter
from .versions import versions
from .video_writing import VideoIds, VideoWriter

ROWS_IN_MEMORY = 500_000
"""Records that are sorted in memory; beyond them scratch files are used."""

_PREFIX = ".new-"
_BATCH = 65_536


def build(
    root: Path,
    batch: int,
    tables: Iterable[pa.Table],
    settings: Mapping[str, ListSettings],
    *,
    index: str = AUTO,
    max_rows_in_memory: int = ROWS_IN_MEMORY,
) -> str:
    """Write a snapshot into ``root/<version>``; equal records and settings give an equal version.

    Args:
        root: Folder of the snapshots; made if it is missing.
        batch: Head of the log that the records are folded from.
        tables: Records in ``SCHEMA``, of claims that are not withdrawn, in any order; those that are not
            live are left out.
        settings: Of every list, by name.
        index: The kind of index over perceptual codes, one of ``indexes.CHOICES``.
        max_rows_in_memory: Beyond it scratch files are used; the result does not depend on it.

    Returns:
        The version: the folder's name. A folder of that name that stands there is verified and kept.

    Raises:
        InvalidValue: If a record is of a list without settings, or its digest has not its algorithm's length.
        UnknownName: If a record is of an algorithm that this version does not know.
    """
    root.mkdir(parents=True, exist_ok=True)
    folder = root / f"{_PREFIX}{secrets.token_hex(8)}"
    folder.mkdir()
    try:
        manifest = _Writer(folder, settings, index, max_rows_in_memory).write(batch, tables).to_bytes()
        write_file(folder / MANIFEST_FILE, manifest)
        version = folder_name(batch, manifest)
        if not _stands(root / version):
            if (root / version).exists():
                os.rename(root / version, root / f"{_PREFIX}{secrets.token_hex(8)}")  # noqa: PTH104 - crash tests
            rename_folder(folder, root / version)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return version


def publish(bank_folder: Path, batch: int, tables: Iterable[pa.Table], settings: Mapping[str, ListSettings]) -> str:
    """Build a snapshot, make ``CURRENT`` name it, and prune. To be called under the bank's lock.

    Returns:
        The version that ``CURRENT`` names now. The one before stays for readers that are about to open it.

    Raises:
        InvalidValue: As ``build``; then ``CURRENT`` is as it was.
    """
    root = bank_folder / SNAPSHOTS_FOLDER
    try:
        before = current(bank_folder)
    except BankDamaged:
        before = None
    version = build(root, batch, tables, settings)
    if version != before:
        write_file(bank_folder / CURRENT_FILE, f"{version}\n".encode("ascii"))
    _prune(root, version, before)
    return version


def published(bank_folder: Path, batch: int) -> str | None:
    """The version that ``CURRENT`` names, if it is of that batch and its files are there; else None.

    Then what a publish that was stopped has left is removed. To be called under the bank's lock.
    """
    root = bank_folder / SNAPSHOTS_FOLDER
    try:
        version = current(bank_folder)
        if version is None or int(version.partition("-")[0]) != batch:
            return None
        Snapshot.open(root / version)
    except BankDamaged:
        return None
    # Whoever wrote CURRENT may have been stopped before it was synced.
    sync_folder(bank_folder)
    _prune(root, version, version)
    return version


def _prune(root: Path, version: str, before: str | None) -> None:
    """Remove what no reader needs: older snapshots and the remains of builds that were stopped."""
    others = sorted(path.name for path in root.iterdir() if path.name != version)
    if before == version:
        before = max((name for name in others if not name.startswith(_PREFIX)), default=None)
    for name in others:
        if name != before:
            shutil.rmtree(root / name, ignore_errors=True)


def _stands(folder: Path) -> bool:
    """Whether a whole snapshot is in the folder."""
    try:
        Snapshot.open(folder).verify()
    except BankDamaged:
        return False
    return True


class _Writer:
    """Writes the files of one snapshot, but for its manifest, into a folder that nobody reads yet."""

    def __init__(self, folder: Path, settings: Mapping[str, ListSettings], index: str, max_rows: int) -> None:
        self._folder = folder
        self._settings = settings
        self._index = index
        self._max_rows = max_rows
        self._claims: dict[str, list[npt.NDArray[np.uint64]]] = {name: [] for name in settings}
        self._hashes = dict.fromkeys(settings, 0)
        self._records: dict[str, int] = {}
        self._videos = VideoIds()

    def write(self, batch: int, tables: Iterable[pa.Table]) -> Manifest:
        """Write the records and, for each algorithm, the codes and the index; returns what was written."""
        scratch = self._folder / "scratch"
        scratch.mkdir()
        with RecordSorter(scratch, self._max_rows) as sorter:
            for table in tables:
                for piece in live(table, self._settings).select(SCHEMA.names).cast(SCHEMA).to_batches(_BATCH):
                    self._count(piece)
                    sorter.add(piece)
            self._write_records(sorter.sorted())
        shutil.rmtree(scratch)
        entries = {}
        videos: dict[str, int] = {}
        first = 0
        for algorithm, records in sorted(self._records.items()):
            entries[algorithm], count = self._write_algorithm(algorithm, first, records)
            if count:
                videos[algorithm] = count
            first += records
        return Manifest(
            batch=batch,
            records=first,
            algorithms=entries,
            lists={name: self._entry(own) for name, own in sorted(self._settings.items())},
            files={
                path.relative_to(self._folder).as_posix(): FileEntry.of(path)
                for path in sorted(self._folder.rglob("*"))
                if path.is_file()
            },
            built_by=versions(("hashmatch", "numpy", "pyarrow", "faiss-cpu", "numba")),
            videos=videos,
            layout=LAYOUT if videos else LAYOUT_WITHOUT_VIDEOS,
        )

    def _count(self, piece: pa.RecordBatch) -> None:
        """Check live records, and count them by list and by algorithm; take note of known videos."""
        for name in piece.column("list").unique().to_pylist():
            if name not in self._settings:
                raise InvalidValue(f"there are records of the list {name!r}, but no settings")
            ids = piece.column("source_id").filter(pc.equal(piece.column("list"), name))
            self._hashes[name] += len(ids)
            self._claims[name].append(claim_keys(ids.unique())[:, 0])
        for algorithm in piece.column("algorithm").unique().to_pylist():
            digests = piece.column("digest").filter(pc.equal(piece.column("algorithm"), algorithm))
            size = ALGORITHMS[algorithm].size
            if pc.min_max(pc.binary_length(digests)).as_py() != {"min": size, "max": size}:
                raise InvalidValue(f"there are {algorithm} hashes that do not have {size} bytes")
            self._records[algorithm] = self._records.get(algorithm, 0) + len(digests)
        self._videos.add(piece)

    def _entry(self, settings: ListSettings) -> ListEntry:
        keys = np.sort(np.concatenate([np.zeros(0, dtype=np.uint64), *self._claims.pop(settings.name)]))
        claims = int(np.sum(keys[1:] != keys[:-1])) + min(len(keys), 1)
        return ListEntry(settings.to_json(), claims, self._hashes[settings.name])

    def _write_records(self, pieces: Iterator[pa.RecordBatch]) -> None:
        with writing(self._folder / RECORDS_FILE) as stream, pa.ipc.new_file(stream, SCHEMA) as writer:
            for batch in _recut(pieces, _BATCH):
                writer.write_batch(batch)

    def _write_algorithm(self, algorithm: str, first: int, records: int) -> tuple[AlgorithmEntry, int]:
        """Write the codes, the offsets, the known videos and the index of the records from row ``first`` on.

        Returns:
            What is in it, and how many known videos.
        """
        folder = self._folder / algorithm
        folder.mkdir()
        ids = self._videos.of(algorithm)
        with VideoWriter(folder, first, ids) if ids else nullcontext() as videos:
            self._write_codes(folder, ALGORITHMS[algorithm].size, first, records, videos)
            count = 0 if videos is None else videos.finish(own for _, own in self._rows(first, records))
        # What the lists and the algorithm say is what nearly every call asks: a shorter reach is faster, and
        # beyond it the codes are scanned.
        radius = usual_radius(algorithm, self._settings.values())
        codes = map_array(folder / CODES_FILE, np.uint8, ALGORITHMS[algorithm].size)
        index = build_chosen(codes, self._index, radius, folder)
        return AlgorithmEntry(index.bits, len(index), records, index.name, index.max_radius), count

    def _write_codes(self, folder: Path, size: int, first: int, records: int, videos: VideoWriter | None) -> None:
        with writing(folder / CODES_FILE) as codes_stream, writing(folder / OFFSETS_FILE) as offsets_stream:
            codes, offsets = ArrayWriter(codes_stream, np.uint8, size), ArrayWriter(offsets_stream, np.int64)
            last: Codes | None = None
            for row, own in self._rows(first, records):
                digests = digest_codes(own.column("digest"))
                new = np.append(True, (digests[1:] != digests[:-1]).any(axis=1))
                new[0] = last is None or not np.array_equal(digests[0], last)
                codes.append(digests[new])
                offsets.append(row + np.flatnonzero(new))
                last = digests[-1]
                if videos is not None:
                    videos.append(own, new)
            offsets.append(np.array([first + records]))
            codes.finish()
            offsets.finish()

    def _rows(self, first: int, records: int) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Rows ``first`` to ``first + records``, piece by piece, each with its first row."""
        with pa.memory_map(str(self._folder / RECORDS_FILE)) as mapped:
            reader = pa.ipc.open_file(mapped)
            for number in range(first // _BATCH, -(-(first + records) // _BATCH)):
                start = max(first - number * _BATCH, 0)
                stop = first + records - number * _BATCH
                batch = reader.get_batch(number)
                yield number * _BATCH + start, batch.slice(start, min(stop, len(batch)) - start)


def _recut(pieces: Iterable[pa.RecordBatch], rows: int) -> Iterator[pa.RecordBatch]:
    """The same records in batches of exactly ``rows``, the last one excepted."""
    held: list[pa.RecordBatch] = []
    missing = rows
    for piece in pieces:
        while len(piece) >= missing:
            yield _joined([*held, piece.slice(0, missing)])
            piece, held, missing = piece.slice(missing), [], rows
        if len(piece):
            held.append(piece)
            missing -= len(piece)
    if held:
        yield _joined(held)


def _joined(pieces: list[pa.RecordBatch]) -> pa.RecordBatch:
    if len(pieces) == 1:
        return pieces[0]
    (batch,) = pa.Table.from_batches(pieces).combine_chunks().to_batches()
    return batch
