"""Dates as partners write them, in; microseconds since 1970 in UTC, out.

==================================  ===================================================================
``2023-06-07T02:31:49.8300Z``       ISO 8601: with seconds, a fraction (after a point or a comma), and a
                                    zone (``Z``, ``+0000``, ``+00:00``), or without; no zone means UTC
``20230607T023149Z``                the same without marks, to the second
``2023-06-07``, ``20230607``        a day alone: its first microsecond. Eight digits, or a whole number of them,
                                    are one if the calendar has it, from 1970 to 2199; else they are seconds
``1704901040``, ``…040.222779``     seconds since 1970
``1704901040222``                   exactly 13 digits: milliseconds since 1970, 2001 to 2286; no seconds
                                    of a year that we know have as many
``03/07/25 02:31:49``               month, day, year, as TCAP's CSV has it; 69 to 99 mean 1969 to 1999
``Wed, 07 Jun 2023 02:31:49 GMT``   RFC 2822
==================================  ===================================================================

Finer than microseconds is cut in ISO 8601, and rounded half to even in seconds, where it is what a float left over.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, timezone

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .records import MICROSECONDS

EARLIEST = -62_135_596_800_000_000
"""The first microsecond of the year 1."""
LATEST = 253_402_300_799_999_999
"""The last microsecond of the year 9999."""

Mask = npt.NDArray[np.bool_]
Micros = npt.NDArray[np.int64]
Text = npt.NDArray[np.uint8]
"""Texts of one length as ``uint8[length, n]``: a row for each place, a column for each text."""
Reader = Callable[[Text, str], tuple[Micros, Mask]]
"""Reads texts that fit a template: microseconds since 1970, and which of them name a time that there is."""

_BLOCK = 65_536
"""Rows that are read at once, so that what is made of them on the way stays small."""
_LONGEST = 40
"""Characters of the longest date."""
_SECOND = 1_000_000
_MONTHS = np.arange("0000-01", "10000-02", dtype="datetime64[M]").astype("datetime64[D]").astype(np.int64)
"""First day of each month from January of the year 0, in days since 1970."""
_COMPACT_YEARS = (1970, 2199)
"""First and last year of days in eight digits: as seconds they all lie in two months of 1970, of which nobody speaks."""
_MILLISECONDS = (10**12, 10**13)
"""Whole numbers from the first up to the second are milliseconds."""

_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?:[Zz]|([+-])(\d\d):?(\d\d))?)?", re.ASCII
)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)[T ](\d\d)(\d\d)(\d\d)(?:[Zz]|([+-])(\d\d)(\d\d))?", re.ASCII)
_EIGHT_DIGITS = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
_SECONDS = re.compile(r"(-?)(\d{1,12})(?:\.(\d+))?", re.ASCII)
_AMERICAN = re.compile(r"(\d\d)/(\d\d)/(\d\d) (\d\d):(\d\d):(\d\d)", re.ASCII)
_RFC_2822 = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?(\d\d?) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d{4}) "
    r"(\d\d):(\d\d)(?::(\d\d))? (?:([+-])(\d\d)(\d\d)|GMT|UTC?)",
    re.ASCII,
)
_PLAIN_ISO = "0000-00-00T00:00:00Z"
_MONTH_NAMES = "JanFebMarAprMayJunJulAugSepOctNovDec"
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def parse_dates(column: pa.Array) -> tuple[pa.Array, Mask]:
    """Read dates, in every style that the module names.

    Args:
        column: Text without blanks around it, numbers (seconds, or milliseconds as in text), timestamps of any
            unit and zone (without one they are UTC), days, or a dictionary of such; null is no date.

    Returns:
        ``timestamp[us, UTC]``, null where there is none, and which values could not be read.
    """
    if pa.types.is_dictionary(column.type):
        dates, bad = parse_dates(column.dictionary)
        places = column.indices.cast(pa.int64())
        return dates.take(places), np.append(bad, False)[places.fill_null(len(bad)).to_numpy()]
    if pa.types.is_date(column.type):
        column = column.cast(pa.timestamp("ms"))
    valid = column.is_valid().to_numpy(zero_copy_only=False)
    if pa.types.is_timestamp(column.type):
        micros, read = _of_timestamps(column)
    elif pa.types.is_floating(column.type):
        micros, read = _of_floats(column.cast(pa.float64()).fill_null(0).to_numpy())
    elif pa.types.is_integer(column.type) and column.type != pa.uint64():
        micros, read = _of_integers(column.cast(pa.int64()).fill_null(0).to_numpy())
    else:
        column = column.cast(pa.large_string())
        micros, read = _of_iso(column) or _of_text(column, valid)
    read &= valid & (micros >= EARLIEST) & (micros <= LATEST)
    return pa.array(micros, mask=~read).cast(MICROSECONDS), ~read & valid


def parse_date(text: str) -> int | None:
    """Microseconds since 1970 of one date in any style that the module names; None if it is none."""
    try:
        micros = _one(text) if len(text) <= _LONGEST else None
    except (ValueError, OverflowError):
        return None
    return micros if micros is not None and EARLIEST <= micros <= LATEST else None


def _one(text: str) -> int | None:
    """Microseconds since 1970.

    Raises:
        ValueError: If there is no such day or time.
        OverflowError: If it lies beyond the years 1 to 9999.
    """
    if found := _ISO.fullmatch(text):
        year, month, day, hour, minute, second, fraction, *zone = found.groups()
        return _moment((year, month, day, hour, minute, second), zone) + int((fraction or "")[:6].ljust(6, "0"))
    if found := _COMPACT.fullmatch(text):
        *moment, sign, hours, minutes = found.groups()
        return _moment((*moment,), [sign, hours, minutes])
    if (day := _day(text)) is not None:
        return day
    if found := _SECONDS.fullmatch(text):
        sign, whole, fraction = found.groups()
        return (-1 if sign else 1) * (int(whole) * _SECOND + _rounded(fraction or ""))
    if len(text) == 13 and text.isascii() and text.isdigit() and text[0] != "0":
        return int(text) * 1000
    if found := _AMERICAN.fullmatch(text):
        month, day, year, *time = found.groups()
        return _moment((f"{19 if year >= '69' else 20}{year}", month, day, *time), ())
    if found := _RFC_2822.fullmatch(text):
        day, name, year, hour, minute, second, *zone = found.groups()
        return _moment((year, _MONTH_NAMES.index(name) // 3 + 1, day, hour, minute, second), zone)
    return None


def _day(text: str) -> int | None:
    """Microseconds since 1970 of a day in eight digits; None if they are none."""
    found = _EIGHT_DIGITS.fullmatch(text)
    if found is None or not _COMPACT_YEARS[0] <= int(found[1]) <= _COMPACT_YEARS[1]:
        return None
    try:
        return _moment((*found.groups(), None, None, None), ())
    except ValueError:
        return None


def _moment(fields: tuple[str | int | None, ...], zone: list[str | None] | tuple[()]) -> int:
    """Microseconds since 1970 of year, month, day, hour, minute and second, in a zone of sign, hours and minutes."""
    sign, hours, minutes = zone or (None, None, None)
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    if int(minutes or 0) >= 60:
        raise ValueError("an hour has 60 minutes")
    year, month, day, hour, minute, second = (int(field or 0) for field in fields)
    local = datetime(year, month, day, hour, minute, second, tzinfo=timezone.utc) - _EPOCH
    return (local - timezone(-offset if sign == "-" else offset).utcoffset(None)) // timedelta(microseconds=1)


def _rounded(fraction: str) -> int:
    """The digits behind the point as microseconds, half to even."""
    micros, rest = int(fraction[:6].ljust(6, "0")), fraction[6:].rstrip("0")
    return micros + (rest > "5" or (rest == "5" and micros % 2 == 1))


def _of_timestamps(column: pa.Array) -> tuple[Micros, Mask]:
    unit = column.type.unit
    values = column.cast(pa.int64()).fill_null(0).to_numpy()
    if unit == "ns":
        return values // 1000, np.ones(len(values), dtype=np.bool_)
    factor = {"s": _SECOND, "ms": 1000, "us": 1}[unit]
    inside = (values >= EARLIEST // factor) & (values <= LATEST // factor)
    return np.where(inside, values, 0) * factor, inside


def _of_integers(values: npt.NDArray[np.int64]) -> tuple[Micros, Mask]:
    fine = (values >= _MILLISECONDS[0]) & (values < _MILLISECONDS[1])
    inside = fine | ((values >= EARLIEST // _SECOND) & (values <= LATEST // _SECOND))
    micros = np.where(inside, values, 0) * np.where(fine, 1000, _SECOND)
    days, are_days = _days_of(values)
    return np.where(are_days, days, micros), inside


def _days_of(numbers: npt.NDArray[np.int64]) -> tuple[Micros, Mask]:
    """Numbers of eight digits as days, and which of them are one."""
    year = numbers // 10_000
    compact = (year >= _COMPACT_YEARS[0]) & (year <= _COMPACT_YEARS[1])
    days, are_days = _time(np.where(compact, year, 1970), numbers // 100 % 100, numbers % 100)
    return days, are_days & compact


def _of_floats(values: npt.NDArray[np.float64]) -> tuple[Micros, Mask]:
    whole = np.floor(values)
    fine = (values == whole) & (values >= _MILLISECONDS[0]) & (values < _MILLISECONDS[1])
    inside = fine | ((whole >= EARLIEST // _SECOND) & (whole <= LATEST // _SECOND))
    whole, values = np.where(inside, whole, 0), np.where(inside, values, 0)
    # Apart, so that the fraction keeps every bit that the float has of it.
    fraction = np.rint((values - whole) * _SECOND).astype(np.int64)
    return whole.astype(np.int64) * np.where(fine, 1000, _SECOND) + fraction, inside


def _of_iso(column: pa.LargeStringArray) -> tuple[Micros, Mask] | None:
    """Texts that are all ``2026-01-02T03:04:05Z``, which Arrow reads too, and as we do; else None."""
    if not len(column) or column.null_count:
        return None
    characters, offsets = _text_of(column)
    if (np.diff(offsets) != len(_PLAIN_ISO)).any():
        return None
    text = characters[offsets[0] : offsets[-1]].reshape(len(column), len(_PLAIN_ISO))
    if any((text[:, place] != ord(mark)).any() for place, mark in enumerate(_PLAIN_ISO) if mark != "0"):
        return None
    try:
        micros: Micros = column.cast(MICROSECONDS).cast(pa.int64()).to_numpy()
    except pa.ArrowInvalid:
        return None
    return micros, np.ones(len(column), dtype=np.bool_)


def _text_of(column: pa.LargeStringArray) -> tuple[Text, npt.NDArray[np.int64]]:
    """The bytes of a column's buffer, and where each text begins in it and the last ends."""
    _, places, content = column.buffers()
    offsets = np.frombuffer(places, dtype=np.int64)[column.offset : column.offset + len(column) + 1]
    return np.frombuffer(content or b"", dtype=np.uint8), offsets


