"""What every index promises, whichever it is: a new one is tested by being registered."""

from __future__ import annotations

import tempfile
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hashmatch import indexes
from hashmatch.errors import IndexMismatch, UnknownName
from hashmatch.hashes import Codes, hamming
from hashmatch.indexes import INDEXES, HashIndex, Neighbors

from ..forking import true_in_child

NOT_BY_NUMBER = {"exact", "multi_index"}
"""Kinds that find by radius only, not the k nearest."""

every_index = pytest.mark.parametrize("kind", list(INDEXES))


def limit(kind: str, bits: int) -> int:
    own = INDEXES[kind].radius_limit
    return bits if own is None else own


def usual(kind: str) -> int:
    return min(31, limit(kind, 256))


@st.composite
def workloads(draw: st.DrawFn) -> tuple[Codes, Codes]:
    """Codes with duplicates, and queries at small and large distances from them."""
    size = draw(st.sampled_from([1, 8, 9, 16, 20, 32, 33, 64]))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    seeds = random.integers(0, 256, (draw(st.integers(1, 4)), size), dtype=np.uint8)
    seeds[draw(st.integers(0, len(seeds) - 1))] = draw(st.sampled_from([0, 255, 65]))

    def near(n: int) -> Codes:
        flips = random.random((n, size * 8)) < random.choice([0.0, 0.02, 0.1, 0.5], (n, 1))
        return seeds[random.integers(0, len(seeds), n)] ^ np.packbits(flips, axis=1)

    return near(draw(st.integers(0, 40))), near(draw(st.integers(0, 9)))


def oracle(codes: Codes, queries: Codes, radius: int) -> list[list[tuple[int, int]]]:
    """(row, distance) of each answer to each query, the slow way."""
    found = []
    for query in queries:
        pairs = [(row, int(hamming(code, query))) for row, code in enumerate(codes)]
        found.append(sorted((p for p in pairs if p[1] <= radius), key=lambda p: (p[1], p[0])))
    return found


def answers(neighbors: Neighbors) -> list[list[tuple[int, int]]]:
    assert neighbors.offsets.dtype == np.int64
    assert neighbors.rows.dtype == np.int64
    assert neighbors.distances.dtype == np.uint16
    assert neighbors.offsets[0] == 0
    assert neighbors.offsets[-1] == len(neighbors.rows) == len(neighbors.distances)
    assert neighbors.cut.dtype == np.bool_
    assert len(neighbors.cut) == len(neighbors.offsets) - 1
    pairs = list(zip(neighbors.rows.tolist(), neighbors.distances.tolist(), strict=True))
    return [pairs[a:b] for a, b in zip(neighbors.offsets[:-1], neighbors.offsets[1:], strict=True)]


def stages(kind: str, codes: Codes, max_radius: int, folder: Path) -> list[HashIndex]:
    """The index in memory, saved and opened, opened and saved again, and built in a folder."""
    built = indexes.build(codes, kind, max_radius)
    for name in ("saved", "again", "there"):
        (folder / name).mkdir()
    built.save(folder / "saved")
    opened = indexes.open(folder / "saved")
    opened.save(folder / "again")
    opened.save(folder / "saved")
    there = indexes.build(codes, kind, max_radius, folder / "there")
    return [built, opened, indexes.open(folder / "again"), indexes.open(folder / "saved"), there]


@every_index
@settings(max_examples=60)
@given(workload=workloads(), share=st.floats(0, 1))
def test_it_equals_the_oracle_at_every_radius_and_after_saving(
    kind: str, workload: tuple[Codes, Codes], share: float
) -> None:
    codes, queries = workload
    bits = codes.shape[1] * 8
    largest = limit(kind, bits)
    radius = round(share * largest)
    # At the distances that occur, and one bit beside them, an exclusive bound would show.
    occurring = {int(d) for q in queries for d in hamming(codes, q)[:3]} if len(codes) else set()
    radii = {r for d in occurring for r in (d - 1, d)} | {0, radius, largest}
    with tempfile.TemporaryDirectory() as folder, mock.patch("os.fsync"):
        for index in stages(kind, codes, largest, Path(folder)):
            assert len(index) == len(codes)
            assert (index.bits, index.max_radius) == (bits, largest)
            assert np.array_equal(index.codes, codes)
            for r in sorted(r for r in radii if 0 <= r <= largest):
                found = index.search(queries, r)
                assert answers(found) == oracle(codes, queries, r)
                assert not found.cut.any()


@every_index
@settings(max_examples=60)
@given(workload=workloads(), k=st.integers(1, 50))
def test_nearest_equals_the_oracle_or_is_refused(kind: str, workload: tuple[Codes, Codes], k: int) -> None:
    codes, queries = workload
    index = indexes.build(codes, kind, limit(kind, codes.shape[1] * 8))
    if kind in NOT_BY_NUMBER:
        with pytest.raises(IndexMismatch, match=kind):
            index.nearest(queries, k)
    else:
        expected = [pairs[:k] for pairs in oracle(codes, queries, codes.shape[1] * 8)]
        nearest = index.nearest(queries, k)
        assert answers(nearest) == expected
        assert not nearest.cut.any()


