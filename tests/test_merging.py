from __future__ import annotations

from itertools import pairwise

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from hashmatch.claims import bytes_keys, key_bytes
from hashmatch.merging import merged

HALVES = st.sampled_from([0, 1, 2, 3, 2**63, 2**64 - 1])
CUTS = st.lists(st.integers(0, 20), max_size=4)


def tables(pairs: list[tuple[int, int]], cuts: list[int]) -> list[pa.Table]:
    """Rows with these keys, divided into tables at some places, empty ones among them."""
    keys = np.array(pairs, dtype=np.uint64).reshape(-1, 2)
    whole = pa.table({"claim_key": key_bytes(keys), "name": [f"{high}:{low}" for high, low in pairs]})
    places = [0, *sorted(min(cut, len(pairs)) for cut in cuts), len(pairs)]
    return [whole.slice(first, end - first) for first, end in pairwise(places)]


@given(st.sets(st.tuples(HALVES, HALVES)), st.data(), CUTS, CUTS)
def test_it_gives_every_row_of_both_in_order(
    all_keys: set[tuple[int, int]], drawn: st.DataObject, cuts: list[int], other_cuts: list[int]
) -> None:
    left = {key for key in sorted(all_keys) if drawn.draw(st.booleans())}
    again = drawn.draw(st.integers(1, 3))
    one = [key for key in sorted(left) for _ in range(again)]
    other = sorted(all_keys - left)
    pieces = list(merged(iter(tables(one, cuts)), iter(tables(other, other_cuts))))
    expected = sorted(one + other)
    rows = [name for piece in pieces for name in piece.column("name").to_pylist()]
    assert rows == [f"{high}:{low}" for high, low in expected]
    keys = [key for piece in pieces for key in bytes_keys(piece.column("claim_key").combine_chunks()).tolist()]
    assert [tuple(key) for key in keys] == expected


def test_pieces_stay_as_small_as_they_come() -> None:
    one, other = ([(number, side) for number in range(1000)] for side in (0, 1))
    pieces = list(merged(iter(tables(one, list(range(0, 1000, 50)))), iter(tables(other, list(range(0, 1000, 70))))))
    assert sum(map(len, pieces)) == 2000
    assert max(map(len, pieces)) <= 120
