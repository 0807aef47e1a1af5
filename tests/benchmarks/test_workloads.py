"""Workloads: what is said of the codes and the queries is so, and the same every time."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.truth import brute_force
from benchmarks.workloads import DISTRIBUTIONS, RADIUS, flips, make_workload
from hashmatch.hashes import hamming

every_distribution = pytest.mark.parametrize("distribution", DISTRIBUTIONS)


@every_distribution
def test_the_same_seed_draws_the_same_and_another_draws_others(distribution: str) -> None:
    one, same, other = (make_workload(distribution, 2_000, 128, seed) for seed in (7, 7, 8))
    assert np.array_equal(one.codes, same.codes)
    assert np.array_equal(one.queries, same.queries)
    assert np.array_equal(one.planted, same.planted)
    assert not np.array_equal(one.codes, other.codes)
    assert one.codes.shape == (2_000, 32)


@every_distribution
@pytest.mark.parametrize("n", [1, 2, 31, 150, 3_000])
def test_every_second_query_is_planted_at_each_distance_in_turn(distribution: str, n: int) -> None:
    workload = make_workload(distribution, n, 256, 1)
    planted = np.flatnonzero(workload.planted >= 0)
    assert planted.tolist() == list(range(0, 256, 2))
    assert workload.distances[planted].tolist() == list(range(RADIUS + 1)) * 4
    assert (workload.distances[1::2] == -1).all()
    found = hamming(workload.queries[planted], workload.codes[workload.planted[planted]])
    assert np.array_equal(found, workload.distances[planted])


def test_uniform_queries_that_are_not_planted_find_nothing() -> None:
    workload = make_workload("uniform", 3_000, 200, 1)
    assert len(brute_force(workload.codes, workload.queries[1::2]).rows) == 0
    assert len(brute_force(workload.codes, workload.queries[::2]).rows) == 100


def test_of_skewed_ones_half_are_near_misses_and_half_near_nothing() -> None:
    workload = make_workload("skewed", 3_000, 256, 1)
    nearest = [int(hamming(workload.codes, query).min()) for query in workload.queries]
    assert max(nearest[1::4]) <= 2 * RADIUS + 1
    assert min(nearest[3::4]) > 2 * RADIUS + 1


def test_skewed_codes_have_crowds_copies_and_loners() -> None:
    codes = make_workload("skewed", 10_000, 0, 1).codes
    found = brute_force(codes, codes[:1_000])
    neighbors = np.diff(found.offsets)
    assert 0.5 < (neighbors == 1).mean() < 0.65, "a little more than the uniform part has no neighbour but itself"
    assert neighbors.max() > 100, "a still shot"
    assert 0.2 < (neighbors > 10).mean() < 0.45
    copies = np.unique(codes, axis=0, return_counts=True)[1]
    assert copies.max() > 10, "a flat picture"
    assert copies.sum() == 10_000


def test_flips_are_as_many_different_bits_as_asked() -> None:
    counts = np.arange(257)
    flipped = flips(np.random.default_rng(1), counts)
    assert np.array_equal(np.bitwise_count(flipped).sum(axis=1, dtype=np.int64), counts)
