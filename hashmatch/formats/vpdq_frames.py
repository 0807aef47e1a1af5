"""vPDQ's frames: how the hashes of a video are written, and the claim that they make.

A file has a frame a line, ``number,quality,hash,seconds``. python-threatexchange has all frames in one **signal**,
a JSON array of ``"hash,quality,seconds"``, in which a frame's number is its place; before, it was a JSON object,
``{"<number>": {"quality": 100, "hash": "...", "timestamp": 0.033}}``.
"""

from __future__ import annotations

import hashlib
import re
from binascii import unhexlify
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from ..errors import InvalidValue
from .chunk import Row
from .json_text import ELEMENTS, decode

ALGORITHM = "pdq"
"""What the hash of each frame is."""

DIGEST_BYTES = 32

MEDIA_TYPE = "video"

MOST_FRAMES = 330_000
"""Of one video: three hours of 30 frames a second have 324 000."""

_MOST_COMMAS = 4 * MOST_FRAMES
"""In a signal, whose frames have three each."""
_MOST_BYTES = 64 * 1024 * 1024
"""That the rows of one signal may take together: each repeats what is said of the video."""

_NUMBER_BYTES = 4
_NUMBER = re.compile(r"[0-9]{1,10}")
_LAST = 2**31 - 1
_QUALITY = re.compile(r"[0-9]{1,3}")
_BEST = 100
_HASH = re.compile(r"[0-9A-Fa-f]{64}")
_SECONDS = re.compile(r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,3})?")
_LONGEST = 3.4e38
_LINE = re.compile(
    rf"\s*({_NUMBER.pattern})\s*,\s*({_QUALITY.pattern})\s*,\s*({_HASH.pattern})\s*,\s*({_SECONDS.pattern})\s*".encode()
)
"""A frame that is written well; what else it must be is looked at afterwards."""


class VideoFrame(NamedTuple):
    """One frame of a video."""

    number: int
    """From 0."""
    quality: int
    """From 0 to 100."""
    digest: bytes
    timestamp: float
    """Seconds from the beginning."""


class _Member(msgspec.Struct, gc=False):
    """A frame in the older form of a signal."""

    quality: int
    hash: str
    timestamp: float


_BEGUN = re.compile(
    rb'\s*(?:\[\s*"\s*[0-9A-Fa-f]{64}\s*,\s*[0-9]{1,3}\s*,[^",]+"'
    rb'|\{\s*"[0-9]{1,10}"\s*:\s*\{(?=[^{}]*"quality")(?=[^{}]*"timestamp")[^{}]*"hash"\s*:\s*"[0-9A-Fa-f]{64}")'
)

_PART = msgspec.json.Decoder(str | _Member)
_BY_NUMBER = msgspec.json.Decoder(dict[str, msgspec.Raw])


def read_line(line: bytes) -> VideoFrame:
    """The frame of a line of a file.

    Raises:
        InvalidValue: If it is none.
    """
    if well := _LINE.fullmatch(line):
        number, quality, digest, seconds = well.groups()
        frame = VideoFrame(int(number), int(quality), unhexlify(digest), float(seconds))
        if frame.number <= _LAST and frame.quality <= _BEST and 0 < frame.timestamp <= _LONGEST:
            return frame
    text = line.decode(errors="replace")
    cells = text.split(",", len(VideoFrame._fields))
    if len(cells) != len(VideoFrame._fields):
        raise InvalidValue(f"{_shown(text)} is no frame: that is number,quality,hash,seconds")
    number, quality, digest, timestamp = map(str.strip, cells)
    return _frame(number, quality, digest, timestamp)


def begins_signal(text: bytes) -> bool:
    """Whether a text, which may be cut, begins as a signal does: with one whole frame."""
    return _BEGUN.match(text) is not None


def read_signal(text: str | bytes) -> list[VideoFrame]:
    """The frames of a signal, in the order in which they stand there; at least one.

    Raises:
        InvalidValue: If it is no signal, or any frame of it is none: a video is not taken in part.
    """
    frames = []
    for number, raw in split_signal(text.encode() if isinstance(text, str) else text):
        try:
            frames.append(read_part(number, raw))
        except InvalidValue as error:
            raise InvalidValue(f"frame {_shown(number)}: {error}") from None
    return frames


