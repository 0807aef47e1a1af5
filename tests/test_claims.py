from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashmatch import claims
from hashmatch.claims import (
    STANDS,
    UNDATED,
    Keys,
    Standing,
    bytes_keys,
    claim_keys,
    fingerprints,
    key_bytes,
    locate,
    run_starts,
    sort_keys,
    withdrawal_content,
    withdrawal_rows,
)
from hashmatch.records import MICROSECONDS
from hashmatch.word_rows import PLAIN_SCHEMA, WORD_SCHEMA, held
from hashmatch.words import words_of

HALVES = st.sampled_from([0, 1, 2, 2**63, 2**64 - 1])
PAIRS = st.tuples(HALVES, HALVES)
"""Keys whose high halves collide all the time."""


def keys_of(pairs: list[tuple[int, int]]) -> Keys:
    return np.array(pairs, dtype=np.uint64).reshape(-1, 2)


def pairs_of(keys: Keys) -> list[tuple[int, int]]:
    return [(int(high), int(low)) for high, low in keys]


def in_order(pairs: set[tuple[int, int]]) -> Keys:
    return keys_of(sorted(pairs))


# Keys


@given(st.lists(PAIRS, max_size=30))
def test_sorting_is_stable_and_by_both_halves(pairs: list[tuple[int, int]]) -> None:
    order = sort_keys(keys_of(pairs)).tolist()
    assert order == sorted(range(len(pairs)), key=pairs.__getitem__)


@given(st.sets(PAIRS), st.lists(PAIRS))
def test_locating_is_looking_up_in_a_dictionary(among: set[tuple[int, int]], wanted: list[tuple[int, int]]) -> None:
    places = {pair: place for place, pair in enumerate(sorted(among))}
    position, found = locate(in_order(among), keys_of(wanted))
    assert found.tolist() == [pair in places for pair in wanted]
    assert position.tolist() == [places.get(pair, 0) for pair in wanted]


@given(st.lists(PAIRS, max_size=30).map(sorted))
def test_runs_are_the_groups_of_equal_keys(pairs: list[tuple[int, int]]) -> None:
    starts = run_starts(keys_of(pairs)).tolist()
    firsts = [place for place, pair in enumerate(pairs) if place == 0 or pairs[place - 1] != pair]
    assert starts == [*firsts, len(pairs)]


@given(st.lists(st.text(), max_size=20, unique=True))
def test_different_ids_have_different_keys_and_equal_ones_equal_keys(ids: list[str]) -> None:
    keys = pairs_of(claim_keys(ids))
    assert len(set(keys)) == len(ids)
    assert pairs_of(claim_keys(ids[::-1])) == keys[::-1]


def test_key_of_an_id_never_changes() -> None:
    assert [key.hex() for key in key_bytes(claim_keys(["2819", ""])).to_pylist()] == [
        "cc5e79a62095cb4c40150494e87eea7f",
        "99aa06d3014798d86001c324468d497f",
    ]


@given(st.lists(PAIRS, max_size=20), st.integers(0, 5), st.integers(0, 5))
def test_keys_survive_arrow_whole_or_sliced_and_sort_alike(pairs: list[tuple[int, int]], first: int, last: int) -> None:
    array = key_bytes(keys_of(pairs))
    assert pairs_of(bytes_keys(array)) == pairs
    assert pairs_of(bytes_keys(array.slice(first, last))) == pairs[first : first + last]
    assert sorted(set(array.to_pylist())) == key_bytes(in_order(set(pairs))).to_pylist()


# Standing


def standing(claims: dict[tuple[int, int], int]) -> Standing:
    """Claims of which every column tells the one number."""
    numbers = np.array([claims[pair] for pair in sorted(claims)], dtype=np.int64)
    return Standing(
        in_order(set(claims)),
        np.stack([numbers, numbers], axis=1).astype(np.uint64),
        numbers,
        np.full(len(claims), STANDS),
        *(numbers,) * 4,
    )


CLAIMS = st.dictionaries(PAIRS, st.integers(0, 1000), max_size=12)


@given(st.lists(CLAIMS, max_size=4))
def test_overlaying_is_updating_a_dictionary(layers: list[dict[tuple[int, int], int]]) -> None:
    expected: dict[tuple[int, int], int] = {}
    stands = Standing.empty()
    for layer in layers:
        expected.update(layer)
        stands = stands.overlaid(standing(layer))
    for column in fields(Standing):
        np.testing.assert_array_equal(getattr(stands, column.name), getattr(standing(expected), column.name))


