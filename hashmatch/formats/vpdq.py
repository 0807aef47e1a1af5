"""vPDQ's files: the PDQ hashes of the frames of one video.

::

    0,100,d8f8f0cce0f4a84f0e370a22028f67f0b36e2ed596623e1d33e6b39c4e9c9b22,0.000
    30,98,d8f8f0cce0f4a84f0e370a22028f67f0b36e2ed596623e1d33e6b39c4e9c9b22,1.001

A line is a frame: its number, quality, hash, and seconds from the beginning. A file that is one signal of
python-threatexchange is read too; ``vpdq_frames`` says what that is.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..codes import digest_column, hex_column
from ..errors import FormatError, InvalidValue
from ..records import ListSettings
from .base import RAW_SCHEMA, ListFormat, RawRows, ReadOptions
from .blocking import harmful
from .chunk import TOO_LONG, Chunk
from .source import Source
from .vpdq_frames import (
    ALGORITHM,
    DIGEST_BYTES,
    MEDIA_TYPE,
    MOST_FRAMES,
    TOO_MANY,
    VideoFrame,
    begins_signal,
    read_line,
    read_part,
    split_signal,
    video_id,
)
from .written import WRITTEN, pieces

_SEEN = 20
"""Lines at the beginning that are looked at."""
_FRACTION = re.compile(rb"[.eE][^,]*$")
_SEVERAL = re.compile(rb"[\]}][ \t\r]*\n[ \t\r\n]*[\[{]")
"""One signal a line: plain lines."""
_SIGNAL_BYTES = 32 * 1024 * 1024
"""Largest signal that is a file: some 380 000 frames in python-threatexchange's form."""
_CLAIM = ["list", "source_id"]
_WRITTEN = ["algorithm", "frame", "quality", "digest", "timestamp"]


class Vpdq(ListFormat):
    """vPDQ's text files, and python-threatexchange's signals as files. A file is one video, and one claim."""

    name = "vpdq"
    suffix = ".txt"
    one_claim = True
    losses = frozenset(WRITTEN) - {*_WRITTEN}

    def recognises(self, source: Source, algorithms: Collection[str]) -> bool:
        """Whether the first line and most others are frames, some between seconds; or it begins as one signal."""
        if source.head.lstrip()[:1] in (b"[", b"{"):
            return begins_signal(source.head) and not _SEVERAL.search(source.head)
        lines = source.head_lines[:_SEEN]
        frames = list(filter(_is_frame, lines))
        if lines[:1] != frames[:1] or 2 * len(frames) <= len(lines):
            return False
        return any(map(_FRACTION.search, frames))

    def read(self, source: Source, options: ReadOptions) -> Iterator[RawRows]:
        """A row for each frame, when the last of them was read: all together name the claim, unless the user does.

        A video of more frames than ``MOST_FRAMES`` is a reject.
        """
        chunk, video = Chunk(source.name, self.name), _Video()
        signal = source.head.lstrip()[:1] in (b"[", b"{")
        for line, frame in _parts(source) if signal else _lines(source):
            if isinstance(frame, VideoFrame):
                chunk.in_form = True
                video.add(line, frame)
            else:
                chunk.reject(line, frame, source_id=options.source_id)
            if len(video) > MOST_FRAMES:
                chunk.reject(line, TOO_MANY, source_id=options.source_id)
                video = _Video()
                break
            if chunk.full:
                yield chunk.take()
        if len(video):
            yield from chunk.among(video.rows(options.source_id))
        yield chunk.finish()

    def write(
        self, tables: Iterable[pa.Table], settings: Mapping[str, ListSettings], sink: BinaryIO, cut: Collection[str]
    ) -> None:
        """Write the frames of one video, by their numbers, with times to the millisecond.

        Raises:
            FormatError: If there is no claim or more than one, or its hashes are not all of a video's frames.
        """
        video = _one_claim(map(harmful, tables))
        _check_frames(video)
        video = video.sort_by([("frame", "ascending"), ("timestamp", "ascending"), ("digest", "ascending")])
        for batch in pieces(video):
            frames, qualities = (batch.column(name).cast(pa.string()) for name in ("frame", "quality"))
            times = pa.array([f"{seconds:.3f}" for seconds in batch.column("timestamp").to_pylist()], pa.string())
            lines = pc.binary_join_element_wise(frames, qualities, hex_column(batch.column("digest")), times, ",")
            sink.write(("\n".join(lines.to_pylist()) + "\n").encode())


def _is_frame(line: bytes) -> bool:
    try:
        return bool(read_line(line))
    except InvalidValue:
        return False


