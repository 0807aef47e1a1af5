"""A bank of the sample lists, and ways to run the command line."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hashmatch.cli.main import main

ROOT = Path(__file__).parent.parent.parent
MEDIA = ROOT / "data" / "sample_media"
HASHES = ROOT / "data" / "sample_hashes"

NORTH_COLUMNS = ("--map", "source_id=case", "--map", "digest=hash_hex")


def run(*arguments: object, stdin: str | bytes | None = None) -> Result:
    """The command line within this process: for what it says."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input=stdin)


def objects(result: Result | subprocess.CompletedProcess[bytes]) -> list[dict[str, object]]:
    """The lines of ``--json``; fails if anything else stands between them."""
    return [json.loads(line) for line in result.stdout.splitlines()]


def process(arguments: Sequence[object], stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    """The command line in a process of its own: for how it ends, and what it does with bytes."""
    return subprocess.run(
        [sys.executable, "-m", "hashmatch", *(os.fsencode(str(argument)) for argument in arguments)],
        cwd=ROOT,
        input=stdin,
        capture_output=True,
        env={**os.environ, **environment},
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="session")
def sample_bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bank of three block lists and an allow list, published."""
    folder = tmp_path_factory.mktemp("samples") / "bank"
    imports: list[list[object]] = [
        [HASHES / "tcap.json", "--name", "tcap", "--partner", "Sample"],
        [HASHES / "partner_north.csv", "--name", "north", "--replace", "--share-level", "green", *NORTH_COLUMNS],
        [HASHES / "partner_south.txt", "--name", "south", "--update", "--share-level", "clear"],
        [HASHES / "allowed.txt", "--name", "allowed", "--role", "allow", "--algorithm", "pdq", "--update"],
    ]
    for arguments in imports:
        result = run("import", *arguments, "--bank", folder)
        assert result.exit_code == 0, result.output
    return folder


@pytest.fixture
def bank(sample_bank: Path, tmp_path: Path) -> Path:
    """A copy of the sample bank that a test may change."""
    return Path(shutil.copytree(sample_bank, tmp_path / "bank"))
