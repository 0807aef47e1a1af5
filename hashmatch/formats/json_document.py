"""JSON documents: a whole file is one value, which is told by its beginning and read at once."""

from __future__ import annotations

import re

import msgspec

from ..errors import FormatError, InvalidValue
from .json_text import ELEMENTS, decode
from .source import Source


def first_keys(head: bytes) -> set[str]:
    """The keys of the first object in the beginning of a JSON document, and of the first object within its results.

    The document may be cut anywhere: what is looked at ends where the first flat object ends.
    """
    text = head.decode("utf-8", "replace").lstrip()
    if text[:1] not in ("{", "["):
        return set()
    end = text.find("}")
    outer, brace, record = text[:end].rpartition("{") if end >= 0 else ("", "", text)
    return _keys(outer) | _keys(record if brace or end < 0 else "")


_ESCAPE = re.compile(r"\\.", re.DOTALL)


def _keys(text: str) -> set[str]:
    """The texts before colons, in a piece of JSON."""
    parts = _ESCAPE.sub("", text).split('"')
    return {part for part, after in zip(parts[1::2], parts[2::2], strict=False) if after.lstrip().startswith(":")}


_COMMAS = 1_000_000
_BYTES_A_COMMA = 16
"""Records have a comma every 25 bytes or so. A million and one in 16 bytes are more than a list needs,
and still few enough that an array of nothing but commas cannot fill the memory."""


def read_document(source: Source) -> list[msgspec.Raw]:
    """The elements of a JSON array, or the one document that is something else.

    Raises:
        FormatError: If the file is not JSON, too large, or divided into too many values.
    """
    text = source.document()
    if text.count(b",") > _COMMAS + len(text) // _BYTES_A_COMMA:
        raise FormatError(f"{source.name} is divided into more values than a list of hashes has")
    try:
        if text.lstrip()[:1] == b"[":
            return decode(text, ELEMENTS)
        return [decode(text, msgspec.json.Decoder(msgspec.Raw))]
    except InvalidValue as error:
        raise FormatError(f"{source.name} cannot be read as one document: {error}") from None
