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
from hashmatch.algorithms import ALGORITHMS
from hashmatch.checking import sizes
from hashmatch.formats import FORMATS, recognise
from hashmatch.formats.base import ReadOptions
from hashmatch.formats.source import Source
from hashmatch.hashes import code_matrix, hamming

ROOT = Path(__file__).parent.parent
DATA = ROOT / "data"
DRAWN = {
    "allowed.txt",
    "own_removals.jsonl",
    "partner_north.csv",
    "partner_quay.vpdq.txt",
    "partner_south.txt",
    "tcap.json",
    "threatexchange.json",
}
"""Lists that hold hashes of drawn pictures; those of the others are made up."""
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


def is_binary(path: Path) -> bool:
    return path.name != "lists.json" and recognise(Source(path), ALGORITHMS).binary


def rows(path: Path) -> list[dict[str, object]]:
    """What a list in columns holds, whatever its bytes."""
    source = Source(path)
    chunks = list(recognise(source, ALGORITHMS).read(source, ReadOptions(algorithms=sizes())))
    assert not any(chunk.rejects for chunk in chunks)
    return [row for chunk in chunks for row in chunk.rows.to_pylist()]


def skeleton(path: Path) -> str:
    return re.sub(r"[0-9a-f]{16,}", lambda digest: f"<{len(digest.group())}>", path.read_text(encoding="utf-8"))


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


def test_the_same_lists_but_for_hashes_of_drawn_pictures(made: Path) -> None:
    for name in names(DATA / "sample_hashes"):
        ours, again = (folder / "sample_hashes" / name for folder in (DATA, made))
        if is_binary(ours):
            # The bytes are those of one version of pyarrow, the rows those of all.
            assert rows(again) == rows(ours), name
        elif name in DRAWN:
            assert skeleton(again) == skeleton(ours), name
        else:
            assert again.read_bytes() == ours.read_bytes(), name


def test_every_format_has_a_list_that_loads_whole() -> None:
    matcher = hashmatch.Matcher.from_lists([DATA / "sample_hashes"])
    assert matcher.left == ()
    assert {report.format for report in matcher.reports} == set(FORMATS)
    assert [report.rejects for report in matcher.reports if report.rejected] == []
    quarantined = {report.origin: report.quarantined for report in matcher.reports if report.quarantined}
    assert quarantined == {"partner_west.sha256": 1, "simple.HASH_PDQ.te": 1}


def test_lists_json_says_of_every_list_what_it_is_called_and_by_whom() -> None:
    settings = json.loads((DATA / "sample_hashes" / "lists.json").read_text(encoding="utf-8"))
    assert {*settings, "lists.json"} == set(names(DATA / "sample_hashes"))
    assert all({"name", "partner", "role", "share_level"} <= said.keys() for said in settings.values())


def test_the_page_beside_them_names_every_file_list_and_format() -> None:
    page = (DATA / "README.md").read_text(encoding="utf-8")
    for part in ("sample_media", "sample_hashes"):
        assert [name for name in names(DATA / part) if f"`{name}`" not in page] == []
    matcher = hashmatch.Matcher.from_lists([DATA / "sample_hashes"])
    for report in matcher.reports:
        assert f"| `{report.origin}` | {report.format} | `{', '.join(report.lists)}` |" in page


def test_made_anew_they_match_alike(made: Path) -> None:
    expected = json.loads((DATA / "expected_matches.json").read_text(encoding="utf-8"))
    matcher = hashmatch.Matcher.from_lists([made / "sample_hashes"])
    for name, wanted in expected.items():
        report = matcher.match(made / "sample_media" / name)
        found = {(match.record.list, match.algorithm, match.orientation) for match in report.matches}
        assert found == {
            (match["list"], match["algorithm"], match["orientation"]) for match in wanted.get("matches", [])
        }
        assert [video.record.list for video in report.videos] == [video["list"] for video in wanted.get("videos", [])]


def test_samples_are_small_and_textured() -> None:
    files = list((DATA / "sample_media").iterdir())
    assert sum(path.stat().st_size for path in files) < 1_500_000
    qualities = [
        hashmatch.hash_file(path, algorithms=("pdq",))["pdq"].quality
        for path in files
        if path.name not in ("broken.jpg", "manual.txt", "plain_grey.png")
    ]
    assert np.min(qualities) >= 80