@given(CLAIMS, CLAIMS, CLAIMS)
def test_overlaying_is_associative(one: Any, two: Any, three: Any) -> None:
    left = standing(one).overlaid(standing(two)).overlaid(standing(three))
    right = standing(one).overlaid(standing(two).overlaid(standing(three)))
    for column in fields(Standing):
        np.testing.assert_array_equal(getattr(left, column.name), getattr(right, column.name))


@given(CLAIMS, st.data())
def test_choosing_takes_the_same_claims_of_every_column(claims: Any, data: st.DataObject) -> None:
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=len(claims), max_size=len(claims))), dtype=np.bool_)
    chosen = standing(claims).chosen(mask)
    kept = {pair: claims[pair] for pair, keep in zip(sorted(claims), mask.tolist(), strict=True) if keep}
    np.testing.assert_array_equal(chosen.keys, standing(kept).keys)
    assert chosen.said_at.tolist() == chosen.batch.tolist() == [kept[pair] for pair in sorted(kept)]


# Fingerprints

PLAIN: dict[str, Any] = {
    "source_id": "a",
    "algorithm": "pdq",
    "frame": -1,
    "digest": b"\x01" * 32,
    "media_type": "image",
    "timestamp": None,
    "quality": None,
    "labels": [],
    "opinion": "positive",
    "share_level": None,
    "created_at": None,
    "updated_at": None,
    "expires_at": None,
    "quarantine": None,
    "extra": "{}",
}
OTHERS: dict[str, list[Any]] = {
    "algorithm": ["sha256", None],
    "frame": [0, 1],
    "digest": [b"\x02" * 32, b"\x01" * 31, b"", None],
    "media_type": ["video"],
    "timestamp": [0.0, 0.5, 1.0],
    "quality": [0, 1, 100],
    "labels": [["a"], ["b"], ["a", "b"], ["ab"]],
    "opinion": ["seed"],
    "share_level": ["clear", "red"],
    "created_at": [0, 1, -1],
    "expires_at": [0, 1, -1],
    "extra": ['{"a":1}'],
}


def table(*rows: dict[str, Any]) -> pa.Table:
    return held(pa.Table.from_pylist([{**PLAIN, **row} for row in rows], schema=PLAIN_SCHEMA))


def prints(*rows: dict[str, Any]) -> tuple[int, int]:
    """The fingerprint of one word."""
    ((content, whole),) = fingerprints(table(*rows), np.array([0, len(rows)])).tolist()
    return content, whole


@pytest.mark.parametrize("column", OTHERS)
def test_every_column_counts_and_so_does_null(column: str) -> None:
    found = [prints({}), *(prints({column: value}) for value in OTHERS[column])]
    for half in (0, 1):
        assert len({fingerprint[half] for fingerprint in found}) == len(found)


def test_every_column_is_looked_at() -> None:
    assert set(OTHERS) | {"source_id", "quarantine", "updated_at"} == set(WORD_SCHEMA.names)


def test_updated_at_counts_in_the_second_half_alone() -> None:
    found = [prints({"updated_at": value}) for value in (None, 0, 1, -1)]
    assert len({content for content, _ in found}) == 1
    assert len({whole for _, whole in found}) == 4


@pytest.mark.parametrize("column", ["source_id", "quarantine"])
def test_id_and_quarantine_do_not_count(column: str) -> None:
    assert prints({column: "other"}) == prints({})


ROWS = st.fixed_dictionaries(
    {}, optional={name: st.sampled_from(values) for name, values in OTHERS.items()} | {"updated_at": st.integers(0, 3)}
)


