"""Wire: what a worker process is told, and what it answers, as bytes in a pipe."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import TypeVar

import msgspec

from .frames import Limits
from .hashes import FrameHash, MediaHash
from .records import MediaType
from .results import HashedMedia, HashReport

_LENGTH = struct.Struct("<Q")

T = TypeVar("T")


class Order(msgspec.Struct, array_like=True, frozen=True):
    """What a worker does with each job; the first message to it."""

    algorithms: tuple[str, ...]
    limits: Limits
    fast: bool


class Job(msgspec.Struct, array_like=True, frozen=True):
    """One file to hash: its path, or its content, or both: then it is only called that."""

    path: bytes | None = None
    content: bytes | None = None
    file: bytes | None = None
    """The path as it was given, if it was another."""


class _Frame(msgspec.Struct, array_like=True, frozen=True):
    digest: bytes
    quality: int | None
    timestamp: float | None
    frame: int
    orientations: dict[str, bytes]


class _Hashed(msgspec.Struct, array_like=True, frozen=True):
    hashes: dict[str, list[_Frame]]
    media_type: MediaType
    failures: dict[str, str]
    decoding: str
    damage: str | None


class Answer(msgspec.Struct, array_like=True, frozen=True):
    """What became of one job, in the order of the jobs; the first one, empty, says that the worker is ready."""

    hashed: _Hashed | None = None
    error: str | None = None

    @classmethod
    def of(cls, report: HashReport) -> Answer:
        """The answer that says this; the path is known to who asked."""
        hashed = report.hashed
        if hashed is None:
            return cls(error=report.error)
        frames = {
            name: [
                _Frame(own.digest, own.quality, own.timestamp, own.frame, dict(own.orientations))
                for own in media.frames
            ]
            for name, media in hashed.hashes.items()
        }
        failures = dict(hashed.failures)
        return cls(_Hashed(frames, hashed.media_type, failures, hashed.decoding, hashed.damage))

    def report(self, file: str | None) -> HashReport:
        """The report on a file of that path."""
        if self.hashed is None:
            return HashReport(file, None, self.error)
        hashes = {
            name: MediaHash(
                name,
                tuple(FrameHash(own.digest, own.quality, own.timestamp, own.frame, own.orientations) for own in frames),
            )
            for name, frames in self.hashed.hashes.items()
        }
        rest = self.hashed
        return HashReport(file, HashedMedia(hashes, file, rest.media_type, rest.failures, rest.decoding, rest.damage))


def packed(message: Order | Job | Answer) -> bytes:
    """A message with its length before it."""
    content = msgspec.msgpack.encode(message)
    return _LENGTH.pack(len(content)) + content


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


def unpacked(message: memoryview | bytes, kind: type[T]) -> T:
    """The message that some bytes are."""
    return msgspec.msgpack.decode(message, type=kind)


def read(stream: object, kind: type[T]) -> T | None:
    """The next message of a file object, which waits for it; None at its end."""
    head = stream.read(_LENGTH.size)  # type: ignore[attr-defined]
    if len(head) < _LENGTH.size:
        return None
    return unpacked(stream.read(_LENGTH.unpack(head)[0]), kind)  # type: ignore[attr-defined]
