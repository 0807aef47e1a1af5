"""docs/bank.md, "Lists", sentence by sentence."""

from __future__ import annotations

import json

import pytest

from hashmatch.bank import HashBank
from hashmatch.errors import FormatError, InvalidValue, UnknownList, UnknownName
from hashmatch.formats.source import Source
from hashmatch.records import ListSettings, Mode, Role, ShareLevel

from .files import PDQ, Row, csv_file, jsonl, lines, tcap
from .looking import standing

A = Row("a", PDQ[0])


def settings(bank: HashBank, name: str = "one") -> ListSettings:
    return {summary.settings.name: summary.settings for summary in bank.lists()}[name]


@pytest.mark.parametrize("name", ["a", "0", "tcap", "a.b_c-d", "x" * 64])
def test_name_of_a_list(bank: HashBank, name: str) -> None:
    bank.import_list(jsonl([A]), name)
    assert settings(bank, name).name == name


@pytest.mark.parametrize("name", ["A", "-a", ".a", "_a", "a b", "a/b", "ä", "x" * 65, "a\n"])
def test_what_cannot_name_a_list(bank: HashBank, name: str) -> None:
    with pytest.raises(InvalidValue, match="cannot name a list"):
        bank.import_list(jsonl([A]), name)


def test_file_that_names_no_list_needs_a_name(bank: HashBank) -> None:
    with pytest.raises(InvalidValue, match="name the list"):
        bank.import_list(jsonl([A]))


def test_list_blocks_and_is_amber_unless_said(bank: HashBank) -> None:
    bank.import_list(jsonl([A]), "one")
    assert settings(bank) == ListSettings("one", role=Role.BLOCK, share_level=ShareLevel.AMBER)


def test_settings_travel_in_the_footer_of_every_batch_for_all_lists(bank: HashBank) -> None:
    bank.import_list(jsonl([A]), "one", partner="P", mode="update")
    bank.import_list(jsonl([A]), "two", partner="Q", mode="update")
    bank.withdraw("two", "a")
    bank._ledger.log.refresh()
    partners = [{name: own.partner for name, own in footer.settings.items()} for footer in bank._ledger.log.footers]
    assert partners == [{"one": "P"}, {"one": "P", "two": "Q"}, {"one": "P", "two": "Q"}]


def test_everything_that_is_said_of_a_list_is_kept(bank: HashBank) -> None:
    source = Source(content=f"key,what\na,{PDQ[0]}\n".encode(), name="x.csv")
    bank.import_list(
        source,
        "one",
        partner="P",
        mode="replace",
        role="allow",
        share_level="red",
        map={"digest": "what", "source_id": "key"},
        algorithm="pdq",
    )
    assert settings(HashBank.open(bank.folder)) == ListSettings(
        "one",
        partner="P",
        role=Role.ALLOW,
        share_level=ShareLevel.RED,
        mode=Mode.REPLACE,
        algorithm="pdq",
        columns={"digest": "what", "source_id": "key"},
    )
    # The next file is read as the list remembers.
    assert bank.import_list(source, "one").unchanged == 1


HEADER = {"name": "one", "partner": "P", "role": "allow", "share_level": "green", "mode": "update", "checkpoint": "c"}


def test_header_counts_for_a_list_that_does_not_exist_yet(bank: HashBank) -> None:
    bank.import_list(jsonl([A], [HEADER]))
    assert settings(bank) == ListSettings.from_json(HEADER)


def test_header_does_not_change_a_list_that_exists(bank: HashBank) -> None:
    bank.import_list(jsonl([A]), "one", mode="replace")
    before = settings(bank)
    report = bank.import_list(jsonl([A], [HEADER]))
    assert report.batch is None
    assert settings(bank) == before


def test_what_the_user_says_counts_more_than_the_header(bank: HashBank) -> None:
    bank.import_list(jsonl([A], [HEADER]), "mine", partner="Q", role="block")
    assert (settings(bank, "mine").partner, settings(bank, "mine").role) == ("Q", Role.BLOCK)
    assert settings(bank, "mine").share_level is ShareLevel.GREEN


def test_what_is_given_to_import_list_changes_a_list_that_exists(bank: HashBank) -> None:
    bank.import_list(jsonl([A]), "one", mode="update")
    report = bank.import_list(jsonl([A]), "one", partner="P")
    assert (report.unchanged, report.batch) == (1, 2)
    assert settings(bank).partner == "P"


