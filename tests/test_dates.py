from __future__ import annotations

import datetime as calendar
import email.utils
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashmatch.dates import EARLIEST, LATEST, parse_date, parse_dates
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
        ("1704901040.2227795", datetime(2024, 1, 10, 15, 37, 20, 222_780)),
        ("1704901040.2227785", datetime(2024, 1, 10, 15, 37, 20, 222_778)),
        ("1704901040.22277850000001", datetime(2024, 1, 10, 15, 37, 20, 222_779)),
        ("-1.9999999", datetime(1969, 12, 31, 23, 59, 58)),
        ("1704901040222", datetime(2024, 1, 10, 15, 37, 20, 222_000)),
        ("2020-09-02T10:02:06+0000", datetime(2020, 9, 2, 10, 2, 6)),
        ("2023-06-07T02:31:49.8300Z", datetime(2023, 6, 7, 2, 31, 49, 830_000)),
        ("20301231T101500Z", datetime(2030, 12, 31, 10, 15)),
        ("20301231T101500", datetime(2030, 12, 31, 10, 15)),
        ("20301231T101500-0130", datetime(2030, 12, 31, 11, 45)),
        ("20301231", datetime(2030, 12, 31)),
        ("19700101", datetime(1970, 1, 1)),
        ("20240229", datetime(2024, 2, 29)),
        ("21991231", datetime(2199, 12, 31)),
        ("02/29/24 23:05:22", datetime(2024, 2, 29, 23, 5, 22)),
        ("01/02/68 00:00:00", datetime(2068, 1, 2)),
        ("01/02/69 00:00:00", datetime(1969, 1, 2)),
        ("Mon, 03 Mar 2025 23:05:22 +0100", datetime(2025, 3, 3, 22, 5, 22)),
        ("3 Mar 2025 23:05 GMT", datetime(2025, 3, 3, 23, 5)),
    ],
)
def test_dates_as_partners_write_them(text: str, meant: datetime) -> None:
    assert parsed(text) == [micros(meant.replace(tzinfo=timezone.utc))]


@pytest.mark.parametrize("number", [20230229, 20240100, 20241301, 19691231, 22000101, 2030123, 203012311, 99999999])
def test_numbers_that_are_no_day_of_our_time_are_seconds(number: int) -> None:
    assert parsed(f"{number}", f"{number}.0", f"-{number}") == [number * 10**6, number * 10**6, -number * 10**6]
    dates, bad = parse_dates(pa.array([number, -number, None]))
    assert (dates.cast(pa.int64()).to_pylist(), bad.any()) == ([number * 10**6, -number * 10**6, None], False)


@given(st.dates(calendar.date(1970, 1, 1), calendar.date(2199, 12, 31)))
def test_a_day_in_eight_digits_is_that_day_as_text_and_as_a_number(day: calendar.date) -> None:
    digits = f"{day:%Y%m%d}"
    meant = micros(datetime(day.year, day.month, day.day, tzinfo=timezone.utc))
    assert parsed(digits) == [meant]
    for kind in (pa.int32(), pa.uint64()):
        assert parse_dates(pa.array([int(digits)], kind))[0].cast(pa.int64()).to_pylist() == [meant]


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
    "20240101T0000",
    "20240101T000060",
    "20240230T000000Z",
    "20240101T000000+0160",
    "20240101T000000.5Z",
    "2024-01-01Z",
    "0000-01-01",
    "0001-01-01T00:00:00+00:01",
    "9999-12-31T23:59:59-00:01",
    "10000-01-01",
    "253402300800",
    "-62135596801",
    "1704901040222779",
    "0704901040222",
    "-1704901040222",
    "1704901040222.5",
    "1704901040,5",
    "1.",
    ".5",
    "29/02/24 00:00:00",
    "02/29/23 00:00:00",
    "2/9/24 00:00:00",
    "01/02/24",
    "Mon, 31 Feb 2025 23:05:22 +0000",
    "Mon, 03 Mar 2025 23:05:22 PST",
    "Mon, 03 Mar 25 23:05:22 GMT",
    "2024-01-01T10:00:00+24:00",
    "2024-01-01T10:00:00+01:60",
    "2024-01-01T10",
    "2024-01-01T10:00:00.",
    "2024-01-01T10:00:00.0123456789",
    "2024/01/01 10:00:00",
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


