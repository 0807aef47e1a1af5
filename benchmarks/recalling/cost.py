"""Cost: what each level takes for a 2 MP JPEG, searched among many hashes, in turns with the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from io import BytesIO

import numpy as np
from PIL import Image

from hashmatch import indexes
from hashmatch.algorithms.pdq import PDQ
from hashmatch.hashes import ORIENTATIONS, Codes, code_matrix

from ..picturing.sets import KINDS, draw
from ..probers import Prober
from ..probers.ours import decoded, view_codes
from ..timing import Series, interleave
from ..workloads import uniform
from .results import Cost

_KIND = KINDS["2 MP JPEG"]


def measure_cost(
    probers: Mapping[str, Prober], codes: Mapping[str, float], listed: int, seed: int, *, quick: bool
) -> list[Cost]:
    """Every level on the same pictures, in rounds that take turns.

    Args:
        probers: Who is measured.
        codes: Level -> codes that it searches, in the mean.
        listed: How many hashes ours search.
        seed: Of pictures and hashes.
        quick: Smaller pictures, and fewer.
    """
    contents = _contents(seed, quick)
    index = indexes.build(uniform(np.random.default_rng([seed, listed]), listed), "multi_index", PDQ.radius)
    asking: dict[str, tuple[str, Callable[[bytes], object], int]] = {}
    for name, prober in probers.items():
        for level, title in prober.titles.items():
            if name == "ours":
                ask = _asking(index, OURS_CODES[level])
                asking[level] = title, ask, listed
            else:
                asking[level] = title, prober.probes, 0
    series = {level: Series(ask, [(content, 1) for content in contents]) for level, (_, ask, _) in asking.items()}
    for one in series.values():
        one.warm_up(0.02 if quick else 0.6)
    interleave(list(series.values()), 2 if quick else 7)
    return [
        Cost(level, title, codes.get(level, 0.0), series[level].timed(), hashes)
        for level, (title, _, hashes) in asking.items()
    ]


def _plain(content: bytes) -> Codes:
    _, hashed = decoded(content)
    return code_matrix([hashed.digest], PDQ.size)


def _turned(content: bytes) -> Codes:
    _, hashed = decoded(content)
    return code_matrix([hashed.orientations[name] for name in ORIENTATIONS], PDQ.size)


def _thorough(content: bytes) -> Codes:
    frame, hashed = decoded(content)
    turned = code_matrix([hashed.orientations[name] for name in ORIENTATIONS], PDQ.size)
    return np.concatenate([turned, view_codes(frame)])


OURS_CODES: Mapping[str, Callable[[bytes], Codes]] = {"plain": _plain, "turned": _turned, "thorough": _thorough}
"""Level -> what it computes, and no more."""


def _asking(index: indexes.HashIndex, codes_of: Callable[[bytes], Codes]) -> Callable[[bytes], object]:
    return lambda content: index.search(codes_of(content), PDQ.radius)


def _contents(seed: int, quick: bool) -> Sequence[bytes]:
    """The files of some pictures."""
    width, height = (_KIND.width // 4, _KIND.height // 4) if quick else (_KIND.width, _KIND.height)
    contents = []
    for number in range(2 if quick else _KIND.count):
        stream = BytesIO()
        Image.fromarray(draw(width, height, [seed, number])).save(stream, _KIND.format, **_KIND.options)
        contents.append(stream.getvalue())
    return contents
