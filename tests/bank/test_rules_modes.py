"""docs/bank.md, "Modes", sentence by sentence."""

from __future__ import annotations

import pytest

from hashmatch.bank import HashBank
from hashmatch.errors import ChangeTooLarge, FormatError, InvalidValue
from hashmatch.records import Mode

from .clock import Clock
from .files import PDQ, Row, csv_file, jsonl, lines, tcap, tcap_v1
from .looking import standing

TEN = [Row(f"id{i}", PDQ[i % 6], labels=(f"l{i}",)) for i in range(10)]


def mode(bank: HashBank) -> Mode | None:
    return bank.lists()[0].settings.mode


def test_update_names_what_changed(bank: HashBank) -> None:
    bank.import_list(jsonl(TEN), "one", mode="update")
    report = bank.import_list(jsonl([Row("id0", PDQ[1])]), "one")
    assert (report.changed, report.withdrawn) == (1, 0)
    assert len(standing(bank)) == 10


def test_replace_is_the_whole_list_and_withdraws_what_it_does_not_name(bank: HashBank) -> None:
    bank.import_list(jsonl(TEN), "one", mode="replace")
    report = bank.import_list(jsonl(TEN[2:]), "one")
    assert (report.withdrawn, report.unchanged) == (2, 8)
    assert standing(bank).keys() == {row.id for row in TEN[2:]}


def test_claim_that_replacing_withdrew_comes_back_when_it_is_named_again(bank: HashBank, clock: Clock) -> None:
    bank.import_list(jsonl(TEN), "one", mode="replace")
    bank.import_list(jsonl(TEN[2:]), "one")
    clock.tick()
    assert bank.import_list(jsonl(TEN), "one").added == 2
    assert len(standing(bank)) == 10


def test_tcap_version_2_updates(bank: HashBank) -> None:
    bank.import_list(tcap(TEN), "one")
    assert mode(bank) is Mode.UPDATE
    assert bank.import_list(tcap(TEN[:1]), "one").withdrawn == 0


def test_tcap_version_1_replaces(bank: HashBank) -> None:
    rows = [Row(None, digest) for digest in PDQ]
    bank.import_list(tcap_v1(rows), "one")
    assert mode(bank) is Mode.REPLACE
    assert bank.import_list(tcap_v1(rows[1:]), "one").withdrawn == 1


def test_list_kept_in_another_mode_than_the_formats_is_a_change_that_the_guard_stops(bank: HashBank) -> None:
    bank.import_list(jsonl(TEN), "one", mode="replace")
    with pytest.raises(ChangeTooLarge, match="mode of one would change from replace to update"):
        bank.import_list(tcap(TEN), "one")
    assert mode(bank) is Mode.REPLACE


def test_format_is_taken_in_the_mode_that_is_given(bank: HashBank) -> None:
    bank.import_list(jsonl(TEN), "one", mode="replace")
    assert bank.import_list(tcap(TEN[1:]), "one", mode="replace").withdrawn == 1
    assert mode(bank) is Mode.REPLACE


@pytest.mark.parametrize("form", [jsonl, csv_file, lambda rows: lines(*(f"pdq {row.digest}" for row in rows))])
def test_first_import_needs_no_mode_and_the_second_does(bank: HashBank, form: object) -> None:
    bank.import_list(form(TEN), "one")  # type: ignore[operator]
    assert mode(bank) is None
    with pytest.raises(InvalidValue, match="say so once, the list remembers"):
        bank.import_list(form(TEN), "one")  # type: ignore[operator]


def test_list_remembers_the_mode(bank: HashBank) -> None:
    bank.import_list(csv_file(TEN), "one")
    bank.import_list(csv_file(TEN), "one", mode="replace")
    assert mode(bank) is Mode.REPLACE
    assert bank.import_list(csv_file(TEN[1:]), "one").withdrawn == 1


# Replacing is careful.


@pytest.mark.parametrize("broken", ["digest", "hashless"])
@pytest.mark.parametrize("shown", ["id0", "  id0 "])
def test_reject_whose_id_can_be_read_names_its_claim_which_stays_as_it_stood(
    bank: HashBank, broken: str, shown: str
) -> None:
    bank.import_list(jsonl(TEN), "one", mode="replace")
    report = bank.import_list(jsonl([*TEN[2:], Row(shown, PDQ[0], broken=broken)]), "one")
    assert (report.held_back, report.withdrawn, report.rejected) == (1, 1, 1)
    assert "id0" in standing(bank)
    assert "id1" not in standing(bank)


