"""Archives: the files in tar and zip archives, one after the other, whatever they unpack to.

They are told by their names, since documents and programs are archives too. Nothing is written anywhere. What is no
regular file in an archive (folders, links, devices) is passed over; an archive in an archive is a report that says so.
Each file has its time, which is looked at with every piece that is read of the archive, and that comes out of it: either may
be nearly nothing of the other.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Any, BinaryIO, cast

from .errors import LimitExceeded
from .escaping import one_line
from .frames import DEFAULT_LIMITS, Limits
from .hashing import FileContent
from .patience import Patience
from .results import HashReport

ENDINGS = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")

MOST_TIMES = 100
"""An archive is read until it has unpacked to so many times its size, and the limit of one file beside."""

_DIRECTORY_BYTES = 32 << 20
"""Of a zip archive's table of contents, which stands in memory as a whole: some hundred thousand files."""
_HEADER_BYTES = 128 << 10
"""That a tar archive may take between two files, for long names and the like."""
_ONE_HEADER = 32 << 10
"""Of one such header: some versions of Python take a time by the square of its length."""
_LINK_BYTES = 4096
"""Longest content of a link in a zip archive, which is where it leads to."""
_CHUNK = 1 << 20
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


class _Member(tarfile.TarInfo):
    """A header that is no header is an error, where tarfile takes it for the end."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> _Member:
        try:
            member = super().frombuf(buf, encoding, errors)
        except tarfile.EOFHeaderError:  # type: ignore[attr-defined]
            raise
        except tarfile.HeaderError as error:
            raise ValueError(f"it is damaged or cut short: {error}") from None
        if member.size < 0:
            raise ValueError("it is damaged: a file of a negative length")
        return member

    def _proc_member(self, archive: tarfile.TarFile) -> tarfile.TarInfo:
        if self.type in _EXTENDED and self.size > _ONE_HEADER:
            raise _TooMuch(f"it has a header of {self.size} bytes")
        member: tarfile.TarInfo = super()._proc_member(archive)  # type: ignore[misc]
        return member


_EXTENDED = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)


_LEFT = "; what comes after that is not looked at"


class _TooMuch(Exception):
    """An archive unpacks to more than it may."""


def is_archive(path: str) -> bool:
    """Whether a file's name is that of an archive."""
    return path.lower().endswith(ENDINGS)


def archived_files(path: str, limits: Limits = DEFAULT_LIMITS) -> Iterator[FileContent | HashReport]:
    """The files in an archive, in its order.

    Args:
        path: Of the archive.
        limits: ``media_bytes`` is the most that one file may have, and ``seconds`` that it may take to be unpacked.

    Yields:
        The content of each file, called after the archive and its name in it, as ``a.zip/b.jpg``; or a report that says
        why there is none. Where an archive is damaged, or one file in a tar archive takes too long, what comes before that
        is given, and a report that says what is not.
    """
    try:
        yield from (_zipped if path.lower().endswith(".zip") else _tarred)(path, limits)
    except _TooMuch as error:
        yield HashReport.failed(path, str(error))
    except LimitExceeded as error:
        yield HashReport.failed(path, f"{error}{_LEFT}")
    except MemoryError:
        yield HashReport.failed(path, "there is not enough memory to read it")
    except _DAMAGED as error:
        reason = getattr(error, "strerror", None) or one_line(error)
        yield HashReport.failed(path, f"it cannot be read as an archive: {reason}")


def _zipped(path: str, limits: Limits) -> Iterator[FileContent | HashReport]:
    with _Packed(path, limits) as packed, io.BufferedReader(packed) as stream:
        _check_directory(stream)
        budget = _Budget(packed, limits)
        with zipfile.ZipFile(stream) as archive:
            for member in archive.infolist():
                name = f"{path}/{member.filename}"
                packed.start()
                try:
                    if _is_no_file(member):
                        continue
                    if member.flag_bits & 1:
                        raise ValueError("it is encrypted")
                    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                        # The others unpack a piece of any length at once.
                        raise ValueError("it is packed by another method than deflate, which is not read")
                    with archive.open(member) as inside:
                        yield _read(name, inside, limits, packed, budget)
                except LimitExceeded as error:
                    yield HashReport.failed(name, str(error))
                except _DAMAGED as error:
                    yield HashReport.failed(name, one_line(error))


