"""Brute force: every frame of the upload beside every known frame, counted as vPDQ counts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hashmatch.hashes import Codes

from ..workloads import RADIUS
from .base import QUALITY, SHARE, Frames, Seeker, Told, Videos

Words = npt.NDArray[np.uint64]


class Brute(Seeker):
    """numpy over all codes, eight bytes at a time; an upload matches if 80 % of its frames are found."""

    title = "brute force in numpy"

    def __init__(self, videos: Videos) -> None:
        self._names = list(videos)
        codes = [unique(frames) for frames in videos.values()]
        self._counts = np.array([len(own) for own in codes])
        self._video = np.repeat(np.arange(len(codes)), self._counts)
        # A word of all codes beside one another: what is read is in sequence.
        self._words = np.ascontiguousarray(np.concatenate(codes).view(np.uint64).T)

    def prepare(self, frames: Frames) -> Words:
        """Each hash once: ``uint64[q, 4]``."""
        return unique(frames).view(np.uint64)

    def search(self, frames: Words) -> dict[str, Told]:
        """See ``Seeker.search``."""
        if not len(frames):
            return {}
        known_hit = np.zeros(self._words.shape[1], np.bool_)
        upload_hits = np.zeros(len(self._names), np.int64)
        for frame in frames:
            near = self._distances(frame) <= RADIUS
            known_hit |= near
            upload_hits[np.unique(self._video[near])] += 1
        known_hits = np.bincount(self._video[known_hit], minlength=len(self._names))
        return {
            self._names[video]: Told(
                float(known_hits[video] / self._counts[video]), float(upload_hits[video] / len(frames))
            )
            for video in np.flatnonzero(upload_hits >= SHARE * len(frames))
        }

    def told(self, found: dict[str, Told]) -> dict[str, Told]:
        """See ``Seeker.told``."""
        return found

    def _distances(self, frame: Words) -> npt.NDArray[np.uint16]:
        distances = np.zeros(self._words.shape[1], np.uint16)
        for word, own in zip(self._words, frame, strict=True):
            distances += np.bitwise_count(word ^ own)
        return distances


def unique(frames: Frames) -> Codes:
    """The different hashes of quality 50 or more: ``uint8[n, 32]``."""
    digests = dict.fromkeys(frame.digest for frame in frames if (frame.quality or 0) >= QUALITY)
    return np.frombuffer(b"".join(digests), np.uint8).reshape(-1, 32)
