"""A hash of ThreatExchange expires with the last of its descriptors, however they write their dates."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from .samples_exchanges import descriptor
from .test_round_trip_exchanges import PLAIN, come_back, written
from .test_threatexchange import reason_of, row_of


@pytest.mark.parametrize(
    ("expiries", "expected"),
    [
        ([1700000000], "1700000000"),
        ([1700000000, 1800000000], "1800000000"),
        (["2023-01-01T00:00:00+0000", 1600000000], "2023-01-01T00:00:00+0000"),
        ([1700000000, 0], None),
        ([1700000000, None], None),
        ([0], None),
        (["soon"], "soon"),
        (["2030-09-02", "2031-09-02"], "2031-09-02"),
        (["2030-09-02T10:02:06.000Z", 1900000000], "2030-09-02T10:02:06.000Z"),
        ([1900000000000, "2031-09-02T10:02:06+0000"], "2031-09-02T10:02:06+0000"),
        ([1990000000000, "2031-09-02T10:02:06+0000"], "1990000000000"),
        ([99999999, "20310902"], "20310902"),
        (["0.0"], None),
        (["0.0", 1700000000], None),
        ([0.0, "2031-09-02"], None),
        (["", " ", 1700000000], None),
    ],
)
def test_it_expires_when_the_last_descriptor_does(expiries: list[object], expected: str | None) -> None:
    assert row_of(*[descriptor(expired_on=expiry) for expiry in expiries]).get("expires_at") == expected


def test_two_dates_of_expiry_of_which_one_is_none_are_a_reject() -> None:
    assert reason_of(descriptor(expired_on="soon"), descriptor(expired_on=5)) == "'soon' is not a date (expired_on)"


def test_dates_whose_seconds_have_eight_digits_come_back_as_seconds_and_not_as_days() -> None:
    instant = datetime.fromtimestamp(20301231, timezone.utc)
    dates = dict.fromkeys(("created_at", "updated_at", "expires_at"), instant)
    (row,) = come_back("threatexchange", written("threatexchange", [{**PLAIN, **dates}]))
    assert {name: row[name] for name in dates} == dates
