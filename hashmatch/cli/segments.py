"""Known videos as people see them: a line for each, and under it from when to when."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from .render import say

if TYPE_CHECKING:
    from ..video_results import Segment, VideoMatch

CELLS = 60
"""Characters of a bar, which is as long as the upload."""

SHOWN_SEGMENTS = 20
"""How many segments of a video are shown; ``--json`` gives all."""

_TENTHS_BELOW = 10.0
"""Seconds of an upload below which its times are shown with tenths."""

_WHY = {
    "segments": "",
    "known": ", in no order",
    "both": ", which is most of the upload",
    "scattered": ", scattered",
    "vpdq": ", by vPDQ's rule",
}


def show_videos(videos: Iterable[tuple[str, VideoMatch]]) -> None:
    """Print, for each known video that a file shows, whose it is, how much of it, and from when to when."""
    for file, video in videos:
        record = video.record
        who = f" ({record.partner})" if record.partner else ""
        labels = f" {', '.join(record.labels)}" if record.labels else ""
        length = "" if video.known_duration is None else f" of {_moment(video.known_duration)}"
        say(
            f"{file}: {record.list}{who} {record.source_id}{labels}: {_percent(video.known_share)}{length} found, "
            f"{_percent(video.upload_share)} of the upload{_WHY.get(video.by, '')}"
        )
        _show_segments(video)


def _show_segments(video: VideoMatch) -> None:
    full, empty, to = ("█", "─", "–") if _drawable("█─–×") else ("#", "-", "-")
    end = max([video.upload_duration or 0.0, *(segment.upload_end for segment in video.segments)])
    for segment in video.segments[:SHOWN_SEGMENTS]:
        first = min(_cell(segment.upload_start, end), CELLS - 1)
        last = max(first + 1, _cell(segment.upload_end, end))
        bar = empty * first + full * (last - first) + empty * (CELLS - last)
        tenths = end < _TENTHS_BELOW
        upload = to.join(_moment(moment, tenths) for moment in (segment.upload_start, segment.upload_end))
        known = to.join(_moment(moment, tenths) for moment in (segment.known_start, segment.known_end))
        say(f"  {bar} {upload} = {known}{_manner(segment)}, {_counted(segment)}")
    if len(video.segments) > SHOWN_SEGMENTS:
        say(f"  and {len(video.segments) - SHOWN_SEGMENTS} more segments; --json gives all")


def _cell(moment: float, end: float) -> int:
    """Before which character of the bar a moment is."""
    return int(CELLS * moment / end + 0.5) if end > 0 else 0


def _manner(segment: Segment) -> str:
    """How the upload differs from the known video there."""
    times = "×" if _drawable("×") else "x"
    speed = "" if abs(segment.speed - 1) < 0.005 else f" at {times}{segment.speed:.2f}"
    turned = "" if segment.orientation == "original" else f" {segment.orientation}"
    return speed + turned + (f" {segment.variant}" if segment.variant else "")


def _counted(segment: Segment) -> str:
    pictures = f"{segment.pictures} picture" + ("" if segment.pictures == 1 else "s")
    return f"{segment.frames} frame" + ("" if segment.frames == 1 else "s") + f", {pictures}"


def _moment(seconds: float, tenths: bool = False) -> str:
    """A time as mm:ss, or h:mm:ss; half a second is rounded up, on both sides alike."""
    count = int(seconds * 10 + 0.5) if tenths else 10 * int(seconds + 0.5)
    minutes, rest = divmod(count, 600)
    hours, minutes = divmod(minutes, 60)
    text = f"{minutes:02d}:{rest // 10:02d}" + (f".{rest % 10}" if tenths else "")
    return f"{hours}:{text}" if hours else text


def _percent(share: float) -> str:
    """A share in percent; what is not all is never 100, what is not none never 0."""
    percent = share * 100
    if 0 < percent < 1:
        return "<1 %"
    return f"{min(round(percent), 99 if share < 1 else 100)} %"


def _drawable(characters: str) -> bool:
    """Whether standard output can show some characters."""
    try:
        characters.encode(sys.stdout.encoding or "ascii")
    except (UnicodeError, LookupError):
        return False
    return True
