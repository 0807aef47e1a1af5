"""Many uploads at once: the reports are those of one at a time, in order, as they come."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from hashmatch import hits
from hashmatch.errors import InvalidValue, MediaError, UnknownList
from hashmatch.hashes import ORIENTATIONS, FrameHash, MediaHash
from hashmatch.hashing import hash_file
from hashmatch.indexes import INDEXES, HashIndex
from hashmatch.matching import TOGETHER, Matcher
from hashmatch.publishing import build
from hashmatch.records import ListSettings, Role
from hashmatch.results import HashedMedia
from hashmatch.snapshot import Snapshot

from .drawing import textured
from .readme import ROOT
from .tables import settings, table

LISTS = settings(
    ListSettings("block"), ListSettings("far", radius={"pdq": 40, "phash": 9}), ListSettings("fine", role=Role.ALLOW)
)
SIZES = {"pdq": 32, "phash": 8, "sha256": 32}
RANDOM = np.random.default_rng(11)
CODES = {
    "pdq": RANDOM.integers(0, 256, (60, 32), dtype=np.uint8),
    "phash": RANDOM.integers(0, 256, (60, 8), dtype=np.uint8),
    "sha256": RANDOM.integers(0, 256, (60, 32), dtype=np.uint8),
}
ROWS = [
    {
        "source_id": str(number),
        "algorithm": algorithm,
        "digest": code.tobytes(),
        "list": ["block", "block", "far", "fine"][number % 4],
    }
    for algorithm, codes in CODES.items()
    for number, code in enumerate(codes)
]

pytestmark = pytest.mark.usefixtures("kind")


@pytest.fixture(autouse=True)
def endless_gathering(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is, uploads are looked up together until there are enough."""
    monkeypatch.setattr("hashmatch.uploads.GATHERING_SECONDS", 1e9)


@pytest.fixture
def matcher(tmp_path: Path) -> Matcher:
    return opened(tmp_path, ROWS)


def opened(folder: Path, rows: list[dict[str, Any]]) -> Matcher:
    return Matcher.from_snapshot(Snapshot.open(folder / build(folder, 1, [table(rows)], LISTS)))


