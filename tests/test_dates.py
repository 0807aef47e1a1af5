from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashmatch.dates import EARLIEST, LATEST, parse_dates
from hashmatch.records import MICROSECONDS

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def micros(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def parsed(*texts: str | None) -> list[int | None]:
    """Microseconds since 1970; None where there is no date. What cannot be read fails."""
    dates, bad = parse_dates(pa.array(texts, type=pa.string()))
    assert not bad.any()
    assert dates.type == MICROSECONDS
    return dates.cast(pa.int64()).to_pylist()


ZONES = st.integers(-(23 * 60 + 59), 23 * 60 + 59).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.lists(st.datetimes(timezones=ZONES) | st.datetimes(timezones=st.just(timezone.utc)), max_size=5))
def test_iso_8601_means_what_datetime_says(moments: list[datetime]) -> None:
    dates, bad = parse_dates(pa.array([moment.isoformat() for moment in moments], type=pa.string()))
    for moment, value, unread in zip(moments, dates.cast(pa.int64()).to_pylist(), bad.tolist(), strict=True):
        if EARLIEST <= micros(moment) <= LATEST:
            assert (value, unread) == (micros(moment), False)
        else:
            assert (value, unread) == (None, True)


@given(st.datetimes(), st.sampled_from(["T", " "]), st.sampled_from(["", "Z", "z", "+00:00", "-00:00", "+0000"]))
def test_without_a_zone_it_is_utc(moment: datetime, between: str, zone: str) -> None:
    assert parsed(moment.isoformat(between) + zone) == [micros(moment.replace(tzinfo=timezone.utc))]


@given(st.datetimes(), st.sampled_from([".", ","]), st.text("0123456789", min_size=1, max_size=9))
def test_fraction_after_a_point_or_a_comma_is_cut_to_microseconds(moment: datetime, mark: str, digits: str) -> None:
    text = moment.replace(microsecond=0).isoformat() + mark + digits
    cut = moment.replace(microsecond=int(digits[:6].ljust(6, "0")), tzinfo=timezone.utc)
    assert parsed(text, text + "Z") == [micros(cut)] * 2


@given(st.decimals(-(10**10), 10**11, allow_nan=False, places=6))
def test_seconds_since_1970_are_exact_to_the_microsecond(seconds: Decimal) -> None:
    assert parsed(f"{seconds:f}") == [int(seconds * 1_000_000)]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2024-02-29", datetime(2024, 2, 29)),
        ("2024-02-29 10:20", datetime(2024, 2, 29, 10, 20)),
        ("2025-03-03 23:05:22,587", datetime(2025, 3, 3, 23, 5, 22, 587_000)),
        ("2024-01-01T00:00:00+05:30", datetime(2023, 12, 31, 18, 30)),
        ("2024-01-01T00:00:00-0800", datetime(2024, 1, 1, 8)),
        ("0001-01-01", datetime(1, 1, 1)),
        ("9999-12-31T23:59:59.999999", datetime(9999, 12, 31, 23, 59, 59, 999_999)),
        ("0", datetime(1970, 1, 1)),
        ("-1.5", datetime(1969, 12, 31, 23, 59, 58, 500_000)),
        ("1704901040.222779", datetime(2024, 1, 10, 15, 37, 20, 222_779)),
    ],
)
def test_dates_as_partners_write_them(text: str, meant: datetime) -> None:
    assert parsed(text) == [micros(meant.replace(tzinfo=timezone.utc))]


BAD = [
    "yesterday",
    "2024-13-01",
    "2024-02-30",
    "2023-02-29",
    "2024-01-01T24:00:00",
    "2024-01-01T10:60",
    "2024-01-01T10:00:60",
    "2024-01-01T10:00:00+99:99",
    "2024-1-1",
    "01/02/2024",
    "20240101T000000",
    "2024-01-01Z",
    "0000-01-01",
    "0001-01-01T00:00:00+00:01",
    "9999-12-31T23:59:59-00:01",
    "10000-01-01",
    "253402300800",
    "-62135596801",
    "1704901040222779",
    "1e9",
    "NaN",
    "+5",
    "٢٠٢٤-٠١-٠١",
]


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_date_is_said_to_be_none(text: str) -> None:
    dates, bad = parse_dates(pa.array([text]))
    assert bad.tolist() == [True]
    assert dates.null_count == 1


def test_bad_dates_spoil_no_others() -> None:
    texts = [*BAD, None, "2024-02-29", "2024-02-29T00:00Z", "5"]
    dates, bad = parse_dates(pa.array(texts))
    assert bad.tolist() == [True] * len(BAD) + [False] * 4
    leap_day = micros(datetime(2024, 2, 29, tzinfo=timezone.utc))
    assert dates.cast(pa.int64()).to_pylist()[len(BAD) :] == [None, leap_day, leap_day, 5_000_000]


@given(st.lists(st.none() | st.text(max_size=30), max_size=6))
def test_any_text_is_read_or_refused(texts: list[str | None]) -> None:
    dates, bad = parse_dates(pa.array(texts, type=pa.string()))
    for text, date, unread in zip(texts, dates.to_pylist(), bad.tolist(), strict=True):
        assert (date is None) is (text is None or unread)


def test_a_column_without_dates() -> None:
    assert parsed() == []
    assert parsed(None, None) == [None, None]
