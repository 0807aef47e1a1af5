"""Watching: which known videos an upload shows, by all of its frames together.

Hits of frames of known videos are no matches one by one: a black frame or a title is in many. Per known video those that
no allow list hides are judged together by a ``VideoRule``; where only hidden ones would make a match, it is told of as
suppressed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from .aligning import Track
from .allowing import Weighed
from .errors import BankDamaged
from .known_videos import CODES, LAST, RECORDS, STEP, TIMED, KnownVideos
from .records import HashRecord
from .results import SuppressedVideo
from .showing import Evidence, Footage, Sighting, evidence
from .snapshot import Rows, Snapshot
from .timeline import LEAST_STEP, RATES, Timeline
from .video_results import VideoMatch
from .video_rule import VPDQ, VideoRule
from .voting import firsts

_MOST_HITS = 1 << 20
"""Hits of one known video that are looked at; of more, the nearest of each of its codes."""

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Watched:
    """The known videos that an upload shows: those with the most evidence first."""

    videos: tuple[VideoMatch, ...]
    suppressed: tuple[SuppressedVideo, ...]


def watch(found: Iterable[Weighed], rule: VideoRule) -> Watched:
    """Judge what one upload hit of known videos."""
    videos: list[VideoMatch] = []
    suppressed: list[SuppressedVideo] = []
    for own in found:
        timeline, known = own.hits.queries.timeline, own.snapshot.videos(own.hits.queries.algorithm)
        if timeline is not None and known is not None and (own.hits.video[~own.hits.allows] >= 0).any():
            audience = _Audience(own, known, timeline, rule)
            videos += audience.matches()
            suppressed += audience.suppressed()
    return Watched(tuple(sorted(videos, key=_order)), tuple(sorted(suppressed, key=lambda own: _order(own.match))))


@dataclass(frozen=True)
class _Shown:
    """A known video that is matched, and the hit that tells of it."""

    number: int
    evidence: Evidence
    record: int
    """The record that was hit, by its place among those of the hits."""
    query: int
    distance: int


@dataclass(frozen=True)
class _Video:
    """A known video: what is counted of it, when its frames are, and all of these in order of time."""

    counts: Rows
    span: npt.NDArray[np.float64]
    frames: Track


class _Archive:
    """All frames of some known videos, looked for when the first is asked for."""

    def __init__(self, snapshot: Snapshot, algorithm: str, known: KnownVideos, numbers: Rows) -> None:
        self._snapshot, self._algorithm, self._known, self._numbers = snapshot, algorithm, known, numbers

    def video(self, number: int) -> _Video:
        """One of them."""
        rows, numbers, when = self._frames
        start, stop = np.searchsorted(numbers, [number, number + 1])
        codes = self._snapshot.codes(self._algorithm)[self._snapshot.code_rows(self._algorithm, rows[start:stop])]
        span = self._known.spans[number]
        step = max(float(span[STEP]), LEAST_STEP) if np.isfinite(span[STEP]) else 1.0
        frames = Track(when[start:stop], codes, step, 0.0, float(span[LAST]) + step)
        return _Video(self._known.counts[number], span, frames)

    @cached_property
    def _frames(self) -> tuple[Rows, Rows, npt.NDArray[np.float64]]:
        """Rows, numbers of videos and times, by video and time."""
        rows = self._known.rows(self._numbers)
        numbers, when = self._known.of(rows).astype(np.int64), self._known.when(rows)
        order = np.lexsort((when, numbers))
        return rows[order], numbers[order], when[order]


class _Audience:
    """The hits of known videos by one algorithm."""

    def __init__(self, own: Weighed, known: KnownVideos, timeline: Timeline, rule: VideoRule) -> None:
        hits = own.hits
        self._own, self._hits, self._known, self._rule = own, hits, known, rule
        self._footage = Footage(hits.queries, timeline, rule)
        records = np.flatnonzero(~hits.allows & (hits.video >= 0))
        self._records = records[np.argsort(hits.video[records], kind="stable")]
        self._numbers = hits.video[self._records].astype(np.int64)
        nearness = hits.distance * len(hits.queries.codes) + hits.query
        self._by_code = np.argsort(hits.found * (int(nearness.max(initial=0)) + 1) + nearness)
        starts = np.searchsorted(hits.found[self._by_code], np.arange(len(hits.code) + 1))
        self._starts, self._counts = starts[:-1], np.diff(starts)
        self._known_of: dict[bytes, Evidence | None] = {}
        self._matched: set[int] = set()

    def matches(self) -> list[VideoMatch]:
        """The known videos that match by what no allow list hides."""
        shown = list(self._judged(~self._own.hidden))
        self._matched = {own.number for own in shown}
        return self._told(shown)

    def suppressed(self) -> list[SuppressedVideo]:
        """Those that would match if no allow list hid anything; to be asked for after ``matches``."""
        if not self._own.hidden.any():
            return []
        shown = list(self._judged(np.ones(len(self._own.hidden), np.bool_)))
        hiders = self._own.hiders(np.array([own.query for own in shown], np.int64))
        return [SuppressedVideo(*pair) for pair in zip(self._told(shown), hiders, strict=True)]

    def _judged(self, among: Mask) -> Iterator[_Shown]:
        """The known videos that some hits (``bool[h]``) make a match of, and that are not matched yet."""
        starts = np.append(firsts(self._numbers), len(self._numbers))
        candidates = self._candidates(among)
        archive = _Archive(
            self._own.snapshot, self._hits.queries.algorithm, self._known, self._numbers[starts[candidates]]
        )
        for at in candidates.tolist():
            number = int(self._numbers[starts[at]])
            if number not in self._matched:
                yield from self._shown(number, self._records[starts[at] : starts[at + 1]], among, archive)

    def _candidates(self, among: Mask) -> Rows:
        """Which videos, in their order, some hits could make a match of at all: most share a title at the most."""
        hits, rule = self._hits, self._rule
        order = self._by_code[among[self._by_code]]
        found = order[firsts(hits.found[order])]
        nearest: Rows = np.full(len(hits.code), np.iinfo(np.int64).max)
        nearest[hits.found[found]] = hits.distance[found]
        owner = hits.owner[self._records]
        reached = nearest[owner] <= hits.radius[self._records]
        place = np.cumsum(np.append(False, self._numbers[1:] != self._numbers[:-1]))
        videos = int(place[-1]) + 1
        codes = _count_different(place[reached], owner[reached], len(hits.code), videos)
        numbers = self._numbers[firsts(self._numbers)]
        enough = codes >= rule.known * self._known.counts[numbers, CODES]
        if rule.kind != VPDQ:
            which, picture = self._pictures(owner[reached], order)
            pictures = _count_different(place[reached][which], picture, len(self._footage.track.when), videos)
            enough |= (codes >= rule.pictures) & (pictures >= rule.pictures)
        return np.flatnonzero(enough & (codes > 0))

    def _pictures(self, owner: Rows, order: Rows) -> tuple[Rows, Rows]:
        """The pictures of the upload that hit some found codes, of each as many as are enough.

        Args:
            owner: Which found codes.
            order: Hits, those of one found code together.

        Returns:
            One item for each of these and each of its pictures: its place in ``owner``, and the picture.
        """
        count = len(self._footage.track.when)
        shown = np.unique(self._hits.found[order] * count + self._footage.picture[self._hits.query[order]])
        code = shown // count
        starts = np.searchsorted(code, np.arange(len(self._hits.code) + 1))
        counts = np.minimum(np.diff(starts), self._rule.pictures)[owner]
        ends = np.cumsum(counts)
        which = np.repeat(np.arange(len(owner)), counts)
        return which, shown[np.arange(len(which)) + np.repeat(starts[owner] - ends + counts, counts)] % count

    def _shown(self, number: int, records: Rows, among: Mask, archive: _Archive) -> Iterator[_Shown]:
        """What tells of one video that some hits make a match of; nothing if it is none."""
        hits = self._hits
        owner = hits.owner[records]
        starts, counts = self._starts[owner], self._counts[owner]
        if counts.sum() > _MOST_HITS:
            counts = np.minimum(counts, max(1, _MOST_HITS // len(counts)))
        known = np.repeat(np.arange(len(owner)), counts)
        hit = self._by_code[np.arange(len(known)) + np.repeat(starts - np.cumsum(counts) + counts, counts)]
        near = among[hit] & (hits.distance[hit] <= hits.radius[records][known])
        hit, known = hit[near], known[near]
        barred = np.zeros(len(hits.queries.codes), np.bool_) if among.all() else self._own.barred
        told = self._evidence(records, hit, known, archive.video(number), barred)
        if told is not None:
            # What is suppressed is told by a hit that is hidden.
            chosen = np.flatnonzero(self._own.hidden[hit]) if self._own.hidden[hit].any() else np.arange(len(hit))
            best = chosen[np.lexsort((known[chosen], hits.query[hit[chosen]], hits.distance[hit[chosen]]))[0]]
            query, distance = int(hits.query[hit[best]]), int(hits.distance[hit[best]])
            yield _Shown(number, told, int(records[known[best]]), query, distance)

    def _evidence(self, records: Rows, hit: Rows, known: Rows, video: _Video, barred: Mask) -> Evidence | None:
        """What makes one video a match; that of another claim that says the same of the same frames."""
        hits = self._hits
        counts, span, whole = video.counts, video.span, video.frames
        when, owner = self._known.when(hits.record[records]), hits.owner[records]
        hit_parts = hits.query[hit], known, hits.distance[hit], when, owner, barred
        parts = (*hit_parts, counts[[CODES, TIMED]], span, whole.when, whole.codes)
        key = b"".join(part.tobytes() for part in parts)
        if key not in self._known_of:
            if not 0 < len(np.unique(owner)) <= counts[CODES]:
                raise BankDamaged(f"the snapshot {self._own.snapshot.version} miscounts the frames of a video")
            codes = self._own.snapshot.codes(hits.queries.algorithm)[hits.code[owner]]
            rates = (1.0,) if counts[TIMED] else RATES
            track = replace(whole, when=when, codes=codes)
            seen = Sighting(
                *(hits.query[hit], known, hits.distance[hit], track, owner, int(counts[CODES]), rates, whole, barred)
            )
            self._known_of[key] = evidence(self._footage, seen, self._rule)
        return self._known_of[key]

    def _told(self, shown: list[_Shown]) -> list[VideoMatch]:
        """Videos that are matched, for people."""
        rows = self._hits.record[[own.record for own in shown]]
        records = self._own.snapshot.hash_records(rows)
        return [self._match(own, record) for own, record in zip(shown, records, strict=True)]

    def _match(self, shown: _Shown, record: HashRecord) -> VideoMatch:
        told, timeline = shown.evidence, self._footage.timeline
        return VideoMatch(
            self._hits.queries.algorithm,
            record,
            shown.distance,
            told.by,
            told.segments,
            told.known_share,
            told.upload_share,
            told.pictures,
            int(self._known.counts[shown.number, RECORDS]),
            self._known.seconds(shown.number),
            timeline.end if timeline.timed else None,
            None if self._known.counts[shown.number, TIMED] else told.known_rate,
            None if timeline.timed else told.upload_rate,
        )


def _count_different(owners: Rows, values: Rows, bound: int, count: int) -> Rows:
    """How many different values below ``bound`` each of ``count`` owners has."""
    return np.bincount(np.unique(owners * bound + values) // bound, minlength=count)


def _order(video: VideoMatch) -> tuple[int, int, float, float, int, str, str, str]:
    """The most evidence first."""
    frames = sum(segment.frames for segment in video.segments)
    record = video.record
    nearness = -video.known_share, -video.upload_share, video.distance
    return -video.pictures, -frames, *nearness, video.algorithm, record.list, record.source_id
