"""Wire: what a worker process is told, and what it answers, as bytes in a pipe.

First it is told how to hash (``HashOptions``), and answers ``READY``; then it gets jobs, and answers each with a report,
before which it may say any number of times that it goes on.
Names of files stay with who asks: they may be no Unicode.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO, TypeVar

import msgspec

from .results import HashReport
from .shelf import Place

READY = HashReport(None)
"""The first answer: a report on nothing."""
GOES_ON = HashReport(None, error="")
"""No answer yet, but a file that takes long comes further."""

_LENGTH = struct.Struct("<Q")

T = TypeVar("T")


@dataclass(frozen=True)
class Job:
    """One file to hash: its path; or its content, which may be called something."""

    path: bytes | None = None
    content: bytes | None = None
    place: Place | None = None
    """Where its content is, if it is too long to be sent."""
    file: bytes | None = None
    """The path as it was given, if it was another; what content is called."""


def called(report: HashReport, file: str | None) -> HashReport:
    """The report as one on a file of that name; None: without a name."""
    hashed = None if report.hashed is None else replace(report.hashed, file=file)
    return replace(report, file=file, hashed=hashed)


def packed(message: object) -> bytes:
    """A message with its length before it."""
    content = msgspec.msgpack.encode(message)
    return _LENGTH.pack(len(content)) + content


def unpacked(message: memoryview | bytes, kind: type[T]) -> T:
    """The message that some bytes are."""
    return msgspec.msgpack.decode(message, type=kind)


def read(stream: BinaryIO, kind: type[T]) -> T | None:
    """The next message of a file object, which waits for it; None at its end."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    return unpacked(stream.read(_LENGTH.unpack(head)[0]), kind)


class Unpacker:
    """Messages out of a stream of bytes that comes in pieces of any size."""

    def __init__(self) -> None:
        self._held = bytearray()

    def add(self, content: bytes) -> Iterator[memoryview]:
        """Take a piece; the messages that are whole now, each to be read before the next is asked for."""
        self._held += content
        start = 0
        with memoryview(self._held) as held:
            while len(held) - start >= _LENGTH.size:
                (length,) = _LENGTH.unpack_from(held, start)
                end = start + _LENGTH.size + length
                if len(held) < end:
                    break
                with held[start + _LENGTH.size : end] as message:
                    yield message
                start = end
        del self._held[:start]
