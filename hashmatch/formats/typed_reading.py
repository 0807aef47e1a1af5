"""Reading typed files: batches of columns, by their names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa

from ..errors import FormatError
from .base import RawRows, ReadOptions
from .chunk import Chunk
from .headers import BATCH_KEY, HEADERS_KEY, headers_in
from .named_columns import layout_of, unique_names
from .typed import TypedColumns


def read_batches(
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch],
    file: str,
    form: str,
    options: ReadOptions,
    *,
    missing: str | None = None,
) -> Iterator[RawRows]:
    """The rows of a typed file; ``line`` is the number of the row, from 1. What we wrote begins with its headers.

    Args:
        schema: That of the file, with its metadata.
        batches: Its rows in order, some tens of thousands at once.
        file: Its name, for errors.
        form: Name of its format.
        options: What the user says.
        missing: Why rows may be missing at the end: a reject that names no claim, so that replacing withdraws none.

    Raises:
        FormatError: If it is a batch of a bank, has no column of hashes or none of those that ``options.columns``
            asks for, or holds what cannot be read.
        InvalidValue: If ``options.columns`` maps something that is no field of ours.
    """
    stated = schema.metadata or {}
    if BATCH_KEY in stated:
        raise FormatError(f"{file} is a batch of a bank, not a list: export the list instead")
    chunk = Chunk(file, form)
    chunk.in_form = True
    for header in headers_in(stated.get(HEADERS_KEY), file):
        chunk.add_header(header)
    names = unique_names(schema.names, file)
    verbatim = HEADERS_KEY in stated
    layout = layout_of(schema.names, names, file, options.of_ours() if verbatim else options)
    columns = TypedColumns(schema, names, layout, options.algorithms, file, verbatim=verbatim)
    first = 1
    for batch in batches:
        yield from columns.read(chunk, batch, first)
        first += len(batch)
    if missing:
        chunk.reject(first, missing)
    yield chunk.finish()
