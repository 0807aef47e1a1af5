"""Segments that go on where frames are too far apart to be hits, and no further than the video does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hashmatch.hashes import hamming
from hashmatch.records import ListSettings, Role

from .films import codes, film, known, noisy, turned, upload
from .tables import settings
from .test_watching import LISTS, match, near, only, second

MOVIE = film(1, 300, 2.5)
BLURRED = 12
"""Frames at the beginning and the end of the piece that are no hits."""


def moved(given: np.ndarray, bits: int) -> np.ndarray:
    """The codes with exactly so many bits of each turned."""
    random = np.random.default_rng(3)
    flat = np.unpackbits(given, axis=1)
    for row in flat:
        row[random.choice(256, bits, replace=False)] ^= 1
    return np.packbits(flat, axis=1)


def shown(bits: int, blurred: slice | None = None) -> np.ndarray:
    """120 seconds, of which 30 to 90 are those from 100 on; those at its ends are so many bits off."""
    given = codes(7, 120)
    piece = noisy(MOVIE.at(second(60) + 100.3), 10)
    for part in (slice(0, 3), slice(57, 60)) if blurred is None else (blurred,):
        piece[part] = moved(MOVIE.at(second(60) + 100.3)[part], bits)
    given[30:90] = piece
    return given


@pytest.mark.parametrize("bits", [40, 64])
def test_ends_that_are_too_far_off_to_be_hits_are_reached(bits: int, tmp_path: Path) -> None:
    video = only(match(tmp_path, known(MOVIE.at(second(300))), upload(shown(bits))))
    near(video, (30, 90, 100.3, 160.3), seconds=0.9)
    assert video.segments[0].frames == 54, "only hits are counted"


def test_what_is_more_than_a_quarter_off_is_not_reached(tmp_path: Path) -> None:
    video = only(match(tmp_path, known(MOVIE.at(second(300))), upload(shown(70))))
    near(video, (33, 87, 103.3, 157.3), seconds=0.9)


def test_frames_that_have_nothing_in_common_are_farther_than_that() -> None:
    unrelated = codes(11, 400)
    distances = hamming(unrelated[:200, np.newaxis], unrelated[np.newaxis, 200:])
    assert distances.min() > 64


def test_orientations_are_those_of_the_segment(tmp_path: Path) -> None:
    flipped = [np.frombuffer(turned(code)["rotate90"], np.uint8) for code in MOVIE.at(second(300))]
    video = only(match(tmp_path, known(np.array(flipped)), upload(shown(50))))
    near(video, (30, 90, 100.3, 160.3), seconds=0.9)
    assert video.segments[0].orientation == "rotate90"


def test_segments_side_by_side_do_not_overlap(tmp_path: Path) -> None:
    given = codes(7, 100)
    for start, at in ((20, 50), (50, 200)):
        given[start : start + 30] = noisy(MOVIE.at(second(30) + at), 10)
    # Two seconds on both sides of the cut are blurred.
    given[48:52] = moved(given[48:52], 50)
    video = only(match(tmp_path, known(MOVIE.at(second(300))), upload(given)))
    near(video, (20, 50, 50, 80), (50, 80, 200, 230), seconds=0.9)
    assert video.segments[0].upload_end <= video.segments[1].upload_start


def test_frames_that_an_allow_list_knows_are_not_reached(tmp_path: Path) -> None:
    given = shown(40)
    allowed: list[dict[str, Any]] = [
        {"source_id": str(number), "digest": moved(code[np.newaxis], 10)[0].tobytes(), "list": "allow", "quality": 100}
        for number, code in enumerate(given[30:33])
    ]
    # Something else is hidden, so that allow lists have a say.
    allowed.append({"source_id": "hit", "digest": MOVIE.at([104])[0].tobytes(), "list": "allow", "quality": 100})
    lists = {**LISTS, **settings(ListSettings("allow", role=Role.ALLOW))}
    video = only(match(tmp_path, [*known(MOVIE.at(second(300))), *allowed], upload(given), lists))
    assert video.segments[0].upload_start == pytest.approx(33, abs=2.1)
    assert video.segments[0].upload_start >= 32.4
    assert video.segments[0].upload_end == pytest.approx(90, abs=0.6)
