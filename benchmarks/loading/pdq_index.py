"""python-threatexchange: the index that its users build of a list. It holds hashes and one entry for each, here its id."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import faiss
import pyarrow.parquet as pq
from threatexchange.signal_type.pdq.signal import PdqSignal

from .steps import Facts

NAME = "index.pickle"

Entry = tuple[str, str]
"""A hash in hexadecimal, and the id of its row."""


def build(form: str, source: Path, folder: Path) -> Facts:
    """Read hashes and ids of a file, index all at once, and serialise the index into a file that is then on the disk.

    Labels, dates and ``extra`` are left behind, and nothing is checked: the fastest way through its public interface.
    """
    faiss.omp_set_num_threads(1)
    index = PdqSignal.get_index_cls().build(_READERS[form](source))
    with (folder / NAME).open("wb") as sink:
        index.serialize(sink)
        sink.flush()
        os.fsync(sink.fileno())
    return {"rows": len(index)}


def _read_csv(source: Path) -> Iterator[Entry]:
    with source.open(newline="", encoding="utf-8") as stream:
        rows = csv.reader(stream)
        header = next(rows)
        digest, source_id = header.index("digest"), header.index("source_id")
        for row in rows:
            yield row[digest], row[source_id]


def _read_jsonl(source: Path) -> Iterator[Entry]:
    with source.open(encoding="utf-8") as stream:
        for record in map(json.loads, stream):
            yield record["digest"], record["source_id"]


def _read_parquet(source: Path) -> Iterable[Entry]:
    rows = pq.read_table(source, columns=["digest", "source_id"])
    return zip(rows.column("digest").to_pylist(), rows.column("source_id").to_pylist(), strict=True)


_READERS: dict[str, Callable[[Path], Iterable[Entry]]] = {
    "csv": _read_csv,
    "jsonl": _read_jsonl,
    "parquet": _read_parquet,
}