@given(st.lists(ROWS, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_order_of_rows_does_not_count(rows: list[dict[str, Any]], random: Any) -> None:
    shuffled = random.sample(rows, len(rows))
    assert prints(*rows) == prints(*shuffled)


@given(st.lists(ROWS, min_size=1, max_size=4), st.lists(ROWS, min_size=1, max_size=4))
def test_different_words_have_different_fingerprints(left: list[dict[str, Any]], right: list[dict[str, Any]]) -> None:
    def content(rows: list[dict[str, Any]]) -> list[str]:
        return sorted(repr(sorted({**PLAIN, **row}.items())) for row in rows)

    assert (prints(*left) == prints(*right)) is (content(left) == content(right))


@given(st.lists(st.lists(ROWS, min_size=1, max_size=3), max_size=4))
def test_fingerprints_of_many_words_are_those_of_each(words: list[list[dict[str, Any]]]) -> None:
    rows = [row for word in words for row in word]
    starts = np.cumsum([0, *map(len, words)])
    found = [tuple(pair) for pair in fingerprints(table(*rows), starts).tolist()]
    assert found == [prints(*word) for word in words]


def test_fingerprints_do_not_depend_on_how_a_table_is_cut() -> None:
    rows = [{"extra": f'{{"a":{i}}}', "labels": [str(i)], "timestamp": float(i)} for i in range(6)]
    whole = table(*rows)
    cut = pa.concat_tables([whole.slice(0, 1), whole.slice(1, 3), whole.slice(4)])
    starts = np.array([0, 2, 6])
    np.testing.assert_array_equal(fingerprints(whole, starts), fingerprints(cut, starts))


def test_all_withdrawals_have_the_one_content() -> None:
    dated = withdrawal_rows(pa.array(["a", "b"]), pa.array([5, None], type=pa.int64()).cast(MICROSECONDS))
    found = fingerprints(dated, np.array([0, 1, 2]))
    assert found[:, 0].tolist() == [int(withdrawal_content())] * 2
    assert found[0, 1] != found[1, 1]


# Words


def test_words_are_sorted_by_key_and_keep_their_rows_together() -> None:
    rows = [{"source_id": source_id, "frame": frame} for frame in range(3) for source_id in "abcde"]
    words, duplicates = words_of(table(*rows), np.zeros(15, dtype=np.bool_), row_is_word=False)
    assert duplicates == 0
    assert pairs_of(words.keys) == sorted(pairs_of(claim_keys("abcde")))
    ((taken, owner),) = words.pieces(np.ones(5, dtype=np.bool_))
    assert owner.tolist() == [word for word in range(5) for _ in range(3)]
    assert taken.column("frame").to_pylist() == [0, 1, 2] * 5
    ids = taken.column("source_id").to_pylist()
    assert pairs_of(claim_keys(ids[::3])) == pairs_of(words.keys)


def test_rows_of_chosen_words() -> None:
    rows = [{"source_id": source_id, "frame": frame} for frame in range(2) for source_id in "abc"]
    words, _ = words_of(table(*rows), np.zeros(6, dtype=np.bool_), row_is_word=False)
    ((chosen, owner),) = words.pieces(np.array([True, False, True]))
    assert owner.tolist() == [0, 0, 2, 2]
    assert pairs_of(claim_keys(chosen.column("source_id").to_pylist())) == pairs_of(words.keys[owner])


@pytest.mark.parametrize("row_is_word", [False, True])
def test_no_rows_are_no_words(row_is_word: bool) -> None:
    words, duplicates = words_of(WORD_SCHEMA.empty_table(), np.zeros(0, dtype=np.bool_), row_is_word=row_is_word)
    assert (len(words), duplicates, list(words.pieces(words.withdrawn))) == (0, 0, [])
    assert words.fingerprints.shape == words.keys.shape == (0, 2)


@pytest.mark.parametrize("dates", [(1, 2), (2, 1), (None, 2), (2, None)])
def test_date_of_a_word_is_its_newest_rows_or_none(dates: tuple[int | None, int | None]) -> None:
    rows = [{"frame": frame, "updated_at": date} for frame, date in enumerate(dates)]
    for withdrawn in (False, True):
        words, _ = words_of(table(*rows), np.full(2, withdrawn), row_is_word=False)
        assert words.updated_at.tolist() == [UNDATED if None in dates else 2]


def test_a_column_that_is_too_large_for_one_array_is_hashed_by_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"id-{number % 7}" for number in range(100)]
    rows = [{"algorithm": "md5", "digest": b"x", "frame": 0, "extra": name} for name in names]
    whole = table(*rows)
    pieces = pa.concat_tables([whole.slice(start, 9) for start in range(0, 100, 9)])
    starts = np.arange(101)
    expected = fingerprints(whole, starts)
    monkeypatch.setattr(claims, "_COMBINED", 10)
    assert fingerprints(pieces, starts).tolist() == expected.tolist()
