"""Words that were set aside are the words that were held in memory."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hashmatch.scratch import Scratch
from hashmatch.word_rows import PLAIN_SCHEMA, WORD_SCHEMA, held
from hashmatch.words import WordGatherer, Words, words_of

ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "source_id": st.sampled_from([f"id-{number}" for number in range(12)]),
            "algorithm": st.sampled_from(["md5", "pdq"]),
            "digest": st.sampled_from([b"\x01" * 16, b"\x02" * 16]),
            "frame": st.sampled_from([-1, 0]),
            "labels": st.lists(st.sampled_from(["a:b", "c:d", "e"]), unique=True, max_size=2).map(sorted),
            "updated_at": st.sampled_from([None, *(datetime(2026, 1, day, tzinfo=timezone.utc) for day in (1, 2))]),
            "extra": st.sampled_from(["{}", '{"a":1}']),
            "withdrawn": st.sampled_from([False, False, True]),
        }
    ),
    max_size=40,
)


def table(rows: list[dict[str, Any]]) -> tuple[pa.Table, np.ndarray]:
    stated = [{"media_type": "image", "opinion": "positive", **row} for row in rows]
    withdrawn = np.array([row.pop("withdrawn", False) for row in stated], dtype=np.bool_)
    return held(pa.Table.from_pylist(stated, schema=PLAIN_SCHEMA)), withdrawn


def told(words: Words) -> dict[str, Any]:
    """Everything that words say, for a comparison."""
    pieces = list(words.pieces(np.ones(len(words), dtype=np.bool_)))
    return {
        "keys": words.keys.tolist(),
        "fingerprints": words.fingerprints.tolist(),
        "updated_at": words.updated_at.tolist(),
        "withdrawn": words.withdrawn.tolist(),
        "rows": [row for rows, _ in pieces for row in rows.to_pylist()],
        "owner": [word for _, owner in pieces for word in owner.tolist()],
    }


@settings(max_examples=60)
@given(ROWS, st.sets(st.integers(0, 40)), st.booleans())
def test_setting_aside_changes_nothing(rows: list[dict[str, Any]], cuts: set[int], row_is_word: bool) -> None:
    expected, duplicates = words_of(*table([dict(row) for row in rows]), row_is_word=row_is_word)
    gatherer = WordGatherer(Scratch(), row_is_word=row_is_word)
    for number, row in enumerate(rows):
        gatherer.add(*table([dict(row)]))
        if number in cuts:
            gatherer.set_aside()
            assert gatherer.held_bytes == 0
    words, again = gatherer.words()
    assert gatherer.rows == len(rows)
    assert again == duplicates
    assert told(words) == told(expected)


@given(ROWS, ROWS, st.booleans())
def test_rows_that_are_taken_over_come_after_its_own(
    rows: list[dict[str, Any]], more: list[dict[str, Any]], aside: bool
) -> None:
    one, other = WordGatherer(Scratch(), row_is_word=False), WordGatherer(Scratch(), row_is_word=False)
    one.add(*table([dict(row) for row in rows]))
    other.add(*table([dict(row) for row in more]))
    if aside:
        other.set_aside()
    one.take_over(other)
    expected, duplicates = words_of(*table([dict(row) for row in [*rows, *more]]), row_is_word=False)
    words, again = one.words()
    assert (told(words), again) == (told(expected), duplicates)


def test_pieces_are_bounded_and_hold_only_what_is_chosen() -> None:
    count = 150_000
    rows = pa.table(
        {
            **{field.name: pa.nulls(count, field.type) for field in WORD_SCHEMA},
            "source_id": [f"id-{number // 2}" for number in range(count)],
            "algorithm": ["md5"] * count,
            "digest": pa.array([number.to_bytes(16, "big") for number in range(count)], pa.binary()),
            "frame": pa.array(np.full(count, -1, np.int32)),
            "media_type": ["image"] * count,
            "labels": [""] * count,
            "opinion": ["positive"] * count,
            "extra": ["{}"] * count,
        },
        schema=WORD_SCHEMA,
    )
    words, _ = words_of(rows, np.zeros(count, dtype=np.bool_), row_is_word=False)
    chosen = np.arange(len(words)) % 3 != 0
    sizes, owners, ids = [], [], []
    for piece, owner in words.pieces(chosen):
        sizes.append(len(piece))
        owners += owner.tolist()
        ids += piece.column("source_id").to_pylist()
    assert max(sizes) <= 65_536
    assert owners == [word for word in np.flatnonzero(chosen).tolist() for _ in range(2)]
    assert len(set(ids)) == int(np.sum(chosen))
    assert sum(len(columns) for columns in words.columns(["digest"])) == count


def test_what_is_set_aside_is_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    gatherer = WordGatherer(Scratch(), row_is_word=True)
    rows, withdrawn = table(
        [
            {
                "source_id": f"{number}",
                "algorithm": "md5",
                "digest": b"\x01" * 16,
                "frame": -1,
                "labels": [],
                "extra": "{}",
            }
            for number in range(2000)
        ]
    )
    before = pa.total_allocated_bytes()
    for _ in range(50):
        gatherer.add(rows, withdrawn)
        gatherer.set_aside()
    assert pa.total_allocated_bytes() - before < 5 * rows.nbytes
    words, _ = gatherer.words()
    assert len(words) == 2000
