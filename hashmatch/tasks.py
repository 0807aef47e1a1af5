"""Tasks: files that a worker is to hash, and what became of each.

Whatever is to be decoded is sent to a worker, since it may be hostile. Pixels that are decoded already, and file objects of
which nothing but digests is wanted, are hashed where they are.
"""

from __future__ import annotations

import contextlib
import os
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from .hashing import FileContent, HashOptions, hash_one
from .media import recognise
from .reading import Readable, first_piece, is_stream, next_piece
from .results import HashReport
from .wire import Job, called


@dataclass(eq=False)
class Task:
    """One file, and what became of it."""

    file: str | None = None
    """The path as it was given, or what the content is called."""
    job: Job = field(default_factory=Job)
    report: HashReport | None = None
    failure: Exception | None = None
    """An error of whoever gives the files, which is raised in its turn."""

    @classmethod
    def of(cls, source: Any, options: HashOptions) -> Task:
        """What there is to do with a source; it is done already if no worker is needed.

        Args:
            source: As ``hash_one`` takes it.
            options: How.

        Raises:
            InvalidValue: If it is nothing that can be hashed.
        """
        if isinstance(source, FileContent):
            name = source.file.encode("utf-8", "surrogatepass")
            return cls(source.file, Job(content=source.content, file=name))
        # What is wrong with it is said by whoever hashes it.
        with contextlib.suppress(Exception):
            if isinstance(source, (str, os.PathLike)):
                return cls._of_path(os.fspath(source))
            if isinstance(source, (bytes, bytearray, memoryview)):
                return cls(job=Job(content=bytes(source)))
        if is_stream(source) and options.wanted().perceptual:
            source = _drawn(source, options.limits.media_bytes)
            if isinstance(source, bytes):
                return cls(job=Job(content=source))
        return cls(report=hash_one(source, options))

    @classmethod
    def _of_path(cls, path: str | bytes) -> Task:
        # The folder that we stand in may be another one by and by, or none.
        whole = os.path.abspath(os.fsencode(path))  # noqa: PTH100 - links are not to be followed yet
        return cls(os.fsdecode(path), Job(whole, file=os.fsencode(path)))

    def finish(self, report: HashReport) -> None:
        """Take what became of it; the content is needed no more."""
        self.report, self.job = called(report, self.file), Job()

    def fail(self, reason: str) -> None:
        """Say that there are no hashes of it, and why."""
        self.finish(HashReport.failed(self.file, reason))

    @property
    def done(self) -> bool:
        """Whether there is something to give."""
        return self.report is not None or self.failure is not None

    @property
    def held(self) -> int:
        """Bytes of content that it holds."""
        return len(self.job.content or b"")


class _Begun:
    """A file object of which some was read already."""

    def __init__(self, read: deque[bytes], rest: Readable, error: Exception | None = None) -> None:
        self._read = read
        self._rest = rest
        self._error = error

    def read(self, size: int, /) -> bytes:
        if self._read:
            return self._read.popleft()
        if self._error is not None:
            raise self._error
        return self._rest.read(size)


def _drawn(stream: Readable, most: int) -> bytes | _Begun:
    """All of a file object, if it may hold pixels that are to be decoded; else what is there of it."""
    read: deque[bytes] = deque()
    size = 0
    try:
        read.append(first_piece(stream))
        if recognise(read[0]) is None:
            return _Begun(read, stream)
        while (size := size + len(read[-1])) <= most:
            if not (piece := next_piece(stream)):
                return b"".join(read)
            read.append(piece)
    except Exception as error:
        return _Begun(read, stream, error)
    return _Begun(read, stream)
