"""docs/bank.md, "The guard", sentence by sentence."""

from __future__ import annotations

import pytest

from hashmatch.bank import HashBank
from hashmatch.errors import ChangeTooLarge, FormatError
from hashmatch.records import Role, ShareLevel

from .clock import Clock
from .files import PDQ, Row, jsonl
from .looking import exported, standing


def rows(count: int, digest: str = PDQ[0], first: int = 0) -> list[Row]:
    return [Row(f"id{i}", digest) for i in range(first, first + count)]


def fill(bank: HashBank, count: int, mode: str) -> None:
    bank.import_list(jsonl(rows(count)), "one", mode=mode)


@pytest.mark.parametrize("count", [1, 2, 3, 7, 10, 11, 100, 1000])
def test_withdrawing_more_than_30_percent_is_stopped_whatever_the_size(bank: HashBank, count: int) -> None:
    fill(bank, count, "replace")
    most = 3 * count // 10
    with pytest.raises(ChangeTooLarge, match=f"withdraw {most + 1} of the {count} claims"):
        bank.import_list(jsonl([*rows(count)[most + 1 :], Row("new", PDQ[1])]), "one")
    assert len(standing(bank)) == count
    assert bank.import_list(jsonl([*rows(count)[most:], Row("new", PDQ[1])]), "one").withdrawn == most


def test_withdrawals_that_a_file_names_are_guarded_too(bank: HashBank) -> None:
    fill(bank, 10, "update")
    gone = [Row(f"id{i}", PDQ[0], withdrawn=True) for i in range(4)]
    with pytest.raises(ChangeTooLarge):
        bank.import_list(jsonl(gone), "one")
    assert bank.import_list(jsonl(gone[1:]), "one").withdrawn == 3


def test_only_claims_that_stand_count(bank: HashBank) -> None:
    fill(bank, 10, "update")
    bank.import_list(jsonl([Row(f"id{i}", PDQ[0], withdrawn=True) for i in range(3)]), "one")
    with pytest.raises(ChangeTooLarge, match="withdraw 3 of the 7"):
        bank.import_list(jsonl([Row(f"id{i}", PDQ[0], withdrawn=True) for i in range(6)]), "one")


@pytest.mark.parametrize("first", [0, 400])
def test_adding_or_changing_more_than_30_percent_and_more_than_100_is_stopped(bank: HashBank, first: int) -> None:
    fill(bank, 400, "update")
    with pytest.raises(ChangeTooLarge, match="add or change 121"):
        bank.import_list(jsonl(rows(121, PDQ[1], first)), "one")
    bank.import_list(jsonl(rows(120, PDQ[1], first)), "one")


def test_adding_or_changing_100_is_never_too_large(bank: HashBank) -> None:
    fill(bank, 1, "update")
    with pytest.raises(ChangeTooLarge, match="add or change 101"):
        bank.import_list(jsonl(rows(101, PDQ[1])), "one")
    bank.import_list(jsonl(rows(100, PDQ[1])), "one")


def test_added_and_changed_count_together(bank: HashBank) -> None:
    fill(bank, 100, "update")
    with pytest.raises(ChangeTooLarge, match="add or change 101"):
        bank.import_list(jsonl(rows(101, PDQ[1])), "one")


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"role": "allow"}, "the role of one would change from block to allow"),
        ({"mode": "replace"}, "the mode of one would change from update to replace"),
        ({"share_level": "green"}, "the share level of one would fall from amber to green"),
        ({"share_level": "clear"}, "the share level of one would fall from amber to clear"),
    ],
)
def test_change_of_role_or_mode_or_a_laxer_share_level_is_stopped(
    bank: HashBank, said: dict[str, str], reason: str
) -> None:
    fill(bank, 5, "update")
    for change in (
        lambda **extra: bank.import_list(jsonl(rows(5)), "one", **said, **extra),
        lambda **extra: bank.configure("one", **said, **extra),
    ):
        with pytest.raises(ChangeTooLarge, match=reason):
            change()
    bank.configure("one", **said, accept_change=True)


