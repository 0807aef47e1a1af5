"""Each rule of ``difference`` alone; how they play together is shown in ``bank/test_model.py``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from hashmatch import word_rows
from hashmatch.claims import (
    STANDS,
    WITHDRAWN,
    WITHDRAWN_BY_HAND,
    Standing,
    claim_keys,
    sort_keys,
)
from hashmatch.differences import Difference, Rejected, difference
from hashmatch.records import Mode
from hashmatch.words import Words, words_of

NOW = 1000


def words(*said: dict[str, Any]) -> Words:
    """Words on claims: ``id``, and ``frame`` for their content, ``at`` for their date, ``gone``."""
    rows = [
        {
            "source_id": word["id"],
            "algorithm": "md5",
            "digest": b"\x01" * 16,
            "frame": word.get("frame", 0),
            "media_type": "image",
            "labels": [],
            "opinion": "positive",
            "updated_at": word.get("at"),
            "extra": "{}",
        }
        for word in said
    ]
    withdrawn = np.array([bool(word.get("gone")) for word in said], dtype=np.bool_)
    return words_of(
        word_rows.held(pa.Table.from_pylist(rows, schema=word_rows.PLAIN_SCHEMA)), withdrawn, row_is_word=False
    )[0]


def standing(*said: dict[str, Any]) -> Standing:
    """What stands, as ``words``; ``veto``: withdrawn by hand then."""
    told = words(*said)
    by_key = {claim_keys([word["id"]]).tobytes(): word for word in said}
    mine = [by_key[key.tobytes()] for key in told.keys]
    state = [WITHDRAWN_BY_HAND if "veto" in word else WITHDRAWN if word.get("gone") else STANDS for word in mine]
    count = len(said)
    return Standing(
        told.keys,
        told.fingerprints,
        np.array([word.get("said_at", word.get("at") or 10) for word in mine], dtype=np.int64),
        np.array(state, dtype=np.uint8),
        np.array([word.get("veto", 0) for word in mine], dtype=np.int64),
        np.ones(count, dtype=np.int64),
        np.arange(count),
        np.ones(count, dtype=np.int64),
    )


def held(
    stands: Standing,
    said: Words,
    mode: Mode = Mode.UPDATE,
    rejects: tuple[str, ...] = (),
    unreadable: int = 0,
    *,
    row_is_word: bool = False,
) -> Difference:
    keys = claim_keys(list(rejects))
    return difference(stands, said, mode, NOW, Rejected(keys[sort_keys(keys)], unreadable), row_is_word=row_is_word)


def counts(change: Difference) -> dict[str, int]:
    names = ("added", "changed", "withdrawn", "unchanged", "older", "held_back", "fresh")
    return {name: getattr(change, name) for name in names if getattr(change, name)}


def test_nothing_said_of_nothing() -> None:
    change = held(Standing.empty(), words())
    assert change.empty
    assert counts(change) == {}


def test_new_claim() -> None:
    change = held(Standing.empty(), words({"id": "a", "at": 5}))
    assert (change.write.tolist(), change.said_at.tolist(), change.state.tolist()) == ([True], [5], [STANDS])
    assert counts(change) == {"added": 1, "fresh": 1}


@pytest.mark.parametrize(("at", "said_at"), [(5, 5), (None, NOW), (NOW + 5, NOW)])
def test_said_at_is_the_earlier_of_date_and_import(at: int | None, said_at: int) -> None:
    assert held(Standing.empty(), words({"id": "a", "at": at})).said_at.tolist() == [said_at]
    replaced = held(Standing.empty(), words({"id": "a", "at": at}), Mode.REPLACE)
    assert replaced.said_at.tolist() == [NOW]


@pytest.mark.parametrize(("at", "written"), [(9, False), (10, True), (11, True), (None, True)])
def test_newest_wins_and_of_equal_ones_the_later(at: int | None, written: bool) -> None:
    change = held(standing({"id": "a", "at": 10}), words({"id": "a", "at": at, "frame": 7}))
    assert change.write.tolist() == [written]
    assert counts(change) == ({"changed": 1} if written else {"older": 1})


def test_equal_words_are_not_written() -> None:
    change = held(standing({"id": "a", "at": 10}), words({"id": "a", "at": 10}))
    assert change.empty
    assert counts(change) == {"unchanged": 1}


def test_newer_date_alone_is_written_and_counted_as_unchanged() -> None:
    change = held(standing({"id": "a", "at": 10}), words({"id": "a", "at": 11}))
    assert change.write.tolist() == [True]
    assert counts(change) == {"unchanged": 1}


def test_withdrawal() -> None:
    change = held(standing({"id": "a", "at": 10}), words({"id": "a", "at": 11, "gone": True}))
    assert change.state.tolist() == [WITHDRAWN]
    assert counts(change) == {"withdrawn": 1}


def test_withdrawal_of_what_nobody_knows_is_written_and_unchanged() -> None:
    change = held(Standing.empty(), words({"id": "a", "at": 11, "gone": True}))
    assert change.write.tolist() == [True]
    assert counts(change) == {"unchanged": 1, "fresh": 1}


def test_withdrawn_claim_that_comes_back_is_added() -> None:
    change = held(standing({"id": "a", "at": 10, "gone": True}), words({"id": "a", "at": 11}))
    assert counts(change) == {"added": 1}


@pytest.mark.parametrize(
    ("word", "state", "count"),
    [
        ({"at": 21, "frame": 7}, STANDS, {"added": 1}),
        ({"at": 21}, STANDS, {"added": 1}),
        ({"at": NOW + 9}, STANDS, {"added": 1}),
        ({"at": 20, "frame": 7}, WITHDRAWN_BY_HAND, {"older": 1}),
        ({"at": None, "frame": 7}, WITHDRAWN_BY_HAND, {"older": 1}),
        ({"at": 21, "gone": True}, WITHDRAWN_BY_HAND, {"unchanged": 1}),
        ({"at": None, "gone": True}, WITHDRAWN_BY_HAND, {"unchanged": 1}),
    ],
)
def test_veto_is_lifted_by_a_word_dated_after_it_and_by_nothing_else(
    word: dict[str, Any], state: int, count: dict[str, int]
) -> None:
    change = held(standing({"id": "a", "at": 10, "veto": 20}), words({"id": "a", **word}))
    assert change.write.tolist() == [True]
    assert change.state.tolist() == [state]
    assert change.withdrawn_at.tolist() == [20 if state == WITHDRAWN_BY_HAND else 0]
    assert counts(change) == count


def test_replacing_does_not_lift_a_veto() -> None:
    change = held(standing({"id": "a", "at": 10, "veto": 20}), words({"id": "a", "at": 21}), Mode.REPLACE)
    assert change.state.tolist() == [WITHDRAWN_BY_HAND]


def test_replacing_withdraws_what_it_does_not_name() -> None:
    stands = standing({"id": "a"}, {"id": "b"}, {"id": "c", "gone": True}, {"id": "d", "veto": 20})
    change = held(stands, words({"id": "a"}), Mode.REPLACE)
    gone = {key.tobytes() for key in stands.keys[change.unnamed]}
    assert gone == {claim_keys([source_id]).tobytes() for source_id in ("b", "d")}
    assert counts(change) == {"unchanged": 1, "withdrawn": 1}
    assert not held(stands, words({"id": "a"})).unnamed.any()


def test_what_a_reject_names_is_not_withdrawn() -> None:
    stands = standing({"id": "a"}, {"id": "b"}, {"id": "c"})
    change = held(stands, words({"id": "a"}), Mode.REPLACE, ("b", "b", "unknown"))
    assert counts(change) == {"unchanged": 1, "withdrawn": 1, "held_back": 1}


def test_with_an_unreadable_reject_nothing_is_withdrawn() -> None:
    stands = standing({"id": "a"}, {"id": "b"}, {"id": "c"}, {"id": "d", "gone": True})
    change = held(stands, words({"id": "a"}), Mode.REPLACE, ("b",), 1)
    assert counts(change) == {"unchanged": 1, "held_back": 2}


@pytest.mark.parametrize("mode", list(Mode))
def test_word_with_a_reject_is_not_whole(mode: Mode) -> None:
    stands, said = standing({"id": "a"}), words({"id": "a", "frame": 7})
    assert counts(held(stands, said, mode, ("a",))) == {"held_back": 1}
    assert counts(held(stands, said, mode, ("a",), row_is_word=True)) == {"changed": 1}


@pytest.mark.parametrize("claim", [{"id": "b"}, {"id": "a", "gone": True}])
def test_word_with_a_reject_is_better_than_none(claim: dict[str, Any]) -> None:
    change = held(standing(claim), words({"id": "a", "frame": 7}), Mode.UPDATE, ("a",))
    assert change.added == 1
    assert change.held_back == 0
