"""What a run of loading found: ratios within rounds, targets that are reached or not, and all of it shown and read again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.load import show
from benchmarks.loading.results import AGAIN, BATCH, BESIDE, DELTA_BATCH, FLOOR, PUBLISHED, SNAPSHOT, LoadResults
from benchmarks.loading.targets import TARGETS, Target

from .loads_drawn import loads, measured

TEN = 10_000_000


def missed(results: LoadResults) -> set[tuple[str, int]]:
    return {(target.words, target.n) for target in TARGETS if target.reached(results) is False}


def test_results_survive_json(tmp_path: Path) -> None:
    written = loads(measured(BATCH, "csv", 1_000_000, 1 / 3, 2.0), faults=("a row is lost",))
    written.write(tmp_path / "new" / "load.json")
    assert LoadResults.read(tmp_path / "new" / "load.json") == written


def test_ratios_are_taken_within_rounds() -> None:
    floor = measured(FLOOR, "csv", 1_000_000, 1.0, 10.0, 2.0)
    batch = measured(BATCH, "csv", 1_000_000, 2.0, 20.0, 10.0)
    assert batch.ratio_to(floor) == 2.0
    assert loads(floor, batch).ratio(BATCH, FLOOR, "csv", 1_000_000) == 2.0
    assert batch.seconds == 10.0


def test_publishing_is_the_batch_and_the_snapshot_one_after_the_other() -> None:
    results = loads(measured(BATCH, "csv", TEN, 2.0, peak=7), measured(SNAPSHOT, "csv", TEN, 6.0, peak=9))
    published = results.find(PUBLISHED, "csv", TEN)
    assert published is not None
    assert (published.seconds, published.peak_bytes, published.written_bytes, published.kept_bytes) == (
        8.0,
        9,
        1_000,
        600,
    )
    assert results.ratio(BESIDE, PUBLISHED, "csv", TEN) == 2.0


def test_what_the_system_does_not_tell_is_no_figure() -> None:
    silent = replace(measured(BATCH), rounds=(replace(measured(BATCH).rounds[0], peak_bytes=None, written_bytes=None),))
    assert (silent.peak_bytes, silent.written_bytes) == (None, None)
    assert silent.after(measured(SNAPSHOT)).written_bytes is None


def test_a_good_run_reaches_everything() -> None:
    results = loads()
    assert {target.reached(results) for target in TARGETS} == {True}


@pytest.mark.parametrize(
    ("step", "form", "n", "seconds", "peak", "words"),
    [
        (BATCH, "csv", 1_000_000, 3.1, 1, "file to batch, times the floor"),
        (BATCH, "parquet", TEN, 3.1, 1, "file to batch, times the floor"),
        (BESIDE, "jsonl", 1_000_000, 7.9, 1, "file to batch, times as fast as python-threatexchange"),
        (BATCH, "jsonl", TEN, 2.0, 2_600_000_000, "file to batch, GB of private memory"),
        (SNAPSHOT, "csv", TEN, 6.0, 2_600_000_000, "batch to snapshot, GB of private memory"),
        (SNAPSHOT, "parquet", TEN, 91.0, 1, "batch to snapshot, seconds"),
        (DELTA_BATCH, "csv", TEN, 4.1, 1, "delta to batch, seconds"),
    ],
)
def test_each_target_can_be_missed(step: str, form: str, n: int, seconds: float, peak: int, words: str) -> None:
    assert missed(loads(measured(step, form, n, seconds, peak=peak))) == {(words, n)}


def test_json_lines_have_a_bound_of_their_own() -> None:
    assert missed(loads(measured(BATCH, "jsonl", TEN, 3.9))) == set()
    assert missed(loads(measured(BATCH, "jsonl", TEN, 4.1))) == {("file to batch, times the floor", TEN)}


def test_writing_anything_for_unchanged_content_misses_a_target() -> None:
    wrote = replace(measured(AGAIN, "csv", TEN), kept_bytes=1)
    assert missed(loads(wrote)) == {("the same file again, bytes of new or changed files", TEN)}


def test_what_was_not_measured_is_neither_reached_nor_missed() -> None:
    results = loads(sizes=(1_000_000,))
    partly = replace(results, measured=tuple(one for one in results.measured if one.form == "csv"))
    target = Target(
        "seconds", lambda found, form, n: one.seconds if (one := found.find(FLOOR, form, n)) else None, 1, TEN
    )
    assert target.reached(results) is None
    assert replace(target, n=1_000_000).reached(results) is True
    assert replace(target, n=1_000_000).reached(partly) is None
    assert replace(target, n=1_000_000, bound=0.5).reached(partly) is False


def test_everything_that_was_measured_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    show(loads(measured(BATCH, "jsonl", TEN, 5.0)))
    shown = capsys.readouterr().out
    for text in (
        "1 000 000 rows, CSV, 500 MB; delta of 1 000",
        "10 000 000 rows, Parquet, 5 000 MB; delta of 1 000",
        "floor: pyarrow reads, writes Parquet",
        "hashmatch, file to snapshot",
        "it is not here",
        "targets",
        "≤ 2.5",
        "≥ 4",
    ):
        assert text in shown
    verdicts = [line.split()[-1] for line in shown.split("targets")[1].splitlines() if "≤" in line or "≥" in line]
    assert len(verdicts) == len(TARGETS)
    assert verdicts.count("NO") == 1


def test_targets_of_sizes_that_were_not_measured_are_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    show(loads(sizes=(20_000,)))
    assert "targets" not in capsys.readouterr().out