@given(st.datetimes(datetime(1900, 1, 1), datetime(9999, 1, 1), timezones=ZONES))
def test_dates_of_mails_mean_what_the_mail_library_says(moment: datetime) -> None:
    text = email.utils.format_datetime(moment.replace(microsecond=0))
    meant = email.utils.parsedate_to_datetime(text)
    assert parsed(text) == [micros(meant)]


@given(st.datetimes(datetime(1969, 1, 1), datetime(2068, 12, 31, 23, 59, 59)))
def test_american_dates_mean_what_strptime_says(moment: datetime) -> None:
    text = moment.strftime("%m/%d/%y %H:%M:%S")
    assert parsed(text) == [micros(datetime.strptime(text, "%m/%d/%y %H:%M:%S").replace(tzinfo=timezone.utc))]


STYLES = [
    r"[0-3]\d\d\d-[01]\d-[0-3]\d([T ][0-2]\d:[0-6]\d(:[0-6]\d([.,]\d{1,10})?)?(Z|z|[+-][0-2]\d:?[0-6]\d)?)?",
    r"-?\d{1,14}([.,]\d{1,14})?",
    r"[01]\d/[0-3]\d/\d\d [0-2]\d:[0-6]\d:[0-6]\d",
    r"((Mon|Sun), )?[0-3]\d (Feb|Mar|Dec) \d{4} [0-2]\d:[0-6]\d:[0-6]\d ([+-]0[0-9][0-5]0|GMT|UT|UTC)",
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
    r"[12]\d\d\d[01]\d[0-3]\d([T ][0-2]\d[0-6]\d[0-6]\d(Z|z|[+-][0-2]\d[0-6]\d)?)?",
]
WRITTEN = st.one_of(
    *(st.from_regex(style, fullmatch=True) for style in STYLES), st.sampled_from(BAD), st.text(max_size=9)
)


BAD_TIMES = st.sampled_from(
    [f"{day}T{time}Z" for day in ("2018-02-30", "0000-01-01") for time in ("00:00:00", "24:00:00", "23:59:60")]
)


@given(st.lists(st.none() | WRITTEN, max_size=40), st.integers(0, 3), st.sampled_from([pa.string(), pa.large_string()]))
def test_a_column_reads_as_its_dates_do_one_by_one(texts: list[str | None], cut: int, kind: pa.DataType) -> None:
    dates, bad = parse_dates(pa.array(texts, type=kind)[cut:])
    expected = [None if text is None else parse_date(text) for text in texts[cut:]]
    assert dates.cast(pa.int64()).to_pylist() == expected
    assert bad.tolist() == [text is not None and one is None for text, one in zip(texts[cut:], expected, strict=True)]


@given(st.sampled_from(STYLES[1:3]).flatmap(lambda style: st.lists(st.from_regex(style, fullmatch=True), min_size=9)))
def test_a_column_in_one_style_reads_as_its_dates_do_one_by_one(texts: list[str]) -> None:
    assert parse_dates(pa.array(texts))[0].cast(pa.int64()).to_pylist() == [parse_date(text) for text in texts]


@given(
    st.lists(st.datetimes().map("{:%Y-%m-%dT%H:%M:%SZ}".format), min_size=1), st.integers(0, 2), st.none() | BAD_TIMES
)
def test_a_column_of_whole_seconds_reads_as_its_dates_do_one_by_one(
    texts: list[str], cut: int, bad: str | None
) -> None:
    # Years before 1000 lack their noughts, and are another style.
    texts = [*texts, *([] if bad is None else [bad])]
    dates, wrong = parse_dates(pa.array(texts)[cut:])
    expected = [parse_date(text) for text in texts[cut:]]
    assert dates.cast(pa.int64()).to_pylist() == expected
    assert wrong.tolist() == [one is None for one in expected]


def test_columns_longer_than_a_block_read_whole() -> None:
    texts = [f"{1_700_000_000 + row}" if row % 7 else None for row in range(70_000)]
    dates, bad = parse_dates(pa.array(texts))
    assert not bad.any()
    assert dates.cast(pa.int64()).to_pylist() == [None if text is None else int(text) * 1_000_000 for text in texts]