def split_signal(text: bytes) -> Iterable[tuple[str, msgspec.Raw]]:
    """The number and the JSON of each frame of a signal; at least one.

    Raises:
        InvalidValue: If it is no signal, or has too many frames.
    """
    if text.count(b",") > _MOST_COMMAS:
        raise InvalidValue(TOO_MANY)
    if text.lstrip()[:1] == b"{":
        by_number = decode(text, _BY_NUMBER)
        parts: Iterable[tuple[str, msgspec.Raw]] = by_number.items()
        count = len(by_number)
    else:
        places = decode(text, ELEMENTS)
        parts, count = zip(map(str, range(len(places))), places, strict=True), len(places)
    if not count:
        raise InvalidValue("a video without frames")
    if count > MOST_FRAMES:
        raise InvalidValue(TOO_MANY)
    return parts


TOO_MANY = f"a video of more than {MOST_FRAMES} frames"
"""Why a video is not taken."""


def read_part(number: str, raw: msgspec.Raw) -> VideoFrame:
    """One frame of a signal.

    Raises:
        InvalidValue: If it is none.
    """
    part = decode(raw, _PART)
    if isinstance(part, _Member):
        return _frame(number, str(part.quality), part.hash, repr(part.timestamp))
    cells = part.split(",", len(VideoFrame._fields))
    if len(cells) != len(VideoFrame._fields) - 1:
        raise InvalidValue(f"{_shown(part)} is no frame: that is hash,quality,seconds")
    digest, quality, timestamp = map(str.strip, cells)
    return _frame(number, quality, digest, timestamp)


def _frame(number: str, quality: str, digest: str, timestamp: str) -> VideoFrame:
    if not _NUMBER.fullmatch(number) or int(number) > _LAST:
        raise InvalidValue(f"{_shown(number)} is no number of a frame (from 0 to {_LAST})")
    if not _QUALITY.fullmatch(quality) or int(quality) > _BEST:
        raise InvalidValue(f"{_shown(quality)} is no quality (from 0 to {_BEST})")
    if not _HASH.fullmatch(digest):
        raise InvalidValue(f"{_shown(digest)} is not 64 hexadecimal digits")
    seconds = float(timestamp) if _SECONDS.fullmatch(timestamp) else -1.0
    if not 0 <= seconds <= _LONGEST:
        raise InvalidValue(f"{_shown(timestamp)} is no time in seconds from 0 up")
    # Some write the first frame's as -0.000.
    return VideoFrame(int(number), int(quality), bytes.fromhex(digest), abs(seconds))


def video_id(numbers: Sequence[int], digests: bytes | bytearray) -> str:
    """What names a video that has no id.

    It is ``vpdq:`` and the SHA-256 in hexadecimal of the frames, sorted, each once, each as its number in four bytes
    (big-endian) and its digest. Qualities and times are not in it: they may be written more or less exactly.

    Args:
        numbers: Of the frames, at least one.
        digests: Of the frames, one after the other.
    """
    frames = np.empty((len(numbers), _NUMBER_BYTES + DIGEST_BYTES), dtype=np.uint8)
    frames[:, :_NUMBER_BYTES] = np.array(numbers, dtype=">u4").view(np.uint8).reshape(-1, _NUMBER_BYTES)
    frames[:, _NUMBER_BYTES:] = np.frombuffer(digests, dtype=np.uint8).reshape(-1, DIGEST_BYTES)
    each = np.unique(frames.view(f"S{frames.shape[1]}"))
    return f"vpdq:{hashlib.sha256(each.tobytes()).hexdigest()}"


def signal_rows(
    line: int,
    frames: Sequence[VideoFrame],
    *,
    source: str | None = None,
    labels: list[str] | None = None,
    opinion: str | None = None,
    extra: str | None = None,
) -> list[Row]:
    """The rows of a signal: one claim.

    Args:
        line: Of the signal.
        frames: Of the video.
        source: Who says it: what comes before the id, so that the same video of others is a claim of its own.
        labels: Of the video.
        opinion: In our words.
        extra: As ``RAW_SCHEMA`` has it.

    Raises:
        InvalidValue: If what is said of the video is too much to repeat for each frame.
    """
    own = video_id([frame.number for frame in frames], b"".join(frame.digest for frame in frames))
    source_id = f"{source}:{own}" if source else own
    repeated = len(source_id) + sum(map(len, labels or ())) + len(extra or "")
    if len(frames) * repeated > _MOST_BYTES:
        raise InvalidValue(
            f"{len(frames)} frames that repeat more than {_MOST_BYTES} bytes of what is said of the video"
        )
    head, said = (line, None, source_id, ALGORITHM), (labels, opinion, *[None] * 5, extra)
    return [
        (*head, digest.hex(), str(number), MEDIA_TYPE, repr(timestamp), str(quality), *said)
        for number, quality, digest, timestamp in frames
    ]


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:57]}...")