@every_index
@settings(max_examples=60)
@given(workload=workloads(), share=st.floats(0, 1), most=st.integers(1, 45))
def test_a_limit_keeps_the_nearest_and_says_what_it_cut(
    kind: str, workload: tuple[Codes, Codes], share: float, most: int
) -> None:
    codes, queries = workload
    radius = round(share * limit(kind, codes.shape[1] * 8))
    index = indexes.build(codes, kind, limit(kind, codes.shape[1] * 8))
    everything = oracle(codes, queries, radius)
    found = index.search(queries, radius, most)
    assert answers(found) == [pairs[:most] for pairs in everything]
    assert found.cut.tolist() == [len(pairs) > most for pairs in everything]
    for start, stop in {(0, 0), (0, len(queries)), (len(queries) // 3, len(queries) // 2)}:
        part = found.part(start, stop)
        assert answers(part) == answers(found)[start:stop]
        assert part.cut.tolist() == found.cut.tolist()[start:stop]


@every_index
def test_exactly_as_many_as_the_limit_is_nothing_cut(kind: str) -> None:
    codes = np.repeat(np.array([[1], [20], [200]], np.uint8), 32, axis=1)
    index = indexes.build(np.repeat(codes, [2, 3, 4], axis=0), kind, usual(kind))
    found = index.search(codes, usual(kind), 3)
    assert [[row for row, _ in pairs] for pairs in answers(found)] == [[0, 1], [2, 3, 4], [5, 6, 7]]
    assert found.cut.tolist() == [False, False, True]


@every_index
def test_a_limit_bounds_the_memory_of_a_search(kind: str) -> None:
    codes = np.full((100_000, 32), 7, dtype=np.uint8)
    codes[::2, 5] = 8
    index = indexes.build(codes, kind, usual(kind))
    index.search(codes[:1], 0, 10)
    tracemalloc.start()
    try:
        found = index.search(codes[:300], 0, 10)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found.cut.all()
    assert found.rows.reshape(300, 10).tolist() == [list(range(row % 2, 20, 2)) for row in range(300)]
    # All 15 million answers would take ten bytes each; one run of queries of a flat scan takes most of what is allowed.
    assert peak < 150_000_000


@every_index
@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 5, 8])
def test_equal_codes_survive_saving_whatever_their_number(kind: str, n: int, tmp_path: Path) -> None:
    codes = np.full((n, 32), 77, dtype=np.uint8)
    for index in stages(kind, codes, usual(kind), tmp_path):
        assert answers(index.search(codes[:1], 0)) == [[(row, 0) for row in range(n)]] * min(n, 1)


@every_index
def test_equal_codes_give_equal_files(kind: str, tmp_path: Path) -> None:
    codes = np.random.default_rng(6).integers(0, 4, (3_000, 32), dtype=np.uint8)
    contents = []
    for name, build_there in (("one", True), ("two", True), ("three", False)):
        (tmp_path / name).mkdir()
        built = indexes.build(codes, kind, usual(kind), tmp_path / name if build_there else None)
        built.save(tmp_path / name)
        contents.append({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()})
    assert contents[0] == contents[1] == contents[2]
    assert {"codes.npy", "index.json"} <= set(contents[0])


@every_index
def test_what_does_not_fit_is_refused(kind: str) -> None:
    largest = usual(kind)
    index = indexes.build(np.zeros((3, 32), dtype=np.uint8), kind, largest)
    with pytest.raises(IndexMismatch, match="radius"):
        index.search(index.codes, largest + 1)
    with pytest.raises(IndexMismatch, match="radius"):
        index.search(index.codes, -1)
    for most in (0, -1):
        with pytest.raises(IndexMismatch, match="limit"):
            index.search(index.codes, 0, most)
    for queries in (np.zeros((1, 31), np.uint8), np.zeros(32, np.uint8), np.zeros((1, 32), np.int8)):
        with pytest.raises(IndexMismatch, match="queries"):
            index.search(queries, 0)
    for codes in (np.zeros((1, 0), np.uint8), np.zeros(32, np.uint8), np.zeros((1, 32), np.int64)):
        with pytest.raises(IndexMismatch, match="codes"):
            indexes.build(codes, kind, 0)
    for radius in (-1, limit(kind, 256) + 1):
        with pytest.raises(IndexMismatch, match="radii"):
            indexes.build(index.codes, kind, radius)


