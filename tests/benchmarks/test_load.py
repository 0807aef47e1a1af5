"""The command: a run from end to end, faults that are found, and how it ends."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from click.testing import CliRunner

from benchmarks.__main__ import main
from benchmarks.loading import disk, forms, measuring
from benchmarks.loading.delta import Delta
from benchmarks.loading.loads import Load
from benchmarks.loading.ours import LIST
from benchmarks.loading.plan import FULL, QUICK
from benchmarks.loading.proof import faults_of_delta, faults_of_list
from benchmarks.loading.results import AGAIN, BATCH, BESIDE, DELTA_BATCH, DELTA_SNAPSHOT, FLOOR, SNAPSHOT, LoadResults
from benchmarks.loading.rows import draw
from benchmarks.loading.shapes import SHAPES
from benchmarks.loading.watch import Outcome, StepFailed, Usage
from hashmatch import HashBank

from .loads_drawn import loads

ROOT = Path(__file__).parent.parent.parent
N = 400
PLAN = replace(QUICK, planted=50, strangers=50)
USAGE = Usage(1.0, 1.0, 1, 1, True)
FULL_SHAPE = SHAPES["full"]
CSV = Load("full", "csv", N)


def bank_of(folder: Path, form: str, numbers: np.ndarray, shape: str = "full") -> HashBank:
    folder.mkdir(exist_ok=True)
    forms.write(form, [draw(SHAPES[shape], 1, numbers)], folder / f"list.{form}")
    bank = HashBank.open(folder / "bank")
    bank.import_list(folder / f"list.{form}", name=LIST, mode="update", publish=True)
    return bank


def test_a_quick_run_of_few_rows_is_faultless_and_complete(tmp_path: Path) -> None:
    out, scratch = tmp_path / "load.json", tmp_path / "scratch"
    scratch.mkdir()
    arguments = [
        "--quick",
        "--sizes",
        str(N),
        "--form",
        "csv",
        "--seed",
        "5",
        "--scratch",
        str(scratch),
        "--out",
        str(out),
    ]
    process = [sys.executable, "-m", "benchmarks", "load", *arguments]
    run = subprocess.run(process, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert list(scratch.iterdir()) == []
    found = LoadResults.read(out)
    assert (found.seed, found.quick, found.faults) == (5, True, ())
    ours = {BATCH, SNAPSHOT, AGAIN, DELTA_BATCH, DELTA_SNAPSHOT}
    assert [file.load for file in found.files] == [Load(shape, "csv", N) for shape in SHAPES]
    for load in (file.load for file in found.files):
        measured = {one.step: one for one in found.measured if one.load == load}
        named = {*measured, *(one.step for one in found.absences if one.load == load)}
        assert named == {FLOOR, BESIDE, *ours}, "everybody is measured or named"
        assert measured[AGAIN].kept_bytes == 0
        assert min(measured[step].kept_bytes for step in ours - {AGAIN}) > 0
        assert {one.pinned for one in measured.values()} == {hasattr(os, "sched_setaffinity")}
        assert str(load) in run.stdout
    assert "GB of disk are needed" in run.stderr
    assert str(tmp_path) not in out.read_text()


def test_a_run_that_is_ended_leaves_nothing_behind(tmp_path: Path) -> None:
    arguments = ["--quick", "--sizes", "50000", "--form", "csv", "--scratch", str(tmp_path)]
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks", "load", *arguments], cwd=ROOT, stderr=subprocess.PIPE, text=True
    ) as run:
        assert run.stderr is not None
        assert any("round 1" in line for line in run.stderr), "it came to its first step"
        assert list(tmp_path.iterdir()) != []
        run.terminate()
        assert run.wait(30) == 143
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("form", forms.FORMS)
def test_every_form_comes_back_from_a_bank_as_it_was_sent(form: str, shape: str, tmp_path: Path) -> None:
    bank_of(tmp_path, form, np.arange(N), shape)
    assert faults_of_list(tmp_path / "bank", SHAPES[shape], 1, N, PLAN) == []


def test_an_extra_that_nobody_sent_is_found_out(tmp_path: Path) -> None:
    plain = SHAPES["plain"]
    extra = pa.array(['{"made":"up"}'] * N)
    forms.write("csv", [draw(plain, 1, np.arange(N)).append_column("extra", extra)], tmp_path / "list.csv")
    HashBank.open(tmp_path / "bank").import_list(tmp_path / "list.csv", name=LIST, mode="update", publish=True)
    wrong = "50 of 50 planted rows are not found as they were sent"
    assert faults_of_list(tmp_path / "bank", plain, 1, N, PLAN) == [wrong]


def test_rows_that_are_lost_or_altered_are_found_out(tmp_path: Path) -> None:
    bank_of(tmp_path, "csv", np.arange(N - 1))
    assert faults_of_list(tmp_path / "bank", FULL_SHAPE, 1, N, PLAN) == [
        "1 of 50 planted rows are not found as they were sent"
    ]
    text = (tmp_path / "list.csv").read_text().replace("2018-", "2017-")
    other = tmp_path / "other.csv"
    other.write_text(text)
    bank = HashBank.open(tmp_path / "altered")
    bank.import_list(other, name=LIST, mode="update", publish=True)
    assert faults_of_list(tmp_path / "altered", FULL_SHAPE, 1, N - 1, PLAN) == [
        "50 of 50 planted rows are not found as they were sent"
    ]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_delta_that_was_not_taken_is_found_out(shape: str, tmp_path: Path) -> None:
    bank = bank_of(tmp_path, "csv", np.arange(N), shape)
    delta = Delta.of(1, N, 20)
    assert faults_of_delta(tmp_path / "bank", SHAPES[shape], 1, delta) == [
        "10 of 10 added rows are not found as they were sent",
        "6 of 6 changed rows are not found as they were sent",
        "6 of 6 hashes that were changed are found",
        "4 of 4 hashes that were withdrawn are found",
    ]
    forms.write("jsonl", [delta.rows(SHAPES[shape], 1)], tmp_path / "delta.jsonl")
    report = bank.import_list(tmp_path / "delta.jsonl", name=LIST, publish=True)
    assert (report.added, report.changed, report.withdrawn) == (10, 6, 4)
    assert faults_of_delta(tmp_path / "bank", SHAPES[shape], 1, delta) == []


def test_counts_that_are_wrong_and_a_bank_that_changed_are_faults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lossy(step: str, form: str, source: Path, folder: Path) -> Outcome:
        folder.mkdir(exist_ok=True)
        (folder / f"made by {step}").write_text("something")
        return Outcome(USAGE, {"batch": 1, "rows": N - 1, "added": N, "rejected": 1})

    monkeypatch.setattr(measuring, "watch", lossy)
    monkeypatch.setattr(measuring, "faults_of_list", lambda *_: [])
    monkeypatch.setattr(measuring, "faults_of_delta", lambda *_: ["4 of 4 hashes that were withdrawn are found"])
    part = measuring.measure(CSV, 1, PLAN, tmp_path, lambda _: None)
    assert "400 full rows, CSV: floor: pyarrow reads, writes Parquet: rows is 399, not 400" in part.faults
    assert "400 full rows, CSV: hashmatch, file to batch: rejected is 1, not 0" in part.faults
    assert "400 full rows, CSV: hashmatch, the same file again: batch is 1, not None" in part.faults
    assert "400 full rows, CSV: hashmatch, the same file again: it changed the bank" in part.faults
    assert "400 full rows, CSV: 4 of 4 hashes that were withdrawn are found" in part.faults
    assert list(tmp_path.iterdir()) == []


def test_a_failure_of_ours_is_a_fault_and_that_of_others_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(step: str, form: str, source: Path, folder: Path) -> Outcome:
        if step != FLOOR:
            raise StepFailed(f"{step} fell over")
        return Outcome(USAGE, {"rows": N})

    monkeypatch.setattr(measuring, "watch", failing)
    part = measuring.measure(CSV, 1, PLAN, tmp_path, lambda _: None)
    assert part.faults == ("400 full rows, CSV: batch fell over",)
    assert [(one.step, one.reason) for one in part.absences] == [(BESIDE, "pdq_index fell over")]
    assert [one.step for one in part.measured] == [FLOOR]


def test_the_others_and_ours_come_first_in_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    others, ours = [FLOOR, BESIDE], [BATCH, SNAPSHOT, AGAIN, BATCH, SNAPSHOT]
    taken: list[str] = []

    def noted(step: str, form: str, source: Path, folder: Path) -> Outcome:
        found = {path.name for path in folder.glob("*")}
        assert found <= set(others if step in others else ours), "nobody finds what somebody else made"
        folder.mkdir(exist_ok=True)
        (folder / step).touch()
        taken.append(step)
        return Outcome(USAGE, {"rows": N})

    monkeypatch.setattr(measuring, "watch", noted)
    monkeypatch.setattr(measuring, "faults_of_list", lambda *_: [])
    monkeypatch.setattr(measuring, "faults_of_delta", lambda *_: [])
    part = measuring.measure(CSV, 1, replace(PLAN, rounds=3), tmp_path, lambda _: None)
    assert taken == [*others, *ours, *ours, *others, *others, *ours]
    assert {len(one.rounds) for one in part.measured} == {3}


def test_long_lists_are_loaded_once_in_one_shape_and_without_python_threatexchange() -> None:
    assert [FULL.rounds_of(n) for n in FULL.sizes] == [5, 1]
    assert [FULL.beside(n) for n in FULL.sizes] == [True, False]
    assert replace(FULL, beside_all=True).beside(10_000_000)
    assert [FULL.shapes_of(n) for n in FULL.sizes] == [("full", "plain"), ("full",)]
    assert replace(FULL, shapes=("plain",)).shapes_of(10_000_000) == ("plain",)
    assert len(FULL.loads) == len(set(FULL.loads)) == 9
    assert [FULL.changes_of(n) for n in (1, 400, 10_000_000)] == [1, 20, 1_000]


def test_too_small_a_disk_is_refused_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "ROW_BYTES", 1 << 60)
    run = CliRunner().invoke(main, ["load", "--quick", "--scratch", str(tmp_path)])
    assert run.exit_code == 1
    assert "GB of disk, and" in run.output.splitlines()[-1]
    assert list(tmp_path.iterdir()) == []


def test_what_was_measured_is_shown_again_and_ends_as_it_did(tmp_path: Path) -> None:
    file = tmp_path / "load.json"
    loads().write(file)
    good = CliRunner().invoke(main, ["load", "--from", str(file)])
    assert good.exit_code == 0
    assert "10 000 000 full rows, CSV" in good.output
    loads(faults=("a row is lost",)).write(file)
    bad = CliRunner().invoke(main, ["load", "--from", str(file)])
    assert bad.exit_code == 1
    assert "Error: a row is lost" in bad.output


@pytest.mark.parametrize("arguments", [["--sizes", "0"], ["--sizes", "many"], ["--form", "xml"], ["--shape", "round"]])
def test_options_that_make_no_sense_are_refused(arguments: list[str]) -> None:
    run = CliRunner().invoke(main, ["load", *arguments])
    assert run.exit_code == 2
    assert arguments[0] in run.output
