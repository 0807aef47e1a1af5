"""The command: measuring, writing, showing again, drawing, and how it ends."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.__main__ import main
from benchmarks.contenders import CONTENDERS
from benchmarks.results import SearchResults
from benchmarks.workloads import DISTRIBUTIONS

from .results_drawn import FAULTLESS, results, row

ROOT = Path(__file__).parent.parent.parent


def test_a_quick_run_of_few_codes_is_faultless_and_complete(tmp_path: Path) -> None:
    out = tmp_path / "search.json"
    arguments = ["search", "--quick", "--sizes", "300,700", "--seed", "5", "--out", str(out)]
    process = [sys.executable, "-m", "benchmarks", *arguments]
    run = subprocess.run(process, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    found = SearchResults.read(out)
    assert (found.seed, found.radius, found.quick, found.faults) == (5, 31, True, ())
    workloads = [(distribution, n) for n in (300, 700) for distribution in DISTRIBUTIONS]
    for distribution, n in workloads:
        named = [one.contender for one in found.rows if (one.distribution, one.n) == (distribution, n)]
        named += [one.contender for one in found.absences if (one.distribution, one.n) == (distribution, n)]
        assert set(named) == set(CONTENDERS), "everybody is measured or named"
        assert f"{distribution}, {n} codes" in run.stdout
    assert all(one.verdict.faultless for one in found.rows if one.complete)
    assert all(one.verdict.pairs > 0 and one.verdict.planted > 0 for one in found.rows)
    assert (len(found.openings), len(found.crowds)) == (1, 4)
    assert {crossing.n for crossing in found.crossings} == {1_000, 10_000}
    assert str(tmp_path) not in out.read_text()


def test_what_was_measured_is_shown_again_and_ends_as_it_did(tmp_path: Path) -> None:
    file = tmp_path / "search.json"
    results(row()).write(file)
    good = CliRunner().invoke(main, ["search", "--from", str(file)])
    assert good.exit_code == 0
    assert "title of multi_index" in good.output
    results(row(verdict=replace(FAULTLESS, found=29))).write(file)
    bad = CliRunner().invoke(main, ["search", "--from", str(file)])
    assert bad.exit_code == 1
    assert "Error: title of multi_index, single" in bad.output
    assert "0.9666" in bad.output


def test_a_file_that_is_no_result_is_refused_in_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "other.json"
    file.write_text(json.dumps({"rows": 1}))
    run = CliRunner().invoke(main, ["search", "--from", str(file)])
    assert run.exit_code == 1
    assert "holds no results of this benchmark" in run.output


def test_what_drawing_needs_is_asked_for_before_anything_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    run = CliRunner().invoke(main, ["search", "--quick", "--plot", str(tmp_path / "search.png")])
    assert run.exit_code == 1
    assert run.output.splitlines() == ["Error: drawing needs matplotlib: pip install hashmatch[bench]"]


@pytest.mark.parametrize("sizes", ["", "0", "-5", "10,,20", "many"])
def test_sizes_that_are_none_are_refused(sizes: str) -> None:
    run = CliRunner().invoke(main, ["search", "--sizes", sizes])
    assert run.exit_code == 2
    assert "--sizes" in run.output


def test_the_benchmarks_are_listed() -> None:
    run = CliRunner().invoke(main, ["--help"])
    assert run.exit_code == 0
    assert re.search(r"^  search +How fast|^  search +Search ours", run.output, re.MULTILINE)
    assert CliRunner().invoke(main, ["nothing"]).exit_code == 2