@every_index
@pytest.mark.parametrize("integer", [np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64])
def test_any_integer_is_a_number(kind: str, integer: type[np.integer[Any]], tmp_path: Path) -> None:
    codes = np.repeat(np.arange(4, dtype=np.uint8)[:, None], 32, axis=1)
    largest = min(31, limit(kind, 256))
    for index in stages(kind, codes, integer(largest), tmp_path):
        found = index.search(codes, integer(largest), integer(3))
        assert answers(found) == [pairs[:3] for pairs in oracle(codes, codes, largest)]


@every_index
def test_what_is_no_whole_number_is_refused(kind: str) -> None:
    codes = np.zeros((3, 32), dtype=np.uint8)
    index = indexes.build(codes, kind, 0)
    for radius, kept in ((0.5, None), ("0", None), (0, 1.5), (0, "1")):
        with pytest.raises(IndexMismatch, match="whole number"):
            index.search(codes, radius, kept)  # type: ignore[arg-type]
    with pytest.raises(IndexMismatch, match="whole number"):
        indexes.build(codes, kind, 0.0)  # type: ignore[arg-type]
    assert len(index.search(codes, 0, 10**30).rows) == 9


@pytest.mark.parametrize("codes", [np.zeros((5, 0), np.uint8), np.zeros((), np.uint8), np.zeros((2, 4), np.int32)])
def test_auto_refuses_what_are_no_codes(codes: Codes) -> None:
    with pytest.raises(IndexMismatch, match="codes must be"):
        indexes.build(codes)


@every_index
def test_files_that_do_not_fit_together_are_refused(kind: str, tmp_path: Path) -> None:
    codes = np.arange(160, dtype=np.uint8).reshape(5, 32)[::-1]
    index = indexes.build(codes, kind, usual(kind), tmp_path)
    assert answers(index.search(codes[:1], 0)) == [[(0, 0)]]
    files = {path: path.read_bytes() for path in tmp_path.iterdir()}
    for path, content in files.items():
        for wrong in (b"", content[:-1], content[:20], b"\0" * len(content), b"[" * 50_000, b"{}"):
            path.write_bytes(wrong)
            with pytest.raises(IndexMismatch):
                indexes.open(tmp_path)
        path.write_bytes(content)
    (tmp_path / "index.json").unlink()
    with pytest.raises(IndexMismatch):
        indexes.open(tmp_path)


@every_index
def test_an_opened_index_is_mapped_not_read(kind: str, tmp_path: Path) -> None:
    codes = np.random.default_rng(1).integers(0, 256, (400_000, 32), dtype=np.uint8)
    codes = codes[np.lexsort(codes.T[::-1])]
    indexes.build(codes, kind, usual(kind)).save(tmp_path)
    queries = codes[:4].copy()
    indexes.build(codes[:10], kind, usual(kind)).search(queries, usual(kind))
    before = anonymous_bytes()
    index = indexes.open(tmp_path)
    assert len(index.search(queries, usual(kind)).rows) == 4
    assert anonymous_bytes() - before < codes.nbytes / 2


def anonymous_bytes() -> int:
    """Memory of this process that no file backs."""
    status = Path("/proc/self/status")
    if not status.exists():
        pytest.skip("only Linux says how much memory is backed by files")
    line = next(line for line in status.read_text().splitlines() if line.startswith("RssAnon"))
    return int(line.split()[1]) * 1024


@every_index
def test_many_threads_get_the_same_answers(kind: str) -> None:
    random = np.random.default_rng(2)
    codes = random.integers(0, 256, (3_000, 32), dtype=np.uint8)
    index = indexes.build(codes, kind, limit(kind, 256))
    radius = min(110, limit(kind, 256))
    expected = answers(index.search(codes[:20], radius))
    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(lambda _: index.search(codes[:20], radius), range(64)):
            assert answers(found) == expected


@every_index
def test_a_child_of_a_fork_searches_too(kind: str) -> None:
    codes = np.random.default_rng(3).integers(0, 256, (5_000, 32), dtype=np.uint8)
    index = indexes.build(codes, kind, usual(kind))
    expected = answers(index.search(codes[:50], usual(kind)))
    assert true_in_child(lambda: answers(index.search(codes[:50], usual(kind))) == expected)


def test_auto_takes_sorted_digests_for_radius_0_and_above_what_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    codes = np.zeros((2, 32), dtype=np.uint8)
    assert indexes.build(codes, max_radius=0).name == "exact"
    assert indexes.build(codes).name == "faiss_flat"
    asked = []
    monkeypatch.setattr("hashmatch.indexes.band_plan.pays", lambda *about: bool(asked.append(about)) or True)
    assert indexes.auto(5, 128, 0) == "exact"
    assert indexes.auto(5, 128, 9) == "multi_index"
    assert asked == [(128, 9, 5)]
    assert indexes.build(codes).name == "multi_index"


def test_an_unknown_kind_names_the_choices() -> None:
    with pytest.raises(UnknownName, match="faiss_flat"):
        indexes.build(np.zeros((2, 32), dtype=np.uint8), "hnsw")
