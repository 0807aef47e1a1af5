"""Headers: what our own files say about the lists that they hold."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import msgspec

from ..errors import FormatError, InvalidValue
from ..records import ListSettings
from .json_text import ANYTHING, Unreadable, decode

VERSION = 1
"""Of what we write; stands in each header as ``hashmatch``."""

HEADERS_KEY = b"hashmatch.lists"
"""Under this key the metadata of Parquet and Arrow hold an array of headers."""

BATCH_KEY = b"hashmatch"
"""Under this key the batches of a bank hold their footer."""


def header_of(settings: ListSettings, cut: Collection[str]) -> dict[str, object]:
    """The header of a list; ``cut`` names the lists of which claims were left out."""
    return {"hashmatch": VERSION, "list": settings.to_json(), "partial": settings.name in cut}


def is_header(record: Mapping[str, object]) -> bool:
    """Whether a JSON object is a header of ours."""
    ours = "hashmatch" in record and isinstance(record.get("list"), dict)
    return ours and not any(isinstance(value, Unreadable) for value in record.values())


def read_header(record: Mapping[str, Any], file: str) -> dict[str, object]:
    """What a header says, as ``RawRows.headers`` has it.

    Raises:
        FormatError: If it is of another version than ours; ``file`` is the name to show.
    """
    version = record["hashmatch"]
    if version != VERSION:
        raise FormatError(f"{file} was written in version {str(version)[:20]} of the format; {VERSION} is known")
    return {**record["list"], "partial": bool(record.get("partial"))}


def headers_out(settings: Mapping[str, ListSettings], cut: Collection[str]) -> bytes:
    """The headers of lists, as one JSON array."""
    return msgspec.json.encode([header_of(stated, cut) for stated in settings.values()])


def headers_in(text: bytes | None, file: str) -> Iterator[dict[str, object]]:
    """The headers in a JSON array; none if there is no array.

    Raises:
        FormatError: If it is something else; ``file`` is the name to show.
    """
    try:
        records: Any = [] if text is None else decode(text, ANYTHING)
    except InvalidValue as error:
        raise FormatError(f"{file} says of its lists what cannot be read: {error}") from None
    if not isinstance(records, list) or not all(isinstance(record, dict) and is_header(record) for record in records):
        raise FormatError(f"{file} says of its lists what is no header")
    return (read_header(record, file) for record in records)
