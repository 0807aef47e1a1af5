"""Source: where a list comes from. Bytes of a file, unpacked, with bounds on what they may cost."""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ..errors import FormatError, InvalidValue
from .refused import refusal

LINE_BYTES = 16 * 1024 * 1024
"""Longest line that is read whole, in bytes, without its end; longer ones are rejects."""

DOCUMENT_BYTES = 512 * 1024 * 1024
"""Largest file, unpacked, of a format that must be read as one document: some two million hashes."""

BLOCK_BYTES = 4 * 1024 * 1024
"""How much of a file is read as one block of whole lines, where no line is longer."""

HEAD_BYTES = 1024 * 1024
"""How much of the beginning formats may look at to recognise themselves."""

_BOM = b"\xef\xbb\xbf"
_WIDE = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
_PIECE = 128 * 1024
_GZIP = b"\x1f\x8b"
_BOMB_FREE = 16 * 1024 * 1024
_BOMB_RATIO = 200
"""A list packs 3 to 30 times; more than this beyond the first 16 MiB is an attack, not a list."""


@dataclass(frozen=True)
class Block:
    """Lines of a file that stand together, each whole, with their ends."""

    number: int
    """Of its first line, from 1."""
    content: bytes | None
    """At least one line; only the last of the file may lack its end. None: one line that is too long."""
    count: int
    """How many lines they are."""

    def halves(self) -> tuple[Block, Block] | None:
        """The block in two of about equal size; None if it is one line."""
        if self.content is None or self.count < 2:
            return None
        middle = len(self.content) // 2
        cut = self.content.find(b"\n", middle) + 1
        if cut in (0, len(self.content)):
            cut = self.content.rfind(b"\n", 0, middle) + 1
        first = self.content[:cut]
        count = _line_ends(first)
        return (
            Block(self.number, first, count),
            Block(self.number + count, self.content[cut:], self.count - count),
        )


