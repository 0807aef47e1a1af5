"""Cost: what each level takes for a 2 MP JPEG, searched among many hashes, in turns with the others."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from hashmatch.hashes import Codes
from hashmatch.matching import Matcher

from ..picturing.sets import KINDS, draw
from ..probers import Prober
from ..timing import Series, interleave
from ..workloads import uniform
from .results import Cost

_KIND = KINDS["2 MP JPEG"]


def measure_cost(
    probers: Mapping[str, Prober], codes: Mapping[str, float], listed: int, seed: int, *, quick: bool
) -> list[Cost]:
    """Every level on the same pictures, in rounds that take turns; ours as its users call it, from file to report.

    Args:
        probers: Who is measured.
        codes: Level -> codes that it searches, in the mean.
        listed: How many hashes ours search.
        seed: Of pictures and hashes.
        quick: Smaller pictures, and fewer.
    """
    with _listed(uniform(np.random.default_rng([seed, listed]), listed)) as matcher:
        return _costs(probers, codes, matcher, listed, _contents(seed, quick), quick)


def _costs(
    probers: Mapping[str, Prober],
    codes: Mapping[str, float],
    matcher: Matcher,
    listed: int,
    contents: Sequence[bytes],
    quick: bool,
) -> list[Cost]:
    asking: dict[str, tuple[str, Callable[[bytes], object], int]] = {}
    for name, prober in probers.items():
        for level, title in prober.titles.items():
            ours = name == "ours"
            asking[level] = title, _asking(matcher, level) if ours else prober.probes, listed if ours else 0
    series = {level: Series(ask, [(content, 1) for content in contents]) for level, (_, ask, _) in asking.items()}
    for one in series.values():
        one.warm_up(0.02 if quick else 0.6)
    interleave(list(series.values()), 2 if quick else 7)
    return [
        Cost(level, title, codes.get(level, 0.0), series[level].timed(), hashes)
        for level, (title, _, hashes) in asking.items()
    ]


@contextmanager
def _listed(codes: Codes) -> Iterator[Matcher]:
    """A matcher against a list of PDQ hashes."""
    with tempfile.TemporaryDirectory() as folder:
        lines = (f"{code.tobytes().hex()}\n" for code in codes)
        (Path(folder) / "listed.txt").write_text("".join(lines), encoding="ascii")
        (Path(folder) / "lists.json").write_text('{"listed.txt": {"name": "listed", "algorithm": "pdq"}}')
        yield Matcher.from_lists(folder)


def _asking(matcher: Matcher, level: str) -> Callable[[bytes], object]:
    return lambda content: matcher.match(content, search=level)


def _contents(seed: int, quick: bool) -> Sequence[bytes]:
    """The files of some pictures."""
    width, height = (_KIND.width // 4, _KIND.height // 4) if quick else (_KIND.width, _KIND.height)
    contents = []
    for number in range(2 if quick else _KIND.count):
        stream = BytesIO()
        Image.fromarray(draw(width, height, [seed, number])).save(stream, _KIND.format, **_KIND.options)
        contents.append(stream.getvalue())
    return contents
