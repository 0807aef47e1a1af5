"""Shelf: memory that a worker shares with who started it, for contents that are too long to be sent through a pipe.

It has no name, so that nothing of it is left however either of them ends.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """Where a content stands, for both of them."""

    descriptor: int
    offset: int
    length: int


class Shelf:
    """The side of who puts something there, and hands the descriptor down."""

    def __init__(self) -> None:
        """Make an empty one.

        Raises:
            OSError: If the system does not let us.
        """
        if hasattr(os, "memfd_create"):
            self.descriptor = os.memfd_create("hashmatch")
        else:
            with tempfile.TemporaryFile(prefix="hashmatch-", buffering=0) as file:
                self.descriptor = os.dup(file.fileno())
        self._end = 0

    def put(self, content: bytes) -> Place:
        """Put a content behind the others.

        Raises:
            OSError: If there is no room for it.
        """
        place = Place(self.descriptor, self._end, len(content))
        left, offset = memoryview(content), self._end
        while left:
            written = os.pwrite(self.descriptor, left, offset)
            left, offset = left[written:], offset + written
        self._end = offset
        return place

    def clear(self) -> None:
        """Let go of all that was put there."""
        if self._end:
            os.ftruncate(self.descriptor, 0)
            self._end = 0

    def close(self) -> None:
        """Have no more to do with it."""
        os.close(self.descriptor)


class Shelved:
    """The side of who takes a content from there: a file object."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._read = 0

    def read(self, size: int, /) -> bytes:
        """The next bytes, at most ``size``; none at the end."""
        place = self._place
        content = os.pread(place.descriptor, max(0, min(size, place.length - self._read)), place.offset + self._read)
        self._read += len(content)
        return content

    def seekable(self) -> bool:
        """Whether one can go anywhere in it."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go somewhere; where that is, counted from its beginning."""
        self._read = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._read, os.SEEK_END: self._place.length}[whence]
        return self._read

    def tell(self) -> int:
        """Where it stands."""
        return self._read
