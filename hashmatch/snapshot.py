"""Snapshot: an immutable folder of live records and the indexes over their codes, memory-mapped.

::

    snapshots/<batch>-<digest>/
        manifest.json              what is in it, and what every file must be
        records.arrow              the records, those of one code together (Arrow IPC, uncompressed)
        <algorithm>/codes.npy      the different digests, sorted: uint8[n, bytes]
        <algorithm>/offsets.npy    code i's records are rows offsets[i]:offsets[i + 1] of records.arrow
        <algorithm>/index.json ... the index over the codes
        <algorithm>/video_*.npy    where records are frames of videos: of which, and when; see known_videos
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from . import indexes
from .arrays import map_array
from .choice import IndexChoice, check_choice
from .errors import BankDamaged, BankNotFound, IndexMismatch, InvalidValue, NotPublished, UnknownName
from .hashes import Codes
from .indexes import AUTO
from .indexes.base import HashIndex
from .known_videos import KnownVideos
from .manifest import MANIFEST_FILE, OFFSETS_FILE, RECORDS_FILE, FileEntry, Manifest, folder_name, read_manifest
from .records import MICROSECONDS, SCHEMA, HashRecord, ListSettings

CURRENT_FILE = "CURRENT"
SNAPSHOTS_FOLDER = "snapshots"

Rows = npt.NDArray[np.int64]

_NAME = re.compile(r"\d{8,18}-[0-9a-f]{16}")
_ATTEMPTS = 5
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def current(bank_folder: Path) -> str | None:
    """The version that a bank's ``CURRENT`` names; None if nothing was published.

    Raises:
        BankDamaged: If the file does not name a snapshot.
    """
    try:
        with (bank_folder / CURRENT_FILE).open("rb") as stream:
            name = stream.read(100).decode("ascii", "replace").rstrip("\n")
    except FileNotFoundError:
        return None
    if not _NAME.fullmatch(name):
        raise BankDamaged(f"{bank_folder / CURRENT_FILE} does not name a snapshot")
    return name


class Snapshot:
    """An open snapshot. It never writes, survives a fork, and is safe from many threads at once.

    Attributes:
        folder: Where it was opened. Its files may be gone by now: what is mapped stays.
        version: The folder's name: the batch it was folded from, and the manifest's checksum.
        batch: Head of the log that it was folded from.
        settings: Of every list of the bank at that time, by name; also of lists without a live record.
        manifest: What it says of itself.
        choice: Which kind of index was asked for.
    """

    def __init__(self, folder: Path, index: str = AUTO) -> None:
        """Open the snapshot in ``folder``; see ``open``."""
        check_choice(index)
        content = read_manifest(folder)
        self.folder = folder
        self.choice = index
        self.manifest = Manifest.from_bytes(content)
        self.version = folder_name(self.manifest.batch, content)
        self.batch = self.manifest.batch
        self.settings: Mapping[str, ListSettings] = self.manifest.settings
        self._check_sizes()
        self._batches = self._map_records()
        self._starts = np.cumsum([0, *(len(batch) for batch in self._batches)])
        if int(self._starts[-1]) != self.manifest.records:
            raise BankDamaged(f"{folder / RECORDS_FILE} does not hold as many records as the manifest says")
        self._indexes: dict[str, IndexChoice] = {}
        self._offsets: dict[str, Rows] = {}
        self._videos: dict[str, KnownVideos] = {}
        first = 0
        for algorithm, entry in sorted(self.manifest.algorithms.items()):
            self._map_algorithm(algorithm, first)
            first += entry.records

    @classmethod
    def open(cls, folder: str | os.PathLike[str], index: str = AUTO) -> Snapshot:
        """The snapshot in one folder.

        Args:
            folder: The snapshot's own folder, ``<batch>-<digest>``.
            index: Which kind of index answers over perceptual codes, one of ``indexes.CHOICES``. With ``"auto"`` it is
                the published one. Another kind is built in memory when it is first needed, unless it is the published
                one. Either way a scan of all codes answers radii beyond those of the algorithm and the lists.

        Raises:
            BankDamaged: If files are missing, or are not what the manifest says; checksums are not read.
            InvalidValue: If there is no such index, or it finds equal codes only.
        """
        snapshot = cls(Path(folder), index)
        if snapshot.folder.resolve().name != snapshot.version:
            raise BankDamaged(f"the manifest of {folder} is not the one that the folder is named after")
        return snapshot

    @classmethod
    def open_current(cls, bank_folder: str | os.PathLike[str], index: str = AUTO) -> Snapshot:
        """The snapshot that a bank's ``CURRENT`` names.

        Args:
            bank_folder: The bank's folder.
            index: As for ``open``.

        Raises:
            BankNotFound: If there is no bank in the folder.
            NotPublished: If the bank has published nothing.
            BankDamaged: If the snapshot's files are missing, or are not what its manifest says.
            InvalidValue: If there is no such index, or it finds equal codes only.
        """
        check_choice(index)
        bank = Path(bank_folder)
        damage = BankDamaged(f"{bank} names no snapshot")
        for _ in range(_ATTEMPTS):
            name = current(bank)
            if name is None:
                if not (bank / "bank.json").exists():
                    raise BankNotFound(f"there is no bank in {bank}")
                raise NotPublished(f"the bank in {bank} has published nothing yet")
            try:
                return cls.open(bank / SNAPSHOTS_FOLDER / name, index)
            except BankDamaged as error:
                # Two publishes may have pruned it since CURRENT was read; then CURRENT names a newer one.
                damage = error
        raise damage

    @property
    def algorithms(self) -> tuple[str, ...]:
        """The algorithms of which it holds a record."""
        return tuple(self.manifest.algorithms)

    def index(self, algorithm: str, radius: int = 0) -> HashIndex:
        """The index over the different digests of an algorithm that answers a radius (inclusive, in bits).

        It is built first where none stands that does. A radius that no index answers is refused by its ``search``.

        Raises:
            UnknownName: If the snapshot holds no record of that algorithm.
        """
        return self._choice(algorithm).reaching(radius)

    def codes(self, algorithm: str) -> Codes:
        """The different digests of an algorithm, sorted: ``uint8[n, bytes]``, mapped.

        Raises:
            UnknownName: If the snapshot holds no record of that algorithm.
        """
        return self._choice(algorithm).published.codes

    def videos(self, algorithm: str) -> KnownVideos | None:
        """The known videos of an algorithm; None where there is none, as in snapshots from before there were any.

        Raises:
            UnknownName: If the snapshot holds no record of that algorithm.
        """
        self._choice(algorithm)
        return self._videos.get(algorithm)

    def record_rows(self, algorithm: str, code_rows: Rows) -> tuple[Rows, Rows]:
        """Where the records of codes stand.

        Args:
            algorithm: Whose codes.
            code_rows: ``int64[k]``: rows of ``codes(algorithm)``, in any order, repeated or not.

        Returns:
            Two arrays ``int64[m]``, one item per record: the position in ``code_rows`` that it belongs to, and
            its row among all records of the snapshot.
        """
        self._choice(algorithm)
        offsets = self._offsets[algorithm]
        first, counts = offsets[code_rows], offsets[code_rows + 1] - offsets[code_rows]
        if len(first) and (first.min() < 0 or counts.min() < 0 or (first + counts).max() > self.manifest.records):
            raise BankDamaged(f"{self.folder / algorithm / OFFSETS_FILE} leads out of the records")
        positions = np.repeat(np.arange(len(code_rows)), counts)
        ends = np.cumsum(counts)
        return positions, np.arange(len(positions)) + np.repeat(first - (ends - counts), counts)

    def code_rows(self, algorithm: str, rows: Rows) -> Rows:
        """Which of ``codes(algorithm)`` each of some records has, by their rows among all of the snapshot."""
        self._choice(algorithm)
        return np.searchsorted(self._offsets[algorithm], rows, side="right") - 1

    def take(self, rows: Rows, columns: Sequence[str] | None = None) -> pa.Table:
        """Records by their rows (``int64[k]``), in that order.

        Args:
            rows: As ``record_rows`` gives them.
            columns: Which of ``SCHEMA``; None: all.
        """
        names = list(SCHEMA.names if columns is None else columns)
        owners = np.searchsorted(self._starts, rows, side="right") - 1
        order = np.argsort(owners, kind="stable")
        pieces = []
        for owner in np.unique(owners).tolist():
            local = rows[order][np.searchsorted(owners[order], owner) : np.searchsorted(owners[order], owner + 1)]
            pieces.append(_picked(self._batches[owner].select(names), local - self._starts[owner]))
        schema = pa.schema([SCHEMA.field(name) for name in names])
        table = pa.Table.from_batches(pieces, schema)
        if len(pieces) < 2 or (np.diff(order) > 0).all():
            return table
        return table.combine_chunks().take(pa.array(np.argsort(order, kind="stable")))

    def records(self, algorithm: str, code_rows: Rows) -> pa.Table:
        """All records of codes: in ``SCHEMA``, and ``code_row``, the row of the code in ``codes(algorithm)``."""
        positions, rows = self.record_rows(algorithm, code_rows)
        return self.take(rows).append_column("code_row", pa.array(code_rows[positions], pa.int64()))

    def hash_records(self, rows: Rows) -> list[HashRecord]:
        """Records by their rows, for people; the partner is that of their list."""
        table = self.take(rows)
        partners = {name: settings.partner for name, settings in self.settings.items()}
        columns = {name: _values(table.column(name)) for name in SCHEMA.names}
        columns["labels"] = [tuple(labels) for labels in columns["labels"]]
        columns["partner"] = [partners.get(name) for name in columns["list"]]
        return [HashRecord(**dict(zip(columns, own, strict=True))) for own in zip(*columns.values(), strict=True)]

    def verify(self) -> None:
        """Read every file and compare it with the manifest.

        Raises:
            BankDamaged: If a file is missing, altered, or does not belong there; the error names it.
        """
        content = read_manifest(self.folder)
        if folder_name(self.batch, content) != self.version or self.folder.resolve().name != self.version:
            raise BankDamaged(f"the manifest of {self.folder} is not the one that the folder is named after")
        for name, entry in self.manifest.files.items():
            try:
                found = FileEntry.of(self.folder / name)
            except OSError as error:
                raise BankDamaged(f"{self.folder / name} cannot be read: {error.strerror}") from error
            if found != entry:
                raise BankDamaged(f"{self.folder / name} was altered: its checksum is not the manifest's")
        known = {MANIFEST_FILE, *self.manifest.files}
        for path in self.folder.rglob("*"):
            if not path.is_dir() and path.relative_to(self.folder).as_posix() not in known:
                raise BankDamaged(f"{path} does not belong to the snapshot")

    def _choice(self, algorithm: str) -> IndexChoice:
        if algorithm not in self._indexes:
            raise UnknownName("algorithm in the snapshot", algorithm, self._indexes)
        return self._indexes[algorithm]

    def _check_sizes(self) -> None:
        for name, entry in self.manifest.files.items():
            path = self.folder / name
            try:
                size = path.stat().st_size
            except OSError as error:
                raise BankDamaged(f"{path} cannot be read: {error.strerror}") from error
            if size != entry.size:
                raise BankDamaged(f"{path} has {size} bytes; the manifest says {entry.size}")

    def _map_records(self) -> list[pa.RecordBatch]:
        path = self.folder / RECORDS_FILE
        try:
            reader = pa.ipc.open_file(pa.memory_map(str(path)))
            if not reader.schema.equals(SCHEMA):
                raise BankDamaged(f"{path} does not hold records in the schema of this version")
            batches = [reader.get_batch(number) for number in range(reader.num_record_batches)]
            for batch in batches:
                batch.validate()
        except (OSError, pa.ArrowException) as error:
            raise BankDamaged(f"{path} cannot be read: {error}") from error
        return [batch for batch in batches if len(batch)]

    def _map_algorithm(self, algorithm: str, first: int) -> None:
        entry = self.manifest.algorithms[algorithm]
        folder = self.folder / algorithm
        try:
            index = indexes.open(folder)
            offsets: Rows = map_array(folder / OFFSETS_FILE, np.int64)
            if algorithm in self.manifest.videos:
                videos = self.manifest.videos[algorithm]
                self._videos[algorithm] = KnownVideos.open(folder, first, entry.records, videos)
        except (OSError, InvalidValue, IndexMismatch) as error:
            raise BankDamaged(f"the {algorithm} part of {self.folder} cannot be read: {error}") from error
        found = (index.name, index.bits, len(index), index.max_radius, len(offsets))
        if found != (entry.index, entry.bits, entry.codes, entry.max_radius, entry.codes + 1):
            raise BankDamaged(f"the {algorithm} part of {self.folder} is not what the manifest says")
        self._indexes[algorithm] = IndexChoice(index, self.choice, algorithm, self.settings.values())
        self._offsets[algorithm] = offsets


def _picked(batch: pa.RecordBatch, rows: Rows) -> pa.RecordBatch:
    """Rows of a record batch; a run of rows is not copied."""
    if len(rows) and rows[-1] - rows[0] == len(rows) - 1 and (np.diff(rows) == 1).all():
        return batch.slice(int(rows[0]), len(rows))
    return batch.take(pa.array(rows))


def _values(column: pa.ChunkedArray) -> list[Any]:
    """The values of a column; times in UTC without asking the system's time zones."""
    if column.type != MICROSECONDS:
        values: list[Any] = column.to_pylist()
        return values
    moments = column.cast(pa.int64()).to_pylist()
    return [None if moment is None else _EPOCH + timedelta(microseconds=moment) for moment in moments]
