"""Arrow: the IPC format, as a file (also called Feather) or as a stream, read like Parquet."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import BinaryIO

import pyarrow as pa
import pyarrow.ipc

from ..errors import FormatError
from ..escaping import one_line
from ..records import ListSettings
from .arrow_messages import check_messages
from .base import ListFormat, RawRows, ReadOptions
from .chunk import CHUNK_ROWS
from .headers import HEADERS_KEY, headers_out
from .source import Source
from .typed import check_names
from .typed_reading import read_batches
from .typed_texts import as_bytes
from .written import WRITTEN, WRITTEN_SCHEMA

_MAGIC = b"ARROW1\0\0"
_STREAM = b"\xff\xff\xff\xff"
_ALIGNED = 8
_CUT = "the stream ends without its end mark: rows may be missing"


class Arrow(ListFormat):
    """Arrow IPC files and streams.

    What messages claim is looked at before they are read, and what they hold is validated in full, since Arrow itself
    trusts them; whether texts are UTF-8 is seen row by row later.
    """

    name = "arrow"
    suffix = ".arrow"
    binary = True

    def recognises(self, source: Source, algorithms: Collection[str]) -> bool:
        """Whether it begins as an Arrow file does, or a stream with the metadata of a message."""
        head = source.head
        if head.startswith(_STREAM):
            length = int.from_bytes(head[4:8], "little")
            return length > 0 and length % _ALIGNED == 0
        return head.startswith(_MAGIC[:6])

    def read(self, source: Source, options: ReadOptions) -> Iterator[RawRows]:
        """The rows, as ``read_batches`` gives them; and behind them a reject, if more of them may have been cut off.

        Raises:
            FormatError: If it is no Arrow or cannot be read, is packed with gzip, or claims more than it holds; and as
                ``read_batches``.
            InvalidValue: As ``read_batches``.
        """
        with source.file() as file:
            stream, ended = _opened(file, source.name)
            batches = _batches(stream, source.name)
            missing = None if ended else _CUT
            yield from read_batches(stream.schema, batches, source.name, self.name, options, missing=missing)

    def write(
        self, tables: Iterable[pa.Table], settings: Mapping[str, ListSettings], sink: BinaryIO, cut: Collection[str]
    ) -> None:
        """Write the records in the types that they have, and the headers of JSON lines into the schema."""
        schema = WRITTEN_SCHEMA.with_metadata({HEADERS_KEY: headers_out(settings, cut)})
        options = pa.ipc.IpcWriteOptions(compression="zstd", use_threads=False)
        with pa.ipc.new_file(sink, schema, options=options) as writer:
            for table in tables:
                writer.write_table(table.select(list(WRITTEN)).cast(schema), max_chunksize=CHUNK_ROWS)


def _opened(file: BinaryIO, name: str) -> tuple[pa.ipc.RecordBatchStreamReader, bool]:
    """The stream that the file is, or holds, and whether it ends with its mark."""
    start = len(_MAGIC) if file.read(len(_MAGIC)) == _MAGIC else 0
    try:
        ended = check_messages(file, start)
        file.seek(start)
        stream = pa.ipc.open_stream(file, options=pa.ipc.IpcReadOptions(use_threads=False))
        check_names(stream.schema)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise FormatError(f"{name} cannot be read as arrow: {one_line(error)}") from error
    return stream, ended


def _batches(stream: pa.ipc.RecordBatchStreamReader, name: str) -> Iterator[pa.RecordBatch]:
    """All rows, in batches that were validated."""
    try:
        for batch in stream:
            batch.validate()
            as_bytes(batch).validate(full=True)
            for start in range(0, len(batch), CHUNK_ROWS):
                yield batch.slice(start, CHUNK_ROWS)
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        raise FormatError(f"{name} cannot be read to its end: {one_line(error)}") from error


ARROW = Arrow()
