"""Uploads in a row: their order, how many are under way, and how many are gathered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from hashmatch.errors import InvalidValue
from hashmatch.hashing import HashOptions, hash_file
from hashmatch.results import HashReport
from hashmatch.uploads import GATHERING_SECONDS, gather, hash_each, hash_many

from .drawing import textured

PDQ = HashOptions(("pdq",))

both = pytest.mark.parametrize("workers", [0, 1, 3])


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def hashed(clock: Clock, seconds: list[float]) -> Iterator[HashReport]:
    """Uploads that take so long each."""
    for number, duration in enumerate(seconds):
        clock.now += duration
        yield HashReport(str(number))


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
    def failing() -> Iterator[HashReport]:
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
    uploads = list(hash_each(sources, PDQ, workers))
    assert [own.file for own in uploads] == [str(picture), str(picture.with_name("none.png")), None, None] * 5
    assert [own.error is None for own in uploads] == [True, False, True, True] * 5
    assert len({own.hashed["pdq"].hex for own in uploads if own.hashed}) == 1
    assert [own.hashed is None for own in uploads] == [own.error is not None for own in uploads]


@both
def test_nothing_gives_nothing(workers: int) -> None:
    assert list(hash_each([], PDQ, workers)) == []


@both
def test_an_error_waits_for_its_turn(workers: int, picture: Path) -> None:
    def failing() -> Iterator[Path]:
        yield from [picture] * 5
        raise OSError("the folder is gone")

    for sources, error in (([*[picture] * 5, 3, picture], InvalidValue), (failing(), OSError)):
        uploads = hash_each(sources, PDQ, workers)
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

    uploads = hash_each(endless(), PDQ, workers)
    assert taken == 0
    next(uploads)
    assert taken <= max(1, 40 * workers)
    uploads.close()


@both
def test_what_has_nothing_yet_keeps_nothing_waiting(workers: int, picture: Path) -> None:
    def slow() -> Iterator[Path | None]:
        for _ in range(3):
            yield picture
            while len(given) < 1 + _:
                yield None

    given: list[HashReport] = []
    for upload in hash_each(slow(), PDQ, workers):
        if upload is not None:
            given.append(upload)
    assert [upload.file for upload in given] == [str(picture)] * 3


def test_what_was_gathered_is_not_kept_waiting() -> None:
    uploads = [HashReport("0"), HashReport("1"), None, None, HashReport("2"), None]
    runs = gather(iter(uploads), 256, Clock())
    assert [[upload.file for upload in run] for run in runs] == [["0", "1"], ["2"]]


@pytest.mark.parametrize("workers", [0, 2, None])
def test_hash_many_gives_what_hash_file_gives(workers: int | None, picture: Path) -> None:
    first, second = hash_many([picture, picture.with_name("none")], workers=workers, fast=True)
    assert first == HashReport(str(picture), hash_file(picture, fast=True))
    assert (second.file, second.hashed) == (str(picture.with_name("none")), None)
    assert second.error == f"{picture.with_name('none')} cannot be read: No such file or directory"


@pytest.mark.parametrize("wrong", [{"workers": -1}, {"algorithms": "pdq"}, {"algorithms": ()}, {"algorithms": ("x",)}])
def test_what_makes_no_sense_is_refused_at_once(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidValue):
        hash_many([], **wrong)
