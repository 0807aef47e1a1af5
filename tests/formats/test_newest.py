from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hashmatch.formats.newest import Newest, rank_of

VERSIONS = st.lists(st.tuples(st.text(max_size=2), st.integers(-3, 3)), max_size=20)


@given(VERSIONS, st.text(max_size=2), st.integers(-3, 3))
def test_what_ranks_lower_than_another_version_of_its_id_is_outranked(
    versions: list[tuple[str, int]], other: str, rank: int
) -> None:
    newest, highest = Newest(versions), dict[str, int]()
    for name, stated in versions:
        highest[name.strip()] = max(highest.get(name.strip(), stated), stated)
    for name, stated in versions:
        assert newest.outranked(name, stated) is (stated < highest[name.strip()])
    if other.strip() not in highest:
        assert not newest.outranked(other, rank)
    assert not newest.outranked(None, rank)


def test_dates_order_versions_and_a_withdrawal_beats_what_is_equally_new() -> None:
    dates = ["1969-12-31T23:59:59Z", "0", "1704901040", "2024-01-10T15:37:20.000001Z", " 2024-01-11 ", None]
    ranks = [rank_of(date, withdrawn) for date in dates for withdrawn in (False, True)]
    assert ranks == sorted(set(ranks))
    assert rank_of("2024-01-10T16:37:20+01:00", False) == rank_of("1704901040", False)
    assert rank_of("yesterday", True) == rank_of("", True) == rank_of(None, True) < 2**63
