"""Files and pictures in, hashes out: one read and one decode for all algorithms asked for."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any, BinaryIO

from .algorithms import ALGORITHMS
from .algorithms.base import DigestAlgorithm, ExactPixelsNeeded, PerceptualAlgorithm
from .errors import InvalidValue, LimitExceeded, MediaError
from .escaping import one_line, shown
from .frames import DEFAULT_LIMITS, Frame, Limits
from .hashes import FrameHash, MediaHash
from .media import still
from .media.base import MediaReader
from .media.course import Course
from .media.guessing import NO_PIXELS, guessed_type
from .patience import Patience
from .reading import Content, Readable, is_stream, opened, path_text, read_once, stream_of
from .records import MediaType
from .results import EXACT, FAST, HashedMedia, HashReport
from .sampling import Sampling, Wanted
from .thoroughness import searched_views


@dataclass(frozen=True)
class HashOptions:
    """How files are hashed."""

    algorithms: tuple[str, ...] = ("pdq", "sha256")
    """Names out of ``algorithms.ALGORITHMS``."""
    limits: Limits = DEFAULT_LIMITS
    fast: bool = False
    """As for ``hash_file``."""
    sampling: Wanted = None
    """As for ``hash_file``."""
    views: bool = False
    """As for ``hash_file``."""

    @classmethod
    def of(
        cls, algorithms: Iterable[str], limits: Limits, fast: bool, sampling: Wanted, views: bool = False
    ) -> HashOptions:
        """What somebody asks for, unless it makes no sense.

        Raises:
            UnknownName: If there is no algorithm of a name.
            InvalidValue: If there is no name, or text instead of several, or if ``sampling`` makes no sense.
        """
        if isinstance(algorithms, str):
            raise InvalidValue(f"algorithms are a sequence of names, such as ({algorithms!r},)")
        options = cls(tuple(algorithms), limits, fast, sampling, views)
        options.order()
        return options

    def wanted(self) -> _Algorithms:
        """The algorithms themselves.

        Raises:
            UnknownName: If there is no algorithm of a name.
            InvalidValue: If there is no name.
        """
        return _Algorithms.of(self.algorithms)

    def order(self, patience: Patience | None = None) -> _Order:
        """What is to be done about one file, which begins now unless ``patience`` began.

        Raises:
            UnknownName: If there is no algorithm of a name.
            InvalidValue: If there is no name, or if ``sampling`` makes no sense.
        """
        wanted, sampling = self.wanted(), Sampling.of(self.sampling)
        patience = patience or Patience(self.limits.seconds)
        return _Order(wanted, self.limits, self.fast, sampling, self.views, patience)


def hash_file(
    path: str | os.PathLike[str],
    algorithms: Iterable[str] = ("pdq", "sha256"),
    *,
    limits: Limits = DEFAULT_LIMITS,
    fast: bool = False,
    sampling: Wanted = None,
    views: bool = False,
) -> HashedMedia:
    """The hashes of one file, from one read and one decode of it.

    Digests are streamed, whatever the file's size; the bytes are kept in memory only where pixels
    are asked for and the file begins like a picture. A video is read a second time, where it is.

    Args:
        path: A regular file.
        algorithms: Names out of ``algorithms.ALGORITHMS``; a repeated name counts once.
        limits: Bounds on what is decoded.
        fast: Decode pixels of pictures whose shorter side has 700 or more as luma, and those of a JPEG at a reduced
            scale: several times as fast, and a few bits off. Those of which more bits might be off, textures without
            light and shade, are decoded exactly all the same. ``decoding`` of the result says whether that was done.
            Videos are decoded exactly.
        sampling: Which frames of a video or an animation are hashed: ``"every"``; ``"keyframes"``, those that need no
            other one to be decoded; or of each multiple of so many seconds the first frame at or after it. None: of a
            video one a second, of an animated picture every frame.
        views: Hash also what each picture may have been before somebody framed or cropped it, which ``match_hashes`` needs
            for a thorough search.

    Returns:
        What could be computed, and in ``failures`` why not what could not. Of a video or an animation that is damaged,
        or beyond the limits, what can be decoded within them is hashed, and ``damage`` says what is missing.

    Raises:
        UnknownName: If there is no such algorithm; nothing was read.
        InvalidValue: If ``algorithms`` or ``sampling`` makes no sense.
        MediaError: If the file cannot be read, or nothing of what was asked for can be computed.
        LimitExceeded: If that is because it is beyond the limits.
    """
    order = HashOptions.of(algorithms, limits, fast, sampling, views).order()
    path = path_text(path)
    return _hashed_path(path, order, path)


def hash_image(
    source: Any,
    algorithms: Iterable[str] = ("pdq",),
    *,
    limits: Limits = DEFAULT_LIMITS,
    fast: bool = False,
    sampling: Wanted = None,
    views: bool = False,
) -> HashedMedia:
    """The hashes of one picture, or video, in memory.

    Args:
        source: An array (see ``media.image``), a Pillow image, the bytes of a file, or a
            file object opened for bytes, which is read from where it stands to its end.
        algorithms: As for ``hash_file``; digests need the bytes of a file, not pixels.
        limits: Bounds on what is decoded.
        fast: As for ``hash_file``; pixels that are decoded already are taken as they are.
        sampling: As for ``hash_file``.
        views: As for ``hash_file``.

    Raises:
        UnknownName: If there is no such algorithm.
        InvalidValue: If ``source`` is none of these; a path goes to ``hash_file``. Or if another argument makes no sense.
        MediaError: If nothing of what was asked for can be computed.
        LimitExceeded: If that is because it is beyond the limits.
    """
    order = HashOptions.of(algorithms, limits, fast, sampling, views).order()
    if isinstance(source, (str, os.PathLike)):
        raise InvalidValue("hash_image takes a picture in memory; a path goes to hash_file")
    return _hashed_picture(source, order)


@dataclass(frozen=True)
class FileContent:
    """A file that is no file of its own, but in an archive, say."""

    file: str
    """What it is called."""
    content: bytes = field(repr=False)


def hash_one(
    source: Any, options: HashOptions, called: str | None = None, patience: Patience | None = None
) -> HashReport:
    """Hash a path, a ``FileContent``, or what ``hash_image`` takes; what is wrong with it is in the report.

    Args:
        source: One of these; or a report, which stays what it is.
        options: How.
        called: What it is to be called: a path as it was given, if it was another, or a file object.
        patience: How long it may take, if that began already.

    Raises:
        InvalidValue: If it is none of these.
    """
    if isinstance(source, HashReport):
        return source
    order = options.order(patience)
    if isinstance(source, FileContent):
        source, called = BytesIO(source.content), source.file
    try:
        if isinstance(source, (str, os.PathLike)):
            path = path_text(source)
            called = path if called is None else called
            return HashReport(called, _hashed_path(path, order, called))
        return HashReport(called, _hashed_picture(source, order, called))
    except MediaError as error:
        return HashReport(called, error=str(error))
    except MemoryError:
        return HashReport.failed(called, "there is not enough memory to hash it")
    except InvalidValue as error:
        if not (isinstance(source, (str, os.PathLike)) or is_stream(source)):
            raise
        # What a file object or a path does is somebody else's doing.
        return HashReport.failed(called, str(error))


def _hashed_path(path: str, order: _Order, called: str) -> HashedMedia:
    with opened(path, called) as stream:
        content = order.read(stream, os.fstat(stream.fileno()).st_size)
        return _hashed_content(content, order, called)


def _hashed_picture(source: Any, order: _Order, called: str | None = None) -> HashedMedia:
    if isinstance(source, (bytes, bytearray, memoryview)):
        source = stream_of(source)
    if is_stream(source):
        try:
            content = order.read(source)
        except OSError as error:
            raise MediaError(f"the picture cannot be read: {one_line(error)}") from None
        return _hashed_content(content, order, called)
    outcome = _Outcome(order.wanted)
    outcome.fail(order.wanted.digests, MediaError("pixels are not the bytes of a file"))
    outcome.add_frames([still(source, order.limits)], order)
    return outcome.hashed(None, MediaType.IMAGE)


@dataclass(frozen=True)
class _Algorithms:
    """The algorithms that were asked for, by kind."""

    names: tuple[str, ...]
    perceptual: Mapping[str, PerceptualAlgorithm]
    digests: Mapping[str, DigestAlgorithm]

    @classmethod
    def of(cls, names: Iterable[str]) -> _Algorithms:
        chosen = {name: ALGORITHMS[name] for name in names}
        if not chosen:
            raise InvalidValue("at least one algorithm must be asked for")
        return cls(
            tuple(chosen),
            {name: chose for name, chose in chosen.items() if isinstance(chose, PerceptualAlgorithm)},
            {name: chose for name, chose in chosen.items() if isinstance(chose, DigestAlgorithm)},
        )


@dataclass(frozen=True)
class _Order:
    """What is wanted of one file, and what it may take."""

    wanted: _Algorithms
    limits: Limits
    fast: bool
    sampling: Sampling | None
    views: bool
    patience: Patience

    def read(self, stream: Readable, expected_size: int = 0) -> Content:
        """What is needed of a file."""
        kept_bytes = self.limits.media_bytes if self.wanted.perceptual else -1
        return read_once(stream, self.wanted.digests, kept_bytes, expected_size, self.patience.renew)

    def hashes(self, frame: Frame) -> dict[str, FrameHash]:
        """The hashes of one frame by each algorithm that is wanted."""
        found = {name: algorithm.hash_frame(frame) for name, algorithm in self.wanted.perceptual.items()}
        if not self.views:
            return found
        return {
            name: replace(own, views=searched_views(frame, self.wanted.perceptual[name])) for name, own in found.items()
        }

    def within(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        """The frames, as far as the limits allow."""
        for count, frame in enumerate(frames):
            if count == self.limits.frames:
                raise LimitExceeded(f"it has more frames than the limit of {self.limits.frames}")
            # Of the first frame the time is spent.
            if count:
                self.patience.check()
            yield frame


class _Outcome:
    """Hashes and failures as they come in; in the result they stand in the order asked for."""

    def __init__(self, wanted: _Algorithms) -> None:
        self._names = wanted.names
        self._hashes: dict[str, MediaHash] = {}
        self._failures: dict[str, MediaError] = {}
        self._damage: str | None = None
        self._duration: float | None = None
        self._decoding = EXACT
        self._views = False

    def add_digests(self, digests: Mapping[str, bytes]) -> None:
        for name, digest in digests.items():
            self._hashes[name] = MediaHash(name, (FrameHash(digest),))

    def add_frames(self, frames: Iterable[Frame], order: _Order) -> str | None:
        """Hash each frame by each algorithm; what goes wrong fails them all, or ends what was hashed before it.

        Returns:
            Why there are frames behind those that were hashed; None if all were, or none.

        Raises:
            ExactPixelsNeeded: If a still was decoded fast, and that is not good enough; nothing was added.
        """
        algorithms = order.wanted.perceptual
        hashes: list[dict[str, FrameHash]] = []
        decoding = EXACT
        try:
            for frame in order.within(frames):
                decoding = FAST if frame.fast else decoding
                hashes.append(order.hashes(frame))
        except MediaError as error:
            failure: MediaError | None = error
        except MemoryError:
            failure = MediaError("there is not enough memory for its pixels")
        else:
            failure = None
        if failure is not None and not hashes:
            self.fail(algorithms, failure)
            return None
        self._decoding, self._views = decoding, order.views
        self._hashes.update({name: MediaHash(name, tuple(found[name] for found in hashes)) for name in algorithms})
        if failure is None:
            return None
        hashed = "frame was" if len(hashes) == 1 else f"{len(hashes)} frames were"
        return f"only its first {hashed} hashed: {failure}"

    def add_course(self, course: Course, stopped: str | None) -> None:
        """Take what is known of the frames, and why there are more."""
        self._damage = "; ".join(reason for reason in (course.damage, stopped) if reason) or None
        self._duration = course.duration

    def fail(self, algorithms: Iterable[str], error: MediaError) -> None:
        self._failures.update(dict.fromkeys(algorithms, error))

    def hashed(self, file: str | None, media_type: MediaType) -> HashedMedia:
        """The result, or the first failure raised if there is nothing else."""
        if not self._hashes:
            error = next(iter(self._failures.values()))
            raise type(error)(str(error) if file is None else f"{shown(file)}: {error}") from error
        hashes = {name: self._hashes[name] for name in self._names if name in self._hashes}
        failures = {name: str(self._failures[name]) for name in self._names if name in self._failures}
        told = self._decoding, self._damage, self._duration, self._views
        return HashedMedia(hashes, file, media_type, failures, *told)


def _hashed_content(content: Content, order: _Order, file: str | None) -> HashedMedia:
    wanted, limits = order.wanted, order.limits
    outcome = _Outcome(wanted)
    outcome.add_digests(content.digests)
    reader = content.reader
    media_type = guessed_type(content.head, file) if reader is None else reader.media_type
    if reader is None:
        outcome.fail(wanted.perceptual, MediaError(NO_PIXELS[media_type] if content.size else "it is empty"))
    elif content.body is not None:
        try:
            _decode(reader, content.body, order, outcome, fast=order.fast)
        except ExactPixelsNeeded:
            content.body.seek(0)
            _decode(reader, content.body, order, outcome, fast=False)
    else:
        sizes = f"it has {content.size} bytes or more, and pixels are decoded from at most {limits.media_bytes}"
        outcome.fail(wanted.perceptual, LimitExceeded(sizes))
    return outcome.hashed(file, media_type)


def _decode(reader: MediaReader, body: BinaryIO, order: _Order, outcome: _Outcome, *, fast: bool) -> None:
    course = _Watched(order.patience)
    frames = reader.frames(body, order.limits, fast=fast, sampling=order.sampling, course=course)
    with contextlib.closing(frames):
        stopped = outcome.add_frames(frames, order)
    outcome.add_course(course, stopped)


class _Watched(Course):
    """A course that lasts as long as somebody's patience."""

    def __init__(self, patience: Patience) -> None:
        super().__init__()
        self._patience = patience
        self._seen = 0.0

    def go_on(self) -> None:
        """Raise LimitExceeded if there is no time left."""
        if self.duration is not None and self.duration > self._seen:
            self._seen = self.duration
            self._patience.reached(self._seen)
        self._patience.check()
