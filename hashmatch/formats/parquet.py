"""Parquet: columns by the names that CSV knows too, of the types that the file gives them."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from ..errors import FormatError
from ..escaping import one_line
from ..records import ListSettings
from .base import ListFormat, RawRows, ReadOptions
from .headers import HEADERS_KEY, headers_out
from .named_columns import MAX_COLUMNS
from .parquet_bounds import batch_rows
from .parquet_footer import RowGroup, row_groups
from .source import Source
from .typed import check_names
from .typed_reading import read_batches
from .typed_texts import as_bytes
from .written import WRITTEN, WRITTEN_SCHEMA

_MAGIC = b"PAR1"
_ARROW_SCHEMA = b"ARROW:schema"
_FOOTER_BYTES = 16 * 1024 * 1024
"""Largest footer: a column of a row group takes some hundred bytes of it."""
_CONTAINER = 4 * MAX_COLUMNS
"""Most entries in a list of the footer."""
_FREE_ROWS = 1_000_000
"""So many rows a footer may claim; more only if the file has a byte for each, as hashes need."""
_ROW_GROUP = 131_072


class Parquet(ListFormat):
    """Parquet files.

    Their footers and the headers of their pages are read before anything is unpacked, so that neither a footer that
    lies nor a page that is a bomb costs more than a batch of rows may.
    """

    name = "parquet"
    suffix = ".parquet"
    binary = True

    def recognises(self, source: Source, algorithms: Collection[str]) -> bool:
        """Whether it begins as Parquet does."""
        return source.head.startswith(_MAGIC)

    def read(self, source: Source, options: ReadOptions) -> Iterator[RawRows]:
        """The rows, as ``read_batches`` gives them.

        Raises:
            FormatError: If it is no Parquet or cannot be read, is packed with gzip, or claims more than it holds; and
                as ``read_batches``.
            InvalidValue: As ``read_batches``.
        """
        with source.file() as file:
            parquet, groups = _opened(file, source.name)
            metadata = parquet.metadata.metadata or {}
            schema = parquet.schema_arrow.with_metadata(metadata)
            yield from read_batches(
                schema, _batches(parquet, groups, file, source.name), source.name, self.name, options
            )

    def write(
        self, tables: Iterable[pa.Table], settings: Mapping[str, ListSettings], sink: BinaryIO, cut: Collection[str]
    ) -> None:
        """Write the records in the types that they have, and the headers of JSON lines into the footer."""
        schema = WRITTEN_SCHEMA.with_metadata({HEADERS_KEY: headers_out(settings, cut)})
        writer = pq.ParquetWriter(sink, schema, compression="zstd", store_schema=True)
        with writer:
            for table in filter(len, tables):
                writer.write_table(table.select(list(WRITTEN)).cast(schema), row_group_size=_ROW_GROUP)


def _footer(file: BinaryIO, name: str) -> tuple[bytes, int]:
    """The footer of a file, and the size of the file."""
    size = file.seek(0, 2)
    file.seek(max(0, size - len(_MAGIC) - 4))
    end = file.read()
    if size < 12 or end[4:] != _MAGIC:
        raise FormatError(f"{name} is not in the format parquet, or is cut short: its footer is missing")
    length = int.from_bytes(end[:4], "little")
    if length > min(size - 12, _FOOTER_BYTES):
        raise FormatError(f"{name} cannot be read as parquet: its footer claims {length} bytes")
    file.seek(size - 8 - length)
    return file.read(length), size


def _opened(file: BinaryIO, name: str) -> tuple[pq.ParquetFile, tuple[RowGroup, ...]]:
    """The file, and its row groups."""
    footer, size = _footer(file, name)
    try:
        groups = row_groups(footer)
        parquet = _parquet(file)
        check_names(parquet.schema_arrow)
        if any(map(_is_cast, parquet.schema_arrow.types)):
            parquet = _parquet(file, _without_arrow_schema(footer))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise FormatError(f"{name} cannot be read as parquet: {one_line(error)}") from error
    rows = sum(group.rows for group in groups)
    if rows > max(size, _FREE_ROWS):
        raise FormatError(f"{name} claims {rows} rows in {size} bytes")
    return parquet, groups


def _parquet(file: BinaryIO, metadata: pq.FileMetaData | None = None) -> pq.ParquetFile:
    file.seek(0)
    return pq.ParquetFile(
        file,
        metadata=metadata,
        thrift_container_size_limit=_CONTAINER,
        thrift_string_size_limit=_FOOTER_BYTES,
        buffer_size=1024 * 1024,
    )


def _is_cast(kind: pa.DataType) -> bool:
    """Whether Arrow casts what it reads to a type, and then gives up the whole column for one text that is none."""
    return pa.types.is_dictionary(kind) and not pa.types.is_int32(kind.index_type)


def _without_arrow_schema(footer: bytes) -> pq.FileMetaData:
    """What a footer says in Parquet's own types alone, without the key under which Arrow keeps those that it had."""
    plain = footer.replace(_ARROW_SCHEMA, _ARROW_SCHEMA.lower())
    return pq.read_metadata(io.BytesIO(_MAGIC + plain + len(plain).to_bytes(4, "little") + _MAGIC))


def _batches(
    parquet: pq.ParquetFile, groups: Sequence[RowGroup], file: BinaryIO, name: str
) -> Iterator[pa.RecordBatch]:
    """The rows of all row groups, at most so many at once that they are bounded in size."""
    try:
        for place, group in enumerate(groups):
            # Of a group without rows the footer says nothing that holds.
            if group.rows:
                count = batch_rows(file, group, parquet.metadata.schema)
                for batch in parquet.iter_batches(batch_size=count, row_groups=[place], use_threads=False):
                    # A page may ask for what its dictionary has not.
                    as_bytes(batch).validate(full=True)
                    yield batch
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        raise FormatError(f"{name} cannot be read to its end: {one_line(error)}") from error


PARQUET = Parquet()
