"""``hashmatch quarantine``, and ``HashBank.quarantined``."""

from __future__ import annotations

from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hashmatch
from hashmatch.bank import HashBank
from hashmatch.cli import render

from ..bank.files import BLANK_PDQ, PDQ, Row, jsonl
from .conftest import objects, process, run

ONES = "ff" * 32


@pytest.fixture
def blank_bank(tmp_path: Path) -> Path:
    """A bank of two lists that hold what is not fit to match."""
    with HashBank.open(tmp_path / "bank") as bank:
        rows = [Row("a", BLANK_PDQ), Row("a", PDQ[0]), Row("b", ONES), Row("c", BLANK_PDQ, frame=3)]
        bank.import_list(jsonl(rows), "one", mode="update")
        bank.import_list(jsonl([Row("x", BLANK_PDQ), Row("y", PDQ[1])]), "two", mode="update", publish=True)
    return tmp_path / "bank"


def listed(bank: Path, *more: object) -> set[tuple[object, ...]]:
    lines = objects(run("quarantine", "--bank", bank, "--json", *more))
    return {(line["list"], line["source_id"], line["digest"], line["frame"], line["released"]) for line in lines}


HELD = {
    ("one", "a", BLANK_PDQ, -1, False),
    ("one", "b", ONES, -1, False),
    ("one", "c", BLANK_PDQ, 3, False),
    ("two", "x", BLANK_PDQ, -1, False),
}


def test_what_is_held_and_why(blank_bank: Path) -> None:
    assert listed(blank_bank) == HELD
    assert listed(blank_bank, "--name", "two") == {("two", "x", BLANK_PDQ, -1, False)}
    (line,) = objects(run("quarantine", "--bank", blank_bank, "--name", "two", "--json"))
    with HashBank.open(blank_bank) as bank:
        (held,) = bank.quarantined("two")
    assert (line["algorithm"], line["reason"], held.hex) == ("pdq", held.reason, BLANK_PDQ)
    assert held.reason


def test_as_text(blank_bank: Path) -> None:
    result = run("quarantine", "--bank", blank_bank)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "4 hashes in quarantine, 0 released"
    assert result.stdout.count(BLANK_PDQ) == 3
    assert run("quarantine", "--bank", blank_bank, "--name", "three").exit_code == 1


def test_text_shows_the_first_and_counts_all(blank_bank: Path) -> None:
    with mock.patch.object(render, "SHOWN_QUARANTINED", 1):
        result = run("quarantine", "--bank", blank_bank)
    assert result.stdout.count(BLANK_PDQ) + result.stdout.count(ONES) == 1
    assert "and 3 more" in result.stderr
    assert result.stdout.splitlines()[-1] == "4 hashes in quarantine, 0 released"


def test_release_of_one_list_and_undo(blank_bank: Path) -> None:
    release = ("quarantine", "--bank", blank_bank, "--name", "one", "--release", f"pdq:{BLANK_PDQ.upper()}")
    (entry,) = objects(run(*release, "--json"))
    assert (entry["kind"], entry["lists"]) == ("settings", ["one"])
    assert listed(blank_bank) == {(*held[:4], held[0] == "one" and held[2] == BLANK_PDQ) for held in HELD}
    assert "2 released" in run("quarantine", "--bank", blank_bank, "--name", "one").stdout
    assert hashmatch.Matcher.open(blank_bank).version.startswith("00000003-")
    again = run(*release)
    assert (again.exit_code, again.stdout) == (0, f"nothing to write: pdq:{BLANK_PDQ} of one stood so already\n")
    assert objects(run(*release, "--json"))[0]["batch"] is None
    assert "batch 4: settings of one" in run(*release, "--undo").stdout
    assert listed(blank_bank) == HELD


def test_a_release_names_its_hash_and_says_if_none_is_held(blank_bank: Path) -> None:
    held, strange = (
        run("quarantine", "--bank", blank_bank, "--name", "one", "--release", f"pdq:{digest}")
        for digest in (BLANK_PDQ, PDQ[2])
    )
    assert held.stdout.splitlines()[1:] == [f"  pdq:{BLANK_PDQ} of one is released"]
    assert held.stderr == ""
    assert strange.stdout.splitlines()[1:] == [f"  pdq:{PDQ[2]} of one is released"]
    assert strange.stderr == "  no such hash is in quarantine there now: it counts should one come\n"


def test_no_publish_leaves_matchers_as_they_were(blank_bank: Path) -> None:
    run("quarantine", "--bank", blank_bank, "--name", "one", "--release", f"pdq:{BLANK_PDQ}", "--no-publish")
    assert hashmatch.Matcher.open(blank_bank).version.startswith("00000002-")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--undo",), "--release"),
        (("--release", f"pdq:{BLANK_PDQ}"), "--name"),
        (("--release", "pdq:zz", "--name", "one"), "zz"),
        (("--release", f"nope:{BLANK_PDQ}", "--name", "one"), "nope"),
        (("--release", BLANK_PDQ, "--name", "one"), "say which"),
    ],
)
def test_what_makes_no_sense_is_a_usage_error(blank_bank: Path, arguments: tuple[str, ...], said: str) -> None:
    result = run("quarantine", "--bank", blank_bank, *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert listed(blank_bank) == HELD


def test_one_can_release_while_going_through_them(blank_bank: Path) -> None:
    with HashBank.open(blank_bank, lock_seconds=0) as bank:
        for held in bank.quarantined():
            bank.release(held.list, held.algorithm, held.hex)
        assert all(held.released for held in bank.quarantined())


def test_a_list_that_does_not_exist_is_told_at_once(blank_bank: Path) -> None:
    with HashBank.open(blank_bank) as bank, pytest.raises(hashmatch.UnknownList):
        bank.quarantined("three")


LISTS = st.dictionaries(
    st.sampled_from(["one", "two"]),
    st.sets(st.tuples(st.sampled_from("abc"), st.sampled_from([BLANK_PDQ, ONES, PDQ[0]])), min_size=1),
    min_size=1,
)


@settings(max_examples=8)
@given(LISTS, st.sets(st.sampled_from("abc")))
def test_held_is_what_stands_and_is_unfit(
    tmp_path_factory: pytest.TempPathFactory, lists: dict[str, set[tuple[str, str]]], withdrawn: set[str]
) -> None:
    with HashBank.open(tmp_path_factory.mktemp("held") / "bank") as bank:
        for name, rows in lists.items():
            bank.import_list(jsonl([Row(*row) for row in sorted(rows)]), name, mode="update")
            for source_id in sorted(withdrawn):
                bank.withdraw(name, source_id)
        found = [(held.list, held.source_id, held.hex) for held in bank.quarantined()]
        assert len(found) == sum(summary.quarantined for summary in bank.lists())
    stands = [(name, *row) for name, rows in lists.items() for row in rows if row[0] not in withdrawn]
    assert sorted(found) == sorted(row for row in stands if row[2] in (BLANK_PDQ, ONES))


def test_in_a_process_of_its_own(blank_bank: Path) -> None:
    ended = process(["quarantine", "--bank", blank_bank, "--json"])
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert len(objects(ended)) == 4
