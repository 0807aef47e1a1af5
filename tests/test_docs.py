"""The documentation cannot lie: its code runs, its commands exist, its links lead somewhere."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from hashmatch.cli import exits
from hashmatch.cli.lines import match_line
from hashmatch.cli.main import main
from hashmatch.hashes import FrameHash, MediaHash
from hashmatch.records import HashRecord
from hashmatch.results import HashedMedia, Match, MatchReport

from .readme import BLOCKS, README, ROOT, blocks, commands

PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "data" / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
COMMANDS = main.list_commands(click.Context(main))


def run_python(code: str, folder: Path) -> str:
    """What a block prints, run in a folder with the sample data, by itself as a reader would run it."""
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data").symlink_to(ROOT / "data")
    return tmp_path


def test_the_first_python_example_prints_what_it_says(folder: Path) -> None:
    position = next(number for number, (language, _) in enumerate(BLOCKS) if language == "python")
    (_, code), (language, printed) = BLOCKS[position : position + 2]
    assert language == ""
    assert run_python(code, folder) == printed


@pytest.mark.parametrize("code", blocks("python")[1:])
def test_other_python_examples_run(folder: Path, code: str) -> None:
    assert run_python(code, folder) != ""


def test_the_two_commands_are_on_the_first_screen_and_in_ci() -> None:
    assert commands() == [
        "pip install . && hashmatch match data/sample_media --against data/sample_hashes",
        'pip install ".[test]" && pytest',
    ]
    assert README.index(commands()[1]) < 1500
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    for command in commands():
        assert any(line.startswith(command) for line in ci)


def test_ci_runs_every_check() -> None:
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    for check in ("ruff check", "ruff format --check", "mypy --strict", "lint-imports"):
        assert any(line.startswith(check) for line in ci), check
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_readme(name: str) -> None:
    assert f"`hashmatch {name} " in README


def test_every_command_in_the_readme_exists() -> None:
    assert set(re.findall(r"^\| `hashmatch ([a-z]+)", README, re.MULTILINE)) == set(COMMANDS)


def test_every_option_in_the_readme_exists() -> None:
    options = {
        name
        for command in COMMANDS
        for parameter in main.get_command(click.Context(main), command).params
        for name in parameter.opts
    }
    mentioned = set(re.findall(r"`(--[a-z-]+)", README)) | set(re.findall(r"\s(--[a-z-]+)[ `]", README))
    assert mentioned - options - {"--help"} == set()


def test_every_exit_code_is_in_the_readme() -> None:
    codes = [value for name, value in vars(exits).items() if name.isupper()]
    said = README.partition("**Exit codes.**")[2].partition("\n\n")[0]
    assert [code for code in codes if not re.search(rf"\b{code} [a-z]", said)] == []
    assert set(map(int, re.findall(r"(\d+) (?!wins|over)[a-z]", said))) - {3} <= set(codes)


def test_the_json_line_has_the_keys_that_the_readme_shows() -> None:
    shown = json.loads(blocks("json")[0])
    frame = FrameHash(b"\0" * 32, quality=100, orientations={"original": b"\0" * 32, "rotate90": b"\1" * 32})
    match = Match("pdq", 8, HashRecord("tcap", "70004", "pdq", b"\0" * 32), orientation="flip_y")
    report = MatchReport("upload.jpg", "s", HashedMedia({"pdq": MediaHash("pdq", (frame,))}), (match,))
    line = match_line(report)
    assert list(line) == list(shown)
    assert list(line["matches"][0]) == list(shown["matches"][0])
    assert line["hashes"]["pdq"].keys() == shown["hashes"]["pdq"].keys()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
    broken = [target for target in targets if "://" not in target and not (page.parent / target).exists()]
    assert broken == []


def test_the_layers_in_the_docs_are_those_that_are_checked() -> None:
    contract = (ROOT / ".importlinter").read_text(encoding="utf-8")
    layers = re.search(r"^layers =\n((?:    .+\n)+)", contract, re.MULTILINE)
    assert layers is not None
    drawn = [line.strip() for line in layers.group(1).splitlines()]
    architecture = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
    assert "\n".join(drawn) in architecture


def test_the_map_names_every_module() -> None:
    architecture = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
    modules = [path.stem for path in (ROOT / "hashmatch").glob("*.py") if not path.stem.startswith("_")]
    assert [module for module in modules if f"`{module}`" not in architecture] == []
