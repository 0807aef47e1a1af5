"""The yardstick: brute force knows every answer, and a verdict overlooks nothing."""

from __future__ import annotations

from dataclasses import replace

import faiss
import numpy as np
import pytest

from benchmarks.truth import Answers, Verdict, brute_force, judge
from benchmarks.workloads import DISTRIBUTIONS, RADIUS, Workload, flips, make_workload
from hashmatch.hashes import hamming

QUERIES = 100


@pytest.fixture(scope="module")
def workload() -> Workload:
    return make_workload("skewed", 2_000, QUERIES, 3)


@pytest.fixture(scope="module")
def truth(workload: Workload) -> Answers:
    return brute_force(workload.codes, workload.queries)


def without(answers: Answers, place: int) -> Answers:
    """All answers but one."""
    offsets = answers.offsets - (answers.offsets > place)
    return Answers(offsets, np.delete(answers.rows, place), np.delete(answers.distances, place))


def with_another(answers: Answers, query: int, row: int, distance: int) -> Answers:
    """One answer more, to a query."""
    place = answers.offsets[query]
    offsets = answers.offsets + (np.arange(len(answers.offsets)) > query)
    return Answers(offsets, np.insert(answers.rows, place, row), np.insert(answers.distances, place, distance))


def pairs(answers: Answers) -> set[tuple[int, int, int]]:
    return set(zip(answers.queries.tolist(), answers.rows.tolist(), answers.distances.tolist(), strict=True))


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
@pytest.mark.parametrize("n", [1, 100, 40_000])
def test_brute_force_equals_faiss_and_plain_hamming(distribution: str, n: int) -> None:
    workload = make_workload(distribution, n, 64, 2)
    found = brute_force(workload.codes, workload.queries)
    flat = faiss.IndexBinaryFlat(256)
    flat.add(workload.codes)
    offsets, distances, rows = flat.range_search(workload.queries, RADIUS + 1)
    assert pairs(found) == pairs(Answers(offsets.astype(np.int64), rows, distances.astype(np.int64)))
    assert len(found.rows) == len(pairs(found))
    plain = {
        (number, row, int(distance))
        for number, query in enumerate(workload.queries)
        for row, distance in enumerate(hamming(workload.codes, query))
        if distance <= RADIUS
    }
    assert pairs(found) == plain


@pytest.mark.parametrize("distance", [0, 30, 31, 32, 63, 64, 192, 255, 256])
def test_brute_force_draws_the_line_at_the_radius(distance: int) -> None:
    code = np.full((1, 32), 0b10110101, np.uint8)
    query = code ^ flips(np.random.default_rng(4), np.array([distance]))
    found = brute_force(code, query)
    assert found.rows.tolist() == ([0] if distance <= RADIUS else [])
    assert found.offsets.tolist() == [0, int(distance <= RADIUS)]


def test_brute_force_without_a_code_or_a_query() -> None:
    none, some = np.empty((0, 32), np.uint8), np.zeros((3, 32), np.uint8)
    assert brute_force(none, some).offsets.tolist() == [0, 0, 0, 0]
    assert brute_force(some, none).offsets.tolist() == [0]
    assert brute_force(some, some).rows.tolist() == [0, 1, 2] * 3


def test_the_truth_itself_is_faultless(workload: Workload, truth: Answers) -> None:
    verdict = judge(workload, truth, truth)
    count = len(truth.rows)
    assert verdict == Verdict(QUERIES, count, count, count, 0, QUERIES // 2, 0)
    assert verdict.faultless
    assert verdict.recall == 1
    assert verdict.answers_per_query == count / QUERIES


def test_the_order_of_answers_does_not_matter(workload: Workload, truth: Answers) -> None:
    backwards = Answers(
        np.concatenate([[0], np.cumsum(np.diff(truth.offsets))]),
        np.concatenate([truth.rows[a:b][::-1] for a, b in zip(truth.offsets[:-1], truth.offsets[1:], strict=True)]),
        np.concatenate(
            [truth.distances[a:b][::-1] for a, b in zip(truth.offsets[:-1], truth.offsets[1:], strict=True)]
        ),
    )
    assert judge(workload, truth, backwards).faultless


def test_who_misses_one_is_caught(workload: Workload, truth: Answers) -> None:
    for place in (0, len(truth.rows) // 2, len(truth.rows) - 1):
        verdict = judge(workload, truth, without(truth, place))
        assert (verdict.found, verdict.false_answers) == (len(truth.rows) - 1, 0)
        assert verdict.recall == (len(truth.rows) - 1) / len(truth.rows)
        assert not verdict.faultless


def test_a_planted_code_that_is_missed_is_caught_where_brute_force_knows_nothing(
    workload: Workload, truth: Answers
) -> None:
    known = brute_force(workload.codes, workload.queries[:10])
    last = 98
    place = np.flatnonzero((truth.queries == last) & (truth.rows == workload.planted[last]))
    assert len(place) == 1
    verdict = judge(workload, known, without(truth, int(place[0])))
    assert (verdict.recall, verdict.planted_missed, verdict.planted) == (1, 1, 50)
    assert not verdict.faultless


def test_who_invents_one_is_caught(workload: Workload, truth: Answers) -> None:
    near_nothing = 3
    far = int(hamming(workload.codes[0], workload.queries[near_nothing]))
    for row, distance in ((0, far), (0, RADIUS), (-1, 3), (len(workload.codes), 3)):
        verdict = judge(workload, truth, with_another(truth, near_nothing, row, distance))
        assert (verdict.recall, verdict.false_answers) == (1, 1)
        assert not verdict.faultless


def test_who_gives_one_twice_or_tells_a_wrong_distance_is_caught(workload: Workload, truth: Answers) -> None:
    twice = with_another(truth, 0, int(truth.rows[0]), int(truth.distances[0]))
    assert judge(workload, truth, twice).false_answers == 1
    distances = truth.distances.copy()
    distances[-1] += 1
    assert judge(workload, truth, replace(truth, distances=distances)).false_answers == 1


def test_a_row_of_one_query_is_no_answer_to_another(workload: Workload, truth: Answers) -> None:
    moved = np.concatenate([[0], truth.offsets[:-2], truth.offsets[-1:]])
    assert not judge(workload, truth, replace(truth, offsets=moved)).faultless


def test_nothing_found_is_recall_0_and_nothing_to_find_is_1(workload: Workload, truth: Answers) -> None:
    nothing = Answers(np.zeros(QUERIES + 1, np.int64), np.empty(0, np.int64), np.empty(0, np.int64))
    verdict = judge(workload, truth, nothing)
    assert (verdict.recall, verdict.planted_missed) == (0, 50)
    lonely = replace(workload, planted=np.full(QUERIES, -1))
    assert judge(lonely, nothing, nothing).recall == 1
