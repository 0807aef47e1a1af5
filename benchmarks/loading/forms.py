"""Forms: how rows stand in a file that a partner sends."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

ROW_GROUP = 1024 * 1024
"""Rows of a row group, as many as ``pyarrow.parquet.write_table`` makes unless told otherwise."""

_DATE = "%Y-%m-%dT%H:%M:%SZ"


def write(form: str, tables: Iterable[pa.Table], path: Path) -> int:
    """Write rows into a new file, and have it on the disk.

    Args:
        form: A name in ``FORMS``.
        tables: Rows as ``rows.draw`` gives them, at least one table; with or without a column ``withdrawn`` of truths.
        path: The file.

    Returns:
        The file's length in bytes.
    """
    _WRITERS[form](tables, path)
    with path.open("rb") as stream:
        os.fsync(stream.fileno())
    return path.stat().st_size


def _write_csv(tables: Iterable[pa.Table], path: Path) -> None:
    """A header and a line a row; labels with ``;`` between them, and ``extra``, if there is one, as JSON in quotes."""
    with path.open("wb") as stream:
        for number, table in enumerate(tables):
            if not number:
                stream.write(f"{','.join(table.column_names)}\n".encode())
            columns = _texts(table)
            columns["labels"] = pc.binary_join(table.column("labels").combine_chunks(), ";")
            if "extra" in columns:
                columns["extra"] = _between('"', pc.replace_substring(table.column("extra"), '"', '""'), '"')
            stream.write(_lines(pc.binary_join_element_wise(*columns.values(), ",")))


def _write_jsonl(tables: Iterable[pa.Table], path: Path) -> None:
    """An object a line; labels as an array, and ``extra``, if there is one, as an object in it."""
    with path.open("wb") as stream:
        for table in tables:
            columns = _texts(table)
            columns["labels"] = _between('["', pc.binary_join(table.column("labels").combine_chunks(), '","'), '"]')
            bare = ("labels", "extra", "withdrawn")
            fields = [
                _between(f'"{name}":', column, "") if name in bare else _between(f'"{name}":"', column, '"')
                for name, column in columns.items()
            ]
            stream.write(_lines(_between("{", pc.binary_join_element_wise(*fields, ","), "}")))


def _write_parquet(tables: Iterable[pa.Table], path: Path) -> None:
    """As ``write_table`` writes it unless told otherwise: hashes in hexadecimal, lists, dates, and ``extra`` as text."""
    gathered: list[pa.Table] = []
    writer = None
    for table in tables:
        gathered.append(table)
        writer = writer or pq.ParquetWriter(path, table.schema)
        if sum(map(len, gathered)) >= ROW_GROUP:
            writer.write_table(pa.concat_tables(gathered))
            gathered = []
    if writer is not None:
        if gathered:
            writer.write_table(pa.concat_tables(gathered))
        writer.close()


def _texts(table: pa.Table) -> dict[str, pa.ChunkedArray]:
    """The columns as text, those that are nested left out of it."""
    columns = {}
    for field in table.schema:
        column = table.column(field.name)
        if pa.types.is_timestamp(field.type):
            column = pc.strftime(pc.cast(column, pa.timestamp("s", tz="UTC")), _DATE)
        elif pa.types.is_boolean(field.type):
            column = column.cast(pa.string())
        columns[field.name] = column
    return columns


def _between(before: str, column: pa.ChunkedArray, after: str) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(before, column, after, "")


def _lines(texts: pa.ChunkedArray) -> bytes:
    return ("\n".join(texts.to_pylist()) + "\n").encode()


_WRITERS: dict[str, Callable[[Iterable[pa.Table], Path], None]] = {
    "csv": _write_csv,
    "jsonl": _write_jsonl,
    "parquet": _write_parquet,
}

FORMS = {"csv": "CSV", "jsonl": "JSON lines", "parquet": "Parquet"}
"""Name, as ``hashmatch.formats`` has it -> what people call it."""
