"""``hashmatch overlap``."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from unittest import mock

import pytest

import hashmatch

from .conftest import HASHES, objects, process, run


def test_each_pair_of_lists_is_a_line(sample_bank: Path) -> None:
    lines = objects(run("overlap", "--bank", sample_bank, "--json"))
    names = ["allowed", "north", "south", "tcap"]
    assert [(line["list"], line["other"]) for line in lines] == [(a, b) for a in names for b in names if a != b]
    version = hashmatch.Matcher.open(sample_bank).version
    (line,) = (line for line in lines if (line["list"], line["other"]) == ("tcap", "allowed"))
    assert {key: line[key] for key in ("hashes", "exact", "near", "exact_share", "snapshots")} == {
        "hashes": 7,
        "exact": 0,
        "near": 1,
        "exact_share": 0,
        "snapshots": [version],
    }
    assert line["near_share"] == pytest.approx(1 / 7)
    assert line["algorithms"]["pdq"]["radius"] == 31
    assert sum(own["hashes"] for own in line["algorithms"].values()) == 7


def test_as_text(sample_bank: Path) -> None:
    result = run("overlap", "--bank", sample_bank)
    assert result.exit_code == 0
    head, *lines = result.stdout.splitlines()
    assert hashmatch.Matcher.open(sample_bank).version in head
    assert "within radius (pdq 31 bits" in lines[0]
    cells = [line.split() for line in lines]
    assert [cell for cell in cells if cell[1:2] == ["tcap"]] == [
        ["4", "tcap", "7", "14", "0", "0"],
        ["4", "tcap", "7", "0", "0", "0"],
    ]
    assert cells[lines.index("exactly:") + 1] == ["list", "hashes", "1", "2", "3", "4"]


def test_radius_and_algorithms(sample_bank: Path) -> None:
    lines = objects(run("overlap", "--bank", sample_bank, "--json", "--radius", 0, "--algorithm", "pdq"))
    assert all(list(line["algorithms"]) == ["pdq"] and line["near"] == line["exact"] for line in lines)
    assert lines[0]["algorithms"]["pdq"]["radius"] == 0
    result = run("overlap", "--bank", sample_bank, "--algorithm", "md5")
    assert "within radius" not in result.stdout


def test_list_files_with_and_without_a_bank(sample_bank: Path) -> None:
    alone = run("overlap", "--against", HASHES, "--json")
    assert "tcap.json (tcap): 8 rows of tcap-sample" in alone.stderr
    settings = json.loads((HASHES / "lists.json").read_text(encoding="utf-8"))
    assert {line["list"] for line in objects(alone)} == {said["name"] for said in settings.values()}
    both = objects(run("overlap", "--against", HASHES / "partner_north.csv", "--bank", sample_bank, "--json"))
    (line,) = (line for line in both if (line["list"], line["other"]) == ("north", "north (file)"))
    assert (line["exact_share"], len(line["snapshots"])) == (1, 2)


def test_neither_a_bank_nor_a_list_is_a_usage_error() -> None:
    result = run("overlap")
    assert result.exit_code == 2
    assert "--against" in result.stderr


def test_rejected_rows_give_exit_code_3(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text(f"md5 {1:032x}\nmd5 bad\n")
    result = run("overlap", "--against", tmp_path / "list.txt")
    assert result.exit_code == 3
    assert "line 2" in result.stderr


def test_a_heat_map_is_drawn_or_it_is_said_what_is_missing(sample_bank: Path, tmp_path: Path) -> None:
    result = run("overlap", "--bank", sample_bank, "--plot", tmp_path / "map.png")
    if importlib.util.find_spec("matplotlib") is None:
        assert (result.exit_code, result.stdout) == (1, "")
        return
    assert result.exit_code == 0, result.stderr
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")
    assert "exactly:" in result.stdout


def test_what_a_heat_map_needs_is_looked_for_first(sample_bank: Path, tmp_path: Path) -> None:
    with mock.patch.dict("sys.modules", {"matplotlib": None, "matplotlib.figure": None}):
        result = run("overlap", "--bank", sample_bank, "--plot", tmp_path / "map.png")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "Error: drawing a heat map needs matplotlib: pip install hashmatch[plot]\n"
    result = run("overlap", "--bank", sample_bank, "--plot", tmp_path / "map.doc")
    assert (result.exit_code, result.stdout) == (2, "")
    assert list(tmp_path.iterdir()) == []


def test_in_a_process_of_its_own(sample_bank: Path) -> None:
    ended = process(["overlap", "--bank", sample_bank, "--json"])
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert len(objects(ended)) == 12