def _is_no_file(member: zipfile.ZipInfo) -> bool:
    """Whether a member is a folder or a link, and no more than that: what it says of itself may be meant to hide it."""
    unix = member.create_system == 3
    link = unix and stat.S_ISLNK(member.external_attr >> 16) and member.file_size <= _LINK_BYTES
    return link or (member.filename.endswith("/") and member.file_size == 0)


def _tarred(path: str, limits: Limits) -> Iterator[FileContent | HashReport]:
    with _Packed(path, limits) as packed, io.BufferedReader(packed) as buffered, _unpacked(path, buffered) as stream:
        budget = _Budget(packed, limits)
        bounded = _Bounded(stream, packed, budget)
        with tarfile.open(fileobj=bounded, mode="r|", tarinfo=_Member) as archive:  # type: ignore[call-overload]
            while (member := archive.next()) is not None:
                # A tarfile remembers what it has seen.
                archive.members = []
                # What it has in the archive, whatever it says of its length when it is unpacked.
                bounded.left = archive.offset - member.offset_data + _HEADER_BYTES
                # Whoever unpacks it takes what is of no type that is known for a file.
                is_file = member.isfile() or member.type not in tarfile.SUPPORTED_TYPES
                inside = archive.extractfile(member) if is_file else None
                if inside is not None:
                    name = f"{path}/{member.name}"
                    try:
                        content = _read(name, inside, limits, packed, budget if member.issparse() else None)
                    except LimitExceeded as error:
                        # Nobody knows where the next begins without having unpacked all of this one.
                        yield HashReport.failed(name, f"{error}{_LEFT}")
                        return
                    yield content
                packed.start()
            bounded.left = 1 << 62
            while chunk := archive.fileobj.read(_CHUNK):
                if chunk.strip(b"\0"):
                    raise ValueError("there is more behind its end, which is not looked at")


def _read(
    name: str, inside: IO[bytes], limits: Limits, packed: _Packed, budget: _Budget | None
) -> FileContent | HashReport:
    """The content of one file, if it may be opened and is not too long; None where its bytes are counted elsewhere."""
    if is_archive(name):
        return HashReport.failed(name, "it is an archive in an archive, which is not opened")
    parts, size = [], 0
    while chunk := inside.read(_CHUNK):
        size += len(chunk)
        packed.check()
        if budget is not None:
            budget.spend(len(chunk))
        if size > limits.media_bytes:
            return HashReport.failed(
                name, f"it has more than the limit of {limits.media_bytes} bytes, which holds in an archive"
            )
        parts.append(chunk)
    return FileContent(name, b"".join(parts))


class _Packed(io.FileIO):
    """An archive's own bytes, and the time that one file in it may take."""

    def __init__(self, path: str, limits: Limits) -> None:
        super().__init__(path)
        self._seconds = limits.seconds
        self.start()

    def start(self) -> None:
        """Begin with the next file."""
        self.check = Patience(self._seconds).check

    def readinto(self, buffer: Any, /) -> int | None:
        self.check()
        return super().readinto(buffer)


class _Budget:
    """How much an archive may still unpack to."""

    def __init__(self, archive: io.FileIO, limits: Limits) -> None:
        self._left = MOST_TIMES * os.fstat(archive.fileno()).st_size + limits.media_bytes

    def spend(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise _TooMuch(f"it unpacks to more than {MOST_TIMES} times its size{_LEFT}")


class _Bounded:
    """A stream of which only so much can be read: what a header says of its own length may be anything."""

    def __init__(self, stream: IO[bytes], packed: _Packed, budget: _Budget) -> None:
        self._stream = stream
        self._packed = packed
        self._budget = budget
        self.left = _HEADER_BYTES

    def read(self, size: int) -> bytes:
        content = self._stream.read(size)
        self.left -= len(content)
        self._packed.check()
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


def _check_directory(stream: IO[bytes]) -> None:
    """Refuse a zip archive whose table of contents would fill the memory."""
    # Zipfile's own: another reading of where the table stands could be led astray.
    end = zipfile._EndRecData(stream)  # type: ignore[attr-defined]
    stream.seek(0)
    if end is not None and end[5] > _DIRECTORY_BYTES:
        raise _TooMuch(f"its table of contents has more than {_DIRECTORY_BYTES} bytes")
