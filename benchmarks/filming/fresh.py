"""What a fresh process does for ``speed``: it takes a set as JSON on standard input, and prints what it found.

Before numpy and FFmpeg are loaded it is kept to one core, so that one thread is one core for everybody.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..pinning import pin

if TYPE_CHECKING:
    from .speed import Speed, VideoSet


def main(asked: bytes) -> bytes:
    """Measure a set on one core."""
    pinned = pin()
    import msgspec

    from .speed import VideoSet

    order = msgspec.json.decode(asked)
    videos = msgspec.convert(order["videos"], VideoSet)
    return msgspec.json.encode(measured(videos, order["rounds"], pinned))


def measured(videos: VideoSet, rounds: int, pinned: bool) -> Speed:
    """Every sampler on the same videos, in rounds that take turns."""
    from hashmatch.errors import MissingExtra

    from ..samplers import SAMPLERS
    from ..timing import Series, interleave
    from .drift import drifts
    from .results import Absence, Hashed
    from .speed import Speed

    paths = [Path(path) for path in videos.paths]
    absences, found, chosen = [], {}, []
    for name in SAMPLERS:
        try:
            sampler = SAMPLERS[name]
            # The first time is no round: it loads and compiles.
            found[name] = _all(sampler.hash, paths)
        except MissingExtra as error:
            absences.append(Absence(videos.name, name, str(error)))
        except Exception as error:
            absences.append(Absence(videos.name, name, f"it fails: {error}"[:200]))
        else:
            chosen.append((name, sampler.title, Series(partial(_all, sampler.hash), [(paths, 1)])))
    interleave([series for _, _, series in chosen], rounds)
    hashed = [Hashed(videos.name, name, title, videos.seconds, series.timed()) for name, title, series in chosen]
    return Speed(pinned, tuple(hashed), tuple(drifts(videos.name, found)), tuple(absences))


def _all(hash: Any, paths: list[Path]) -> list[Any]:
    return [hash(path) for path in paths]


if __name__ == "__main__":
    sys.stdout.buffer.write(main(sys.stdin.buffer.read()))
