"""Ours: ``Matcher.match_hashes``, by our rule and by vPDQ's."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import ClassVar

import pyarrow as pa
import pyarrow.parquet as pq

from hashmatch import Matcher
from hashmatch.hashes import FrameHash, MediaHash
from hashmatch.records import MediaType
from hashmatch.results import HashedMedia, MatchReport, VideoMatch
from hashmatch.video_rule import VideoRule

from .base import SHARE, Frames, Seeker, Span, Told, Videos


class Ours(Seeker):
    """The eight orientations of each frame, and the default rule."""

    title = "hashmatch"
    rule: ClassVar[VideoRule] = VideoRule()
    level: ClassVar[str] = "turned"

    def __init__(self, videos: Videos) -> None:
        with tempfile.TemporaryDirectory(prefix="hashmatch-") as folder:
            path = Path(folder) / "known.parquet"
            pq.write_table(_table(videos), path)
            self._matcher = Matcher.from_lists(path)

    def prepare(self, frames: Frames) -> HashedMedia:
        """The frames as ``hash_file`` gives them."""
        return HashedMedia({"pdq": MediaHash("pdq", frames)}, media_type=MediaType.VIDEO, views=True)

    def search(self, frames: HashedMedia) -> MatchReport:
        """See ``Seeker.search``."""
        return self._matcher.match_hashes(frames, video_rule=self.rule, search=self.level)

    def told(self, found: MatchReport) -> dict[str, Told]:
        """See ``Seeker.told``."""
        return {video.record.source_id: _told(video) for video in found.videos}


class Thorough(Ours):
    """Also what is left when something around a frame is taken off."""

    title = "hashmatch, thorough"
    level = "thorough"


class Upright(Ours):
    """Each frame as it is stored, in no other orientation: what others look for."""

    title = "hashmatch, one orientation"
    level = "plain"


class KnownShare(Ours):
    """vPDQ's rule as ours has it: 80 % of the known video are found."""

    title = "hashmatch, known ≥ 80 %"
    rule = VideoRule.vpdq(known=SHARE, upload=0.0)


class UploadShare(Ours):
    """vPDQ's rule as python-threatexchange has it: 80 % of the upload are found."""

    title = "hashmatch, upload ≥ 80 %"
    rule = VideoRule.vpdq(known=0.0, upload=SHARE)


def _table(videos: Videos) -> pa.Table:
    """A row for each frame; those of one video are one claim."""
    rows: list[tuple[str, FrameHash]] = [(name, frame) for name, frames in videos.items() for frame in frames]
    return pa.table(
        {
            "source_id": [name for name, _ in rows],
            "algorithm": ["pdq"] * len(rows),
            "digest": [frame.digest for _, frame in rows],
            "frame": pa.array([frame.frame for _, frame in rows], pa.int32()),
            "media_type": ["video"] * len(rows),
            "timestamp": pa.array([frame.timestamp for _, frame in rows], pa.float32()),
            "quality": pa.array([frame.quality for _, frame in rows], pa.int16()),
        }
    )


def _told(video: VideoMatch) -> Told:
    return Told(
        video.known_share,
        video.upload_share,
        tuple(
            Span(one.upload_start, one.upload_end, one.known_start, one.known_end, one.speed) for one in video.segments
        ),
    )