def _of_text(column: pa.Array, valid: Mask) -> tuple[Micros, Mask]:
    micros, read = np.zeros(len(column), dtype=np.int64), np.zeros(len(column), dtype=np.bool_)
    if not len(column):
        return micros, read
    characters, offsets = _text_of(column)
    for start in range(0, len(column), _BLOCK):
        block = slice(start, start + _BLOCK)
        _read_block(characters, offsets[start : start + _BLOCK + 1], valid[block], micros[block], read[block])
    left = np.flatnonzero(valid & ~read)
    if len(left):
        # What is left is rare, or a style in which dates come again and again.
        distinct = column.take(pa.array(left)).dictionary_encode()
        dates = [parse_date(text) for text in distinct.dictionary.to_pylist()]
        found = np.array([date is not None for date in dates])[distinct.indices.to_numpy()]
        micros[left] = np.array([date or 0 for date in dates], dtype=np.int64)[distinct.indices.to_numpy()]
        read[left] = found
    return micros, read


def _read_block(characters: Text, offsets: npt.NDArray[np.int64], valid: Mask, micros: Micros, read: Mask) -> None:
    """Read the texts that fit a template; ``micros`` and ``read`` are filled in."""
    lengths = np.where(valid, np.diff(offsets), 0)
    for length in np.unique(lengths).tolist():
        rows = np.flatnonzero(lengths == length) if length in _TEMPLATES else ()
        if not len(rows):
            continue
        if len(rows) == len(lengths):
            text = np.ascontiguousarray(characters[offsets[0] : offsets[-1]].reshape(len(rows), length).T)
        else:
            text = characters[offsets[rows] + np.arange(length)[:, None]]
        for template, reader in _TEMPLATES[length]:
            fits = _fits(text, template)
            if not fits.any():
                continue
            micros[rows[fits]], read[rows[fits]] = reader(text if fits.all() else text[:, fits], template)
            rows, text = rows[~fits], text[:, ~fits]
            if not len(rows):
                break


