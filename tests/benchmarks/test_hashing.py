"""The benchmark of hashing: who is measured, what is far off, and how it ends."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from benchmarks.__main__ import main
from benchmarks.hashers import HASHERS
from benchmarks.picturing.results import Drift, HashingResults
from benchmarks.picturing.sets import KINDS, draw, found_set

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    out = tmp_path_factory.mktemp("hashing") / "hashing.json"
    process = [sys.executable, "-m", "benchmarks", "hashing", "--quick", "--seed", "3", "--out", str(out)]
    run = subprocess.run(process, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return out, run.stdout


def test_a_quick_run_is_faultless_and_complete(quick: tuple[Path, str]) -> None:
    out, shown = quick
    found = HashingResults.read(out)
    assert (found.seed, found.quick, found.faults) == (3, True, ())
    for name in KINDS:
        named = [one.hasher for one in found.hashed if one.set == name]
        named += [one.hasher for one in found.absences if one.set == name]
        assert sorted(named) == sorted(HASHERS), "everybody is measured or named"
        assert f"\n{name}\n" in shown
        (drift,) = [one for one in found.drifts if one.set == name]
        assert len(drift.distances) == 2
    assert [spread.set for spread in found.spreads] == list(KINDS)[:1]
    assert "what was to be reached" not in shown


def test_what_was_measured_is_shown_again_with_what_was_to_be_reached(quick: tuple[Path, str], tmp_path: Path) -> None:
    whole = replace(HashingResults.read(quick[0]), quick=False)
    whole.write(tmp_path / "whole.json")
    good = CliRunner().invoke(main, ["hashing", "--from", str(tmp_path / "whole.json")])
    assert good.exit_code == 0
    assert re.search(r"two workers × one, 12 MP JPEG +[0-9.]+ +≥ 1.7 +(yes|NO)", good.output)
    replace(whole, drifts=(Drift("a set", (0,) * 98 + (7, 11), 100),)).write(tmp_path / "off.json")
    bad = CliRunner().invoke(main, ["hashing", "--from", str(tmp_path / "off.json")])
    assert bad.exit_code == 1
    assert "Error: a set: a fast hash is 11 bits off, and 0.980 of them at most 6" in bad.output


@pytest.mark.parametrize(("distances", "few", "most"), [((), 1.0, 0), ((0, 6, 7, 0), 0.75, 7), ((8,), 0.0, 8)])
def test_drift_is_counted(distances: tuple[int, ...], few: float, most: int) -> None:
    drift = Drift("a set", distances, 0)
    assert (drift.few, drift.most) == (few, most)


def test_pictures_follow_from_their_seed() -> None:
    one, same, other = draw(90, 70, [1]), draw(90, 70, [1]), draw(90, 70, [2])
    assert one.shape == (70, 90, 3)
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
    assert one.std() > 20


def test_a_folder_gives_the_pictures_in_it(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    Image.fromarray(draw(90, 70, [1])).save(tmp_path / "inner" / "a.png")
    (tmp_path / "b.txt").write_text("nothing")
    assert found_set(tmp_path).paths == (tmp_path / "inner" / "a.png",)
    empty = CliRunner().invoke(main, ["hashing", "--images", str(tmp_path / "none")])
    assert empty.exit_code == 2
