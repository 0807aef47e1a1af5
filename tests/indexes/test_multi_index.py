"""The multi-index by each of its ways, whatever the bands: what the contract's few codes do not reach."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hashmatch import indexes
from hashmatch.arrays import write_array
from hashmatch.errors import IndexMismatch
from hashmatch.hashes import Codes
from hashmatch.indexes import HashIndex, Neighbors, band_plan, found, multi_index
from hashmatch.indexes.band_tables import BANDS_FILE, OFFSETS_FILE, ROWS_FILE
from hashmatch.indexes.multi_index import MultiIndex

from .test_contract import answers, limit, oracle

WAYS = ("probe", "walk", "scan")
every_way = pytest.mark.parametrize("way", WAYS)


def going(way: str) -> mock._patch_dict:
    """A context in which every search goes one way."""
    return mock.patch.dict(
        multi_index.__dict__,
        scan_work=lambda codes: -1.0 if way == "scan" else float("inf"),
        _BATCH=1 if way == "walk" else 1 << 30,
    )


def cut_into(count: int, widest: int) -> mock._patch_dict:
    """A context in which indexes are built with bands of this kind."""
    return mock.patch.dict(
        multi_index.__dict__, plan=lambda bits, max_radius, codes: band_plan._cut(bits, min(count, bits), widest)
    )


@st.composite
def workloads(draw: st.DrawFn) -> tuple[Codes, Codes, int]:
    """Codes and queries that share many or all bands, and the largest radius."""
    size = draw(st.sampled_from([1, 2, 7, 8, 9, 12, 16, 20, 32, 40]))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    seeds = random.integers(0, 256, (draw(st.integers(1, 3)), size), dtype=np.uint8)

    def near(n: int) -> Codes:
        """Copies of the seeds that differ in one run of bits, in single bits, or not at all."""
        codes = seeds[random.integers(0, len(seeds), n)]
        flips = random.random((n, size * 8)) < random.choice([0.0, 0.02, 0.3], (n, 1))
        start, length = random.integers(0, size * 8, (n, 1)), random.choice([0, 3, 8, 20], (n, 1))
        place = np.arange(size * 8)
        flips ^= (place >= start) & (place < start + length)
        return codes ^ np.packbits(flips, axis=1)

    largest = draw(st.integers(0, min(8 * size, 70)))
    return near(draw(st.sampled_from([0, 1, 5, 16, 17, 40, 90]))), near(draw(st.integers(0, 12))), largest


@every_way
@settings(max_examples=300)
@given(workload=workloads(), count=st.integers(1, 20), widest=st.integers(1, 9), kept=st.none() | st.integers(1, 20))
def test_each_way_equals_the_oracle_with_any_bands(
    way: str, workload: tuple[Codes, Codes, int], count: int, widest: int, kept: int | None
) -> None:
    codes, queries, largest = workload
    with cut_into(count, widest), going(way):
        index = indexes.build(codes, "multi_index", largest)
        # At the distances that occur, an exclusive bound would show.
        occurring = {distance for pairs in oracle(codes, queries, largest) for _, distance in pairs[:5]}
        for radius in {0, largest // 2, largest} | occurring:
            expected = oracle(codes, queries, radius)
            result = index.search(queries, radius, kept)
            assert answers(result) == [pairs[:kept] for pairs in expected]
            assert result.cut.tolist() == [kept is not None and len(pairs) > kept for pairs in expected]


@every_way
@pytest.mark.parametrize("size", [8, 16, 32])
def test_codes_at_just_the_radius_are_found_wherever_they_differ(way: str, size: int) -> None:
    radius, bits = 31 * size // 32, 8 * size
    random = np.random.default_rng(11)
    query = random.integers(0, 256, (1, size), dtype=np.uint8)
    flips = np.zeros((2 * (bits - radius), bits), np.bool_)
    for start in range(bits - radius):
        flips[2 * start, start : start + radius] = True
        around = np.arange(start, min(start + 3 * radius, bits))
        flips[2 * start + 1, random.choice(around, radius, replace=False)] = True
    codes = query ^ np.packbits(flips, axis=1)
    with cut_into(bits // 16, 16), going(way):
        index = indexes.build(codes, "multi_index", radius)
        assert answers(index.search(query, radius)) == [[(row, radius) for row in range(len(codes))]]
        assert answers(index.search(query, radius - 1)) == [[]]


def skewed(n: int, seed: int = 1) -> Codes:
    """Runs of near-equal codes, many equal ones, and some that are alone."""
    random = np.random.default_rng(seed)
    codes = random.integers(0, 256, (n, 32), dtype=np.uint8)
    run = np.repeat(codes[:1], n // 2, axis=0)
    run ^= np.packbits(random.random((len(run), 256)) < 0.01, axis=1)
    codes[: len(run)] = run
    codes[len(run) : len(run) + n // 4] = 0
    return codes


@pytest.fixture(scope="module")
def large() -> tuple[Codes, HashIndex, HashIndex]:
    """Codes with buckets far larger than a block, the multi-index over them, and a flat scan."""
    codes = skewed(30_000)
    return codes, indexes.build(codes, "multi_index", 31), indexes.build(codes, "faiss_flat", 31)


def some_queries(codes: Codes, n: int = 60) -> Codes:
    random = np.random.default_rng(5)
    queries = codes[random.integers(0, len(codes), n)].copy()
    queries[: n // 2] ^= np.packbits(random.random((n // 2, 256)) < 0.05, axis=1)
    queries[-5:] = random.integers(0, 256, (5, 32), dtype=np.uint8)
    return queries


def equal(one: Neighbors, other: Neighbors) -> bool:
    names = ("offsets", "rows", "distances", "cut")
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in names)


@every_way
@pytest.mark.parametrize("kept", [None, 1, 100, 40_000])
def test_crowded_buckets_give_all_answers_or_the_nearest(
    way: str, kept: int | None, large: tuple[Codes, HashIndex, HashIndex]
) -> None:
    codes, _, flat = large
    queries = some_queries(codes)
    with going(way):
        index = indexes.build(codes, "multi_index", 31)
        for radius in (0, 12, 31):
            assert equal(index.search(queries, radius, kept), flat.search(queries, radius, kept))


@every_way
def test_answers_that_do_not_fit_are_gone_on_with(way: str, large: tuple[Codes, HashIndex, HashIndex]) -> None:
    codes, _, flat = large
    queries = some_queries(codes, 12)
    stops = 0
    make_room = found.Found.make_room

    def counted(self: found.Found) -> None:
        nonlocal stops
        stops += 1
        make_room(self)

    with going(way), mock.patch.object(found, "_ROOM", 32), mock.patch.object(found.Found, "make_room", counted):
        index = indexes.build(codes, "multi_index", 31)
        for kept in (None, 3):
            stops = 0
            assert equal(index.search(queries, 31, kept), flat.search(queries, 31, kept))
            assert stops > 5


@every_way
def test_memory_grows_with_what_is_kept_of_a_hundred_thousand_answers(way: str) -> None:
    codes = np.zeros((100_000, 32), np.uint8)
    held: list[int] = []
    make_room = found.Found.make_room

    def watched(self: found.Found) -> None:
        make_room(self)
        held.append(len(self.hits.answers))

    with going(way), mock.patch.object(found.Found, "make_room", watched):
        index = indexes.build(codes, "multi_index", 31)
        result = index.search(codes[:40], 31, 10)
    assert result.rows.tolist() == list(range(10)) * 40
    assert result.cut.all()
    assert held
    assert max(held) <= 2_048


def test_crowded_queries_of_a_batch_are_scanned_with_the_same_answers() -> None:
    random = np.random.default_rng(9)
    codes = random.integers(0, 256, (4_000, 32), dtype=np.uint8)
    # Equal but for the last word, so that nearly every band of a query holds every code.
    codes[:, :24] = codes[0, :24]
    queries = np.concatenate([codes[:40], random.integers(0, 256, (40, 32), dtype=np.uint8)])
    index, flat = indexes.build(codes, "multi_index", 31), indexes.build(codes, "faiss_flat", 31)
    for way in ("probe", "walk"):
        with going(way):
            assert equal(index.search(queries, 20), flat.search(queries, 20))
            assert equal(index.search(queries, 31, 5), flat.search(queries, 31, 5))


@pytest.mark.parametrize("free", [3, 6, 9])
@pytest.mark.parametrize("way", ["probe", "walk"])
def test_queries_that_are_given_up_are_answered_alone(way: str, free: int) -> None:
    """Codes that share most bits of every band, so that lanes refuse little and buckets of flips are full."""
    random = np.random.default_rng(3)
    shared = np.ones((16, 16), np.bool_)
    for band in shared:
        band[random.choice(16, free, replace=False)] = False
    codes = random.integers(0, 256, (20_000, 32), dtype=np.uint8) & ~np.packbits(shared.reshape(256))
    queries = np.concatenate([codes[:25], random.integers(0, 256, (30, 32), dtype=np.uint8), codes[-25:]])
    flat = indexes.build(codes, "faiss_flat", 31)
    with cut_into(16, 12), going(way):
        index = indexes.build(codes, "multi_index", 31)
        for kept in (None, 7):
            with mock.patch.object(found, "_ROOM", 64):
                assert equal(index.search(queries, 31, kept), flat.search(queries, 31, kept))
            assert equal(index.search(queries, 12, kept), flat.search(queries, 12, kept))


def test_large_batches_are_answered_in_parts(large: tuple[Codes, HashIndex, HashIndex]) -> None:
    codes, index, flat = large
    queries = some_queries(codes, 100)
    expected = flat.search(queries, 31, 50)
    with mock.patch.object(multi_index, "_KEPT", 350):
        assert equal(index.search(queries, 31, 50), expected)
    with mock.patch.object(multi_index, "_PROBES", 5_000):
        assert equal(indexes.build(codes, "multi_index", 31).search(queries, 31, 50), expected)


def test_one_query_and_many_have_one_answer(large: tuple[Codes, HashIndex, HashIndex]) -> None:
    codes, index, _ = large
    queries = some_queries(codes, 200)
    together = index.search(queries, 31)
    for number in range(len(queries)):
        assert equal(index.search(queries[number : number + 1], 31), together.part(number, number + 1))


def test_queries_and_codes_may_lie_anywhere_in_memory(large: tuple[Codes, HashIndex, HashIndex]) -> None:
    codes, index, _ = large
    queries = some_queries(codes, 40)
    expected = index.search(queries, 31)
    shifted = np.empty(queries.nbytes + 1, np.uint8)[1:].reshape(queries.shape)
    shifted[:] = queries
    assert equal(index.search(shifted, 31), expected)
    assert equal(index.search(np.asfortranarray(queries), 31), expected)
    assert equal(index.search(np.repeat(queries, 2, axis=0)[::2], 31), expected)
    beside = np.empty(codes.nbytes + 1, np.uint8)[1:].reshape(codes.shape)
    beside[:] = codes
    assert equal(indexes.build(beside, "multi_index", 31).search(queries, 31), expected)


def test_searching_changes_nothing_and_shows_nothing_to_other_threads(
    large: tuple[Codes, HashIndex, HashIndex],
) -> None:
    codes, _, flat = large
    index = indexes.build(codes, "multi_index", 31)
    queries = some_queries(codes, 64)
    radii = [0, 5, 12, 20, 31]
    expected = {radius: flat.search(queries, radius) for radius in radii}
    together = threading.Barrier(8)

    def search(number: int) -> bool:
        together.wait()
        batch = queries if number % 2 else queries[:3]
        return all(
            equal(index.search(batch, radius), expected[radius].part(0, len(batch)))
            for radius in radii[number % 5 :] + radii[: number % 5]
        )

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(search, range(8)))


def test_a_table_that_leads_out_of_itself_is_an_error_and_no_crash(tmp_path: Path) -> None:
    codes = skewed(3_000)
    with cut_into(16, 10):
        indexes.build(codes, "multi_index", 31, tmp_path)
    queries = codes[-50:]
    for name, wrong in ((OFFSETS_FILE, 2**32 - 1), (OFFSETS_FILE, 1 << 20), (ROWS_FILE, 3_000)):
        content = (tmp_path / name).read_bytes()
        damaged = np.memmap(tmp_path / name, np.uint32, "r+", offset=128)
        damaged[:] = wrong
        damaged.flush()
        index = indexes.open(tmp_path)
        for way in ("probe", "walk"):
            with going(way), pytest.raises(IndexMismatch, match="damaged"):
                index.search(queries, 31)
        (tmp_path / name).write_bytes(content)
    assert len(indexes.open(tmp_path).search(queries, 0).rows) >= 50


@pytest.mark.parametrize(
    "bands",
    [[(0, 8), (4, 8)], [(-1, 8)], [(250, 8)], [(0, -1)], [(0, 33)], [(2**62, 2**62)], [(0, 8), (256, 0)], [(8, 0)], []],
)
def test_bands_that_could_miss_something_are_refused(bands: list[tuple[int, int]], tmp_path: Path) -> None:
    indexes.build(skewed(100), "multi_index", 31, tmp_path)
    stated = np.array(bands, np.int64).reshape(-1, 2)
    write_array(tmp_path / BANDS_FILE, stated)
    with pytest.raises(IndexMismatch, match="band"):
        indexes.open(tmp_path)


def test_more_codes_than_rows_can_number_are_refused() -> None:
    with mock.patch.object(multi_index, "_MOST_CODES", 2), pytest.raises(IndexMismatch, match="at most 2 codes"):
        indexes.build(np.zeros((3, 8), np.uint8), "multi_index", 3)


def test_what_is_written_is_what_is_in_memory(tmp_path: Path) -> None:
    for name in ("built", "saved"):
        (tmp_path / name).mkdir()
    codes = skewed(2_000)
    MultiIndex.build(codes, 31, tmp_path / "built")
    MultiIndex.build(codes, 31).save(tmp_path / "saved")
    names = sorted(path.name for path in (tmp_path / "built").iterdir())
    assert names == sorted(path.name for path in (tmp_path / "saved").iterdir())
    for name in names:
        assert (tmp_path / "built" / name).read_bytes() == (tmp_path / "saved" / name).read_bytes()


def test_a_disk_that_is_full_is_an_error_and_leaves_no_index(tmp_path: Path) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with mock.patch("hashmatch.indexes.band_tables.ArrayWriter.append", full), pytest.raises(OSError, match="space"):
        indexes.build(skewed(100), "multi_index", 31, tmp_path)
    with pytest.raises(IndexMismatch):
        indexes.open(tmp_path)


def test_every_radius_of_every_length_may_be_the_largest() -> None:
    for size in (8, 16, 32):
        codes = skewed(60)[:, :size].copy()
        for largest in (0, 1, size, limit("multi_index", 8 * size)):
            index = indexes.build(codes, "multi_index", largest)
            assert answers(index.search(codes[:4], largest)) == oracle(codes, codes[:4], largest)