def _lines(source: Source) -> Iterator[tuple[int, VideoFrame | str]]:
    """Number and frame of each line, or what is wrong with it."""
    for number, line in source.lines():
        if line is None:
            yield number, TOO_LONG
        elif line.strip():
            try:
                yield number, read_line(line)
            except InvalidValue as error:
                yield number, str(error)


def _parts(source: Source) -> Iterator[tuple[int, VideoFrame | str]]:
    """Place (from 1) and frame of each part of a signal, or what is wrong with it.

    Raises:
        FormatError: If the file is no signal, or a longer one than is read.
    """
    try:
        parts = split_signal(source.document(_SIGNAL_BYTES))
    except InvalidValue as error:
        raise FormatError(f"{source.name} is not in the format {VPDQ.name}: {error}") from None
    for place, (number, raw) in enumerate(parts, start=1):
        try:
            yield place, read_part(number, raw)
        except InvalidValue as error:
            yield place, str(error)


class _Video:
    """The frames of one video while its file is read, in some 50 bytes each."""

    def __init__(self) -> None:
        self._lines, self._numbers, self._qualities = array("q"), array("i"), array("h")
        self._timestamps, self._digests = array("f"), bytearray()

    def __len__(self) -> int:
        return len(self._lines)

    def add(self, line: int, frame: VideoFrame) -> None:
        """Take the frame of a line."""
        self._lines.append(line)
        self._numbers.append(frame.number)
        self._qualities.append(frame.quality)
        self._timestamps.append(frame.timestamp)
        self._digests += frame.digest

    def rows(self, source_id: str | None) -> pa.Table:
        """The rows of at least one frame, under an id of the user's or else the video's own."""
        digests = np.frombuffer(self._digests, dtype=np.uint8).reshape(-1, DIGEST_BYTES)
        own = source_id or video_id(self._numbers, self._digests)
        columns = {
            "line": pa.array(np.frombuffer(self._lines, dtype=np.int64)),
            "source_id": self._same(own),
            "algorithm": self._same(ALGORITHM),
            "digest": digest_column(digests),
            "frame": pa.array(np.frombuffer(self._numbers, dtype=np.int32)),
            "media_type": self._same(MEDIA_TYPE),
            "timestamp": pa.array(np.frombuffer(self._timestamps, dtype=np.float32)),
            "quality": pa.array(np.frombuffer(self._qualities, dtype=np.int16)),
        }
        nothing = {field.name: pa.nulls(len(self), field.type) for field in RAW_SCHEMA if field.name not in columns}
        return pa.table({name: (columns | nothing)[name] for name in RAW_SCHEMA.names})

    def _same(self, value: str) -> pa.DictionaryArray:
        """A column that has one value in every row."""
        return pa.DictionaryArray.from_arrays(pa.array(np.zeros(len(self), dtype=np.int32)), pa.array([value]))


def _one_claim(tables: Iterable[pa.Table]) -> pa.Table:
    """What is written of the records of the only claim that there is.

    Raises:
        FormatError: If there is none or another one, or it has more hashes than a video has frames.
    """
    parts: list[pa.Table] = []
    claims: dict[tuple[str, str], None] = {}
    for table in tables:
        parts.append(table.select(_WRITTEN))
        pairs = table.select(_CLAIM).group_by(_CLAIM).aggregate([])
        claims |= dict.fromkeys(zip(*(pairs.column(name).to_pylist() for name in _CLAIM), strict=True))
        if len(claims) > 1:
            (_, first), (_, second), *_ = claims
            raise FormatError(
                f"a file in the format {VPDQ.name} is one video, and these are several claims, "
                f"{first[:80]!r} and {second[:80]!r} among them: choose one by its id"
            )
        if sum(map(len, parts)) > MOST_FRAMES:
            raise FormatError(f"a file in the format {VPDQ.name} has {MOST_FRAMES} frames at the most")
    if not claims:
        raise FormatError(f"there is no video to write in the format {VPDQ.name}")
    return pa.concat_tables(parts)


def _check_frames(video: pa.Table) -> None:
    """See that all records are such as a line can carry.

    Raises:
        FormatError: If any is no hash of a frame by PDQ, or has no quality or time.
    """
    frames = pc.and_(pc.equal(video.column("algorithm"), ALGORITHM), pc.greater_equal(video.column("frame"), 0))
    others = len(video) - pc.sum(frames.cast(pa.int64())).as_py()
    if others:
        raise FormatError(
            f"{others} of the claim's hashes are not {ALGORITHM} of a video's frame, "
            f"which is all that the format {VPDQ.name} can carry: choose the algorithm {ALGORITHM}"
        )
    for name in ("quality", "timestamp"):
        if missing := video.column(name).null_count:
            raise FormatError(f"{missing} frames have no {name}, which the format {VPDQ.name} needs")


VPDQ = Vpdq()
