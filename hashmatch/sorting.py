"""RecordSorter: records in, in any order and number; out again in the order of a snapshot, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .codes import digest_codes
from .hashes import Codes
from .records import SCHEMA

ORDER = ("algorithm", "digest", "list", "source_id", "frame")
"""The columns by which a snapshot's records are sorted. No two live records agree in all of them."""

_PIECE = 65_536
_BYTES = 1 << 30
_PARTITION_BYTES = 1 << 29
"""Of a partition that is sorted in memory: it stands there twice."""


@dataclass
class _Partition:
    """Records of one algorithm, in a scratch file, and where their digests begin to differ."""

    path: Path
    stream: BinaryIO
    writer: pa.RecordBatchFileWriter
    rows: int = 0
    bytes: int = 0
    first: Codes | None = None
    varying: npt.NDArray[np.uint8] = field(default_factory=lambda: np.zeros(0, np.uint8))
    """The bits in which any digest differs from the first one, ``uint8[bytes]``."""

    @classmethod
    def create(cls, path: Path) -> _Partition:
        stream = open(path, "wb")  # noqa: PTH123, SIM115 - crash tests see every open in one place
        return cls(path, stream, pa.ipc.new_file(stream, SCHEMA))

    def write(self, batch: pa.RecordBatch) -> None:
        codes = digest_codes(batch.column("digest"))
        if self.first is None:
            self.first = codes[0].copy()
            self.varying = np.zeros_like(self.first)
        self.varying |= np.bitwise_or.reduce(codes ^ self.first, axis=0)
        self.rows += len(batch)
        self.bytes += batch.nbytes
        self.writer.write_batch(batch)

    def close(self) -> None:
        self.writer.close()
        self.stream.close()

    def nibble(self) -> int | None:
        """The first half byte in which digests differ; None if all are equal."""
        differing = np.flatnonzero(self.varying)
        if not len(differing):
            return None
        return 2 * int(differing[0]) + (0 if self.varying[differing[0]] >> 4 else 1)

    def batches(self) -> Iterator[pa.RecordBatch]:
        with pa.memory_map(str(self.path)) as mapped:
            reader = pa.ipc.open_file(mapped)
            for number in range(reader.num_record_batches):
                yield reader.get_batch(number)


class RecordSorter:
    """Sorts records by ``ORDER``.

    Up to ``max_rows`` are held in memory. Beyond that they are partitioned by algorithm and by half bytes
    of the digest into scratch files, each of which is then sorted in memory by itself. What comes out
    does not depend on ``max_rows``, nor on the order of what came in.
    """

    def __init__(self, scratch: Path, max_rows: int) -> None:
        """Make a sorter; ``scratch`` is an existing, empty folder for its files."""
        self.rows = 0
        self._scratch = scratch
        self._max_rows = max_rows
        self._held: list[pa.RecordBatch] = []
        self._held_rows = 0
        self._held_bytes = 0
        self._partitions: dict[tuple[str, int], _Partition] = {}

    def add(self, batch: pa.RecordBatch) -> None:
        """Take records in ``SCHEMA``, whose digests are not null and of one length for each algorithm."""
        self.rows += len(batch)
        for start in range(0, len(batch), _PIECE):
            piece = batch.slice(start, _PIECE)
            self._held.append(piece)
            self._held_rows += len(piece)
            self._held_bytes += piece.nbytes
            if self._held_rows > self._max_rows or self._held_bytes > _BYTES:
                self._spill()

    def sorted(self) -> Iterator[pa.RecordBatch]:
        """All records that were added, in order, in pieces of some tens of thousands; once only."""
        if not self._partitions:
            yield from _ordered(self._held)
            return
        self._spill()
        for _, partition in sorted(self._partitions.items()):
            yield from self._sorted(partition)

    def __enter__(self) -> RecordSorter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for partition in self._partitions.values():
            partition.stream.close()

    def _spill(self) -> None:
        """Move what is held into the partitions."""
        for piece in self._held:
            for algorithm, own in _by_algorithm(piece):
                self._scatter(own, algorithm, 0, self._partitions)
        self._held, self._held_rows, self._held_bytes = [], 0, 0

    def _scatter(
        self, batch: pa.RecordBatch, prefix: str, nibble: int, partitions: dict[tuple[str, int], _Partition]
    ) -> None:
        """Write records of one algorithm into the partitions of the sixteen values of a half byte."""
        column = digest_codes(batch.column("digest"))[:, nibble // 2]
        values = column & 15 if nibble % 2 else column >> 4
        batch = batch.take(pa.array(np.argsort(values, kind="stable")))
        limits = np.searchsorted(np.sort(values), np.arange(17))
        for value in range(16):
            if limits[value] < limits[value + 1]:
                key = (prefix, value)
                if key not in partitions:
                    partitions[key] = _Partition.create(self._scratch / f"{prefix}-{value:x}")
                partitions[key].write(batch.slice(limits[value], limits[value + 1] - limits[value]))

    def _sorted(self, partition: _Partition) -> Iterator[pa.RecordBatch]:
        """The records of one partition in order; it is split further while it is too large."""
        partition.close()
        nibble = partition.nibble()
        if nibble is None or (partition.rows <= 4 * self._max_rows and partition.bytes <= _PARTITION_BYTES):
            yield from _ordered(list(partition.batches()))
            partition.path.unlink()
            return
        smaller: dict[tuple[str, int], _Partition] = {}
        for batch in partition.batches():
            self._scatter(batch, partition.path.name, nibble, smaller)
        partition.path.unlink()
        for _, part in sorted(smaller.items()):
            yield from self._sorted(part)


def _by_algorithm(batch: pa.RecordBatch) -> Iterator[tuple[str, pa.RecordBatch]]:
    """The records of each algorithm, the algorithms in order."""
    column = batch.column("algorithm")
    names = sorted(column.unique().to_pylist())
    for name in names:
        yield name, batch if len(names) == 1 else batch.filter(pc.equal(column, name))


def _ordered(batches: list[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for joined in pa.Table.from_batches(batches, SCHEMA).combine_chunks().to_batches():
        for _, records in _by_algorithm(joined):
            order = _order(records)
            for start in range(0, len(records), _PIECE):
                yield records.take(pa.array(order[start : start + _PIECE]))


def _order(records: pa.RecordBatch) -> npt.NDArray[np.int64]:
    """The order of the records of one algorithm."""
    codes = digest_codes(records.column("digest"))
    heads = np.zeros((len(codes), 8), dtype=np.uint8)
    heads[:, : codes.shape[1]] = codes[:, :8]
    beginnings = heads.view(">u8")[:, 0].astype(np.uint64)
    order = np.argsort(beginnings, kind="stable")
    # Numbers are sorted much faster than records; few of these begin like others.
    same = beginnings[order][1:] == beginnings[order][:-1]
    alike = np.flatnonzero(np.append(same, False) | np.append(False, same))
    if len(alike):
        keys = records.select(ORDER).take(pa.array(order[alike]))
        order[alike] = order[alike][pc.sort_indices(keys, sort_keys=[(name, "ascending") for name in ORDER]).to_numpy()]
    return order