def _fits(text: Text, template: str) -> Mask:
    """Which texts have digits where the template has ``0``, and its marks where it has others."""
    fits = np.ones(text.shape[1], dtype=np.bool_)
    # Marks first: they tell styles apart.
    for place in sorted(range(len(template)), key=lambda place: template[place] == "0"):
        mark = template[place]
        if mark == "0":
            fits &= text[place] - ord("0") < 10
        else:
            fits &= functools.reduce(np.bitwise_or, (text[place] == one for one in _MARKS.get(mark, mark).encode()))
        if not fits.any():
            break
    return fits


def _number(text: Text, start: int, stop: int) -> Micros:
    """The digits from one place up to another as numbers; 0 of none."""
    number = np.zeros(text.shape[1], dtype=np.int64)
    for place in range(start, stop):
        number = number * 10 + (text[place] - ord("0"))
    return number


def _iso(text: Text, template: str) -> tuple[Micros, Mask]:
    date = [_number(text, 0, 4), _number(text, 5, 7), _number(text, 8, 10)]
    stop = len(re.split("[Z+]", template)[0])
    time = [_number(text, start, start + 2) for start in (11, 14, 17) if start < stop]
    micros, good = _time(*date, *time)
    digits = max(0, min(stop - 20, 6))
    micros += _number(text, 20, 20 + digits) * 10 ** (6 - digits)
    if "+" in template:
        offset, well = _offset(text, stop)
        micros, good = micros - offset, good & well
    return micros, good


