"""Showing: what an upload shows of one known video, and whether that is enough."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from .aligning import MOST_PICTURES, LineTerms, Pairs, Stretch, Track, align, difference
from .hashes import ORIGINAL, Codes, FrameHash, code_matrix
from .live import LIVE_QUALITY
from .pictures import count_different, group
from .query_codes import QueryCodes
from .reaching import Reach
from .timeline import Timeline
from .video_results import Segment
from .video_rule import VPDQ, VideoRule
from .voting import first_few, firsts

Rows = npt.NDArray[np.int64]

_MOST_GROUPS = 256
"""Pictures that are told apart in an upload before each frame is one of its own."""
_MOST_PAIRS = 1 << 18
"""Pairs of frames that are looked at; of more, the nearest of each code of the upload."""
_GAP_SECONDS, _GAP_STEPS = 5.0, 3
"""The longest stretch without a frame that agrees within a segment: a caption, a flash, bad quality for a moment."""


class Footage:
    """An upload's frames by one algorithm: what is the same for every known video."""

    def __init__(self, queries: QueryCodes, timeline: Timeline, rule: VideoRule) -> None:
        """Look at the frames that are fit to match; the timeline is theirs."""
        self.queries, self.timeline = queries, timeline
        order = np.argsort(timeline.when, kind="stable")
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        codes = code_matrix((_picture(frame) for frame in queries.frames), queries.codes.shape[1])[order]
        self.track = Track(timeline.when[order], codes, timeline.step, min(0.0, timeline.when.min()), timeline.end)
        self.groups = group(codes, rule.bits, _MOST_GROUPS)
        """``int64[frames]``: what picture each shows, in order of time."""
        # Of those that are half as near to one of them no two are clearly different.
        near = group(codes, rule.bits // 2, _MOST_GROUPS)
        self.picture = near[place[queries.frame[queries.first]]]
        """``int64[queries]``: what picture each code is of, so that clearly different ones are never one."""
        self._uses_of_codes = uses = np.argsort(queries.code, kind="stable")
        self._starts = np.searchsorted(queries.code[uses], np.arange(len(queries.codes) + 1))
        self._row, self._turn = place[queries.frame[uses]], queries.turn[uses]
        self._uses_by_row = np.argsort(place[queries.frame], kind="stable")
        self._row_of_use = place[queries.frame[self._uses_by_row]]
        quality = [own.quality for own in queries.frames]
        counted = np.array([own is None or own >= LIVE_QUALITY for own in quality], np.bool_)
        # Views that are searched have enough of it, whatever their frames have.
        counted[queries.frame[queries.view >= 0]] = True
        counted = counted[order]
        _, different = np.unique(codes, axis=0, return_inverse=True)
        self._different = np.where(counted, different.reshape(-1), -1)
        self._count = len(np.unique(self._different[counted]))

    def turned(self, row: int, turn: int, barred: npt.NDArray[np.bool_]) -> Codes:
        """The codes of a frame and its views in an orientation; none if one of them is barred (``bool[queries]``)."""
        start, stop = np.searchsorted(self._row_of_use, [row, row + 1])
        uses = self._uses_by_row[start:stop]
        codes = self.queries.code[uses[self.queries.turn[uses] == turn]]
        turned: Codes = self.queries.codes[codes[:0] if barred[codes].any() else codes]
        return turned

    def share(self, queries: Rows) -> float:
        """The share of the upload's different hashes of enough quality that some codes are of, in any orientation."""
        rows = self._row[self._uses(queries)[1]]
        found = np.unique(self._different[rows])
        return float((found >= 0).sum() / self._count) if self._count else 0.0

    def pairs(self, queries: Rows, known: Rows, distances: Rows) -> UsedPairs:
        """Hits of codes as pairs of frames."""
        order = np.lexsort((known, distances, queries))
        queries, known, distances = queries[order], known[order], distances[order]
        if (uses := self._counts(queries).sum()) > _MOST_PAIRS:
            few = first_few(queries, int(len(queries) * _MOST_PAIRS // uses))
            queries, known, distances = queries[few], known[few], distances[few]
        which, use = self._uses(queries)
        codes = self.queries.codes[queries[which]]
        parts = self._row[use], known[which], distances[which], self._turn[use], codes
        return UsedPairs(*parts, self._uses_of_codes[use])

    def variant(self, uses: Rows) -> str | None:
        """The variant that most of some uses are of; None: whole frames."""
        counts = Counter(self.queries.kind(use) for use in uses.tolist())
        return max(counts, key=lambda kind: counts[kind])

    def _counts(self, queries: Rows) -> Rows:
        return self._starts[queries + 1] - self._starts[queries]

    def _uses(self, queries: Rows) -> tuple[Rows, Rows]:
        """All uses of some codes: whose each is, by its place among the codes, and which use."""
        counts = self._counts(queries)
        ends = np.cumsum(counts)
        which = np.repeat(np.arange(len(queries)), counts)
        return which, np.arange(len(which)) + np.repeat(self._starts[queries] - ends + counts, counts)


def _picture(frame: FrameHash) -> bytes:
    """The digest of what a frame shows: without what is around it, which may be the same all the time, where that is known."""
    likeliest = frame.views[0] if frame.views and frame.views[0].view.cuts else None
    return frame.digest if likeliest is None else likeliest.orientations[ORIGINAL]


@dataclass(frozen=True)
class UsedPairs(Pairs):
    """Pairs that know which code made each."""

    use: Rows
    """``int64[p]``: which use of one of the upload's codes."""


@dataclass(frozen=True)
class Sighting:
    """Hits of frames of one known video."""

    query: Rows
    """``int64[h]``: which code of the upload."""
    known: Rows
    """``int64[h]``: which of the known frames."""
    distance: Rows
    """``int64[h]``: in bits."""
    track: Track
    """The known frames that were hit."""
    different: Rows
    """``int64[known frames]``: equal numbers are equal codes."""
    codes: int
    """How many different codes the known video has."""
    rates: tuple[float, ...]
    """How many of its units may be a second."""
    whole: Track
    """All known frames, in order of time, whether they were hit or not."""
    barred: npt.NDArray[np.bool_]
    """``bool[queries]``: which codes of the upload an allow list knows, so that they count only where they hit."""

    @cached_property
    def nearest(self) -> Rows:
        """The nearest hit of each code of the upload."""
        order = np.lexsort((self.known, self.distance, self.query))
        return order[firsts(self.query[order])]


@dataclass(frozen=True)
class Evidence:
    """Why a known video is matched; see ``VideoMatch``."""

    by: str
    segments: tuple[Segment, ...]
    known_share: float
    upload_share: float
    pictures: int
    upload_rate: float
    known_rate: float


def evidence(footage: Footage, seen: Sighting, rule: VideoRule) -> Evidence | None:
    """What makes an upload match a known video; None if nothing does."""
    known_share = len(np.unique(seen.different[seen.known])) / seen.codes
    several = rule.kind != VPDQ and _pictures(footage, seen, rule.bits, rule.pictures) == rule.pictures
    # Most videos that are hit at all share a title with the upload.
    if not several and known_share < rule.known:
        return None
    rates = footage.timeline.rates[0], seen.rates[0]
    segments: tuple[Segment, ...] = ()
    if several:
        segments, rates = _segments(footage, seen, rule)
    upload_share = footage.share(np.unique(seen.query))
    pictures = _pictures(footage, seen, difference(rule.bits, seen.distance), MOST_PICTURES)
    if rule.kind == VPDQ:
        by = VPDQ if upload_share >= rule.upload else None
    else:
        by = "segments" if segments else _by_shares(rule, known_share, upload_share, pictures)
    return None if by is None else Evidence(by, segments, known_share, upload_share, pictures, *rates)


def _by_shares(rule: VideoRule, known_share: float, upload_share: float, pictures: int) -> str | None:
    if known_share >= rule.known and pictures >= rule.pictures:
        return "known"
    if known_share >= rule.known and upload_share >= rule.upload:
        return "both"
    scattered = pictures >= rule.scattered and max(known_share, upload_share) >= rule.most
    return "scattered" if scattered else None


def _pictures(footage: Footage, seen: Sighting, bits: int, most: int) -> int:
    """How many clearly different pictures the nearest hits of the upload's codes show."""
    first = seen.nearest
    codes = footage.queries.codes[seen.query[first]]
    return count_different(codes, seen.track.codes[seen.known[first]], bits, most)


def _segments(footage: Footage, seen: Sighting, rule: VideoRule) -> tuple[tuple[Segment, ...], tuple[float, float]]:
    """The segments, and how many of the upload's and of the known video's units are a second."""
    rates = list(itertools.product(footage.timeline.rates, seen.rates))
    terms = LineTerms(
        tuple(sorted({known / upload for upload, known in rates})),
        rule.slowest,
        rule.fastest,
        rule.frames,
        rule.pictures,
        rule.bits,
        _GAP_SECONDS if footage.timeline.timed else 0.0,
        _GAP_STEPS,
    )
    pairs = footage.pairs(seen.query, seen.known, seen.distance)
    stretches = align(pairs, footage.track, seen.track, footage.groups, terms)
    if not stretches:
        return (), rates[0]
    reach = Reach(footage.track, lambda row, turn: footage.turned(row, turn, seen.barred), seen.whole, terms)
    stretches = reach.beyond(stretches, lambda own: (int(pairs.upload[own.pairs[0]]), int(pairs.upload[own.pairs[-1]])))
    longest = max(stretches, key=lambda own: len(own.pairs))
    chosen = min(rates, key=lambda own: abs(math.log(longest.line.speed * own[0] / own[1])))
    segments = [_segment(footage, seen, pairs, own, *chosen) for own in stretches]
    return tuple(segments), chosen


def _segment(
    footage: Footage, seen: Sighting, pairs: UsedPairs, own: Stretch, upload_rate: float, known_rate: float
) -> Segment:
    """A stretch for people: in seconds, to thousandths."""
    upload = [round(when / upload_rate, 3) for when in own.upload]
    known = [round(min(max(when, 0.0), max(seen.track.end, own.known[0])) / known_rate, 3) for when in own.known]
    return Segment(
        upload[0],
        upload[1],
        known[0],
        known[1],
        round(own.line.speed * upload_rate / known_rate, 4),
        footage.queries.turns[own.line.turn],
        len(own.pairs),
        own.pictures,
        round(float(pairs.distance[own.pairs].mean()), 2),
        footage.variant(pairs.use[own.pairs]),
    )