class Source:
    """One list file, or its bytes.

    ``head`` is the beginning of the unpacked bytes, at most ``HEAD_BYTES``, without a byte order mark.
    ``sha256`` is that of the file as it is stored, in hexadecimal, and complete once everything was
    read; reading again starts anew.
    """

    def __init__(
        self, path: str | Path | None = None, *, content: bytes | None = None, name: str | None = None
    ) -> None:
        """A file by its path, or the bytes of one with a name to show.

        Raises:
            FormatError: If the file cannot be opened or unpacked, is text of 16 or 32 bits, or no list but
                something that is taken for one, such as an archive.
            InvalidValue: If not exactly one of ``path`` and ``content`` is given.
        """
        if (path is None) == (content is None):
            raise InvalidValue("a source is either a path or bytes")
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

    @property
    def head_lines(self) -> list[bytes]:
        """The lines that ``head`` holds whole, without their ends, blank ones left out."""
        lines = self.head.split(b"\n")
        if len(self.head) >= HEAD_BYTES - len(_BOM):
            # The file may go on, so the last line may be cut.
            lines.pop()
        return [line for line in (line.removesuffix(b"\r") for line in lines) if line.strip()]

    def chunks(self, size: int = 1024 * 1024) -> Iterator[bytes]:
        """The unpacked bytes in pieces of at most ``size``.

        Raises:
            FormatError: If the file cannot be read, is truncated, or unpacks beyond all measure.
        """
        with self._open() as raw:
            packed = _is_packed(raw)
            stored = _Counted(raw)
            stream: BinaryIO | _Counted = _gunzipped(stored) if packed else stored
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

    def lines(self, *, whole: bool = False) -> Iterator[tuple[int, bytes | None]]:
        """Number (from 1) and bytes of each line; LF and CR LF end one, mixed as they come.

        A line longer than ``LINE_BYTES`` comes as None. A byte order mark of UTF-8 is dropped.

        Args:
            whole: False leaves out the ends of lines, and lines that hold nothing else; True gives
                every byte, for formats in which a row may go over several lines.

        Raises:
            FormatError: As ``chunks``.
        """
        for number, line in enumerate(self._raw_lines(), start=1):
            if line is None or whole:
                yield number, line
            elif line not in (b"\n", b"\r\n"):
                yield number, line.removesuffix(b"\n").removesuffix(b"\r")

    def blocks(self, size: int = BLOCK_BYTES) -> Iterator[Block]:
        """The lines that ``lines(whole=True)`` gives, in blocks of less than twice ``size`` bytes, or one line.

        Raises:
            FormatError: As ``chunks``.
        """
        number = 1
        pending: list[bytes] = []
        length = 0
        for place, piece in enumerate(self.chunks(size)):
            if place == 0:
                piece = piece.removeprefix(_BOM)
            cut = piece.find(b"\n") + 1
            if cut and length + cut > size:
                yield Block(number, _bounded([*pending, piece[:cut]], length + cut), 1)
                number, pending, length, piece = number + 1, [], 0, piece[cut:]
            end = piece.rfind(b"\n") + 1
            if end:
                whole = b"".join([*pending, memoryview(piece)[:end]])
                count = _line_ends(whole)
                yield Block(number, whole, count)
                number, pending, length = number + count, [], 0
            if rest := piece[end:]:
                length += len(rest)
                pending = [*pending, rest] if length <= LINE_BYTES + len(b"\r") else []
        if length:
            yield Block(number, _bounded(pending, length), 1)

    @contextmanager
    def file(self) -> Iterator[BinaryIO]:
        """The file as it is stored, to be read at any place; ``sha256`` is complete then.

        Raises:
            FormatError: If it cannot be read, or is packed.
        """
        with self._open() as raw:
            if _is_packed(raw):
                raise FormatError(f"{self.name} is packed with gzip, which this format is not read from: unpack it")
            stored = _Counted(raw)
            try:
                while stored.read(BLOCK_BYTES):
                    pass
                raw.seek(0)
            except OSError as error:
                raise FormatError(f"{self.name} cannot be read to its end: {error}") from error
            self.sha256 = stored.sha256.hexdigest()
            yield raw

    def document(self, most: int | None = None) -> bytes:
        """The whole file, unpacked, without a byte order mark.

        Args:
            most: How many bytes it may have; None: ``DOCUMENT_BYTES``.

        Raises:
            FormatError: If it is larger, or as ``chunks``.
        """
        most = DOCUMENT_BYTES if most is None else most
        pieces = io.BytesIO()
        for piece in self.chunks():
            if pieces.tell() + len(piece) > most:
                raise FormatError(f"{self.name} is larger than {most} bytes, too large for one document")
            pieces.write(piece)
        return pieces.getvalue().removeprefix(_BOM)

    def _raw_lines(self) -> Iterator[bytes | None]:
        """Each line with its end, None where it is too long."""
        pending: list[bytes] = []
        length = 0
        first = True
        for piece in self.chunks():
            if first:
                piece, first = piece.removeprefix(_BOM), False
            lines = piece.splitlines(keepends=True) if b"\r" not in piece else _split(piece)
            for line in lines:
                if not line.endswith(b"\n"):
                    length += len(line)
                    pending = [*pending, line] if length <= LINE_BYTES + len(b"\r") else []
                elif length:
                    yield _bounded([*pending, line], length + len(line))
                    pending, length = [], 0
                else:
                    yield line
        if length:
            yield _bounded(pending, length)

    def _open(self) -> BinaryIO:
        if self.path is None:
            return io.BytesIO(self._content or b"")
        try:
            if not self.path.is_file():
                # A pipe or a device would block for ever.
                raise FormatError(f"{self.path} is not a file" if self.path.exists() else f"{self.path} does not exist")
            return self.path.open("rb")
        except OSError as error:
            raise FormatError(f"{self.path} cannot be opened: {error.strerror}") from error

    def _read_head(self) -> bytes:
        with self._open() as raw:
            stream = _gunzipped(raw) if _is_packed(raw) else raw
            try:
                head = stream.read(HEAD_BYTES)
            except (OSError, EOFError, zlib.error) as error:
                raise FormatError(f"{self.name} cannot be unpacked: {error}") from error
        for mark, encoding in _WIDE.items():
            if head.startswith(mark):
                raise FormatError(f"{self.name} is {encoding} text; save it as UTF-8")
        if reason := refusal(head):
            raise FormatError(f"{self.name} {reason}")
        return head.removeprefix(_BOM)


def _line_ends(content: bytes) -> int:
    """How many lines end in some bytes: ten times as fast as ``bytes.count`` while the pieces stay in a cache."""
    array = np.frombuffer(content, dtype=np.uint8)
    pieces = (array[start : start + _PIECE] for start in range(0, len(array), _PIECE))
    return sum(int(np.count_nonzero(piece == ord("\n"))) for piece in pieces)


def _bounded(pieces: list[bytes], length: int) -> bytes | None:
    """A line of that many bytes, or None if it is too long; then ``pieces`` need not be all of it."""
    if length > LINE_BYTES + len(b"\r\n"):
        return None
    line = b"".join(pieces)
    return line if len(line.removesuffix(b"\n").removesuffix(b"\r")) <= LINE_BYTES else None


def _split(piece: bytes) -> list[bytes]:
    """Lines with their ends, split at LF alone, as ``splitlines`` would also split at a lone CR."""
    *lines, rest = piece.split(b"\n")
    split = [line + b"\n" for line in lines]
    return [*split, rest] if rest else split


def _is_packed(raw: BinaryIO) -> bool:
    packed = raw.read(len(_GZIP)) == _GZIP
    raw.seek(0)
    return packed


def _gunzipped(raw: BinaryIO | _Counted) -> BinaryIO:
    return gzip.GzipFile(fileobj=raw, mode="rb")  # type: ignore[return-value]


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
