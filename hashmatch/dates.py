"""Dates as partners write them, in; microseconds since 1970 in UTC, out."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .records import MICROSECONDS

EARLIEST = -62_135_596_800_000_000
"""The first microsecond of the year 1."""
LATEST = 253_402_300_799_999_999
"""The last microsecond of the year 9999."""

_DAY = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?)?"
_ZONE = r"(Z|z|[+-]\d{2}:?\d{2})$"
_SECONDS = r"^-?\d{1,12}(\.\d+)?$"


def parse_dates(column: pa.Array) -> tuple[pa.Array, npt.NDArray[np.bool_]]:
    """Read dates.

    ISO 8601 with or without a zone (without one it is UTC; a comma may stand before the fraction) and
    seconds since 1970, whole or with a fraction, are understood.

    Args:
        column: Strings; null is no date.

    Returns:
        ``timestamp[us, UTC]``, null where there is none, and which values could not be read.
    """
    count = len(column)
    micros = np.zeros(count, dtype=np.int64)
    read = np.zeros(count, dtype=np.bool_)
    zoned = _matching(column, _DAY + _ZONE)
    local = _matching(column, _DAY + "$")
    seconds = _matching(column, _SECONDS)
    for rows, kind in ((zoned, MICROSECONDS), (local, pa.timestamp("us"))):
        found, good = _iso(column.take(pa.array(rows)), kind)
        micros[rows], read[rows] = found, good & (found >= EARLIEST) & (found <= LATEST)
    for row in seconds.tolist():
        value = int((Decimal(column[row].as_py()) * 1_000_000).to_integral_value())
        if EARLIEST <= value <= LATEST:
            micros[row], read[row] = value, True
    missing = column.is_null().to_numpy(zero_copy_only=False)
    return pa.array(micros, mask=~read).cast(MICROSECONDS), ~read & ~missing


def _matching(column: pa.Array, pattern: str) -> npt.NDArray[np.int64]:
    return np.flatnonzero(pc.match_substring_regex(column, pattern).fill_null(False).to_numpy(zero_copy_only=False))


def _iso(column: pa.Array, kind: pa.DataType) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """ISO 8601 text as microseconds, and which of it could be read."""
    text = pc.utf8_upper(pc.replace_substring(column, ",", "."))
    # Finer than microseconds is cut, as no partner means it.
    text = pc.replace_substring_regex(text, r"(\.\d{6})\d+", r"\1")
    try:
        return text.cast(kind).cast(pa.int64()).to_numpy(), np.ones(len(text), dtype=np.bool_)
    except pa.ArrowInvalid:
        pass
    micros, read = np.zeros(len(text), dtype=np.int64), np.zeros(len(text), dtype=np.bool_)
    for row in range(len(text)):
        try:
            micros[row] = text.slice(row, 1).cast(kind).cast(pa.int64())[0].as_py()
            read[row] = True
        except pa.ArrowInvalid:
            continue
    return micros, read
