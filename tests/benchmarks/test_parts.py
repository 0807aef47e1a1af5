"""The parts of the search benchmark beside the rows, each run small: their figures make sense, their checks bite."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.contenders import Way
from benchmarks.crossing import WAYS, measure_crossing
from benchmarks.crowd import LIMIT, matches_nearest, measure_crowd
from benchmarks.opening import measure_opening
from benchmarks.plan import FULL, QUICK
from hashmatch import indexes
from hashmatch.indexes import Neighbors

PLAN = replace(FULL, queries=64, rounds=2, crossing_budget=0.0, processes=1, crowd=(2_000, 500))


def test_a_saved_index_is_opened_by_fresh_processes() -> None:
    opening = measure_opening(3_000, 1, PLAN)
    assert opening.n == 3_000
    assert opening.bytes_per_code > 32
    assert opening.import_seconds > 0
    assert opening.open_seconds > 0
    assert opening.first_query_seconds > 0
    assert "1" in opening.faiss_kept
    assert all(ratio > 0 for ratio in opening.faiss_kept.values())
    if opening.private_bytes is not None and opening.proportional_bytes is not None:
        assert opening.private_bytes < 64 << 20
        assert opening.proportional_bytes < 64 << 20


def test_a_quick_run_opens_one_process_only() -> None:
    opening = measure_opening(500, 1, replace(PLAN, quick=True))
    assert (opening.private_bytes, opening.proportional_bytes, opening.faiss_kept) == (None, None, {})


def test_both_our_indexes_are_asked_for_one_upload_and_in_batches() -> None:
    crossings = measure_crossing(300, 1, PLAN)
    assert tuple(crossing.way for crossing in crossings) == WAYS
    assert {Way(), Way(8)} < set(WAYS)
    for crossing in crossings:
        assert len(crossing.flat.rounds) == len(crossing.multi.rounds) == 2
        assert crossing.ratio > 0


def test_crowds_are_found_whole_and_cut() -> None:
    crowds = measure_crowd(1, PLAN)
    assert [(crowd.limit, crowd.queries) for crowd in crowds] == [(None, 1), (None, 32), (LIMIT, 1), (LIMIT, 32)]
    assert all(crowd.right for crowd in crowds)
    assert {(crowd.n, crowd.neighbors) for crowd in crowds} == {(2_000, 500)}
    assert all(crowd.peak_bytes is None or crowd.peak_bytes >= 0 for crowd in crowds)


@pytest.mark.parametrize("limit", [None, 5])
def test_a_wrong_answer_in_a_crowd_is_caught(limit: int | None) -> None:
    random = np.random.default_rng(1)
    codes = np.zeros((40, 32), np.uint8)
    codes[:, 0] = random.integers(0, 256, 40)
    queries = codes[:2]
    found = indexes.build(codes, "faiss_flat", 31).search(queries, 31, limit=limit)
    assert matches_nearest(codes, queries, found, 40, limit)
    last = np.arange(len(found.rows)) == len(found.rows) - 1
    for wrong in (
        replace(found, rows=np.where(last, found.rows[0], found.rows)),
        replace(found, distances=(found.distances + last).astype(np.uint16)),
        replace(found, cut=~found.cut),
        Neighbors(
            found.offsets[:2], found.rows[: found.offsets[1]], found.distances[: found.offsets[1]], found.cut[:1]
        ),
        replace(found, offsets=np.maximum(found.offsets - 1, 0)),
    ):
        assert not matches_nearest(codes, queries, wrong, 40, limit)


def test_plans_measure_what_the_issue_asks_for() -> None:
    assert FULL.sizes == (10_000, 100_000, 1_000_000, 10_000_000)
    assert FULL.crossing_sizes == (1_000, 2_000, 5_000, 10_000, 20_000, 50_000)
    assert FULL.crowd[1] == 100_000
    assert FULL.queries >= 2 * 20_000, "two threads with a batch of 20 000 each"
    assert [FULL.brute_forced(n) for n in FULL.sizes] == [2_000, 2_000, 1_000, 400]
    assert QUICK.sizes == (10_000, 100_000)
    assert QUICK.quick
