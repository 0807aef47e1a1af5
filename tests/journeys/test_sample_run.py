"""The README's first command, on the sample data, against what was written down by hand."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

from ..readme import ROOT, blocks, commands

EXPECTED = json.loads((ROOT / "data" / "expected_matches.json").read_text(encoding="utf-8"))


def run_readme_command(*more: str) -> subprocess.CompletedProcess[str]:
    program, *arguments = shlex.split(commands()[0].partition("&& ")[2])
    assert program == "hashmatch"
    return subprocess.run(
        [sys.executable, "-m", "hashmatch", *arguments, *more],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "200"},
        check=False,
    )


def told(line: dict) -> dict:
    """A line of the answer, with what the expectations speak of."""
    keys = ("list", "source_id", "algorithm", "distance", "orientation", "labels")
    answer: dict = {
        "matches": [{key: match[key] for key in keys} for match in line["matches"]],
        "suppressed": [
            {
                "list": hidden["list"],
                "source_id": hidden["source_id"],
                "distance": hidden["distance"],
                "allowed_by": hidden["allowed_by"]["list"],
                "allowed_at": hidden["allowed_by"]["distance"],
            }
            for hidden in line["suppressed"]
        ],
        "videos": [
            {
                **{key: video[key] for key in ("list", "source_id", "by")},
                "segments": [segment_told(segment) for segment in video["segments"]],
            }
            for video in line["videos"]
        ],
        "low_quality": line["low_quality"],
        "error": line["error"] is not None,
    }
    return {key: value for key, value in answer.items() if value}


def segment_told(segment: dict) -> dict:
    """From when to when, to the second that the text shows."""
    spans = {side: [int(segment[f"{side}_{end}"] + 0.5) for end in ("start", "end")] for side in ("upload", "known")}
    return {**spans, "speed": segment["speed"], "orientation": segment["orientation"]}


def by_claim(expected: dict) -> dict:
    """The same with matches in an order of their own: which of several at one distance comes first is not asked."""
    keys = ("distance", "algorithm", "list")
    matches = sorted(expected.get("matches", []), key=lambda match: tuple(match[key] for key in keys))
    return {**expected, **({"matches": matches} if matches else {})}


def test_every_sample_file_gives_what_was_written_down() -> None:
    run = run_readme_command("--json")
    lines = {Path(line["file"]).name: line for line in map(json.loads, run.stdout.splitlines())}
    assert run.returncode == 3
    assert {name: by_claim(told(line)) for name, line in lines.items()} == {
        name: by_claim(expected) for name, expected in EXPECTED.items()
    }


def test_the_table_names_distance_list_labels_and_orientation() -> None:
    table = run_readme_command().stdout.splitlines()
    for name, expected in EXPECTED.items():
        rows = [row for row in table if row.startswith(f"data/sample_media/{name} ")]
        assert len(rows) == len(expected.get("matches", []))
        for match, row in zip(by_claim(expected).get("matches", []), sorted(rows, key=row_order), strict=True):
            cells = row.split()
            assert cells[1:4] == [str(match["distance"]), match["algorithm"], match["list"]]
            assert match["orientation"] in cells
            assert all(label in row for label in match["labels"])


def row_order(row: str) -> tuple[int, str, str]:
    _, distance, algorithm, list_, *_ = row.split()
    return int(distance), algorithm, list_


def test_the_readme_shows_lines_of_the_real_output() -> None:
    run = run_readme_command()
    real = [" ".join(line.split()) for line in (run.stderr + run.stdout).splitlines()]
    shown = [" ".join(line.split()) for line in blocks("")[0].splitlines() if line.strip() not in ("", "…")]
    assert len(shown) > 8
    # The last line ends with the snapshot's version, which knows the versions of what built it.
    counts = shown.pop()
    assert real[-1].startswith(counts.partition("snapshot")[0])
    assert [line for line in shown if line not in real] == []
