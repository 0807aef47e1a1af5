"""Files and pictures in, hashes out: one read and one decode for all algorithms asked for."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from .algorithms import ALGORITHMS
from .algorithms.base import DigestAlgorithm, ExactPixelsNeeded, PerceptualAlgorithm
from .errors import InvalidValue, LimitExceeded, MediaError
from .escaping import shown
from .frames import DEFAULT_LIMITS, Frame, Limits
from .hashes import FrameHash, MediaHash
from .media import recognise, still
from .media.base import MediaReader
from .media.guessing import NO_PIXELS, guessed_type
from .records import MediaType
from .results import EXACT, FAST, HashedMedia, HashReport

_CHUNK = 1 << 20
_HEAD = 64


@dataclass(frozen=True)
class HashOptions:
    """How files are hashed."""

    algorithms: tuple[str, ...] = ("pdq", "sha256")
    """Names out of ``algorithms.ALGORITHMS``."""
    limits: Limits = DEFAULT_LIMITS
    fast: bool = False
    """As for ``hash_file``."""

    def wanted(self) -> _Wanted:
        """The algorithms themselves.

        Raises:
            UnknownName: If there is no algorithm of a name.
            InvalidValue: If there is no name, or text instead of several.
        """
        return _Wanted.of(self.algorithms)


class _Readable(Protocol):
    """A file object opened for bytes."""

    def read(self, size: int, /) -> bytes:
        """The next bytes, at most ``size``; none at the end."""


def hash_file(
    path: str | os.PathLike[str],
    algorithms: Iterable[str] = ("pdq", "sha256"),
    *,
    limits: Limits = DEFAULT_LIMITS,
    fast: bool = False,
) -> HashedMedia:
    """The hashes of one file, from one read and one decode of it.

    Digests are streamed, whatever the file's size; the bytes are kept in memory only where pixels
    are asked for and the file begins like a picture.

    Args:
        path: A regular file.
        algorithms: Names out of ``algorithms.ALGORITHMS``; a repeated name counts once.
        limits: Bounds on what is decoded.
        fast: Decode pixels of pictures whose shorter side has 700 or more as luma, and those of a JPEG at a reduced
            scale: several times as fast, and a few bits off. Those of which more bits might be off, textures without
            light and shade, are decoded exactly all the same. ``decoding`` of the result says whether that was done.

    Returns:
        What could be computed, and in ``failures`` why not what could not. Of an animation that is damaged, or beyond
        the limits, what comes before that is hashed, and ``damage`` says what is missing.

    Raises:
        UnknownName: If there is no such algorithm; nothing was read.
        MediaError: If the file cannot be read, or nothing of what was asked for can be computed.
        LimitExceeded: If that is because it is beyond the limits.
    """
    wanted = _Wanted.of(algorithms)
    return _hashed_path(_path_text(path), wanted, limits, fast)


def _hashed_path(path: str, wanted: _Wanted, limits: Limits, fast: bool, called: str | None = None) -> HashedMedia:
    called = path if called is None else called
    with _opened(path, called) as stream:
        content = _read(stream, wanted, limits, os.fstat(stream.fileno()).st_size)
    return _hashed_content(content, wanted, limits, fast, called)


def hash_image(
    source: Any, algorithms: Iterable[str] = ("pdq",), *, limits: Limits = DEFAULT_LIMITS, fast: bool = False
) -> HashedMedia:
    """The hashes of one picture in memory.

    Args:
        source: An array (see ``media.image``), a Pillow image, the bytes of a picture file, or a
            file object opened for bytes, which is read from where it stands to its end.
        algorithms: As for ``hash_file``; digests need the bytes of a file, not pixels.
        limits: Bounds on what is decoded.
        fast: As for ``hash_file``; pixels that are decoded already are taken as they are.

    Raises:
        UnknownName: If there is no such algorithm.
        InvalidValue: If ``source`` is none of these; a path goes to ``hash_file``.
        MediaError: If nothing of what was asked for can be computed.
        LimitExceeded: If that is because it is beyond the limits.
    """
    wanted = _Wanted.of(algorithms)
    if isinstance(source, (str, os.PathLike)):
        raise InvalidValue("hash_image takes a picture in memory; a path goes to hash_file")
    if isinstance(source, (bytes, bytearray, memoryview)):
        source = BytesIO(source)
    if hasattr(source, "read"):
        try:
            content = _read(source, wanted, limits)
        except OSError as error:
            raise MediaError(f"the picture cannot be read: {error}") from None
        return _hashed_content(content, wanted, limits, fast)
    frame = still(source, limits)
    outcome = _Outcome(wanted)
    outcome.fail(wanted.digests, MediaError("pixels are not the bytes of a file"))
    outcome.add_frames([frame], wanted.perceptual, limits)
    return outcome.hashed(None, MediaType.IMAGE)


@dataclass(frozen=True)
class FileContent:
    """A file that is no file of its own, but in an archive, say."""

    file: str
    """What it is called."""
    content: bytes = field(repr=False)


def hash_one(source: Any, options: HashOptions, called: str | None = None) -> HashReport:
    """Hash a path, a ``FileContent``, or what ``hash_image`` takes; what is wrong with it is in the report.

    Args:
        source: One of these; or a report, which stays what it is.
        options: How.
        called: The path as it was given, if it was another.

    Raises:
        InvalidValue: If it is none of these.
    """
    if isinstance(source, HashReport):
        return source
    file = None
    try:
        if isinstance(source, FileContent):
            file, wanted = source.file, options.wanted()
            content = _read(BytesIO(source.content), wanted, options.limits)
            hashed = _hashed_content(content, wanted, options.limits, options.fast, file)
        elif isinstance(source, (str, os.PathLike)):
            file = called or os.fsdecode(source)
            hashed = _hashed_path(_path_text(source), options.wanted(), options.limits, options.fast, file)
        else:
            hashed = hash_image(source, options.algorithms, limits=options.limits, fast=options.fast)
    except MediaError as error:
        return HashReport(file, error=str(error))
    return HashReport(file, hashed)


@dataclass(frozen=True)
class _Wanted:
    """The algorithms that were asked for, by kind."""

    names: tuple[str, ...]
    perceptual: Mapping[str, PerceptualAlgorithm]
    digests: Mapping[str, DigestAlgorithm]

    @classmethod
    def of(cls, names: Iterable[str]) -> _Wanted:
        if isinstance(names, str):
            raise InvalidValue(f"algorithms are a sequence of names, such as ({names!r},)")
        chosen = {name: ALGORITHMS[name] for name in names}
        if not chosen:
            raise InvalidValue("at least one algorithm must be asked for")
        return cls(
            tuple(chosen),
            {name: chose for name, chose in chosen.items() if isinstance(chose, PerceptualAlgorithm)},
            {name: chose for name, chose in chosen.items() if isinstance(chose, DigestAlgorithm)},
        )


@dataclass(frozen=True)
class _Content:
    """What one read of a file gave."""

    size: int
    """Bytes read: all of the file, if digests were asked for."""
    digests: Mapping[str, bytes]
    head: bytes
    """How it begins."""
    reader: MediaReader | None
    """Who can decode it."""
    body: BinaryIO | None
    """The whole file, where pixels are to be decoded and it is within the limits."""


class _Outcome:
    """Hashes and failures as they come in; in the result they stand in the order asked for."""

    def __init__(self, wanted: _Wanted) -> None:
        self._names = wanted.names
        self._hashes: dict[str, MediaHash] = {}
        self._failures: dict[str, MediaError] = {}
        self._damage: str | None = None
        self._decoding = EXACT

    def add_digests(self, digests: Mapping[str, bytes]) -> None:
        for name, digest in digests.items():
            self._hashes[name] = MediaHash(name, (FrameHash(digest),))

    def add_frames(
        self,
        frames: Iterable[Frame],
        algorithms: Mapping[str, PerceptualAlgorithm],
        limits: Limits,
    ) -> None:
        """Hash each frame by each algorithm; what goes wrong fails them all, or ends what was hashed before it.

        Raises:
            ExactPixelsNeeded: If a still was decoded fast, and that is not good enough; nothing was added.
        """
        hashes: list[dict[str, FrameHash]] = []
        decoding = EXACT
        try:
            for frame in _within(frames, limits):
                decoding = FAST if frame.fast else decoding
                hashes.append({name: algorithm.hash_frame(frame) for name, algorithm in algorithms.items()})
        except MediaError as error:
            failure: MediaError | None = error
        except MemoryError:
            failure = MediaError("there is not enough memory for its pixels")
        else:
            failure = None
        if failure is not None and not hashes:
            self.fail(algorithms, failure)
            return
        if failure is not None:
            hashed = "frame was" if len(hashes) == 1 else f"{len(hashes)} frames were"
            self._damage = f"only its first {hashed} hashed: {failure}"
        self._decoding = decoding
        self._hashes.update({name: MediaHash(name, tuple(found[name] for found in hashes)) for name in algorithms})

    def fail(self, algorithms: Iterable[str], error: MediaError) -> None:
        self._failures.update(dict.fromkeys(algorithms, error))

    def hashed(self, file: str | None, media_type: MediaType) -> HashedMedia:
        """The result, or the first failure raised if there is nothing else."""
        if not self._hashes:
            error = next(iter(self._failures.values()))
            raise type(error)(str(error) if file is None else f"{shown(file)}: {error}") from error
        hashes = {name: self._hashes[name] for name in self._names if name in self._hashes}
        failures = {name: str(self._failures[name]) for name in self._names if name in self._failures}
        return HashedMedia(hashes, file, media_type, failures, self._decoding, self._damage)


def _read(stream: _Readable, wanted: _Wanted, limits: Limits, expected_size: int = 0) -> _Content:
    """Read a stream once, no further than is needed."""
    chunk = _head(stream)
    head = chunk[:_HEAD]
    reader = recognise(chunk)
    digesters = {name: algorithm.new() for name, algorithm in wanted.digests.items()}
    keep = reader is not None and bool(wanted.perceptual) and expected_size <= limits.media_bytes
    body = BytesIO()
    size = 0
    while chunk:
        size += len(chunk)
        for digester in digesters.values():
            digester.update(chunk)
        if keep and size > limits.media_bytes:
            keep, body = False, BytesIO()
        if keep:
            body.write(chunk)
        elif not digesters:
            break
        chunk = stream.read(_CHUNK)
    body.seek(0)
    digests = {name: digester.digest() for name, digester in digesters.items()}
    return _Content(max(size, expected_size), digests, head, reader, body if keep else None)


def _head(stream: _Readable) -> bytes:
    """The first chunk, long enough to recognise a file by: some file objects return a few bytes at a time."""
    head = b""
    while len(head) < _HEAD:
        more = stream.read(_CHUNK)
        if not isinstance(more, bytes):
            raise InvalidValue("the file object must be opened for bytes")
        if not more:
            break
        head += more
    return head


def _within(frames: Iterable[Frame], limits: Limits) -> Iterator[Frame]:
    """The frames, as far as the limits allow."""
    end = time.monotonic() + limits.seconds
    for count, frame in enumerate(frames):
        if count == limits.frames:
            raise LimitExceeded(f"it has more frames than the limit of {limits.frames}")
        # Of the first frame the time is spent.
        if count and time.monotonic() > end:
            raise LimitExceeded(f"it took longer than the limit of {limits.seconds:g} s")
        yield frame


def _hashed_content(
    content: _Content, wanted: _Wanted, limits: Limits, fast: bool, file: str | None = None
) -> HashedMedia:
    outcome = _Outcome(wanted)
    outcome.add_digests(content.digests)
    reader = content.reader
    media_type = guessed_type(content.head, file) if reader is None else reader.media_type
    if reader is None:
        outcome.fail(wanted.perceptual, MediaError(NO_PIXELS[media_type] if content.size else "it is empty"))
    elif content.body is not None:
        try:
            outcome.add_frames(reader.frames(content.body, limits, fast=fast), wanted.perceptual, limits)
        except ExactPixelsNeeded:
            content.body.seek(0)
            outcome.add_frames(reader.frames(content.body, limits), wanted.perceptual, limits)
    else:
        sizes = f"it has {content.size} bytes or more, and pixels are decoded from at most {limits.media_bytes}"
        outcome.fail(wanted.perceptual, LimitExceeded(sizes))
    return outcome.hashed(file, media_type)


def _path_text(path: str | os.PathLike[str]) -> str:
    try:
        file = os.fsdecode(path)
        os.fsencode(file)
    except TypeError:
        raise InvalidValue(f"a path is text, not {type(path).__name__}") from None
    except UnicodeError:
        file = "\0"
    if "\0" in file:
        raise MediaError(f"{path!a} cannot be a path")
    return file


@contextmanager
def _opened(path: str, file: str) -> Iterator[BinaryIO]:
    """A regular file, opened: a pipe or a device must not be waited for, nor touched at all."""
    try:
        _check_regular(file, Path(path).stat())
        # Should a pipe have taken the file's place by now, this does not wait for its writer.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as stream:
            _check_regular(file, os.fstat(stream.fileno()))
            yield stream
    except OSError as error:
        raise MediaError(f"{shown(file)} cannot be read: {error.strerror}") from None


def _check_regular(file: str, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        kind = "a folder" if stat.S_ISDIR(status.st_mode) else "not a regular file"
        raise MediaError(f"{shown(file)} is {kind}")
