"""The benchmark of video: a quick run from end to end, what it shows, and how it ends."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.__main__ import main
from benchmarks.filming import speed
from benchmarks.filming.accuracy import JUDGES
from benchmarks.filming.edits import EDITS
from benchmarks.filming.lookup import LOOKERS
from benchmarks.filming.plan import FULL, QUICK
from benchmarks.filming.results import STRANGERS, VideoResults
from benchmarks.filming.speed import SetFailed, VideoSet
from benchmarks.samplers import SAMPLERS

from .videos_drawn import SETS, judged, results

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> tuple[VideoResults, str]:
    out = tmp_path_factory.mktemp("video") / "video.json"
    process = [sys.executable, "-m", "benchmarks", "video", "--quick", "--seed", "3", "--out", str(out)]
    run = subprocess.run(process, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return VideoResults.read(out), run.stdout


def test_a_quick_run_is_faultless_and_complete(quick: tuple[VideoResults, str]) -> None:
    found, shown = quick
    assert (found.seed, found.quick, found.faults) == (3, True, ())
    assert found.sets == ["H.264, 120p", "VP9, 120p"]
    for name in found.sets:
        named = [one.sampler for one in found.hashed if one.set == name]
        named += [one.name for one in found.absences if one.set == name]
        assert sorted(named) == sorted(SAMPLERS), "everybody is measured or named"
        assert f"\n{name}" in shown
        against_every = [one for one in found.drifts if (one.set, one.against) == (name, "every")]
        assert [(one.sampler, one.frames > 0, one.most) for one in against_every] == [
            ("second", True, 0),
            ("keyframes", True, 0),
        ]
    absent = {one.name for one in found.absences}
    assert [one.seeker for one in found.sought] == [name for name in LOOKERS if name not in absent]
    asked = [(edit, judge) for edit in (*EDITS, STRANGERS) for judge in JUDGES if judge not in absent]
    assert [(one.edit, one.seeker) for one in found.judged] == asked
    assert "what was to be reached" not in shown


def test_segments_of_a_quick_run_are_where_the_clips_are(quick: tuple[VideoResults, str]) -> None:
    ours = {one.edit: one for one in quick[0].judged_by("ours")}
    assert all(len(ours[edit].ends) == 4 * ours[edit].found for edit in EDITS)
    required = [ours[name] for name, edit in EDITS.items() if edit.required]
    assert all(one.recall == 1 for one in required)
    assert max(one.worst_end or 0.0 for one in required) < 5, "a frame a second, and shots that move"
    assert all(speed == pytest.approx(1, abs=0.05) for one in required for speed in one.speeds)
    assert all(speed == pytest.approx(1.25, abs=0.05) for speed in ours["sped up 1.25 ×"].speeds)


def test_what_was_measured_is_shown_again_with_what_was_to_be_reached(tmp_path: Path) -> None:
    results().write(tmp_path / "whole.json")
    good = CliRunner().invoke(main, ["video", "--from", str(tmp_path / "whole.json")])
    assert good.exit_code == 0
    assert re.search(r"every frame × vpdq +2.22 +≥ 1.8 +yes +H.264, 480p", good.output)
    assert re.search(r"who: every +2.22 +1.80 +5.40 +11.1", good.output)
    assert re.search(r"letterboxed \(reported only\) +0.2500 +0 ", good.output)
    assert re.search(r"unrelated clips +– \(0\) +– \(0\)", good.output)
    assert "tmk" in good.output
    results(judgements=(judged("mirrored", "ours", 20),)).write(tmp_path / "missed.json")
    bad = CliRunner().invoke(main, ["video", "--from", str(tmp_path / "missed.json")])
    assert bad.exit_code == 1
    assert "Error: mirrored, who: ours: 20 of 40 were found, and 0 told falsely" in bad.output


def test_a_run_that_was_not_kept_to_one_core_says_so(tmp_path: Path) -> None:
    replace(results(sets=SETS[:1]), pinned=False).write(tmp_path / "free.json")
    shown = CliRunner().invoke(main, ["video", "--from", str(tmp_path / "free.json")]).output
    assert "H.264, 480p (not kept to one core)" in shown


def test_a_folder_without_videos_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("nothing")
    empty = CliRunner().invoke(main, ["video", "--quick", "--videos", str(tmp_path)])
    assert empty.exit_code == 1
    assert "there is no video in the folder" in empty.output
    assert CliRunner().invoke(main, ["video", "--videos", str(tmp_path / "none")]).exit_code == 2


def test_the_videos_of_a_folder_are_one_set(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    sets = speed.drawn_sets(tmp_path / "inner", QUICK.speed, 1)
    one = next(sets)
    (tmp_path / "inner" / "notes.txt").write_text("1,2,3\n")
    (tmp_path / "inner" / "120p.webm").rename(tmp_path / "other.webm")
    found = speed.found_set(tmp_path)
    assert found.name == tmp_path.name
    assert sorted(found.paths) == sorted((one.paths[0], str(tmp_path / "other.webm")))
    assert found.seconds == pytest.approx(2 * QUICK.speed.seconds, abs=0.3)


def test_who_fails_is_named_and_a_process_that_fails_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    none = speed.measure(VideoSet("a set", (str(tmp_path / "none.mp4"),), 1.0), 1)
    assert (none.hashed, none.drifts) == ((), ())
    assert [one.name for one in none.absences] == list(SAMPLERS)
    monkeypatch.setattr(sys, "executable", "false")
    with pytest.raises(SetFailed, match="a set"):
        speed.measure(VideoSet("a set", (), 1.0), 1)


def test_a_full_run_is_as_large_as_it_is_said_to_be() -> None:
    assert list(FULL.speed.sizes) == ["480p", "720p", "1080p"]
    assert (FULL.lookup.videos, FULL.lookup.frames, FULL.lookup.asked) == (2_000, 300, 60)
    assert FULL.accuracy.edited == FULL.accuracy.known == 40
