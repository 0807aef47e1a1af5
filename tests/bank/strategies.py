"""What may be said of lists: rows of files, and disputes about one claim."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from hashmatch.records import Mode

from .files import BLANK_PDQ, MD5, ODD_PDQ, PDQ, Row

NAMES = ("one", "two", "three")
NAME = st.sampled_from(["one", "one", "one", "two", "two", "three"])
IDS = ("a", "b", "c", "d", "e")

HASHES = st.sampled_from([*(("pdq", hex) for hex in (*PDQ, ODD_PDQ, BLANK_PDQ)), *(("md5", hex) for hex in MD5)])
LABELS = st.lists(st.sampled_from(["ideology:x", "ideology:y", "ideology:z"]), max_size=2, unique=True).map(
    lambda labels: tuple(sorted(labels))
)
DATES = st.sampled_from([None, None, -3, -2, -1, 0, 1, 2, 4, 8])
"""Seconds from the clock's start. Few, so that some are equal, and some still to come."""
MODES = st.sampled_from([None, None, None, Mode.UPDATE, Mode.REPLACE])
ACCEPT = st.sampled_from([True, True, True, False])
SPARE_IDS = st.sampled_from(IDS)
BROKEN = st.sampled_from([None] * 12 + ["digest", "hashless"])


@st.composite
def rows(draw: st.DrawFn, ids: st.SearchStrategy[str | None], names: tuple[str, ...] = ()) -> tuple[Row, ...]:
    """Rows of a file, whose dates are in seconds still."""
    made = []
    for _ in range(draw(st.integers(0, 7))):
        algorithm, digest = draw(HASHES)
        source_id, broken = draw(ids), draw(BROKEN)
        withdrawn = draw(st.sampled_from([False, False, False, True]))
        if withdrawn and source_id is not None:
            # Nothing but the id counts then.
            broken = None
        made.append(
            Row(
                id=source_id,
                digest=digest,
                algorithm=algorithm,
                labels=draw(LABELS),
                date=draw(DATES),
                withdrawn=withdrawn,
                broken=broken,
                frame=draw(st.sampled_from([-1, -1, -1, 0, 1])),
                quality=draw(st.sampled_from([None, None, 30, 90])),
                opinion=draw(st.sampled_from([None, None, None, "negative", "disputed"])),
                list=draw(st.sampled_from(names)) if names else None,
            )
        )
    return tuple(made)


@dataclass(frozen=True)
class Step:
    """One turn in a dispute about a claim."""

    undo: bool | None
    """Withdraw it by hand, undo that, or neither."""
    rows: tuple[Row, ...]
    """What is said of it then."""
    format: str
    mode: Mode | None
    shown: str
    """How its id is written."""
    seconds: int
    """After all that."""


@st.composite
def about_one_claim(draw: st.DrawFn) -> Step:
    """A few rows, withdrawals or broken more often than not."""
    hashes = st.lists(
        st.tuples(HASHES, DATES, st.booleans(), st.sampled_from([None, None, "digest", "hashless"])), max_size=3
    )
    format = draw(st.sampled_from(["tcap", "jsonl", "jsonl", "csv"]))
    return Step(
        undo=draw(st.sampled_from([None, False, False, True])),
        rows=tuple(
            Row("", digest, algorithm, date=date, withdrawn=gone, broken=None if gone else broken)
            for (algorithm, digest), date, gone, broken in draw(hashes)
        ),
        format=format,
        mode=draw(st.sampled_from([Mode.UPDATE, Mode.UPDATE, Mode.UPDATE, Mode.REPLACE])),
        shown=draw(st.sampled_from(["{}", " {} "])) if format != "tcap" else "{}",
        seconds=draw(st.integers(0, 2)),
    )
