"""JSON records: a file that is one value, an array of values, or a value a line."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from ..errors import InvalidValue
from .json_document import read_document
from .json_text import decode
from .source import Source

_PEEK = 20
"""Lines looked at to tell lines from one document."""


class _Object(msgspec.Struct):
    """Any object, of which nothing is kept."""


_OBJECT = msgspec.json.Decoder(_Object)


def read_records(source: Source) -> Iterator[tuple[int, bytes | msgspec.Raw | None]]:
    """Line, or 0 in a document, and JSON of each record; None for a line that is too long.

    Raises:
        FormatError: If the file is one document, and not JSON, too large, or divided into too many values.
    """
    if source.head.lstrip()[:1] == b"{" and _are_lines(source):
        for number, line in source.lines():
            if line is None or line.strip():
                yield number, line
    else:
        for element in read_document(source):
            yield 0, element


def _are_lines(source: Source) -> bool:
    """Whether most of the first lines, and more than one, are JSON objects of their own."""
    good = seen = 0
    for _, line in source.lines():
        if seen == _PEEK:
            break
        seen += 1
        try:
            good += line is not None and decode(line, _OBJECT) is not None
        except InvalidValue:
            continue
    return 2 * good > seen > 1
