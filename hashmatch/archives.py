"""Archives: the files in tar and zip archives, one after the other, whatever they unpack to.

They are told by their names, since documents and programs are archives too. Nothing is written anywhere. What is no
regular file in an archive (folders, links, devices) is passed over; an archive in an archive is a report that says so.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, BinaryIO, cast

from .frames import DEFAULT_LIMITS, Limits
from .hashing import FileContent, shown_path
from .results import HashReport

ENDINGS = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")

MOST_TIMES = 100
"""An archive is read until it has unpacked to so many times its size, and the limit of one file beside."""

_DIRECTORY_BYTES = 256 << 20
"""Of a zip archive's table of contents, which stands in memory as a whole: two million files or so."""
_HEADER_BYTES = 16 << 20
"""That a tar archive may take between two files, for long names and the like."""
_CHUNK = 1 << 20
_ZIP_END = struct.Struct("<4s4H2LH")
_ZIP64_END = struct.Struct("<4sQ2H2L4Q")
_DAMAGED = (
    OSError,
    EOFError,
    ValueError,
    KeyError,
    IndexError,
    NotImplementedError,
    RuntimeError,
    struct.error,
    zlib.error,
    lzma.LZMAError,
    tarfile.TarError,
    zipfile.BadZipFile,
    UnicodeError,
    OverflowError,
)
"""What the libraries raise at archives that are not what they should be."""


class _TooMuch(Exception):
    """An archive unpacks to more than it may."""


def is_archive(path: str) -> bool:
    """Whether a file's name is that of an archive."""
    return path.lower().endswith(ENDINGS)


def archived_files(path: str, limits: Limits = DEFAULT_LIMITS) -> Iterator[FileContent | HashReport]:
    """The files in an archive, in its order.

    Args:
        path: Of the archive.
        limits: ``media_bytes`` is the most that one file may have.

    Yields:
        The content of each file, called after the archive and its name in it, as ``a.zip/b.jpg``; or a report that says
        why there is none. Where an archive is damaged, what comes before that is given, and a report on the archive.
    """
    try:
        yield from (_zipped if path.lower().endswith(".zip") else _tarred)(path, limits)
    except _TooMuch as error:
        yield HashReport(path, None, f"{shown_path(path)}: {error}")
    except MemoryError:
        yield HashReport(path, None, f"{shown_path(path)} cannot be read: there is not enough memory for it")
    except _DAMAGED as error:
        reason = getattr(error, "strerror", None) or _one_line(error)
        yield HashReport(path, None, f"{shown_path(path)} cannot be read as an archive: {reason}")


def _zipped(path: str, limits: Limits) -> Iterator[FileContent | HashReport]:
    with open(path, "rb") as stream:  # noqa: PTH123 - the path's own bytes are to come through unchanged
        _check_directory(stream)
        budget = _Budget.of(stream, limits)
        with zipfile.ZipFile(stream) as archive:
            for member in archive.infolist():
                if member.is_dir() or (member.external_attr >> 16) & 0o170000 not in (0, 0o100000):
                    continue
                name = _name(path, member.filename)
                try:
                    if member.flag_bits & 1:
                        raise ValueError("it is encrypted")
                    with archive.open(member) as inside:
                        yield _read(name, inside, limits, budget)
                except _DAMAGED as error:
                    yield _failed(name, _one_line(error))


def _tarred(path: str, limits: Limits) -> Iterator[FileContent | HashReport]:
    with open(path, "rb") as packed, _unpacked(path, packed) as stream:  # noqa: PTH123 - as above
        budget = _Budget.of(packed, limits)
        bounded = _Bounded(stream, budget)
        with tarfile.open(fileobj=bounded, mode="r|") as archive:  # type: ignore[call-overload]
            while (member := archive.next()) is not None:
                # A tarfile remembers what it has seen.
                archive.members = []
                # What it has in the archive, whatever it says of its length when it is unpacked.
                bounded.left = archive.offset - member.offset_data + _HEADER_BYTES
                inside = archive.extractfile(member) if member.isfile() else None
                if inside is not None:
                    yield _read(_name(path, member.name), inside, limits, budget)


def _read(name: str, inside: IO[bytes], limits: Limits, budget: _Budget) -> FileContent | HashReport:
    """The content of one file, if it may be opened and is not too long."""
    if is_archive(name):
        return _failed(name, "it is an archive in an archive, which is not opened")
    parts, size = [], 0
    while chunk := inside.read(_CHUNK):
        size += len(chunk)
        budget.spend(len(chunk))
        if size > limits.media_bytes:
            return _failed(name, f"it has more than the limit of {limits.media_bytes} bytes, which holds in an archive")
        parts.append(chunk)
    return FileContent(name, b"".join(parts))


class _Budget:
    """How much an archive may still unpack to."""

    def __init__(self, size: int, limits: Limits) -> None:
        self._left = MOST_TIMES * size + limits.media_bytes

    @classmethod
    def of(cls, stream: BinaryIO, limits: Limits) -> _Budget:
        return cls(os.fstat(stream.fileno()).st_size, limits)

    def spend(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise _TooMuch(
                f"it unpacks to more than {MOST_TIMES} times its size; what comes after that is not looked at"
            )


class _Bounded:
    """A stream of which only so much can be read: what a header says of its own length may be anything."""

    def __init__(self, stream: IO[bytes], budget: _Budget) -> None:
        self._stream = stream
        self._budget = budget
        self.left = _HEADER_BYTES

    def read(self, size: int) -> bytes:
        content = self._stream.read(size)
        self.left -= len(content)
        self._budget.spend(len(content))
        if self.left < 0:
            raise _TooMuch(f"it has more than {_HEADER_BYTES} bytes between two files")
        return content


def _unpacked(path: str, packed: BinaryIO) -> IO[bytes]:
    name = path.lower()
    if name.endswith("gz"):
        return cast("IO[bytes]", gzip.open(packed))
    if name.endswith("bz2"):
        return bz2.BZ2File(packed)
    if name.endswith("xz"):
        return lzma.LZMAFile(packed)
    return packed


def _check_directory(stream: BinaryIO) -> None:
    """Refuse a zip archive whose table of contents would fill the memory."""
    size = stream.seek(0, os.SEEK_END)
    start = max(0, size - _ZIP_END.size - 65_535 - 1024)
    stream.seek(start)
    tail = stream.read()
    stream.seek(0)
    found = [0]
    at = tail.rfind(b"PK\x05\x06")
    if at >= 0 and len(tail) - at >= _ZIP_END.size:
        found.append(_ZIP_END.unpack_from(tail, at)[5])
    at = tail.rfind(b"PK\x06\x06")
    if at >= 0 and len(tail) - at >= _ZIP64_END.size:
        found.append(_ZIP64_END.unpack_from(tail, at)[8])
    # 0xFFFFFFFF says that the other record has the number.
    if max(number for number in found if number != 0xFFFFFFFF) > _DIRECTORY_BYTES:
        raise _TooMuch(f"its table of contents has more than {_DIRECTORY_BYTES} bytes")


def _name(path: str, member: str) -> str:
    return f"{path}/{member}"


def _failed(name: str, reason: str) -> HashReport:
    return HashReport(name, None, f"{shown_path(name)}: {reason}")


def _one_line(error: BaseException) -> str:
    text = "".join(sign for sign in str(error)[:200] if sign.isprintable())
    return text or type(error).__name__
