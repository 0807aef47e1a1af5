"""Source: where a list comes from. Bytes of a file, unpacked, with bounds on what they may cost."""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ..errors import FormatError

LINE_BYTES = 16 * 1024 * 1024
"""Longest line that is read whole, in bytes, without its end; longer ones are rejects."""

DOCUMENT_BYTES = 1024 * 1024 * 1024
"""Largest file, unpacked, of a format that must be read as one document."""

HEAD_BYTES = 64 * 1024
"""How much of the beginning formats may look at to recognise themselves."""

_GZIP = b"\x1f\x8b"
_BOMB_FREE = 64 * 1024 * 1024
_BOMB_RATIO = 200
"""A list packs 3 to 30 times; more than this beyond the first 64 MiB is an attack, not a list."""


class Source:
    """One list file, or its bytes.

    ``sha256`` is that of the file as it is stored and complete once everything was read; reading
    again starts anew.
    """

    def __init__(
        self, path: str | Path | None = None, *, content: bytes | None = None, name: str | None = None
    ) -> None:
        """A file by its path, or the bytes of one with a name to show.

        Raises:
            FormatError: If the file cannot be opened or unpacked.
        """
        self.path = None if path is None else Path(path)
        self._content = content
        self.name = name or (self.path.name if self.path else "(bytes)")
        self.sha256 = ""
        self.head = self._read_head()

    @property
    def stem(self) -> str:
        """The name without folder and endings: ``partner.csv.gz`` gives ``partner``."""
        return Path(self.name).name.split(".")[0]

    @property
    def suffixes(self) -> tuple[str, ...]:
        """The endings of the name in lower case, without ``.gz``."""
        return tuple(s.lower() for s in Path(self.name).suffixes if s.lower() != ".gz")

    def chunks(self, size: int = 1024 * 1024) -> Iterator[bytes]:
        """The unpacked bytes in pieces of at most ``size``.

        Raises:
            FormatError: If the file cannot be read, is truncated, or unpacks beyond all measure.
        """
        with self._open() as raw:
            stored = _Counted(raw)
            stream: BinaryIO = _gunzipped(stored) if self._packed(raw) else stored
            given = 0
            try:
                while piece := stream.read(size):
                    given += len(piece)
                    if given > _BOMB_FREE and given > _BOMB_RATIO * stored.count:
                        raise FormatError(f"{self.name} unpacks to more than {_BOMB_RATIO} times its size")
                    yield piece
            except (OSError, EOFError, zlib.error) as error:
                raise FormatError(f"{self.name} cannot be read to its end: {error}") from error
            self.sha256 = stored.sha256.hexdigest()

    def lines(self) -> Iterator[tuple[int, bytes | None]]:
        """Number (from 1) and bytes of each line, without its end; LF, CRLF and CR LF mixed are one.

        A line longer than ``LINE_BYTES`` comes as None. A byte order mark of UTF-8 is dropped.
        """
        number, pending, too_long = 0, b"", False
        first = True
        for piece in self.chunks():
            if first:
                piece, first = piece.removeprefix(b"\xef\xbb\xbf"), False
            *complete, rest = piece.split(b"\n")
            for tail in complete:
                number += 1
                line = pending + tail
                yield number, None if too_long or len(line) > LINE_BYTES else line.removesuffix(b"\r")
                pending, too_long = b"", False
            if too_long or len(pending) + len(rest) > LINE_BYTES:
                pending, too_long = b"", True
            else:
                pending += rest
        if too_long or pending:
            yield number + 1, None if too_long else pending.removesuffix(b"\r")

    def document(self) -> bytes:
        """The whole file, unpacked, without a byte order mark.

        Raises:
            FormatError: If it is larger than ``DOCUMENT_BYTES``.
        """
        pieces = io.BytesIO()
        for piece in self.chunks():
            if pieces.tell() + len(piece) > DOCUMENT_BYTES:
                raise FormatError(f"{self.name} is larger than {DOCUMENT_BYTES} bytes, too large for one document")
            pieces.write(piece)
        return pieces.getvalue().removeprefix(b"\xef\xbb\xbf")

    def _open(self) -> BinaryIO:
        if self.path is None:
            return io.BytesIO(self._content or b"")
        if not self.path.is_file():
            # A pipe or a device would block for ever.
            raise FormatError(f"{self.path} is not a file" if self.path.exists() else f"{self.path} does not exist")
        try:
            return self.path.open("rb")
        except OSError as error:
            raise FormatError(f"{self.path} cannot be opened: {error.strerror}") from error

    @staticmethod
    def _packed(raw: BinaryIO) -> bool:
        packed = raw.read(2) == _GZIP
        raw.seek(0)
        return packed

    def _read_head(self) -> bytes:
        with self._open() as raw:
            stream: BinaryIO = _gunzipped(raw) if self._packed(raw) else raw
            try:
                return stream.read(HEAD_BYTES).removeprefix(b"\xef\xbb\xbf")
            except (OSError, EOFError, zlib.error) as error:
                raise FormatError(f"{self.name} cannot be unpacked: {error}") from error


def _gunzipped(raw: BinaryIO | _Counted) -> BinaryIO:
    return gzip.GzipFile(fileobj=raw, mode="rb")  # type: ignore[arg-type, return-value]


class _Counted(io.RawIOBase):
    """A stream that counts and digests what is read from it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.count = 0
        self.sha256 = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        piece = self._stream.read(size)
        self.count += len(piece)
        self.sha256.update(piece)
        return piece