@pytest.mark.parametrize("said", [{"share_level": "red"}, {"partner": "P"}, {"role": "block", "mode": "update"}])
def test_stricter_share_level_and_other_settings_are_not_stopped(bank: HashBank, said: dict[str, str]) -> None:
    fill(bank, 5, "update")
    bank.import_list(jsonl(rows(5)), "one", **said)


def test_mode_that_was_not_known_is_no_change(bank: HashBank) -> None:
    bank.import_list(jsonl(rows(5)), "one")
    bank.configure("one", mode="replace")


def test_lists_first_import_is_free(bank: HashBank) -> None:
    assert bank.import_list(jsonl(rows(500)), "one", role="allow", share_level="clear", mode="replace").added == 500


def test_first_import_after_a_drop_is_free(bank: HashBank) -> None:
    fill(bank, 5, "update")
    bank.drop_list("one")
    assert bank.import_list(jsonl(rows(500)), "one", role="allow", mode="replace").added == 500


def test_accepted_change_is_made(bank: HashBank) -> None:
    fill(bank, 10, "replace")
    report = bank.import_list(jsonl(rows(1)), "one", accept_change=True, role="allow", share_level="clear")
    assert report.withdrawn == 9
    settings = bank.lists()[0].settings
    assert (settings.role, settings.share_level) == (Role.ALLOW, ShareLevel.CLEAR)


def test_error_says_every_reason_and_what_would_have_happened(bank: HashBank) -> None:
    fill(bank, 10, "replace")
    with pytest.raises(ChangeTooLarge) as stopped:
        bank.import_list(jsonl(rows(1)), "one", role="allow")
    assert len(stopped.value.reasons) == 2
    assert stopped.value.report is not None
    assert (stopped.value.report.withdrawn, stopped.value.report.batch) == (9, None)
    assert len(bank.history()) == 1


def test_dry_run_is_not_stopped_and_writes_nothing(bank: HashBank) -> None:
    fill(bank, 10, "replace")
    report = bank.import_list(jsonl(rows(1)), "one", dry_run=True)
    assert (report.withdrawn, report.dry_run, report.batch) == (9, True, None)
    assert len(bank.history()) == 1


def test_one_list_too_many_stops_the_whole_file(bank: HashBank) -> None:
    headers = [{"name": "one", "mode": "replace"}, {"name": "two", "mode": "replace"}]
    both = [Row(f"id{i}", PDQ[0], list=name) for name in ("one", "two") for i in range(10)]
    bank.import_list(jsonl(both, headers))
    with pytest.raises(ChangeTooLarge):
        bank.import_list(jsonl([*both[1:11], Row("x", PDQ[1], list="one")], headers))
    assert len(bank.history()) == 1


def test_what_is_done_by_hand_is_meant_and_not_guarded(bank: HashBank, clock: Clock) -> None:
    fill(bank, 1, "replace")
    bank.withdraw("one", "id0")
    bank.rollback("one", 1)
    bank.drop_list("one")
    bank.allow("pdq:" + PDQ[0])
    bank.allow("pdq:" + PDQ[1])
    assert [entry.kind for entry in bank.history()] == ["import", "withdraw", "rollback", "drop", "import", "import"]


# An export that says of itself that claims were left out.


def test_partial_export_is_refused_into_a_list_that_holds_any_of_its_ids(bank: HashBank) -> None:
    bank.import_list(jsonl([Row("a", PDQ[0], labels=("x",)), Row("a", PDQ[1]), Row("b", PDQ[2])]), "one", mode="update")
    cut = exported(bank, labels=["x"])
    with pytest.raises(FormatError, match="left claims out, and one holds 1 of its ids"):
        bank.import_list(cut, accept_change=True)
    assert standing(bank)["a"] == {PDQ[0], PDQ[1]}


def test_partial_export_is_taken_into_a_list_that_holds_none_of_its_ids(bank: HashBank) -> None:
    bank.import_list(jsonl([Row("a", PDQ[0], labels=("x",)), Row("b", PDQ[2])]), "one", mode="update")
    cut = exported(bank, labels=["x"])
    bank.import_list(jsonl([Row("z", PDQ[3])]), "two", mode="update")
    report = bank.import_list(cut, "two")
    assert (report.added, report.partial) == (1, True)
    assert bank.import_list(cut, "three").added == 1
