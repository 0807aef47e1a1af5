"""Every hostile file is one report, in bounded time and memory, and the next file goes on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from .fates import EITHER, HASHED, REFUSED
from .hostile_media import make

ROOT = Path(__file__).parent.parent
SECONDS = 300
"""For all of them, on a slow machine: without limits one alone takes longer."""
MEMORY = 3 << 30
"""Bytes of address space of every process."""

SCRIPT = f"""
import json, resource, sys
resource.setrlimit(resource.RLIMIT_AS, ({MEMORY}, {MEMORY}))
import hashmatch
limits = hashmatch.Limits(seconds=3, memory=1 << 30)
workers, folder = int(sys.argv[1]), sys.argv[2]
for report in hashmatch.hash_many(hashmatch.find_files([folder]), ("pdq",), workers=workers, fast=False, limits=limits):
    hashed = report.hashed
    error = report.error or hashed.failures.get("pdq") or hashed.damage
    print(json.dumps([report.file, sorted(hashed or ()), error]))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    path = tmp_path_factory.mktemp("hostile")
    return path, make(path)


@pytest.mark.parametrize("workers", [1, 2])
def test_each_is_a_report_and_the_next_goes_on(workers: int, folder: tuple[Path, dict[str, str]]) -> None:
    path, fates = folder
    command = [sys.executable, "-c", SCRIPT, str(workers), str(path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    told = {os.path.relpath(file, path): (hashes, error) for file, hashes, error in reports}
    assert len(told) == len(reports)
    for name, fate in fates.items():
        hashes, error = told.pop(name)
        assert (hashes == ["pdq"]) or error, name
        assert error is None or (error.isprintable() and len(error) < 600), name
        assert fate == EITHER or (error is None) == (fate == HASHED), (name, error)
        assert fate != REFUSED or not hashes, name
    # What is left stands in the archive, of which each file is longer than it may be or unpacks to too much.
    assert {name.partition("/")[0] for name in told} == {"bomb.zip"}
    assert all(error and not hashes for hashes, error in told.values())


def test_limits_are_named(folder: tuple[Path, dict[str, str]]) -> None:
    path, _ = folder
    names = ["bomb-large.png", "bomb-long.gif", "slow-scans.jpg", "bomb-memory.png"]
    command = [
        sys.executable,
        "-c",
        SCRIPT.replace("[folder]", "sys.argv[2:]"),
        "1",
        *(str(path / name) for name in names),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=True, env=environment)
    large, long, slow, memory = (json.loads(line)[2] for line in done.stdout.splitlines())
    assert "60000 x 60000 pixels, more than the limit of 300000000" in large
    assert long.startswith("only its first ")
    assert "limit of 25000" in long or "limit of 3 s" in long
    assert slow == f"{path / 'slow-scans.jpg'}: it took longer than the limit of 3 s"
    assert "memory" in memory
