"""``hashmatch diff``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import HASHES, NORTH_COLUMNS, objects, process, run

OTHER = "d8f8f0cce0f4a84f0e370a22028f67f0b36e2ed596623e1d33e6b39c4e9c9b22"


@pytest.fixture
def changed_bank(bank: Path, tmp_path: Path) -> Path:
    """The bank, with a claim of ``north`` less and one that has another hash."""
    rows = (HASHES / "partner_north.csv").read_text().splitlines()
    header = rows[0].split(",")
    place = header.index("hash_hex")
    kept = [row for row in rows[1:] if "N-103" not in row]
    cells = kept[0].split(",")
    assert len(cells[place]) == 64
    cells[place] = OTHER
    (tmp_path / "north.csv").write_text("\n".join([rows[0], ",".join(cells), *kept[1:]]) + "\n")
    result = run("import", tmp_path / "north.csv", "--bank", bank, "--name", "north", "--accept-change")
    assert result.exit_code == 0, result.output
    return bank


def test_every_difference_is_a_line_and_the_counts_are_the_last(changed_bank: Path) -> None:
    *lines, counts = objects(run("diff", "north@2", "north", "--bank", changed_bank, "--json"))
    claims = [line for line in lines if line["kind"] == "claim"]
    hashes = [line for line in lines if line["kind"] == "hash"]
    assert len(claims) + len(hashes) == len(lines)
    assert [(line["difference"], line["source_id"]) for line in claims] == [("only_a", "N-103"), ("changed", "N-101")]
    assert "hashes" in claims[1]["fields"]
    assert [(line["algorithm"], line["digest"]) for line in hashes if line["difference"] == "only_b"] == [
        ("pdq", OTHER)
    ]
    assert counts == {
        "kind": "counts",
        "a": "north@2",
        "b": "north",
        "claims": {"only_a": 1, "only_b": 0, "changed": 1, "equal": 1},
        "fields": {"hashes": 1},
        "hashes": {"only_a": 2, "only_b": 1, "both": 2},
        "rejected": 0,
        "partial": [],
    }


def test_as_text(changed_bank: Path) -> None:
    result = run("diff", "north@2", "north", "--bank", changed_bank)
    assert result.exit_code == 0
    lines = [line.split() for line in result.stdout.splitlines()]
    assert lines[:2] == [["A", "north@2"], ["B", "north"]]
    assert ["claims", "1", "0", "1", "1"] in lines
    assert ["hashes", "2", "1", "2"] in lines
    assert ["changed:", "hashes", "of", "1"] in lines
    assert ["only", "in", "A", "N-103"] in lines
    assert ["only", "in", "B", "pdq", OTHER] in lines
    few = run("diff", "north@2", "north", "--bank", changed_bank, "--examples", 0)
    assert OTHER not in few.stdout
    assert ["hashes", "2", "1", "2"] in [line.split() for line in few.stdout.splitlines()]


def test_a_difference_fails_only_if_that_is_asked_for(changed_bank: Path) -> None:
    assert run("diff", "north@2", "north", "--bank", changed_bank).exit_code == 0
    assert run("diff", "north@2", "north", "--bank", changed_bank, "--fail-on-difference").exit_code == 11
    assert run("diff", "north", "north", "--bank", changed_bank, "--fail-on-difference").exit_code == 0


def test_a_file_against_its_list_needs_no_column_map(sample_bank: Path) -> None:
    file = HASHES / "partner_north.csv"
    (counts,) = objects(run("diff", file, "north", "--bank", sample_bank, "--json"))
    assert (counts["a"], counts["b"], counts["claims"]["equal"]) == (str(file), "north", 3)


def test_files_without_a_bank(tmp_path: Path) -> None:
    file = HASHES / "partner_north.csv"
    (counts,) = objects(run("diff", file, file, *NORTH_COLUMNS, "--json"))
    assert counts["claims"]["equal"] == 3
    assert run("diff", file, tmp_path / "none").exit_code == 1


def test_rejected_rows_are_told_and_give_exit_code_3(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text(f"pdq {OTHER}\npdq bad\n")
    result = run("diff", tmp_path / "list.txt", tmp_path / "list.txt", "--format", "lines")
    assert result.exit_code == 3
    assert "2 rows" in result.stderr


def test_what_is_unknown_is_told(sample_bank: Path) -> None:
    for name in ("nothing", "north@0", "north@1", "north@99"):
        result = run("diff", "north", name, "--bank", sample_bank)
        assert result.exit_code == 1
        assert result.stderr.startswith("Error: there ") or "is not known" in result.stderr
    assert run("diff", "north", "south", "--bank", sample_bank, "--examples", -1).exit_code == 2
    assert run("diff", "north", "--bank", sample_bank).exit_code == 2


def test_in_a_process_of_its_own(changed_bank: Path) -> None:
    ended = process(["diff", "north@2", "north", "--bank", changed_bank, "--json", "--fail-on-difference"])
    assert ended.returncode == 11, ended.stderr
    assert json.loads(ended.stdout.splitlines()[-1])["claims"] == {"only_a": 1, "only_b": 0, "changed": 1, "equal": 1}
    assert ended.stderr == b""
