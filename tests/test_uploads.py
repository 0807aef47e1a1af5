"""Uploads in a row: their order, how many are under way, and how many are gathered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from hashmatch.errors import InvalidValue
from hashmatch.uploads import GATHERING_SECONDS, Upload, gather, hash_each

from .drawing import textured

both = pytest.mark.parametrize("workers", [1, 3])


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def hashed(clock: Clock, seconds: list[float]) -> Iterator[Upload]:
    """Uploads that take so long each."""
    for number, duration in enumerate(seconds):
        clock.now += duration
        yield Upload(str(number))


@pytest.mark.parametrize(
    ("seconds", "most", "sizes"),
    [
        ([], 256, []),
        ([0.0], 256, [1]),
        ([0.0] * 600, 256, [256, 256, 88]),
        ([0.0] * 4, 2, [2, 2]),
        ([0.0] * 4, 1, [1, 1, 1, 1]),
        ([0.2] * 7, 256, [3, 3, 1]),
        ([10.0, 10.0, 0.1, 0.1], 256, [1, 1, 2]),
        ([GATHERING_SECONDS, 0.0], 256, [1, 1]),
    ],
)
def test_a_run_is_full_or_half_a_second_old(seconds: list[float], most: int, sizes: list[int]) -> None:
    clock = Clock()
    runs = []
    for run in gather(hashed(clock, seconds), most, clock):
        runs.append(run)
        # What is done with a run does not shorten the next.
        clock.now += 100
    assert [len(run) for run in runs] == sizes
    assert [upload.file for run in runs for upload in run] == [str(number) for number in range(len(seconds))]


def test_what_came_before_an_error_is_given_first() -> None:
    def failing() -> Iterator[Upload]:
        yield from hashed(Clock(), [0.0] * 3)
        raise InvalidValue("the fourth")

    runs = gather(failing(), 2)
    assert [upload.file for upload in next(runs)] == ["0", "1"]
    assert [upload.file for upload in next(runs)] == ["2"]
    with pytest.raises(InvalidValue, match="the fourth"):
        next(runs)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    Image.fromarray(textured(60, 70)).save(tmp_path / "picture.png")
    return tmp_path / "picture.png"


@both
def test_each_is_hashed_or_says_why_not(workers: int, picture: Path) -> None:
    sources = [picture, picture.with_name("none.png"), picture.read_bytes(), textured(60, 70)] * 5
    uploads = list(hash_each(sources, ("pdq",), workers))
    assert [own.file for own in uploads] == [str(picture), str(picture.with_name("none.png")), None, None] * 5
    assert [own.error is None for own in uploads] == [True, False, True, True] * 5
    assert len({own.hashed["pdq"].hex for own in uploads if own.hashed}) == 1
    assert [own.hashed is None for own in uploads] == [own.error is not None for own in uploads]


@both
def test_nothing_gives_nothing(workers: int) -> None:
    assert list(hash_each([], ("pdq",), workers)) == []


@both
def test_an_error_waits_for_its_turn(workers: int, picture: Path) -> None:
    def failing() -> Iterator[Path]:
        yield from [picture] * 5
        raise OSError("the folder is gone")

    for sources, error in (([*[picture] * 5, 3, picture], InvalidValue), (failing(), OSError)):
        uploads = hash_each(sources, ("pdq",), workers)
        assert [next(uploads).file for _ in range(5)] == [str(picture)] * 5
        with pytest.raises(error):
            next(uploads)


@both
def test_sources_are_taken_as_they_are_needed(workers: int, picture: Path) -> None:
    taken = 0

    def endless() -> Iterator[Path]:
        nonlocal taken
        while True:
            taken += 1
            yield picture

    uploads = hash_each(endless(), ("pdq",), workers)
    assert taken == 0
    next(uploads)
    assert taken <= 2 * workers
    uploads.close()
