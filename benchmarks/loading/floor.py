"""The floor: pyarrow reads the file, and writes what it read as one plain Parquet file. Nothing is checked or compared.

No list can be taken for less by this road, since every byte of it must be read, and every value kept.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.json
import pyarrow.parquet as pq

from .forms import ROW_GROUP
from .steps import Facts

NAME = "floor.parquet"


def copy(form: str, source: Path, folder: Path) -> Facts:
    """Read every column of a file, in the types that pyarrow finds, and write it with ``write_table``'s own settings.

    The rows of one row group are in memory at a time, so that up to ``ROW_GROUP`` rows it is one ``write_table``. The
    file is on the disk (fsync) when it returns.
    """
    rows = 0
    with (folder / NAME).open("wb") as sink:
        writer = None
        for table in _tables(_READERS[form](source)):
            writer = writer or pq.ParquetWriter(sink, table.schema)
            writer.write_table(table)
            rows += len(table)
        if writer is not None:
            writer.close()
        sink.flush()
        os.fsync(sink.fileno())
    return {"rows": rows}


def _tables(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Batches gathered into tables of ``ROW_GROUP`` rows, the last of fewer."""
    gathered: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        gathered.append(batch)
        rows += len(batch)
        while rows >= ROW_GROUP:
            whole = pa.Table.from_batches(gathered)
            yield whole.slice(0, ROW_GROUP)
            gathered, rows = whole.slice(ROW_GROUP).to_batches(), rows - ROW_GROUP
    if rows:
        yield pa.Table.from_batches(gathered)


def _read_csv(source: Path) -> Iterator[pa.RecordBatch]:
    yield from pyarrow.csv.open_csv(source, read_options=pyarrow.csv.ReadOptions(use_threads=False))


def _read_jsonl(source: Path) -> Iterator[pa.RecordBatch]:
    yield from pyarrow.json.open_json(source, read_options=pyarrow.json.ReadOptions(use_threads=False))


def _read_parquet(source: Path) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(source) as file:
        yield from file.iter_batches(use_threads=False)


_READERS: dict[str, Callable[[Path], Iterator[pa.RecordBatch]]] = {
    "csv": _read_csv,
    "jsonl": _read_jsonl,
    "parquet": _read_parquet,
}
