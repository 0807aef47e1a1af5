"""QueryCodes: as which codes an upload is searched for."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .algorithms import ALGORITHMS
from .hashes import ORIENTATIONS, ORIGINAL, Codes, FrameHash, code_matrix
from .records import MediaType
from .results import HashedMedia
from .terms import Terms
from .thoroughness import Thoroughness
from .timeline import Timeline
from .views import View

WHOLE = -1
"""In place of the number of a view."""

_RANK = {name: rank for rank, name in enumerate(ORIENTATIONS)}

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class QueryCodes:
    """The codes of one upload by one algorithm: of each frame, and each of its views, in each orientation; different ones."""

    algorithm: str
    codes: Codes
    """``uint8[q, bytes]``, in the order in which they are first used."""
    frames: tuple[FrameHash, ...]
    """The frames."""
    turns: tuple[str, ...]
    """The orientations that occur."""
    code: Numbers
    """``int64[u]``: which code a use of one is; uses are in order of frame, the whole before its views, then of orientation."""
    frame: Numbers
    """``int64[u]``: of which frame, by its place in ``frames``."""
    view: Numbers
    """``int64[u]``: of which of its views, by the place in ``FrameHash.views``; -1 for the whole."""
    turn: Numbers
    """``int64[u]``: in which orientation, by its place in ``turns``."""
    first: Numbers
    """``int64[q]``: the first use of each code."""
    whole: Numbers
    """``int64[u]``: where a use is that of a view, the code of the whole frame in the same orientation; -1 for none."""
    timeline: Timeline | None = None
    """When its frames are, if it is judged as a video; None if it is a still or a whole file."""

    @classmethod
    def of(
        cls,
        algorithm: str,
        size: int,
        frames: Iterable[FrameHash],
        timeline: Timeline | None = None,
        search: Thoroughness = Thoroughness.TURNED,
        least: int = 0,
    ) -> QueryCodes:
        """The codes of some frames.

        Args:
            algorithm: Whose they are.
            size: Bytes of each.
            frames: With the views that are to be searched.
            timeline: Of the frames, if they are those of a video.
            search: In which orientations, and whether as views.
            least: The quality from which on a frame, or a view of it, is searched. One that has none is.

        Raises:
            InvalidValue: If a digest does not have ``size`` bytes.
        """
        frames = tuple(frames)
        seen = [own for number, frame in enumerate(frames) for own in _seen(number, frame, search, least)]
        names = {name for *_, orientations in seen for name in orientations}
        turns = tuple(sorted(names, key=lambda name: (_RANK.get(name, len(_RANK)), name)))
        place = {name: number for number, name in enumerate(turns)}
        counts = [len(orientations) for *_, orientations in seen]
        turn = np.array([place[name] for *_, orientations in seen for name in orientations], np.int64)
        frame, view = (np.repeat(np.array([own[at] for own in seen], np.int64), counts) for at in (0, 1))
        order = np.lexsort((turn, view, frame))
        frame, view, turn = frame[order], view[order], turn[order]
        digests = (digest for *_, orientations in seen for digest in orientations.values())
        codes = code_matrix(digests, size)[order]
        code, first = _different(codes)
        whole = _wholes(code, frame, view, turn)
        return cls(algorithm, codes[first], frames, turns, code, frame, view, turn, first, whole, timeline)

    def used(self, code: int) -> tuple[FrameHash, str, View | None]:
        """The frame, the orientation and the view that a code is first of; None if it is of the whole frame."""
        use = int(self.first[code])
        return self.frames[self.frame[use]], self.turns[self.turn[use]], self._view(use)

    def kind(self, use: int) -> str | None:
        """The variant that a use is of; None if it is of a whole frame."""
        view = self._view(use)
        return None if view is None else view.kind

    def _view(self, use: int) -> View | None:
        view = int(self.view[use])
        return None if view == WHOLE else self.frames[self.frame[use]].views[view].view


def upload_codes(hashed: HashedMedia, algorithms: Iterable[str], terms: Terms) -> Mapping[str, QueryCodes]:
    """The codes of an upload that are good enough to be matched, by algorithm, in the order of ``algorithms``."""
    found = {}
    for algorithm in algorithms:
        if algorithm in hashed.hashes:
            frames = hashed.hashes[algorithm].frames
            least = terms.min_quality.get(algorithm, 0)
            searched = np.array([any(_seen(0, frame, terms.search, least)) for frame in frames], np.bool_)
            if searched.any():
                timeline = None
                if ALGORITHMS[algorithm].radius and (len(frames) > 1 or hashed.media_type is MediaType.VIDEO):
                    timeline = Timeline.of(frames, hashed.duration).part(searched)
                chosen = itertools.compress(frames, searched)
                size = ALGORITHMS[algorithm].size
                found[algorithm] = QueryCodes.of(algorithm, size, chosen, timeline, terms.search, least)
    return found


def _seen(
    number: int, frame: FrameHash, search: Thoroughness, least: int
) -> Iterator[tuple[int, int, Mapping[str, bytes]]]:
    """What of a frame is searched: of which frame, of which view, and in which orientations.

    Of a frame that is too poor itself only what is left when something was taken off: what is around it may be nothing but
    its border.
    """
    fit = _enough(frame.quality, least)
    if fit:
        turned = {ORIGINAL: frame.digest, **frame.orientations} if search.turns else {ORIGINAL: frame.digest}
        yield number, WHOLE, turned
    if search.views:
        for view, own in enumerate(frame.views):
            if _enough(own.quality, least) and (fit or own.view.cuts):
                yield number, view, own.orientations


def _enough(quality: int | None, least: int) -> bool:
    return quality is None or quality >= least


def _wholes(code: Numbers, frame: Numbers, view: Numbers, turn: Numbers) -> Numbers:
    """Of each use that is one of a view the code of the whole frame in the same orientation; -1 for none."""
    turns = int(turn.max(initial=0)) + 1
    of_whole: Numbers = np.full((int(frame.max(initial=-1)) + 1) * turns, WHOLE)
    key = frame * turns + turn
    of_whole[key[view == WHOLE]] = code[view == WHOLE]
    return np.where(view == WHOLE, WHOLE, of_whole[key])


def _different(codes: Codes) -> tuple[Numbers, Numbers]:
    """Which of the different codes each one is, in the order in which they come, and where each comes first."""
    if len(codes) <= len(ORIENTATIONS):
        return np.arange(len(codes)), np.arange(len(codes))
    rows = np.ascontiguousarray(codes).view(np.dtype((np.void, codes.shape[1]))).reshape(-1)
    _, first, which = np.unique(rows, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return rank[which.reshape(-1)], first[order]