def near(algorithm: str, random: np.random.Generator) -> bytes:
    """A listed hash with some bits flipped, or, half of the time, any other."""
    codes = CODES[algorithm]
    bits = 8 * codes.shape[1]
    most = {"pdq": 44, "phash": 11, "sha256": 0}[algorithm]
    flipped = np.zeros(bits, np.uint8)
    flipped[random.permutation(bits)[: random.integers(0, most + 1) if random.random() < 0.5 else bits // 2]] = 1
    return bytes(codes[random.integers(len(codes))] ^ np.packbits(flipped))


def upload(number: int) -> HashedMedia:
    random = np.random.default_rng(number)
    hashes = {}
    for algorithm in SIZES:
        if random.random() < 0.9:
            names = ORIENTATIONS[:1] if algorithm == "sha256" else ORIENTATIONS
            turned = {name: near(algorithm, random) for name in names}
            quality = int(random.integers(40, 101)) if algorithm == "pdq" else None
            hashes[algorithm] = MediaHash(algorithm, (FrameHash(turned["original"], quality, orientations=turned),))
    return HashedMedia(hashes, file=str(number))


@pytest.fixture
def hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A path that is a number is a file with random hashes; each seventh cannot be read."""

    def made(path: str, *others: object) -> HashedMedia:
        if int(path) % 7 == 3:
            raise MediaError(f"{path} cannot be read")
        return upload(int(path))

    monkeypatch.setattr("hashmatch.hashing._hashed_path", made)


@pytest.mark.usefixtures("hashing")
@pytest.mark.parametrize("together", [256, 1, 5])
def test_the_reports_are_those_of_one_at_a_time(together: int, matcher: Matcher) -> None:
    paths = [str(number) for number in range(150)]
    alone = [matcher.match(path) for path in paths]
    assert sum(report.matched for report in alone) > 50
    assert sum(bool(report.suppressed) for report in alone) > 10
    assert sum(bool(report.low_quality) for report in alone) > 5
    assert list(matcher.match_many(paths, workers=0, together=together)) == alone
    options: dict[str, Any] = {"radius": {"pdq": 256, "phash": 3}, "lists": ["far"], "min_quality": 0}
    expected = [matcher.match(path, **options) for path in paths[:20]]
    assert list(matcher.match_many(paths[:20], workers=0, together=together, **options)) == expected


def test_the_reports_of_the_samples_are_those_of_one_at_a_time() -> None:
    matcher = Matcher.from_lists([ROOT / "data" / "sample_hashes"])
    paths = sorted((ROOT / "data" / "sample_media").iterdir())
    assert list(matcher.match_many(paths, workers=2)) == [matcher.match(path) for path in paths]


@pytest.mark.usefixtures("hashing")
def test_those_with_very_many_answers_are_looked_up_again_alone(
    matcher: Matcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [str(number) for number in range(40)]
    expected = [matcher.match(path, radius=128) for path in paths]
    monkeypatch.setattr(hits, "ANSWERS_TOGETHER", 12)
    searches = watched(monkeypatch)
    assert list(matcher.match_many(paths, workers=0, radius=128)) == expected
    assert all(limit == 12 or queries in (1, 8) for queries, limit in searches)
    assert [limit for _, limit in searches].count(None) > 20
    assert max(queries for queries, _ in searches) > 8 * 20


def watched(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int | None]]:
    """How many codes each search from now on asks for, and with which limit."""
    searches: list[tuple[int, int | None]] = []

    def watching(plain: Any) -> Any:
        def search(index: HashIndex, queries: Any, radius: int = 0, limit: int | None = None) -> Any:
            searches.append((len(queries), limit))
            return plain(index, queries, radius, limit)

        return search

    for own in INDEXES.values():
        monkeypatch.setattr(own, "search", watching(own.search))
    return searches


@pytest.mark.usefixtures("hashing")
def test_one_search_serves_many_uploads(matcher: Matcher, monkeypatch: pytest.MonkeyPatch) -> None:
    searches = watched(monkeypatch)
    count = sum(1 for _ in matcher.match_many(map(str, range(200)), workers=0))
    assert count == 200
    assert len(searches) == len(SIZES)
    searches.clear()
    (report,) = matcher.match_many(["1"], workers=0)
    assert report == matcher.match("1")
    assert {limit for _, limit in searches} == {None}


@pytest.mark.parametrize("workers", [0, 2, None])
def test_nothing_gives_nothing(workers: int | None, matcher: Matcher) -> None:
    assert list(matcher.match_many([], workers=workers)) == []


def test_arguments_are_refused_at_once(matcher: Matcher) -> None:
    for wrong in ({"workers": -1}, {"together": 0}, {"radius": -1}):
        with pytest.raises(InvalidValue):
            matcher.match_many([], **wrong)  # type: ignore[arg-type]
    with pytest.raises(UnknownList):
        matcher.match_many([], lists=["stray"])


@pytest.mark.usefixtures("hashing")
def test_what_came_before_an_error_is_reported(matcher: Matcher) -> None:
    def failing() -> Iterator[str]:
        yield from map(str, range(10))
        raise OSError("the folder is gone")

    reports = matcher.match_many(failing(), workers=0)
    assert [next(reports).file for _ in range(10)] == list(map(str, range(10)))
    with pytest.raises(OSError, match="gone"):
        next(reports)


@pytest.mark.usefixtures("hashing")
@pytest.mark.parametrize(
    ("together", "seconds", "most"), [(1, 1e9, 4), (TOGETHER, 1e9, TOGETHER + 4), (TOGETHER, 0, 4)]
)
def test_paths_are_taken_as_they_are_needed_and_it_can_be_left(
    together: int, seconds: float, most: int, matcher: Matcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hashmatch.uploads.GATHERING_SECONDS", seconds)
    taken = 0
    closed = threading.Event()

    def endless() -> Iterator[str]:
        nonlocal taken
        try:
            while True:
                taken += 1
                yield "1"
        finally:
            closed.set()

    reports = matcher.match_many(endless(), workers=0, together=together)
    assert taken == 0
    assert next(reports).matched == matcher.match("1").matched
    assert taken <= most
    reports.close()  # type: ignore[attr-defined]
    assert closed.is_set()


@pytest.mark.usefixtures("hashing")
def test_with_one_together_each_is_answered_before_the_next_is_taken(matcher: Matcher) -> None:
    answered: list[str | None] = []

    def waiting() -> Iterator[str]:
        for number in range(5):
            assert len(answered) == number
            yield str(number)

    for report in matcher.match_many(waiting(), workers=0, together=1):
        answered.append(report.file)
    assert answered == list(map(str, range(5)))


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_files_are_reported_in_order(workers: int, tmp_path: Path) -> None:
    good, bad, other = tmp_path / "good.png", tmp_path / "none.png", tmp_path / "other.png"
    for seed, path in enumerate((good, other)):
        Image.fromarray(textured(100, 90, seed=seed)).save(path)
    matcher = opened(tmp_path / "root", [{"list": "block", "digest": hash_file(good, ("pdq",))["pdq"].digest}])
    paths = [good, bad, other] * 7
    reports = list(matcher.match_many(paths, workers=workers))
    assert [own.file for own in reports] == [str(path) for path in paths]
    assert [(own.matched, own.error is None) for own in reports] == [(True, True), (False, False), (False, True)] * 7
    assert {own.snapshot for own in reports} == {matcher.version}
