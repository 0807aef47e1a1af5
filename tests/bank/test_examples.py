"""The report of an import names a few claims of each kind, in dry runs as in real ones."""

from __future__ import annotations

from unittest.mock import patch

import pytest

from hashmatch import words as words_module
from hashmatch.bank import HashBank
from hashmatch.errors import InvalidValue
from hashmatch.formats.source import Source
from hashmatch.named import ImportExamples, NamedClaim

from .files import BLANK_PDQ, MD5, PDQ, Row, jsonl, lines

FIRST = [
    Row("same", PDQ[0], date=5),
    Row("relabelled", PDQ[1], labels=("tag:a",), date=5),
    Row("rehashed", PDQ[2], date=5),
    Row("gone", PDQ[3], date=5),
    Row("gone", PDQ[4], date=5),
    Row("unnamed", PDQ[4], date=5),
    Row("newer", PDQ[5], date=9),
]
SECOND = [
    Row("same", PDQ[0], date=6),
    Row("relabelled", PDQ[1], labels=("tag:b",), date=6),
    Row("rehashed", PDQ[3], date=6),
    Row("rehashed", PDQ[5], date=6),
    Row("gone", PDQ[3], date=6, withdrawn=True),
    Row("newer", PDQ[0], date=8),
    Row("new", MD5[0], algorithm="md5", date=6),
    Row("blank", BLANK_PDQ, date=6),
]


def claim(source_id: str, digest: str, algorithm: str = "pdq", hashes: int = 1, **more: object) -> NamedClaim:
    return NamedClaim("one", source_id, algorithm, digest, hashes, **more)  # type: ignore[arg-type]


def by_id(claims: tuple[NamedClaim, ...]) -> dict[str, NamedClaim]:
    return {own.source_id: own for own in claims}


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize("held", [1, 32 << 20])
def test_each_kind_is_named(bank: HashBank, dry_run: bool, held: int) -> None:
    bank.import_list(jsonl(FIRST), "one", mode="update")
    # With a byte of memory all rows are set aside on the disk.
    with patch("hashmatch.importing.HELD_BYTES", held), patch.object(words_module, "HELD_BYTES", held):
        found = bank.import_list(jsonl(SECOND), "one", accept_change=True, dry_run=dry_run).examples
    assert by_id(found.added) == {"new": claim("new", MD5[0], "md5"), "blank": claim("blank", BLANK_PDQ)}
    assert by_id(found.unchanged) == {"same": claim("same", PDQ[0])}
    assert by_id(found.older) == {"newer": claim("newer", PDQ[0])}
    assert [own.source_id for own in found.withdrawn] == ["gone"]
    assert (found.withdrawn[0].hashes, found.withdrawn[0].hex in PDQ[3:5]) == (2, True)
    assert {name: own.fields for name, own in by_id(found.changed).items()} == {
        "relabelled": ("labels", "updated_at"),
        "rehashed": ("hashes", "updated_at"),
    }
    assert by_id(found.changed)["rehashed"].hashes == 2
    (blank,) = found.quarantined
    assert (blank.source_id, blank.hex, blank.reason) == ("blank", BLANK_PDQ, "all bits are zero")


@pytest.mark.parametrize("dry_run", [True, False])
def test_what_replacing_withdraws_is_named_from_the_log(bank: HashBank, dry_run: bool) -> None:
    bank.import_list(jsonl(FIRST), "one", mode="replace")
    found = bank.import_list(jsonl(FIRST[:3]), "one", accept_change=True, dry_run=dry_run).examples
    assert by_id(found.withdrawn).keys() == {"gone", "unnamed", "newer"}
    assert by_id(found.withdrawn)["unnamed"] == claim("unnamed", PDQ[4])
    assert by_id(found.withdrawn)["gone"].hashes == 2


def test_what_is_held_back_is_named(bank: HashBank) -> None:
    bank.import_list(jsonl(FIRST), "one", mode="replace")
    rejected = [Row("gone", PDQ[0]), Row("gone", PDQ[0], broken="digest"), Row("unnamed", PDQ[0], broken="digest")]
    found = bank.import_list(jsonl([*FIRST[:3], *rejected, FIRST[-1]]), "one").examples
    assert by_id(found.held_back) == {"gone": claim("gone", PDQ[0]), "unnamed": claim("unnamed", PDQ[4])}


@pytest.mark.parametrize("wanted", [0, 1, 3, 10])
def test_as_many_as_are_wanted(bank: HashBank, wanted: int) -> None:
    rows = [Row(f"{number}", f"{'0f' * 29}{number:04x}00") for number in range(7)]
    first = bank.import_list(jsonl(rows), "one", mode="replace", examples=wanted).examples
    assert len(set(first.added)) == len(first.added) == min(wanted, 7)
    again = bank.import_list(jsonl(rows), "one", examples=wanted).examples
    assert len(again.unchanged) == min(wanted, 7)
    last = bank.import_list(jsonl(rows[:1]), "one", examples=wanted, accept_change=True).examples
    assert len(set(last.withdrawn)) == min(wanted, 6)
    assert again.added == last.added == ()


@pytest.mark.parametrize("wrong", [-1, 1001])
def test_a_number_that_makes_no_sense_is_refused(bank: HashBank, wrong: int) -> None:
    with pytest.raises(InvalidValue, match="from 0 to 1000"):
        bank.import_list(lines(f"pdq:{PDQ[0]}"), "one", examples=wrong)
    assert bank.history() == ()


def test_examples_of_several_lists_name_theirs(bank: HashBank) -> None:
    rows = [Row("a", PDQ[place], list=name) for place, name in enumerate(("one", "two"))]
    found = bank.import_list(jsonl(rows)).examples
    assert {(own.list, own.hex) for own in found.added} == {("one", PDQ[0]), ("two", PDQ[1])}


def test_of_claims_with_very_many_hashes_no_fields_are_worked_out(bank: HashBank) -> None:
    def video(label: str) -> Source:
        return jsonl([Row("v", PDQ[frame % 6], frame=frame, labels=(label,)) for frame in range(20)])

    bank.import_list(video("tag:a"), "one", mode="update")
    with patch("hashmatch.examples.ROWS_COMPARED", 39):
        assert bank.import_list(video("tag:b"), "one", dry_run=True).examples.changed[0].fields == ()
    assert bank.import_list(video("tag:b"), "one", dry_run=True).examples.changed[0].fields == ("labels",)


def test_a_released_hash_is_no_example_of_quarantine(bank: HashBank) -> None:
    blank = jsonl([Row("a", BLANK_PDQ), Row("b", "ff" * 32)])
    bank.import_list(blank, "one", mode="update")
    bank.release("one", "pdq", BLANK_PDQ)
    report = bank.import_list(blank, "one")
    assert ([own.source_id for own in report.examples.quarantined], report.quarantined) == (["b"], 1)


def test_nothing_said_nothing_named(bank: HashBank) -> None:
    bank.import_list(jsonl(FIRST), "one", mode="update")
    assert bank.import_list(jsonl(FIRST[-1:]), "one").examples == ImportExamples(unchanged=(claim("newer", PDQ[5]),))
