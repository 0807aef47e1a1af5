"""What ``match --hashes`` reads: hashes that were computed elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from ..checking import sizes
from ..errors import InvalidValue, UnknownName
from ..hashes import FrameHash, MediaHash, parse_digest, parse_typed
from ..records import MediaType
from ..results import HashedMedia, MatchReport
from .paths import STDIN, stdin_lines

if TYPE_CHECKING:
    from ..matching import Matcher


def match_queries(matcher: Matcher, arguments: Sequence[str], **terms: Any) -> Iterator[MatchReport]:
    """Match each hash; a line of standard input that is none is a report with an error.

    Args:
        matcher: What to match with.
        arguments: Hashes, or ``-`` for lines of standard input.
        terms: Passed on to ``Matcher.match_hashes``.

    Raises:
        InvalidValue: Before anything is matched, if an argument is not a hash or can be several.
    """
    known = sizes()
    typed = {text: _typed(text, known) for text in arguments if text != STDIN}
    return (
        MatchReport(file=query.text, snapshot=matcher.version, error=query.error)
        if query.hashed is None
        else matcher.match_hashes(query.hashed, **terms)
        for argument in arguments
        for query in (_from_stdin(known) if argument == STDIN else (_Query(argument, typed[argument]),))
    )


@dataclass(frozen=True)
class _Query:
    """A hash as it was given, or why it is none."""

    text: str
    hashed: HashedMedia | None
    error: str | None = None


class _FrameOfLine(msgspec.Struct):
    """One frame of a video in a line of ``hashmatch hash --json``; it is there as it is stored, in no other orientation."""

    hex: str
    frame: Annotated[int, msgspec.Meta(ge=-1, lt=1 << 31)] = -1
    quality: int | None = None
    timestamp: float | None = None


class _HashOfLine(msgspec.Struct):
    """One hash in a line of ``hashmatch hash --json``."""

    hex: str
    quality: int | None = None
    orientations: dict[str, str] = {}
    frames: list[_FrameOfLine] = []


class _HashLine(msgspec.Struct):
    """A line of ``hashmatch hash --json``; fields that we do not know are passed over."""

    hashes: dict[str, _HashOfLine]
    file: str | None = None
    error: str | None = None
    media_type: str | None = None
    duration: float | None = None


_DECODER = msgspec.json.Decoder(_HashLine)


def _from_stdin(known: Mapping[str, int]) -> Iterator[_Query]:
    for line in stdin_lines():
        try:
            yield _of_line(line, known) if line.lstrip().startswith("{") else _Query(line, _typed(line, known))
        except InvalidValue as error:
            yield _Query(line[:200], None, str(error))


def _typed(text: str, known: Mapping[str, int]) -> HashedMedia:
    algorithm, digest = parse_typed(text, known)
    return HashedMedia({algorithm: MediaHash(algorithm, (FrameHash(digest),))}, file=text)


def _of_line(text: str, known: Mapping[str, int]) -> _Query:
    try:
        line = _DECODER.decode(text.encode("utf-8", "surrogateescape"))
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise InvalidValue(f"not a line of hashmatch hash --json: {error}") from None
    name = line.file or text[:200]
    if not line.hashes:
        return _Query(name, None, line.error or "the line holds no hash")
    hashes = {algorithm: _media_hash(algorithm, given, known) for algorithm, given in line.hashes.items()}
    media_type = MediaType(line.media_type) if line.media_type in set(MediaType) else MediaType.UNKNOWN
    return _Query(name, HashedMedia(hashes, file=name, media_type=media_type, duration=line.duration))


def _media_hash(algorithm: str, given: _HashOfLine, known: Mapping[str, int]) -> MediaHash:
    if algorithm not in known:
        raise UnknownName("algorithm", algorithm[:80], known)
    size = known[algorithm]
    orientations = {name: parse_digest(digest, size) for name, digest in given.orientations.items()}
    digest = parse_digest(given.hex, size)
    if not given.frames:
        return MediaHash(algorithm, (FrameHash(digest, quality=given.quality, orientations=orientations),))
    frames = [FrameHash(parse_digest(own.hex, size), own.quality, own.timestamp, own.frame) for own in given.frames]
    # The first one is told in all orientations.
    frames[0] = replace(frames[0], orientations=orientations if frames[0].digest == digest else {})
    return MediaHash(algorithm, tuple(frames))
