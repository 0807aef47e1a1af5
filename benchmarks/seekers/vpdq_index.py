"""python-threatexchange's index of videos."""

from __future__ import annotations

from typing import Any

import faiss
from threatexchange.extensions.vpdq.vpdq_index import VPDQIndex
from threatexchange.extensions.vpdq.vpdq_util import VpdqCompactFeature, vpdq_to_json

from .base import Frames, Seeker, Told, Videos


class VpdqIndex(Seeker):
    """``VPDQIndex``: an upload matches if 80 % of its frames are found; of the known video nothing is asked."""

    title = "python-threatexchange, upload ≥ 80 %"

    def __init__(self, videos: Videos) -> None:
        faiss.omp_set_num_threads(1)
        self._index = VPDQIndex.build((self.prepare(frames), name) for name, frames in videos.items())

    def prepare(self, frames: Frames) -> str:
        """The frames as its JSON."""
        return str(
            vpdq_to_json([VpdqCompactFeature(one.hex, one.quality or 0, one.timestamp or 0.0) for one in frames])
        )

    def search(self, frames: str) -> list[Any]:
        """See ``Seeker.search``."""
        return list(self._index.query(frames))

    def told(self, found: list[Any]) -> dict[str, Told]:
        """See ``Seeker.told``."""
        return {
            match.metadata: Told(
                match.similarity_info.compared_match_percent / 100, match.similarity_info.query_match_percent / 100
            )
            for match in found
        }
