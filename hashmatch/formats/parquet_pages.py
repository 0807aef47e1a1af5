"""Pages of Parquet files: what they say of themselves, before anybody unpacks them.

A page of some kilobytes can unpack to gigabytes. Its header says so: https://github.com/apache/parquet-format.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from .thrift import Compact, CutShort

_HEADER_BYTES = (1024, 1024 * 1024)
"""How much of a page is read for its header, at first and at most: it may repeat long values."""
_DICTIONARY_PAGE, _DATA_PAGE, _DATA_PAGE_V2 = 2, 0, 3


@dataclass(frozen=True)
class Page:
    """What the header of a page says."""

    size: int
    """Of the page when it is unpacked, in bytes."""
    values: int
    """How many values it holds, null among them; in a dictionary, how many different ones."""
    encoding: int
    """How they are written, by Parquet's numbers."""
    dictionary: bool
    """Whether it is the dictionary of the pages behind it."""
    start: int
    """Where its content begins in the file."""
    packed: int
    """How many bytes its content takes there."""


def pages(file: BinaryIO, start: int, length: int) -> Iterator[Page]:
    """The pages of one column of one row group.

    Args:
        file: To be read at any place.
        start: Where the first page begins, in bytes.
        length: How many bytes all of them take.

    Raises:
        ValueError: If something else stands there.
    """
    end = start + length
    while start < end:
        header, length = _header(file, start)
        kind, size, packed = (header.get(key) for key in (1, 2, 3))
        if not (isinstance(kind, int) and isinstance(size, int) and isinstance(packed, int)) or min(size, packed) < 0:
            raise ValueError("a page without a size")
        body = start + length
        start = body + packed
        if start > end:
            raise ValueError("a page that is larger than its column")
        inner = header.get({_DATA_PAGE: 5, _DICTIONARY_PAGE: 7, _DATA_PAGE_V2: 8}.get(kind, -1))
        if isinstance(inner, dict):
            values, encoding = inner.get(1), inner.get(4 if kind == _DATA_PAGE_V2 else 2)
            if not isinstance(values, int) or not isinstance(encoding, int) or values < 0:
                raise ValueError("a page without a number of values")
            yield Page(size, values, encoding, kind == _DICTIONARY_PAGE, body, packed)


def _header(file: BinaryIO, start: int) -> tuple[dict[int, object], int]:
    """The header that begins at a place, and its length."""
    for size in _HEADER_BYTES:
        file.seek(start)
        reader = Compact(file.read(size))
        try:
            return reader.struct(0), reader.at
        except CutShort:
            continue
    raise ValueError("a header that is cut short")