@given(
    st.lists(
        st.none()
        | st.integers(-(2**63), 2**63 - 1)
        | st.integers(-(10**13), 10**13)
        | st.integers(19_000_000, 23_000_000),
        max_size=20,
    )
)
def test_whole_numbers_mean_what_their_text_means(numbers: list[int | None]) -> None:
    expected = [None if number is None else parse_date(str(number)) for number in numbers]
    assert parse_dates(pa.array(numbers, type=pa.int64()))[0].cast(pa.int64()).to_pylist() == expected


def test_whole_numbers_of_any_width() -> None:
    for kind in (pa.int8(), pa.uint16(), pa.int32(), pa.uint64()):
        assert parse_dates(pa.array([5, None], type=kind))[0].cast(pa.int64()).to_pylist() == [5_000_000, None]
    dates, bad = parse_dates(pa.array([2**64 - 5], type=pa.uint64()))
    assert (dates.null_count, bad.tolist()) == (1, [True])


@given(st.integers(-(2**32) * 10**6, 2**33 * 10**6))
def test_floats_are_exact_to_the_microsecond(value: int) -> None:
    dates, bad = parse_dates(pa.array([value / 1_000_000, None]))
    assert not bad.any()
    assert dates.cast(pa.int64()).to_pylist() == [value, None]


def test_floats_that_are_no_dates() -> None:
    numbers = [float("nan"), float("inf"), -float("inf"), 1e300, 253402300800.0, 1704901040222779.0, 1704901040222.5]
    assert parse_dates(pa.array(numbers))[1].all()
    milliseconds, _ = parse_dates(pa.array([1704901040222.0]))
    assert milliseconds.cast(pa.int64()).to_pylist() == [1704901040222000]
    assert parse_dates(pa.array([1.5], type=pa.float32()))[0].cast(pa.int64()).to_pylist() == [1_500_000]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "+05:30"])
def test_timestamps_of_any_unit_and_zone(unit: str, zone: str | None) -> None:
    moment = datetime(2024, 1, 10, 15, 37, 20, tzinfo=timezone.utc)
    column = pa.array([moment, None], type=pa.timestamp("us", tz="UTC")).cast(pa.int64())
    per_unit = {"s": 10**6, "ms": 10**3, "us": 1}
    values = [None if v is None else v * 1000 if unit == "ns" else v // per_unit[unit] for v in column.to_pylist()]
    dates, bad = parse_dates(pa.array(values, type=pa.int64()).cast(pa.timestamp(unit, tz=zone)))
    assert not bad.any()
    assert dates.type == MICROSECONDS
    assert dates.to_pylist() == [moment, None]


def test_timestamps_beyond_the_years_are_no_dates() -> None:
    for unit in ("s", "ms", "us"):
        column = pa.array([2**63 - 1, -(2**63), 0], type=pa.int64()).cast(pa.timestamp(unit))
        assert parse_dates(column)[1].tolist() == [True, True, False]
    assert parse_dates(pa.array([-1], type=pa.timestamp("ns")))[0].cast(pa.int64()).to_pylist() == [-1]


def test_days_and_dictionaries() -> None:
    days = pa.array([calendar.date(2024, 2, 29), None])
    leap_day = micros(datetime(2024, 2, 29, tzinfo=timezone.utc))
    assert parse_dates(days)[0].cast(pa.int64()).to_pylist() == [leap_day, None]
    dates, bad = parse_dates(pa.array(["5", "x", None, "5"]).dictionary_encode())
    assert dates.cast(pa.int64()).to_pylist() == [5_000_000, None, None, 5_000_000]
    assert bad.tolist() == [False, True, False, False]


def test_a_column_that_holds_nothing_like_dates_is_bad_throughout() -> None:
    assert parse_dates(pa.array([True, None]))[1].tolist() == [True, False]
    assert parse_dates(pa.array(["x" * 100_000, "1" * 100_000]))[1].all()


def test_a_column_without_dates() -> None:
    assert parsed() == []
    assert parsed(None, None) == [None, None]
