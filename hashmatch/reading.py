"""Reading: one pass over the bytes of a file, for its digests, and for its pixels if these are to be decoded."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

from .algorithms.base import DigestAlgorithm
from .errors import HashmatchError, InvalidValue, MediaError
from .escaping import one_line, shown
from .media import recognise
from .media.base import MediaReader
from .media.containers import HEAD

_CHUNK = 1 << 20


class Readable(Protocol):
    """A file object opened for bytes."""

    def read(self, size: int, /) -> bytes:
        """The next bytes, at most ``size``; none at the end."""


@dataclass(frozen=True)
class Content:
    """What one read of a file gave."""

    size: int
    """Bytes read: all of the file, if digests were asked for."""
    digests: Mapping[str, bytes]
    head: bytes
    """How it begins."""
    reader: MediaReader | None
    """Who can decode it."""
    body: BinaryIO | None
    """The file from its beginning, where pixels are to be decoded and it is not too long for that."""


def read_once(
    stream: Readable,
    digests: Mapping[str, DigestAlgorithm],
    kept_bytes: int,
    expected_size: int = 0,
    comes_on: Callable[[], object] = lambda: None,
) -> Content:
    """Read a stream once, no further than is needed.

    What its reader reads in place, and what can be gone back in, is not kept: there its body is the stream itself.

    Args:
        stream: From where it stands to its end.
        digests: Those that are wanted, by name.
        kept_bytes: How long the file may be for its bytes to be kept, if there is a reader for it; -1: they are not.
        expected_size: Bytes that it is said to have.
        comes_on: Called with each piece of what is read in place, which may be of any length.

    Raises:
        OSError: If it cannot be read.
        MediaError: If it cannot be read for another reason.
        InvalidValue: If it gives anything but bytes.
    """
    begin = _place(stream)
    chunk = first_piece(stream)
    head = chunk[:HEAD]
    reader = recognise(chunk)
    digesters = {name: algorithm.new() for name, algorithm in digests.items()}
    back = begin if reader is not None and reader.in_place and kept_bytes >= 0 else None
    keep = reader is not None and back is None and expected_size <= kept_bytes
    body = BytesIO()
    size = 0
    while chunk:
        size += len(chunk)
        for digester in digesters.values():
            digester.update(chunk)
        if keep and size > kept_bytes:
            keep, body = False, BytesIO()
        if keep:
            body.write(chunk)
        elif not digesters:
            break
        elif back is not None:
            comes_on()
        chunk = next_piece(stream)
    whole: BinaryIO | None = body if keep else None
    if back is not None:
        whole = cast(BinaryIO, stream)
    if whole is not None:
        whole.seek(back or 0)
    found = {name: digester.digest() for name, digester in digesters.items()}
    return Content(max(size, expected_size), found, head, reader, whole)


def _place(stream: Any) -> int | None:
    """Where a file object stands, if one can come back there."""
    try:
        return int(stream.tell()) if stream.seekable() else None
    except Exception:
        return None


def next_piece(stream: Readable) -> bytes:
    """The next bytes of a file object, whosever it is; none at its end.

    Raises:
        OSError: If it says so.
        MediaError: If it raises anything else.
        InvalidValue: If what it gives is no bytes.
    """
    try:
        piece = stream.read(_CHUNK)
    except (OSError, MemoryError, HashmatchError):
        raise
    except Exception as error:
        raise MediaError(f"it cannot be read: {one_line(error)}") from error
    if not isinstance(piece, bytes):
        raise InvalidValue("the file object must be opened for bytes")
    return piece


def first_piece(stream: Readable) -> bytes:
    """The first bytes, enough to recognise a file by: some file objects give a few at a time.

    Raises:
        OSError, MediaError, InvalidValue: As ``next_piece``.
    """
    piece = b""
    while len(piece) < HEAD and (more := next_piece(stream)):
        piece += more
    return piece


def is_stream(source: object) -> bool:
    """Whether it is a file object, or means to be one."""
    try:
        return hasattr(source, "read")
    except Exception:
        return True


def stream_of(content: bytes | bytearray | memoryview) -> BinaryIO:
    """Bytes as a file object.

    Raises:
        MediaError: If they are there no more.
    """
    try:
        return BytesIO(bytes(content))
    except ValueError as error:
        raise MediaError(f"the bytes cannot be read: {one_line(error)}") from error


def path_text(path: str | os.PathLike[str]) -> str:
    """A path as text, whether there can be such a file or not.

    Raises:
        InvalidValue: If it is no path, whatever it says of itself.
    """
    try:
        return os.fsdecode(path)
    except TypeError:
        raise InvalidValue(f"a path is text, not {type(path).__name__}") from None
    except Exception as error:
        raise InvalidValue(f"{type(path).__name__} gives no path: {one_line(error)}") from error


@contextlib.contextmanager
def opened(path: str, called: str) -> Iterator[BinaryIO]:
    """A regular file, opened: a pipe or a device must not be waited for, nor touched at all.

    Raises:
        MediaError: If it is none, or cannot be read; it names what the file is called.
    """
    _check_path(path)
    try:
        _check_regular(called, Path(path).stat())
        # Should a pipe have taken the file's place by now, this does not wait for its writer.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as stream:
            _check_regular(called, os.fstat(stream.fileno()))
            yield stream
    except OSError as error:
        raise MediaError(f"{shown(called)} cannot be read: {error.strerror}") from None


def _check_path(path: str) -> None:
    with contextlib.suppress(UnicodeError):
        if b"\0" not in os.fsencode(path):
            return
    raise MediaError(f"{path!a} cannot be a path")


def _check_regular(called: str, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        kind = "a folder" if stat.S_ISDIR(status.st_mode) else "not a regular file"
        raise MediaError(f"{shown(called)} is {kind}")
