"""What a run of loading found: ratios within rounds, targets that are reached or not, and all of it shown and read again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.load import show
from benchmarks.loading.loads import Load
from benchmarks.loading.results import AGAIN, BATCH, BESIDE, DELTA_BATCH, FLOOR, PUBLISHED, SNAPSHOT, LoadResults
from benchmarks.loading.targets import TARGETS, Target

from .loads_drawn import loads, measured

MILLION, TEN = 1_000_000, 10_000_000
CSV = Load("full", "csv", MILLION)
CSV_OF_TEN = Load("full", "csv", TEN)


def missed(results: LoadResults) -> set[tuple[str, str, int]]:
    return {(target.words, target.shape, target.n) for target in TARGETS if target.reached(results) is False}


def test_results_survive_json(tmp_path: Path) -> None:
    written = loads(measured(BATCH, CSV, 1 / 3, 2.0), faults=("a row is lost",))
    written.write(tmp_path / "new" / "load.json")
    assert LoadResults.read(tmp_path / "new" / "load.json") == written


def test_ratios_are_taken_within_rounds() -> None:
    floor = measured(FLOOR, CSV, 1.0, 10.0, 2.0)
    batch = measured(BATCH, CSV, 2.0, 20.0, 10.0)
    assert batch.ratio_to(floor) == 2.0
    assert loads(floor, batch).ratio(BATCH, FLOOR, CSV) == 2.0
    assert batch.seconds == 10.0


def test_publishing_is_the_batch_and_the_snapshot_one_after_the_other() -> None:
    results = loads(measured(BATCH, CSV_OF_TEN, 2.0, peak=7), measured(SNAPSHOT, CSV_OF_TEN, 6.0, peak=9))
    published = results.find(PUBLISHED, CSV_OF_TEN)
    assert published is not None
    assert (published.seconds, published.peak_bytes, published.written_bytes, published.kept_bytes) == (
        8.0,
        9,
        1_000,
        600,
    )
    assert results.ratio(BESIDE, PUBLISHED, CSV_OF_TEN) == 2.0


def test_what_the_system_does_not_tell_is_no_figure() -> None:
    told = measured(BATCH, CSV)
    silent = replace(told, rounds=(replace(told.rounds[0], peak_bytes=None, written_bytes=None),))
    assert (silent.peak_bytes, silent.written_bytes) == (None, None)
    assert silent.after(measured(SNAPSHOT, CSV)).written_bytes is None


def test_one_step_that_was_free_to_use_every_core_is_seen_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    kept = measured(BATCH, CSV, 1.0, 1.0)
    free = replace(kept, rounds=(kept.rounds[0], replace(kept.rounds[1], pinned=False)))
    snapshot = measured(SNAPSHOT, CSV, 1.0, 1.0)
    assert [one.pinned for one in (kept, free, snapshot.after(kept), snapshot.after(free))] == [
        True,
        False,
        True,
        False,
    ]
    show(loads(free, *(measured(step, CSV, 1.0, 1.0) for step in (FLOOR, SNAPSHOT, AGAIN, BESIDE))))
    titles = [line for line in capsys.readouterr().out.splitlines() if "; delta of" in line]
    assert [title.endswith("NOT kept to one core") for title in titles] == [
        title.startswith(str(CSV)) for title in titles
    ]
    assert sum(title.endswith("on one core") for title in titles) == len(titles) - 1


def test_a_good_run_reaches_everything() -> None:
    results = loads()
    assert {target.reached(results) for target in TARGETS} == {True}


@pytest.mark.parametrize(
    ("step", "load", "seconds", "peak", "words"),
    [
        (BATCH, CSV, 3.1, 1, "file to batch, times the floor"),
        (BATCH, Load("plain", "csv", MILLION), 3.1, 1, "file to batch, times the floor"),
        (BATCH, Load("full", "parquet", TEN), 3.1, 1, "file to batch, times the floor"),
        (BESIDE, Load("full", "jsonl", MILLION), 7.9, 1, "file to batch, times as fast as python-threatexchange"),
        (BESIDE, Load("plain", "jsonl", MILLION), 7.9, 1, "file to batch, times as fast as python-threatexchange"),
        (BATCH, Load("full", "jsonl", TEN), 2.0, 2_600_000_000, "file to batch, GB of private memory"),
        (SNAPSHOT, CSV_OF_TEN, 6.0, 2_600_000_000, "batch to snapshot, GB of private memory"),
        (SNAPSHOT, Load("full", "parquet", TEN), 91.0, 1, "batch to snapshot, seconds"),
        (DELTA_BATCH, CSV_OF_TEN, 4.1, 1, "delta to batch, seconds"),
    ],
)
def test_each_target_can_be_missed(step: str, load: Load, seconds: float, peak: int, words: str) -> None:
    assert missed(loads(measured(step, load, seconds, peak=peak))) == {(words, load.shape, load.n)}


@pytest.mark.parametrize(("shape", "n"), [("full", TEN), ("plain", MILLION)])
def test_json_lines_have_a_bound_of_their_own(shape: str, n: int) -> None:
    lines = Load(shape, "jsonl", n)
    assert missed(loads(measured(BATCH, lines, 3.9))) == set()
    others = measured(BESIDE, lines, 20.0)
    assert missed(loads(others, measured(BATCH, lines, 4.1))) == {("file to batch, times the floor", shape, n)}


@pytest.mark.parametrize(("shape", "n"), [("full", TEN), ("plain", MILLION)])
def test_writing_anything_for_unchanged_content_misses_a_target(shape: str, n: int) -> None:
    wrote = replace(measured(AGAIN, Load(shape, "csv", n)), kept_bytes=1)
    assert missed(loads(wrote)) == {("the same file again, bytes of new or changed files", shape, n)}


def test_plain_rows_have_no_targets_of_long_lists() -> None:
    slow = (measured(step, Load("plain", "csv", TEN), 1e6, peak=10**12) for step in (BATCH, SNAPSHOT, DELTA_BATCH))
    assert missed(loads(*slow)) == set()


def test_what_was_not_measured_is_neither_reached_nor_missed() -> None:
    def seconds(found: LoadResults, load: Load) -> float | None:
        return one.seconds if (one := found.find(FLOOR, load)) else None

    results = loads(sizes=(MILLION,))
    partly = replace(results, measured=tuple(one for one in results.measured if one.load.form == "csv"))
    target = Target("seconds", seconds, 1, "full", TEN)
    assert target.reached(results) is None
    assert replace(target, n=MILLION).reached(results) is True
    assert replace(target, n=MILLION).reached(partly) is None
    assert replace(target, n=MILLION, bound=0.5).reached(partly) is False


def test_everything_that_was_measured_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    show(loads(measured(BATCH, Load("full", "jsonl", TEN), 5.0)))
    shown = capsys.readouterr().out
    for text in (
        "1 000 000 full rows, CSV, 500 MB; delta of 1 000; on one core",
        "1 000 000 plain rows, JSON lines, 500 MB; delta of 1 000; on one core",
        "10 000 000 full rows, Parquet, 5 000 MB; delta of 1 000; on one core",
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
    told = [
        line.split(" ≤ ")[0].split(" ≥ ")[0].split()
        for line in shown.split("targets")[1].splitlines()
        if "floor" in line
    ]
    assert {tuple(words[-4:]) for words in told} >= {("plain", "1", "000", "000"), ("full", "1", "000", "000")}


def test_targets_of_sizes_that_were_not_measured_are_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    show(loads(sizes=(20_000,)))
    assert "targets" not in capsys.readouterr().out
