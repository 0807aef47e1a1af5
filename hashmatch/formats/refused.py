"""Files that are no lists and are taken for such: what each is, and what to do instead."""

from __future__ import annotations

import re
from typing import NamedTuple

_ARCHIVE = "unpack it, and import the files that it holds"


class _Kind(NamedTuple):
    beginning: re.Pattern[bytes]
    reason: str


def _kind(beginning: bytes, reason: str) -> _Kind:
    return _Kind(re.compile(beginning, re.DOTALL), reason)


_KINDS = (
    # The text form of ThreatExchange, with a bar behind the twelve letters, stands in lists: a row of them is a reject.
    _kind(
        rb"TMK1(FVEC|VSTR|FEAT).{4}(?!\|)",
        "is a TMK file: one whole video as tens of thousands of real numbers, which are compared by their cosine and "
        "not by Hamming distance, so that it cannot be matched here; ask for the PDQ hashes of its frames, or its MD5",
    ),
    _kind(
        rb"PK\x03\x04.{26,2000}?(xl/|\[Content_Types\]\.xml)",
        "is an Office document: save the sheet that holds the hashes as CSV, in UTF-8",
    ),
    _kind(rb"PK(\x03\x04|\x05\x06|\x07\x08)", f"is a zip archive: {_ARCHIVE}"),
    _kind(
        rb"SQLite format 3\x00",
        "is an SQLite database: export its hashes as CSV; of NSRL's third version, the columns sha256, sha1 and md5 "
        "of the view DISTINCT_HASH or FILE, into an allow list",
    ),
    _kind(rb"%PDF-", "is a PDF document: ask for the list as a file of its own, such as CSV"),
    _kind(
        rb"\x80[\x02-\x05]",
        "is a Python pickle, such as python-threatexchange keeps its state and its indexes in: reading one can run "
        "whatever it says, so none is read; write it out with 'threatexchange dataset -P --csv'",
    ),
    _kind(rb"7z\xbc\xaf\x27\x1c", f"is a 7z archive: {_ARCHIVE}"),
    _kind(rb"Rar!\x1a\x07", f"is a rar archive: {_ARCHIVE}"),
    _kind(rb".{257}ustar[\x00 ]", f"is a tar archive: {_ARCHIVE}"),
    _kind(rb"BZh[1-9]1AY&SY|\xfd7zXZ\x00|\x28\xb5\x2f\xfd", "is packed, and not with gzip: unpack it first"),
    _kind(
        rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "is an old Office document: save the sheet that holds the hashes as CSV, in UTF-8",
    ),
)
"""The first that fits says it. Parquet and Arrow are read, and gzip is unpacked before anything is looked at."""


def refusal(head: bytes) -> str | None:
    """Why a file is not read, as the end of a sentence that begins with its name; None if it may be a list.

    Args:
        head: Its beginning, unpacked; 2 KiB are enough.
    """
    return next((kind.reason for kind in _KINDS if kind.beginning.match(head)), None)
