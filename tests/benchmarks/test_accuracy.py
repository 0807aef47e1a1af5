"""The benchmark of accuracy: a quick run from end to end, what it shows, and that edits are what they say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from benchmarks.__main__ import main
from benchmarks.edits import EDITS, Edit
from benchmarks.picturing.sets import draw
from benchmarks.probers import PROBERS
from benchmarks.recalling.results import AccuracyResults

ROOT = Path(__file__).parent.parent.parent
PICTURE = Image.fromarray(draw(180, 140, [4]))
ALL = [pytest.param(edit, id=f"{group}: {edit.name}") for group, edits in EDITS.items() for edit in edits]


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, AccuracyResults, str]:
    out = tmp_path_factory.mktemp("accuracy") / "accuracy.json"
    process = [sys.executable, "-m", "benchmarks", "accuracy", "--quick", "--seed", "3", "--out", str(out)]
    run = subprocess.run(process, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return out, AccuracyResults.read(out), run.stdout


def test_a_quick_run_is_faultless_and_complete(quick: tuple[Path, AccuracyResults, str]) -> None:
    _, found, shown = quick
    assert (found.seed, found.quick, found.faults) == (3, True, ())
    levels = {one.level for one in found.recalls}
    absent = {one.prober for one in found.absences}
    assert levels == {level for name in PROBERS if name not in absent for level in PROBERS[name].titles}
    measured = {(one.group, one.edit) for one in found.recalls}
    assert measured == {(group, edit.name) for group, edits in EDITS.items() for edit in edits}
    assert all(one.pairs > 0 and one.matched[0] == 0 for one in found.falses if one.level == "thorough")
    assert "letterbox × 1.8 black" in shown


def test_the_more_thorough_a_level_is_the_more_it_finds(quick: tuple[Path, AccuracyResults, str]) -> None:
    def found(level: str) -> dict[tuple[str, str, str], int]:
        return {(one.half, one.group, one.edit): one.found[0] for one in quick[1].recalls if one.level == level}

    plain, turned, thorough = found("plain"), found("turned"), found("thorough")
    assert all(plain[edit] <= turned[edit] <= thorough[edit] for edit in plain)
    assert sum(plain.values()) < sum(turned.values()) < sum(thorough.values())


def test_what_was_measured_is_shown_again(quick: tuple[Path, AccuracyResults, str]) -> None:
    again = CliRunner().invoke(main, ["accuracy", "--from", str(quick[0])])
    assert again.exit_code == 0
    assert "letterbox × 1.8 black" in again.output


@pytest.mark.parametrize("edit", ALL)
def test_an_edit_changes_the_picture_and_follows_from_its_seed(edit: Edit) -> None:
    listed = edit.listed(PICTURE)
    one, same = (edit.applied(listed, np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(np.asarray(one), np.asarray(same))
    changed = one.size != listed.size or not np.array_equal(np.asarray(one), np.asarray(listed))
    assert changed or edit.quality < 90 or "JPEG" in edit.name