@pytest.mark.parametrize(
    "header",
    [
        {"name": "one", "algorithm": "nope"},
        {"name": "one", "radius": {"nope": 3}},
        {"name": "one", "radius": {"pdq": -1}},
        {"name": "one", "releases": [["pdq", "zz"]]},
        {"name": "one", "releases": [["nope", "00"]]},
        {"name": "one", "role": "king"},
        {"name": "One"},
        {"name": "one", "partner": 5},
    ],
)
def test_header_that_makes_no_sense_is_a_format_error(bank: HashBank, header: dict[str, object]) -> None:
    with pytest.raises((FormatError, InvalidValue)):
        bank.import_list(jsonl([A], [header]))
    assert bank.history() == ()


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"algorithm": "nope"}, UnknownName),
        ({"radius": {"nope": 3}}, UnknownName),
        ({"radius": {"pdq": -3}}, InvalidValue),
        ({"radius": {"pdq": "3"}}, InvalidValue),
        ({"role": "king"}, InvalidValue),
        ({"partner": "\udcff"}, InvalidValue),
        ({"checkpoint": "\udcff"}, InvalidValue),
        ({"columns": {"digest": "\udcff"}}, InvalidValue),
        ({"nonsense": 1}, InvalidValue),
        ({"name": "two"}, InvalidValue),
        ({"releases": []}, InvalidValue),
    ],
)
def test_setting_that_makes_no_sense_is_refused(
    bank: HashBank, said: dict[str, object], error: type[Exception]
) -> None:
    bank.import_list(jsonl([A]), "one")
    with pytest.raises((error, TypeError) if "name" in said else error):
        bank.configure("one", **said)  # type: ignore[arg-type]
    assert len(bank.history()) == 1


def test_configuring_what_stands_so_already_writes_nothing(bank: HashBank) -> None:
    bank.import_list(jsonl([A]), "one", partner="P")
    assert bank.configure("one", partner="P", role="block") is None
    with pytest.raises(UnknownList):
        bank.configure("two", partner="P")


def test_checkpoint_of_a_feed_is_part_of_what_it_says(bank: HashBank) -> None:
    bank.import_list(tcap([A], "1,2"), "one")
    assert settings(bank).checkpoint == "1,2"
    report = bank.import_list(tcap([A], "3,4"), "one")
    assert (report.unchanged, report.batch) == (1, 2)
    assert settings(bank).checkpoint == "3,4"
    assert bank.import_list(tcap([A], "3,4"), "one").batch is None


def test_one_import_is_one_batch_even_of_several_lists(bank: HashBank) -> None:
    headers = [{"name": name, "mode": "update"} for name in ("one", "two")]
    rows = [Row("a", PDQ[i], list=name) for i, name in enumerate(("one", "two"))]
    report = bank.import_list(jsonl(rows, headers))
    assert (report.lists, report.batch) == (("one", "two"), 1)
    assert [entry.lists for entry in bank.history()] == [("one", "two")]
    assert standing(bank, "two") == {"a": {PDQ[1]}}


def test_name_cannot_be_given_to_several_lists(bank: HashBank) -> None:
    headers = [{"name": "one"}, {"name": "two"}]
    rows = [Row("a", PDQ[0], list="one"), Row("a", PDQ[0], list="two")]
    with pytest.raises(FormatError, match="leave out the name"):
        bank.import_list(jsonl(rows, headers), "three")


def test_file_speaks_of_a_thousand_lists_at_most(bank: HashBank) -> None:
    rows = [Row("a", PDQ[0], list=f"list{i}") for i in range(1001)]
    with pytest.raises(FormatError, match="more than 1000 lists"):
        bank.import_list(jsonl(rows))
    assert len(bank.import_list(jsonl(rows[1:])).lists) == 1000


# Bare hexadecimal that fits several algorithms needs the algorithm named.


@pytest.mark.parametrize("digits", [16, 64])
def test_bare_hex_that_fits_several_algorithms_is_a_format_error_that_names_them(bank: HashBank, digits: int) -> None:
    with pytest.raises(FormatError, match=r"may be .*phash.* name the algorithm"):
        bank.import_list(lines("0f1e2d3c" * (digits // 8)), "one")
    assert bank.import_list(lines(PDQ[0]), "one", algorithm="pdq").added == 1


def test_list_remembers_the_algorithm(bank: HashBank) -> None:
    bank.import_list(lines(PDQ[0]), "one", algorithm="pdq", mode="update")
    assert bank.import_list(lines(PDQ[1]), "one").added == 1


def test_first_import_of_csv_and_json_lines_say_the_same(bank: HashBank) -> None:
    rows = [Row("a", PDQ[0], labels=("x", "y"), quality=60), Row("b", PDQ[1], frame=3, opinion="seed")]
    bank.import_list(jsonl(rows), "one", mode="update")
    report = bank.import_list(csv_file(rows), "one")
    assert (report.unchanged, report.batch) == (2, None)
    assert json.dumps(sorted(standing(bank))) == '["a", "b"]'
