"""Messages of Arrow IPC: what they say of themselves, before anybody makes room for what they hold.

A file is a stream between a magic and a footer; a message is metadata, a FlatBuffers table, and a body, as
https://arrow.apache.org/docs/format/Columnar.html describes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

METADATA_BYTES = 64 * 1024 * 1024
"""Largest metadata of one message."""
BODY_BYTES = 512 * 1024 * 1024
"""Largest body of one message, unpacked."""
VALUES_A_ROW = 16
"""How many values a row may have in a column of lists, taken over a message,"""
VALUES_BESIDE = 65_536
"""and how many more than that."""

_CONTINUED = 0xFFFFFFFF
_DICTIONARY, _RECORDS = 2, 3
_NOT_PACKED = -1


def check_messages(file: BinaryIO, start: int) -> bool:
    """Look at all messages of a stream that begins at ``start``.

    Returns:
        Whether it ends with its mark. Without one it may have been cut between two messages.

    Raises:
        ValueError: If one is damaged, or holds more than it may.
    """
    size = file.seek(0, 2)
    file.seek(start)
    while metadata := _metadata(file):
        try:
            message = _Table.root(metadata)
            kind, body = message.number(1, "B"), message.number(3, "q")
            at = file.tell()
            if not 0 <= body <= min(size - at, BODY_BYTES):
                raise ValueError(f"a message claims a body of {body} bytes")
            records = message.table(2) if kind in (_DICTIONARY, _RECORDS) else None
            if records is not None and kind == _DICTIONARY:
                records = records.table(1)
            if records is not None:
                _check_records(file, at, body, records)
        except struct.error as error:
            raise ValueError("the metadata of a message cannot be read") from error
        file.seek(at + body)
    return metadata is not None


def _metadata(file: BinaryIO) -> bytes | None:
    """The metadata of the message that begins here; empty at the mark that ends a stream, None where the file ends."""
    length = _length(file)
    if length == _CONTINUED:
        length = _length(file)
    if length is None:
        return None
    if length > METADATA_BYTES:
        raise ValueError(f"a message claims metadata of {length} bytes")
    metadata = file.read(length)
    if len(metadata) < length:
        raise ValueError("a message is cut short")
    return metadata


def _length(file: BinaryIO) -> int | None:
    content = file.read(4)
    return int.from_bytes(content, "little") if len(content) == 4 else None


def _check_records(file: BinaryIO, at: int, body: int, records: _Table) -> None:
    """Raise ValueError if rows, values or bytes of a message are beyond what its body can hold."""
    packed = records.table(3) is not None
    size = 0
    for offset, length in records.pairs(2):
        if not (0 <= offset <= body and 0 <= length <= body - offset):
            raise ValueError("a buffer lies outside of its message")
        if packed and length >= 8:
            file.seek(at + offset)
            (unpacked,) = struct.unpack("<q", file.read(8))
            length = length if unpacked == _NOT_PACKED else unpacked
        size += length
        if not 0 <= length <= size <= BODY_BYTES:
            raise ValueError(f"a message unpacks to more than {BODY_BYTES} bytes")
    rows = records.number(0, "q")
    if not 0 <= rows <= size:
        raise ValueError(f"a message claims {rows} rows in {size} bytes")
    if any(not 0 <= values <= VALUES_A_ROW * rows + VALUES_BESIDE for values, _ in records.pairs(1)):
        raise ValueError(f"a message holds too many values for its {rows} rows")


class _Table:
    """A table of FlatBuffers: fields at places that its vtable names."""

    def __init__(self, content: bytes, at: int) -> None:
        self._content = content
        self._at = at
        self._vtable = at - self._get("<i", at)
        self._slots = (self._get("<H", self._vtable) - 4) // 2

    @classmethod
    def root(cls, content: bytes) -> _Table:
        """The outermost table."""
        (at,) = struct.unpack_from("<I", content)
        return cls(content, at)

    def number(self, slot: int, kind: str) -> int:
        """A number; 0 where it is left out."""
        at = self._place(slot)
        return 0 if at is None else self._get(f"<{kind}", at)

    def table(self, slot: int) -> _Table | None:
        """A table within."""
        at = self._place(slot)
        return None if at is None else _Table(self._content, at + self._get("<I", at))

    def pairs(self, slot: int) -> Iterator[tuple[int, int]]:
        """A vector of structures of two long integers."""
        at = self._place(slot)
        if at is None:
            return
        start = at + self._get("<I", at)
        count = self._get("<I", start)
        if count * 16 > len(self._content) - start:
            raise ValueError("the metadata of a message is cut short")
        # Such structures are aligned to eight bytes, behind the four of the count.
        yield from struct.iter_unpack("<qq", self._content[start + 4 : start + 4 + count * 16])

    def _place(self, slot: int) -> int | None:
        if slot >= self._slots:
            return None
        offset = self._get("<H", self._vtable + 4 + 2 * slot)
        return self._at + offset if offset else None

    def _get(self, form: str, at: int) -> int:
        if at < 0:
            raise ValueError("the metadata of a message points outside of it")
        value: int = struct.unpack_from(form, self._content, at)[0]
        return value
