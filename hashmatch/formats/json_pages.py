"""Pages: how the feeds of exchanges are kept in files.

One page as the service gave it, an array of pages, a page a line; or the records alone, as an array or one a line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from ..errors import InvalidValue
from .chunk import TOO_LONG, Chunk
from .json_records import read_records
from .source import Source

Json = bytes | msgspec.Raw


def read_pages(
    source: Source, chunk: Chunk, records_of: Callable[[Json], list[msgspec.Raw] | None]
) -> Iterator[tuple[int, Json]]:
    """Number and JSON of each record, however the file keeps its pages.

    Records are numbered through all pages, from 1; where each line is a record, by line. What cannot be read
    is a reject of the chunk's, and the next goes on.

    Args:
        source: The file.
        chunk: Where rejects go; it is in form once a page was found, or if the file is an array of none.
        records_of: The records of a page, or None if it is given a record itself. Raises InvalidValue if it
            can tell neither.

    Raises:
        FormatError: If the file is a document that cannot be read as one.
    """
    number = 0
    chunk.in_form = chunk.in_form or b"".join(source.head.split()) == b"[]"
    for line, element in read_records(source):
        try:
            if element is None:
                raise InvalidValue(TOO_LONG)
            records = records_of(element)
        except InvalidValue as error:
            number = max(number + 1, line)
            chunk.reject(number, str(error))
            continue
        if records is None:
            number = max(number + 1, line)
            yield number, element
            continue
        chunk.in_form = True
        for record in records:
            number += 1
            yield number, record
