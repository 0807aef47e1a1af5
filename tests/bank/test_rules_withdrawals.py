"""docs/bank.md, "Withdrawals", sentence by sentence."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hashmatch.bank import HashBank
from hashmatch.errors import InvalidValue, UnknownClaim, UnknownList

from .clock import Clock, micros
from .files import PDQ, Row, jsonl, tcap
from .looking import known, standing


def days(clock: Clock, count: float) -> int:
    return micros(clock.moment + timedelta(days=count))


@pytest.fixture
def listed(bank: HashBank, clock: Clock) -> HashBank:
    """A bank with the claims a, dated five days ago, and b, undated."""
    bank.import_list(tcap([Row("a", PDQ[0], date=days(clock, -5)), Row("b", PDQ[1])]), "one")
    clock.tick()
    return bank


def test_older_file_cannot_bring_a_withdrawn_claim_back(listed: HashBank, clock: Clock) -> None:
    listed.import_list(tcap([Row("a", PDQ[0], date=days(clock, -3), withdrawn=True)]), "one", accept_change=True)
    report = listed.import_list(tcap([Row("a", PDQ[2], date=days(clock, -4))]), "one")
    assert (report.older, report.batch) == (1, None)
    assert standing(listed).keys() == {"b"}


def test_newer_word_brings_a_claim_back_that_the_feed_withdrew(listed: HashBank, clock: Clock) -> None:
    listed.import_list(tcap([Row("a", PDQ[0], date=days(clock, -3), withdrawn=True)]), "one", accept_change=True)
    assert listed.import_list(tcap([Row("a", PDQ[2], date=days(clock, -2))]), "one").added == 1
    assert standing(listed)["a"] == {PDQ[2]}


def test_withdrawal_of_an_unknown_id_is_written_once_and_counted_as_unchanged(listed: HashBank, clock: Clock) -> None:
    rows = [Row("new", PDQ[2], date=days(clock, -1), withdrawn=True)]
    report = listed.import_list(tcap(rows), "one")
    assert (report.unchanged, report.withdrawn, report.batch) == (1, 0, 2)
    assert listed.import_list(tcap(rows), "one").batch is None
    assert listed.import_list(tcap([Row("new", PDQ[2], date=days(clock, -2))]), "one").older == 1
    assert "new" not in standing(listed)


def test_withdrawal_keeps_nothing_but_the_id_and_the_date(listed: HashBank) -> None:
    rows = [Row("a", PDQ[0], labels=("ideology:x",), withdrawn=True)]
    listed.import_list(jsonl(rows), "one", accept_change=True)
    (row,) = known(listed)["a"]
    assert (row["digest"], row["algorithm"], row["labels"], row["extra"]) == (None, None, [], "{}")


# By hand a withdrawal is a veto.


def test_veto_keeps_what_lies_beneath(listed: HashBank) -> None:
    listed.withdraw("one", "a")
    (row,) = known(listed)["a"]
    assert (row["withdrawal"], row["digest"].hex(), row["batch"]) == ("hand", PDQ[0], 1)
    assert "a" not in standing(listed)


def test_word_with_an_updated_at_after_it_lifts_a_veto(listed: HashBank, clock: Clock) -> None:
    listed.withdraw("one", "a")
    clock.tick(86_400)
    report = listed.import_list(tcap([Row("a", PDQ[2], date=days(clock, -0.5))]), "one")
    assert (report.added, report.older) == (1, 0)
    assert standing(listed)["a"] == {PDQ[2]}
    assert known(listed)["a"][0]["withdrawn_at"] is None


def test_newer_date_alone_lifts_a_veto(listed: HashBank, clock: Clock) -> None:
    listed.withdraw("one", "a")
    clock.tick(86_400)
    assert listed.import_list(tcap([Row("a", PDQ[0], date=days(clock, -0.5))]), "one").added == 1


def test_word_equal_to_what_lies_beneath_does_not_lift_a_veto(bank: HashBank, clock: Clock) -> None:
    rows = [Row("a", PDQ[0], date=days(clock, 1)), Row("b", PDQ[1])]
    bank.import_list(tcap(rows), "one")
    bank.withdraw("one", "a")
    clock.tick(2 * 86_400)
    report = bank.import_list(tcap(rows), "one")
    assert (report.unchanged, report.batch) == (2, None)
    assert "a" not in standing(bank)


@pytest.mark.parametrize("when", [None, -1, -0.001])
def test_undated_words_and_words_dated_before_it_do_not_lift_a_veto(
    listed: HashBank, clock: Clock, when: float | None
) -> None:
    listed.withdraw("one", "a")
    date = None if when is None else days(clock, when)
    clock.tick(86_400)
    report = listed.import_list(tcap([Row("a", PDQ[2], date=date)]), "one")
    assert (report.older, report.added) == (1, 0)
    assert standing(listed).keys() == {"b"}


def test_withdrawals_do_not_lift_a_veto(listed: HashBank, clock: Clock) -> None:
    listed.withdraw("one", "a")
    clock.tick(86_400)
    report = listed.import_list(tcap([Row("a", PDQ[0], date=days(clock, 0), withdrawn=True)]), "one")
    assert (report.unchanged, report.older, report.withdrawn) == (1, 0, 0)
    assert known(listed)["a"][0]["withdrawal"] == "hand"


def test_replacing_does_not_lift_a_veto(listed: HashBank, clock: Clock) -> None:
    listed.withdraw("one", "a")
    clock.tick(86_400)
    rows = [Row("a", PDQ[2], date=days(clock, 0)), Row("b", PDQ[1])]
    listed.import_list(tcap(rows), "one", mode="replace", accept_change=True)
    assert standing(listed).keys() == {"b"}


def test_what_the_partner_says_meanwhile_stands_when_the_veto_is_undone(listed: HashBank) -> None:
    listed.withdraw("one", "a")
    listed.import_list(tcap([Row("a", PDQ[3])]), "one")
    listed.withdraw("one", "a", undo=True)
    assert standing(listed)["a"] == {PDQ[3]}


def test_claim_that_the_partner_withdrew_beneath_the_veto_stays_withdrawn_when_it_is_undone(
    listed: HashBank,
) -> None:
    listed.withdraw("one", "a")
    listed.import_list(tcap([Row("a", PDQ[0], withdrawn=True)]), "one")
    listed.withdraw("one", "a", undo=True)
    assert known(listed)["a"][0]["withdrawal"] == "feed"


def test_claim_that_replacing_did_not_name_beneath_the_veto_stays_withdrawn_when_it_is_undone(
    listed: HashBank,
) -> None:
    listed.withdraw("one", "a")
    report = listed.import_list(jsonl([Row("b", PDQ[1])]), "one", mode="replace", accept_change=True)
    assert report.withdrawn == 0
    assert known(listed)["a"][0]["withdrawal"] == "hand"
    listed.withdraw("one", "a", undo=True)
    assert standing(listed).keys() == {"b"}


def test_claim_beneath_a_veto_with_a_reject_stays_as_it_stood(listed: HashBank) -> None:
    listed.withdraw("one", "a")
    listed.import_list(jsonl([Row("a", PDQ[4]), Row("a", PDQ[5], broken="digest")]), "one")
    listed.withdraw("one", "a", undo=True)
    assert standing(listed)["a"] == {PDQ[0]}


def test_undoing_a_veto_gives_back_what_stood(listed: HashBank) -> None:
    before = known(listed)
    listed.withdraw("one", "a")
    listed.withdraw("one", "a", undo=True)
    assert known(listed) == before


# Of an id that nobody knows it can be said too.


def test_unknown_id_can_be_withdrawn_by_hand_so_that_it_cannot_come(listed: HashBank) -> None:
    listed.withdraw("one", "new")
    listed.import_list(tcap([Row("new", PDQ[2])]), "one")
    assert "new" not in standing(listed)
    listed.withdraw("one", "new", undo=True)
    assert standing(listed)["new"] == {PDQ[2]}


@pytest.mark.parametrize("year", [1, 1969, 1970, 2000])
def test_every_word_is_newer_than_what_lies_beneath_the_veto_of_an_unknown_id(
    listed: HashBank, clock: Clock, year: int
) -> None:
    listed.withdraw("one", "new")
    listed.import_list(tcap([Row("new", PDQ[2], date=micros(clock.moment.replace(year=year)))]), "one")
    listed.withdraw("one", "new", undo=True)
    assert standing(listed)["new"] == {PDQ[2]}


def test_withdrawal_beneath_the_veto_of_an_unknown_id_is_remembered(listed: HashBank, clock: Clock) -> None:
    listed.withdraw("one", "new")
    rows = [Row("new", PDQ[2], withdrawn=True)]
    assert listed.import_list(jsonl(rows), "one").batch == 3
    assert listed.import_list(jsonl(rows), "one").batch is None
    listed.withdraw("one", "new", undo=True)
    assert listed.import_list(tcap([Row("new", PDQ[2], date=days(clock, -1))]), "one").older == 1
    assert "new" not in standing(listed)


def test_withdrawing_twice_by_hand_writes_once(listed: HashBank) -> None:
    assert listed.withdraw("one", "a") is not None
    assert listed.withdraw("one", "a") is None


@pytest.mark.parametrize("source_id", ["a", "unknown"])
def test_undoing_what_was_not_withdrawn_by_hand_is_an_error(listed: HashBank, source_id: str) -> None:
    with pytest.raises(UnknownClaim, match="nothing to undo"):
        listed.withdraw("one", source_id, undo=True)


def test_undoing_what_the_feed_withdrew_is_an_error(listed: HashBank) -> None:
    listed.import_list(tcap([Row("a", PDQ[0], withdrawn=True)]), "one", accept_change=True)
    with pytest.raises(UnknownClaim):
        listed.withdraw("one", "a", undo=True)


def test_withdrawing_from_an_unknown_list_is_an_error(listed: HashBank) -> None:
    with pytest.raises(UnknownList):
        listed.withdraw("two", "a")


@pytest.mark.parametrize("source_id", ["", "  ", "a\0", "a\nb", "x" * 5000, "\udcff"])
def test_what_can_be_no_id_cannot_be_withdrawn(listed: HashBank, source_id: str) -> None:
    with pytest.raises(InvalidValue):
        listed.withdraw("one", source_id)
    assert len(listed.history()) == 1


def test_blanks_around_an_id_do_not_count(listed: HashBank) -> None:
    listed.withdraw("one", " a ")
    assert standing(listed).keys() == {"b"}