@pytest.mark.parametrize("source_id", [None, " "])
def test_with_a_reject_whose_id_cannot_be_read_nothing_is_withdrawn(bank: HashBank, source_id: str | None) -> None:
    bank.import_list(jsonl(TEN), "one", mode="replace")
    report = bank.import_list(jsonl([*TEN[4:], Row(source_id, PDQ[0], broken="digest")]), "one")
    assert (report.held_back, report.withdrawn, report.batch) == (4, 0, None)
    assert len(standing(bank)) == 10


def test_reject_whose_id_is_its_readable_hash_names_that_claim(bank: HashBank) -> None:
    bank.import_list(jsonl([Row(None, digest) for digest in PDQ]), "one", mode="replace")
    rows = [*(Row(None, digest) for digest in PDQ[2:]), Row(None, PDQ[0], quality=900)]
    report = bank.import_list(jsonl(rows), "one")
    assert (report.held_back, report.withdrawn) == (1, 1)
    assert f"pdq:{PDQ[0]}" in standing(bank)


@pytest.mark.parametrize("how", ["update", "replace"])
def test_where_rows_are_one_word_a_claim_with_a_reject_stays_as_it_stood(bank: HashBank, how: str) -> None:
    bank.import_list(jsonl([*TEN, Row("id0", PDQ[5])]), "one", mode=how)
    report = bank.import_list(jsonl([Row("id0", PDQ[3]), Row("id0", PDQ[4], broken="digest"), *TEN[1:]]), "one")
    assert (report.held_back, report.changed, report.batch) == (1, 0, None)
    assert standing(bank)["id0"] == {PDQ[0], PDQ[5]}


def test_new_claim_with_a_reject_is_taken_as_far_as_it_could_be_read(bank: HashBank) -> None:
    report = bank.import_list(jsonl([Row("a", PDQ[0]), Row("a", PDQ[1], broken="digest")]), "one")
    assert (report.added, report.rejected, report.held_back) == (1, 1, 0)


def test_withdrawn_claim_with_a_reject_comes_back_as_far_as_it_could_be_read(bank: HashBank) -> None:
    bank.import_list(jsonl([*TEN, Row("a", PDQ[0], withdrawn=True)]), "one", mode="update")
    report = bank.import_list(jsonl([Row("a", PDQ[0]), Row("a", PDQ[1], broken="digest")]), "one")
    assert (report.added, report.held_back) == (1, 0)
    assert standing(bank)["a"] == {PDQ[0]}


def test_in_a_feed_a_reject_is_a_word_of_its_own_and_the_good_row_counts(bank: HashBank) -> None:
    bank.import_list(tcap(TEN), "one")
    report = bank.import_list(tcap([Row("id0", PDQ[3]), Row("id0", PDQ[4], broken="digest")]), "one")
    assert (report.changed, report.held_back) == (1, 0)


@pytest.mark.parametrize("how", [None, "replace"])
def test_file_that_may_be_a_whole_list_and_has_no_good_row_is_a_format_error(bank: HashBank, how: str | None) -> None:
    with pytest.raises(FormatError, match="no good row"):
        bank.import_list(csv_file([Row("a", PDQ[0], broken="digest")]), "one", mode=how)
    assert bank.lists() == ()


def test_update_without_a_good_row_changes_nothing(bank: HashBank) -> None:
    bank.import_list(csv_file(TEN), "one", mode="update")
    report = bank.import_list(csv_file([Row("id0", PDQ[0], broken="digest")]), "one")
    assert (report.rejected, report.batch) == (1, None)


def test_header_of_a_list_without_rows_makes_it_where_the_file_has_rows_of_others(bank: HashBank) -> None:
    headers = [{"name": "one"}, {"name": "two"}]
    bank.import_list(jsonl([Row("a", PDQ[0], list="one")], headers))
    assert [summary.claims for summary in bank.lists()] == [1, 0]
    with pytest.raises(FormatError, match="no good row of two"):
        bank.import_list(jsonl([Row("a", PDQ[0], list="one")], headers), mode="replace")