def _compact(text: Text, template: str) -> tuple[Micros, Mask]:
    places = [(0, 4), *((start, start + 2) for start in (4, 6, 9, 11, 13))]
    micros, good = _time(*(_number(text, *place) for place in places))
    if "+" in template:
        offset, well = _offset(text, len("00000000T000000"))
        micros, good = micros - offset, good & well
    return micros, good


def _eight_digits(text: Text, template: str) -> tuple[Micros, Mask]:
    numbers = _number(text, 0, len(text))
    days, are_days = _days_of(numbers)
    return np.where(are_days, days, numbers * _SECOND), np.ones(len(numbers), dtype=np.bool_)


def _offset(text: Text, at: int) -> tuple[Micros, Mask]:
    """How far the zones whose signs stand at a place are from UTC, and which of them there may be."""
    hours, minutes = _number(text, at + 1, at + 3), _number(text, len(text) - 2, len(text))
    micros = np.where(text[at] == ord("-"), -1, 1) * (hours * 60 + minutes) * 60 * _SECOND
    return micros, (hours < 24) & (minutes < 60)


def _american(text: Text, template: str) -> tuple[Micros, Mask]:
    month, day, year, *time = (_number(text, start, start + 2) for start in range(0, 17, 3))
    return _time(year + np.where(year >= 69, 1900, 2000), month, day, *time)


def _time(
    year: Micros, month: Micros, day: Micros, hour: Micros | int = 0, minute: Micros | int = 0, second: Micros | int = 0
) -> tuple[Micros, Mask]:
    number = year * 12 + np.clip(month, 1, 12) - 1
    first = _MONTHS[number]
    good = (month >= 1) & (month <= 12) & (day >= 1) & (day <= _MONTHS[number + 1] - first)
    good &= (np.asarray(hour) < 24) & (np.asarray(minute) < 60) & (np.asarray(second) < 60)
    return ((((first + day - 1) * 24 + hour) * 60 + minute) * 60 + second) * _SECOND, good


def _seconds(text: Text, template: str) -> tuple[Micros, Mask]:
    whole, _, fraction = template.partition(".")
    digits, finer = min(len(fraction), 6), max(len(fraction) - 6, 0)
    micros = _number(text, template.startswith("-"), len(whole)) * _SECOND
    micros += _number(text, len(whole) + 1, len(whole) + 1 + digits) * 10 ** (6 - digits)
    if finer:
        rest, half = _number(text, len(text) - finer, len(text)), 5 * 10 ** (finer - 1)
        micros += (rest > half) | ((rest == half) & (micros % 2 == 1))
    return (-micros if template.startswith("-") else micros), np.ones(len(micros), dtype=np.bool_)


def _milliseconds(text: Text, template: str) -> tuple[Micros, Mask]:
    micros = _number(text, 0, len(text)) * 1000
    return micros, text[0] != ord("0")


_MARKS = {"T": "T ", ",": ".,", "Z": "Zz", "+": "+-"}
"""Mark of a template -> the characters that may stand there, where they are several."""


def _templates() -> Mapping[int, Sequence[tuple[str, Reader]]]:
    """Every template of dates whose parts stand at fixed places, by its length."""
    day, minutes = "0000-00-00", "0000-00-00T00:00"
    bodies = [minutes, f"{minutes}:00", *(f"{minutes}:00,{'0' * digits}" for digits in range(1, 10))]
    found: defaultdict[int, list[tuple[str, Reader]]] = defaultdict(list)
    for template in (day, *(body + zone for body in bodies for zone in ("Z", "", "+0000", "+00:00"))):
        found[len(template)].append((template, _iso))
    for zone in ("Z", "", "+0000"):
        found[len(template := f"00000000T000000{zone}")].append((template, _compact))
    found[8].append(("00000000", _eight_digits))
    found[17].append(("00/00/00 00:00:00", _american))
    found[13].append(("0" * 13, _milliseconds))
    for sign, whole in itertools.product(("", "-"), range(1, 13)):
        for fraction in ("", *(f".{'0' * digits}" for digits in range(1, 13))):
            template = f"{sign}{'0' * whole}{fraction}"
            found[len(template)].append((template, _seconds))
    return dict(found)


_TEMPLATES = _templates()
