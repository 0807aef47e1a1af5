"""Every sample list in one bank, by the command line alone: what it holds, what lists share, and what goes out again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import hashmatch
from hashmatch.formats import FORMATS

from ..commands import commands
from ..readme import ROOT
from .test_sample_run import EXPECTED, by_claim, told

HASHES = ROOT / "data" / "sample_hashes"
LISTS: dict[str, dict] = json.loads((HASHES / "lists.json").read_text(encoding="utf-8"))

# Written down by hand: claims and hashes that stand, claims that are withdrawn, hashes in quarantine.
HELD = {
    "allowed": (1, 1, 0, 0),
    "dataset-sample": (3, 3, 0, 0),
    "east": (2, 3, 0, 0),
    "exchange-sample": (3, 3, 1, 0),
    "harbour": (2, 3, 0, 0),
    "island": (2, 3, 0, 0),
    "misp-sample": (1, 2, 1, 0),
    "ncmec-sample": (2, 4, 1, 0),
    "north": (3, 4, 0, 0),
    "nsrl-sample": (2, 4, 0, 0),
    "own-removals": (2, 4, 0, 0),
    "quay": (1, 24, 0, 0),
    "south": (3, 3, 0, 0),
    "stix-sample": (2, 4, 1, 0),
    "stopncii-sample": (2, 2, 1, 0),
    "tag-query-sample": (3, 3, 0, 1),
    "tcap-sample": (7, 7, 1, 0),
    "tcap-v1-sample": (3, 3, 0, 0),
    "vics-sample": (2, 4, 0, 0),
    "west": (4, 4, 0, 1),
}

# Likewise: hashes that two lists share, exactly and within radius. Other pairs share none.
SHARED = {
    ("allowed", "tcap-sample"): (0, 1),
    ("dataset-sample", "exchange-sample"): (2, 2),
    ("dataset-sample", "tag-query-sample"): (2, 2),
    ("exchange-sample", "south"): (1, 1),
    ("exchange-sample", "tag-query-sample"): (1, 1),
    ("harbour", "island"): (0, 1),
    ("ncmec-sample", "vics-sample"): (3, 3),
    ("north", "west"): (1, 1),
}

WRITTEN = [name for name in FORMATS if "write" in vars(type(FORMATS[name]))]
ONE_CLAIM = {"vpdq": "quay"}
"""Formats whose files are one claim, each with a list that is one."""
WITH_SETTINGS = {"jsonl", "parquet", "arrow"}


Run = Callable[..., list[dict]]


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """The objects that a command prints under ``--json``, in a process of its own."""
    with commands() as every:

        def objects(*arguments: object, status: int = 0) -> list[dict]:
            ended = every.run(*arguments, "--json")
            assert ended.status == status, ended.stderr
            return [json.loads(line) for line in ended.stdout.splitlines()]

        yield objects


def options(said: dict) -> list[str]:
    """What ``lists.json`` says of a list, as options of ``import``."""
    pairs = [f"{field}={column}" for field, column in said.get("map", {}).items()]
    named = {key: value for key, value in said.items() if key != "map"}
    return [
        *(text for key, value in named.items() for text in (f"--{key.replace('_', '-')}", value)),
        *(text for pair in pairs for text in ("--map", pair)),
    ]


@pytest.fixture(scope="module")
def bank(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("journey") / "bank"
    for number, (file, said) in enumerate(LISTS.items(), start=1):
        later = () if number == len(LISTS) else ("--no-publish",)
        (report,) = run("import", HASHES / file, "--bank", folder, *options(said), *later)
        assert (report["lists"], report["rejected"], report["batch"]) == ([said["name"]], 0, number), file
    return folder


def test_every_list_stands_as_it_was_written(run: Run, bank: Path) -> None:
    lines = {line["name"]: line for line in run("lists", "--bank", bank)}
    counts = ("claims", "hashes", "withdrawn", "quarantined")
    assert {name: tuple(line[count] for count in counts) for name, line in lines.items()} == HELD
    for said in LISTS.values():
        line = lines[said["name"]]
        assert [line[key] for key in ("partner", "role", "share_level")] == [
            said[key] for key in ("partner", "role", "share_level")
        ]


def test_the_bank_answers_as_the_files_do(run: Run, bank: Path) -> None:
    lines = run("match", ROOT / "data" / "sample_media", "--bank", bank, status=3)
    assert {Path(line["file"]).name: by_claim(told(line)) for line in lines} == {
        name: by_claim(expected) for name, expected in EXPECTED.items()
    }


def test_what_lists_have_in_common(run: Run, bank: Path) -> None:
    lines = run("overlap", "--bank", bank)
    assert len(lines) == len(HELD) * (len(HELD) - 1)
    found = {(line["list"], line["other"]): (line["exact"], line["near"]) for line in lines if line["near"]}
    assert found == SHARED | {(other, name): counts for (name, other), counts in SHARED.items()}


def test_what_is_not_fit_to_match_waits_and_can_be_released(run: Run, bank: Path) -> None:
    held = run("quarantine", "--bank", bank)
    assert [(line["list"], line["digest"][:8], line["reason"]) for line in held] == [
        ("tag-query-sample", "00000000", "all bits are zero"),
        ("west", "e3b0c442", "digest of an empty file"),
    ]
    named = ("--name", "west", "--bank", bank)
    hash_of_nothing = f"sha256:{held[1]['digest']}"
    run("quarantine", "--release", hash_of_nothing, *named)
    (released,) = run("match", "--hashes", hash_of_nothing, "--bank", bank)
    assert [match["list"] for match in released["matches"]] == ["west"]
    run("quarantine", "--release", hash_of_nothing, "--undo", *named)
    (again,) = run("match", "--hashes", hash_of_nothing, "--bank", bank)
    assert again["matches"] == []


@pytest.mark.parametrize("name", WRITTEN)
def test_what_is_exported_imports_again(run: Run, bank: Path, tmp_path: Path, name: str) -> None:
    form = FORMATS[name]
    path, copy = tmp_path / f"export{form.suffix}", tmp_path / "copy"
    # A format without a place for the list's name is for blocking: allow lists do not leave in it.
    lossy = "list" in form.losses
    blocking = [said["name"] for said in LISTS.values() if said["role"] == "block" and name not in ONE_CLAIM]
    blocking += [ONE_CLAIM[name]] if name in ONE_CLAIM else []
    chosen = [text for said in blocking if lossy for text in ("--name", said)]
    (wrote,) = run("export", "--bank", bank, "--format", name, "--allow-restricted", "-o", path, *chosen)
    assert set(wrote["losses"]) <= form.losses
    assert set(wrote["lists"]) == set(blocking if lossy else HELD)
    (report,) = run("import", path, "--bank", copy, *(("--name", "copy") if lossy else ()))
    assert (report["format"], report["rejected"]) == (name, 0)
    if lossy:
        # Frames of videos stay at home where they would be taken for pictures.
        frames = "frame" not in form.losses
        assert matching(run, copy, ["copy"], frames) == matching(run, bank, blocking, frames)
        return
    ours, theirs = exported(bank), exported(copy)
    if name not in WITH_SETTINGS:
        ours, theirs = ([line for line in lines if b'"hashmatch"' not in line] for lines in (ours, theirs))
    assert theirs == ours


def exported(folder: Path, names: list[str] | None = None) -> list[bytes]:
    """A bank's lists in the format that loses nothing."""
    path = folder.parent / f"{folder.name}.jsonl"
    with hashmatch.HashBank.open(folder, create=False) as bank:
        bank.export_list(path, names, "jsonl", allow_restricted=True)
    return path.read_bytes().splitlines()


def matching(run: Run, folder: Path, names: list[str], frames: bool) -> set[tuple[str, str]]:
    """The hashes of some lists, but for those that are said to be harmless, and those that are not fit to match.

    Those of frames are among them or not.
    """
    records = [json.loads(line) for line in exported(folder, names)]
    held = {(line["algorithm"], line["digest"]) for line in run("quarantine", "--bank", folder)}
    hashes = [record for record in records if "digest" in record and record.get("quality", 100) >= 50]
    wanted = [own for own in hashes if own.get("opinion") != "negative" and (frames or "frame" not in own)]
    return {(record["algorithm"], record["digest"]) for record in wanted} - held
