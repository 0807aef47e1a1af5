"""The sample data is what its script makes, by whatever version of Pillow."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import hashmatch
from hashmatch.hashes import code_matrix, hamming

ROOT = Path(__file__).parent.parent
DATA = ROOT / "data"
SAME = 10
"""Bits by which PDQ may differ where another version of Pillow encodes or scales differently."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    path = f"import sys; sys.path[:0] = [{str(DATA)!r}, {str(ROOT)!r}]"
    code = (
        f"{path}; from pathlib import Path; from make_samples import make_samples; make_samples(Path({str(folder)!r}))"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)
    return folder


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("part", ["sample_media", "sample_hashes"])
def test_the_same_files(made: Path, part: str) -> None:
    assert names(made / part) == names(DATA / part)


def test_the_same_pictures(made: Path) -> None:
    for name in names(DATA / "sample_media"):
        try:
            ours = hashmatch.hash_file(DATA / "sample_media" / name, algorithms=("pdq",))["pdq"]
        except hashmatch.MediaError:
            with pytest.raises(hashmatch.MediaError):
                hashmatch.hash_file(made / "sample_media" / name, algorithms=("pdq",))
            continue
        again = hashmatch.hash_file(made / "sample_media" / name, algorithms=("pdq",))["pdq"]
        assert hamming(code_matrix([ours.digest], 32), code_matrix([again.digest], 32)) <= SAME, name
        assert abs((ours.quality or 0) - (again.quality or 0)) <= 5, name


def test_the_same_lists_but_for_hashes(made: Path) -> None:
    def skeleton(path: Path) -> str:
        return re.sub(r"[0-9a-f]{16,}", lambda digest: f"<{len(digest.group())}>", path.read_text(encoding="utf-8"))

    for name in names(DATA / "sample_hashes"):
        assert skeleton(made / "sample_hashes" / name) == skeleton(DATA / "sample_hashes" / name)


def test_made_anew_they_match_alike(made: Path) -> None:
    expected = json.loads((DATA / "expected_matches.json").read_text(encoding="utf-8"))
    matcher = hashmatch.Matcher.from_lists([made / "sample_hashes"])
    for name, wanted in expected.items():
        report = matcher.match(made / "sample_media" / name)
        found = {(match.record.list, match.algorithm, match.orientation) for match in report.matches}
        assert found == {
            (match["list"], match["algorithm"], match["orientation"]) for match in wanted.get("matches", [])
        }


def test_samples_are_small_and_textured() -> None:
    files = list((DATA / "sample_media").iterdir())
    assert sum(path.stat().st_size for path in files) < 1_500_000
    qualities = [
        hashmatch.hash_file(path, algorithms=("pdq",))["pdq"].quality
        for path in files
        if path.name not in ("broken.jpg", "manual.txt", "plain_grey.png")
    ]
    assert np.min(qualities) >= 80
