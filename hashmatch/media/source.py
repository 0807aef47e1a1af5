"""Source: a file as a decoder written in C reads it, which no error of ours may pass through."""

from __future__ import annotations

import io
from collections.abc import Callable
from types import NoneType
from typing import BinaryIO

from ..errors import MediaError
from ..escaping import one_line


class Source:
    """Reads a file object from where it stands; what goes wrong is kept, and looks like the end of the file."""

    def __init__(self, stream: BinaryIO, go_on: Callable[[], object]) -> None:
        """Begin where ``stream`` stands.

        Args:
            stream: Seekable.
            go_on: Called before each read; what it raises ends the reading.
        """
        self._stream = stream
        self._go_on = go_on
        self._begin = stream.tell()
        self._at = 0
        self._failure: BaseException | None = None
        """What went wrong first."""

    def read(self, size: int) -> bytes:
        """The next bytes, at most ``size``; none at the end."""
        if self._failure is not None:
            return b""
        try:
            self._go_on()
            content = self._stream.read(size)[:size]
            if not isinstance(content, bytes):
                raise MediaError("the file object must be opened for bytes")
        except BaseException as error:
            self._failure = error
            return b""
        self._at += len(content)
        return content

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go somewhere; where that is, counted from the beginning, or -1 if it cannot be."""
        if self._failure is not None:
            return -1
        try:
            if whence == io.SEEK_END:
                offset += self._stream.seek(0, io.SEEK_END) - self._begin
            elif whence == io.SEEK_CUR:
                offset += self._at
            self._stream.seek(self._begin + (self._at if offset < 0 else offset))
        except BaseException as error:
            self._failure = error
            return -1
        self._at = self._at if offset < 0 else offset
        return max(-1, offset)

    def check(self) -> None:
        """Raise what went wrong, if anything did.

        Raises:
            MediaError: If the file cannot be read, or reading it was to end.
        """
        if isinstance(self._failure, MediaError) or not isinstance(self._failure, (Exception, NoneType)):
            raise self._failure
        if self._failure is not None:
            raise MediaError(f"it cannot be read: {one_line(self._failure)}") from self._failure

    def tell(self) -> int:
        """Where it stands, counted from the beginning."""
        return self._at
