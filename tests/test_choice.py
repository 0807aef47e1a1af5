"""Which index answers: the one that was published, the one that was asked for, a scan beyond their reach."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from hashmatch import choice
from hashmatch.choice import check_choice, usual_radius
from hashmatch.errors import IndexMismatch, InvalidValue, UnknownName
from hashmatch.hashes import hamming
from hashmatch.indexes import CHOICES, INDEXES
from hashmatch.matching import Matcher
from hashmatch.publishing import build, publish
from hashmatch.records import ListSettings
from hashmatch.snapshot import Snapshot

from .forking import true_in_child
from .kinds import KINDS, preferring
from .tables import settings, table

CODES = np.random.default_rng(8).integers(0, 256, (200, 32), dtype=np.uint8)
CODES[1:40] = CODES[0] ^ np.packbits(np.tri(39, 256, dtype=np.uint8), axis=1)
CODES = CODES[np.lexsort(CODES.T[::-1])]
LISTS = settings(ListSettings("tcap"))
ROWS = [{"source_id": str(number), "digest": code.tobytes()} for number, code in enumerate(CODES)]
ROWS += [{"algorithm": "sha256", "digest": code.tobytes()} for code in CODES[:5]]

every_choice = pytest.mark.parametrize("asked", CHOICES)


@pytest.fixture
def folder(kind: str, tmp_path: Path) -> Path:
    return tmp_path / build(tmp_path, 1, [table(ROWS)], LISTS)


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """The kind and reach of each index that is built from now on."""
    seen: list[tuple[str, int]] = []
    plain = choice.indexes.build

    def watching(codes: np.ndarray, kind: str, max_radius: int, folder: Path | None = None) -> object:
        seen.append((kind, max_radius))
        return plain(codes, kind, max_radius, folder)

    monkeypatch.setattr("hashmatch.indexes.build", watching)
    return seen


def test_all_may_be_chosen_but_what_finds_equal_codes_only() -> None:
    assert ("auto", *(name for name, own in INDEXES.items() if own.radius_limit != 0)) == CHOICES
    for asked in CHOICES:
        check_choice(asked)
    with pytest.raises(InvalidValue, match="'exact' finds equal codes only; choose from auto, faiss_flat"):
        check_choice("exact")
    with pytest.raises(UnknownName, match="no index 'hnsw'; choose from auto, faiss_flat"):
        check_choice("hnsw")


@every_choice
@pytest.mark.parametrize("radius", [0, 5, 31, 40, 60])
def test_every_choice_gives_every_answer(asked: str, radius: int, folder: Path) -> None:
    snapshot = Snapshot.open(folder, asked)
    index = snapshot.index("pdq", radius)
    found = index.search(CODES[:30], radius)
    for query in range(30):
        distances = hamming(CODES, CODES[query])
        expected = sorted((int(d), row) for row, d in enumerate(distances) if d <= radius)
        part = found.part(query, query + 1)
        assert list(zip(part.distances.tolist(), part.rows.tolist(), strict=True)) == expected
    assert len(found.rows) > 30 or radius == 0


def test_auto_takes_what_was_published_and_scans_beyond(kind: str, folder: Path, built: list[tuple[str, int]]) -> None:
    snapshot = Snapshot.open(folder)
    assert snapshot.choice == "auto"
    near, far = snapshot.index("pdq", 31), snapshot.index("pdq", 32)
    assert near.name == kind
    assert far.name == "faiss_flat"
    assert np.shares_memory(far.codes, snapshot.codes("pdq"))
    assert snapshot.index("pdq", 256) is far
    assert snapshot.index("pdq", 31) is snapshot.index("pdq") is near
    assert built == ([] if kind == "faiss_flat" else [("faiss_flat", 256)])


@pytest.mark.parametrize("asked", KINDS)
def test_what_was_asked_for_is_built_once_and_beyond_its_reach_is_a_scan(
    asked: str, kind: str, folder: Path, built: list[tuple[str, int]]
) -> None:
    snapshot = Snapshot.open(folder, asked)
    assert {snapshot.index("pdq", radius).name for radius in (3, 31, 0)} == {asked}
    first = {"faiss_flat": 256, "multi_index": 31}[asked]
    assert built == ([] if kind == asked else [(asked, first)])
    built.clear()
    assert [snapshot.index("pdq", radius).name for radius in (33, 20, 36)] == ["faiss_flat", asked, "faiss_flat"]
    assert built == ([] if asked == "faiss_flat" else [("faiss_flat", 256)])


@every_choice
def test_digests_are_always_looked_up_as_published(asked: str, folder: Path, built: list[tuple[str, int]]) -> None:
    index = Snapshot.open(folder, asked).index("sha256")
    assert (index.name, index.search(CODES[:1], 0).rows.tolist()) == ("exact", [0])
    assert Snapshot.open(folder, asked).index("sha256", 5).name == "exact"
    assert built == []


@every_choice
def test_radii_that_cannot_be_are_refused(asked: str, folder: Path) -> None:
    snapshot = Snapshot.open(folder, asked)
    for radius in (-1, 257):
        with pytest.raises(IndexMismatch, match="radius"):
            Matcher.from_snapshot(snapshot).search(CODES[:1], radius=radius)
    with pytest.raises(IndexMismatch, match="radius"):
        Matcher.from_snapshot(snapshot).search(CODES[:1], "sha256", radius=1)


def test_of_many_threads_one_builds(folder: Path, kind: str, built: list[tuple[str, int]]) -> None:
    other = next(name for name in KINDS if name != kind)
    snapshot = Snapshot.open(folder, other)
    begin = threading.Barrier(8)

    def search(_: int) -> list[int]:
        begin.wait(60)
        return snapshot.index("pdq", 31).search(CODES[:9], 31).rows.tolist()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(search, range(8)))
    assert len(built) == 1
    assert answers == [Snapshot.open(folder).index("pdq", 31).search(CODES[:9], 31).rows.tolist()] * 8


def test_a_fork_while_an_index_is_built_leaves_no_lock_behind(folder: Path, kind: str) -> None:
    other = next(name for name in KINDS if name != kind)
    snapshot = Snapshot.open(folder, other)
    with choice._building:
        assert true_in_child(lambda: snapshot.index("pdq", 31).name == other)
    assert snapshot.index("pdq", 31).name == other


def test_a_choice_that_cannot_be_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    for wrong in ("exact", "hnsw", ""):
        for opening in (Snapshot.open, Snapshot.open_current, Matcher.open, Matcher.from_lists):
            with pytest.raises(InvalidValue, match="choose from auto"):
                opening(tmp_path / "none", wrong)  # type: ignore[operator]


@every_choice
def test_refresh_keeps_the_choice(asked: str, tmp_path: Path) -> None:
    (tmp_path / "bank.json").write_text("{}")
    publish(tmp_path, 1, [table(ROWS)], LISTS)
    matcher = Matcher.open(tmp_path, asked)
    with preferring("multi_index"):
        publish(tmp_path, 2, [table(ROWS[:50])], LISTS)
    assert matcher.refresh()
    assert matcher.snapshot.choice == asked
    assert matcher.snapshot.index("pdq", 31).name == {"auto": "multi_index"}.get(asked, asked)
    assert len(matcher.search(CODES[:1], radius=0).rows) == 1


def test_the_usual_radius_is_the_largest_that_anything_says() -> None:
    lists = [
        ListSettings("a"),
        ListSettings("b", radius={"pdq": 40, "sha256": 9}),
        ListSettings("c", radius={"pdq": 3}),
    ]
    assert usual_radius("pdq", lists) == 40
    assert usual_radius("pdq", lists[2:]) == usual_radius("pdq", []) == 31
    assert usual_radius("sha256", lists) == 0
    assert usual_radius("phash", [ListSettings("a", radius={"phash": 500})]) == 64
