from __future__ import annotations

import itertools

import faiss
import numpy as np
import pytest

from hashmatch.errors import IndexMismatch
from hashmatch.indexes import faiss_flat
from hashmatch.indexes.faiss_flat import FaissFlatIndex

CODES = np.random.default_rng(4).integers(0, 256, (500, 32), dtype=np.uint8)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_the_callers_number_of_threads_is_put_back(threads: int) -> None:
    index = FaissFlatIndex.build(CODES, 256)
    before = faiss.omp_get_max_threads()
    try:
        faiss.omp_set_num_threads(threads)
        index.search(CODES, 31)
        index.nearest(CODES, 3)
        assert faiss.omp_get_max_threads() == threads
    finally:
        faiss.omp_set_num_threads(before)


def test_answers_do_not_depend_on_how_queries_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    index = FaissFlatIndex.build(CODES, 256)
    found, nearest = index.search(CODES, 110), index.nearest(CODES, 7)
    assert len(found.rows) > len(CODES)
    monkeypatch.setattr(faiss_flat, "_ANSWERS", 1_300)
    for whole, cut in ((found, index.search(CODES, 110)), (nearest, index.nearest(CODES, 7))):
        assert np.array_equal(whole.offsets, cut.offsets)
        assert np.array_equal(whole.rows, cut.rows)
        assert np.array_equal(whole.distances, cut.distances)


def test_it_equals_the_index_object_of_faiss() -> None:
    flat = faiss.IndexBinaryFlat(256)
    flat.add(CODES)
    limits, distances, rows = flat.range_search(CODES[:40], 111)
    found = FaissFlatIndex.build(CODES, 256).search(CODES[:40], 110)
    assert found.offsets.tolist() == limits.tolist()
    for a, b in itertools.pairwise(limits):
        expected = sorted(zip(distances[a:b].tolist(), rows[a:b].tolist(), strict=True))
        assert list(zip(found.distances[a:b].tolist(), found.rows[a:b].tolist(), strict=True)) == expected


def test_k_below_one_is_refused() -> None:
    with pytest.raises(IndexMismatch, match="k must"):
        FaissFlatIndex.build(CODES, 256).nearest(CODES, 0)
