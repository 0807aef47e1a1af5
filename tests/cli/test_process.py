"""How the command line ends, and what it does with bytes: in real processes."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import resource
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from hashmatch.cli.main import CommandGroup, main

from .conftest import MEDIA, ROOT, objects, process, run


def test_exit_codes(sample_bank: Path, tmp_path: Path) -> None:
    bank = ["--bank", sample_bank]
    codes = {
        "done": process(["match", MEDIA / "meadow.jpg", *bank]).returncode,
        "failed": process(["match", MEDIA / "meadow.jpg", "--bank", tmp_path / "none"]).returncode,
        "usage": process(["match", *bank]).returncode,
        "unknown command": process(["mach"]).returncode,
        "partly": process(["match", MEDIA / "broken.jpg", *bank]).returncode,
        "matched": process(["match", MEDIA, *bank, "--fail-on-match"]).returncode,
    }
    assert codes == {"done": 0, "failed": 1, "usage": 2, "unknown command": 2, "partly": 3, "matched": 10}


def test_json_is_all_that_stands_on_standard_output(sample_bank: Path) -> None:
    result = process(["match", MEDIA, "--bank", sample_bank, "--json"])
    assert len(objects(result)) == len(list(MEDIA.iterdir()))
    assert result.stderr == b""


def test_no_bar_where_nobody_watches(sample_bank: Path) -> None:
    result = process(["match", MEDIA / "meadow.jpg", "--bank", sample_bank])
    assert result.stderr == b""
    assert b"\x1b" not in result.stdout


def test_names_that_are_no_utf8(sample_bank: Path, tmp_path: Path) -> None:
    name = b"odd-\xff\x1b[2J-\n.jpg"
    (tmp_path / os.fsdecode(name)).write_bytes((MEDIA / "coast.jpg").read_bytes())
    result = process(["match", tmp_path, "--bank", sample_bank, "--json"])
    assert result.returncode == 0
    (line,) = objects(result)
    assert line["file"] == f"{tmp_path}/odd-\\xff\x1b[2J-\n.jpg"
    assert len(line["matches"]) == 4
    text = process(["match", tmp_path, "--bank", sample_bank])
    assert rb"odd-\xff\x1b[2J-\n.jpg" in text.stdout
    assert b"\x1b" not in text.stdout


def test_bytes_of_paths_come_through_standard_input(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"\xe9t\xe9.jpg")
    path.write_bytes((MEDIA / "coast.jpg").read_bytes())
    (line,) = objects(process(["hash", "-", "--json"], stdin=os.fsencode(path), LC_ALL="C"))
    assert line["error"] is None
    assert line["file"].endswith(r"\xe9t\xe9.jpg")


def test_one_line_is_answered_before_the_next_is_asked(sample_bank: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "hashmatch", "match", "-", "--bank", sample_bank, "--json"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        for name in ("coast.jpg", "meadow.jpg"):
            running.stdin.write(os.fsencode(MEDIA / name) + b"\n")
            running.stdin.flush()
            assert json.loads(running.stdout.readline())["file"].endswith(name)
        running.stdin.close()
        assert running.wait(30) == 0


@pytest.mark.parametrize("more", [["--json"], []])
def test_a_reader_that_goes_away_is_met_quietly(more: list[str]) -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", "hashmatch", "hash", *[str(MEDIA / "coast.jpg")] * 200, *more],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert running.stdout is not None
    assert running.stderr is not None
    running.stdout.readline()
    running.stdout.close()
    stderr = running.stderr.read()
    running.stderr.close()
    assert running.wait(60) == 141
    assert stderr == b""


def test_interrupt_says_one_word(sample_bank: Path) -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", "hashmatch", "match", "-", "--bank", sample_bank, "--json"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # What a shell runs in its background is deaf to it, and so is all that it starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert running.stdin is not None
    assert running.stdout is not None
    running.stdin.write(os.fsencode(MEDIA / "coast.jpg") + b"\n")
    running.stdin.flush()
    running.stdout.readline()
    running.send_signal(signal.SIGINT)
    _, stderr = running.communicate(timeout=60)
    assert running.returncode == 130
    assert stderr.strip() == b"Interrupted."


@pytest.mark.parametrize("command", [("hash",), ("match", "--against", "data/sample_hashes")])
def test_who_writes_paths_may_wait_for_each_answer(command: tuple[str, ...]) -> None:
    paths = [MEDIA / "coast.jpg", MEDIA / "broken.jpg", MEDIA / "coast.jpg"]
    running = subprocess.Popen(
        [sys.executable, "-m", "hashmatch", *command, "-", "--json"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert running.stdin is not None
    assert running.stdout is not None
    for path in paths:
        # In two pieces, as a pipe may give them.
        running.stdin.write(os.fsencode(path)[:5])
        running.stdin.flush()
        running.stdin.write(os.fsencode(path)[5:] + b"\n")
        running.stdin.flush()
        assert json.loads(running.stdout.readline())["file"] == str(path)
    running.stdin.write(os.fsencode(paths[0]))
    rest, _ = running.communicate(timeout=60)
    assert json.loads(rest)["file"] == str(paths[0])
    assert running.returncode == 3


@pytest.mark.parametrize(("closed", "code"), [("<&-", 0), (">&-", 0), ("2>&-", 0), ("<&- >&- 2>&-", 0)])
def test_a_stream_that_is_closed_is_empty(closed: str, code: int) -> None:
    file = "-" if closed == "<&-" else MEDIA / "coast.jpg"
    command = f"{sys.executable} -m hashmatch hash {file} {closed}"
    done = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (code, "")
    assert ("sha256" in done.stdout) == (closed == "2>&-")


def on_a_terminal(arguments: list[object]) -> tuple[bytes, bytes]:
    """What goes to standard output, a pipe, and to standard error, a terminal."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "hashmatch", *map(str, arguments)]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    run = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=theirs, env=environment, check=False)
    os.close(theirs)
    seen = b""
    # Linux answers the read after the last with an error.
    with contextlib.suppress(OSError):
        while piece := os.read(ours, 65536):
            seen += piece
    os.close(ours)
    return run.stdout, seen


def test_a_bar_where_somebody_watches(sample_bank: Path, tmp_path: Path) -> None:
    out, seen = on_a_terminal(["match", MEDIA, "--bank", sample_bank, "--json"])
    count = len(list(MEDIA.iterdir()))
    assert len([json.loads(line) for line in out.splitlines()]) == count
    assert f"{count}/{count}".encode() in seen
    out, seen = on_a_terminal(
        ["import", ROOT / "data/sample_hashes/tcap.json", "--bank", tmp_path / "b", "--name", "t"]
    )
    assert b"tcap.json (tcap): t changed" in out
    assert b"rows" in seen


def test_what_is_skipped_is_no_work(tmp_path: Path) -> None:
    for number in range(7):
        (tmp_path / f"{number}.txt").write_text(str(number))
    lines = process(["hash", "-r", tmp_path, "--json", "--algorithm", "md5"]).stdout.splitlines(keepends=True)
    done = tmp_path.parent / "done.jsonl"
    done.write_bytes(b"".join(lines[1:5]))
    again = ["hash", "-r", tmp_path, "--json", "--algorithm", "md5", "--skip-hashed", done]
    out, seen = on_a_terminal(again)
    assert out == b"".join([lines[0], *lines[5:]])
    assert b"3/3" in seen
    assert not re.search(rb"/[4-7?]", seen)
    done.write_bytes(b"".join(lines))
    assert on_a_terminal(again)[0] == b""


@pytest.mark.parametrize(
    ("streams", "sentence"),
    [
        ("> /dev/full", "Error: No space left on device\n"),
        ("1< /dev/null", "Error: Bad file descriptor\n"),
        ("- 0> /dev/null", "Error: Bad file descriptor\n"),
    ],
)
@pytest.mark.parametrize("more", ["", "--json", "-r"])
def test_a_stream_that_fails_is_one_sentence(streams: str, sentence: str, more: str) -> None:
    command = f"{sys.executable} -m hashmatch hash {more} {MEDIA / 'coast.jpg'} {streams}"
    done = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, sentence)


@click.command("explode")
def explode() -> int:
    raise RuntimeError("boom\x1b[2J")


@pytest.fixture
def exploding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CommandGroup, "get_command", lambda *_: explode)


@pytest.mark.usefixtures("exploding")
def test_an_unforeseen_error_is_one_sentence() -> None:
    result = run("explode")
    assert result.exit_code == 1
    assert result.stderr == ("Error: unforeseen RuntimeError: boom\\x1b[2J (HASHMATCH_TRACEBACK=1 shows the rest)\n")


@pytest.mark.usefixtures("exploding")
def test_the_traceback_is_shown_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HASHMATCH_TRACEBACK", "1")
    result = CliRunner().invoke(main, ["explode"])
    assert result.exit_code == 1
    assert "Traceback" in result.stderr
    assert 'raise RuntimeError("boom' in result.stderr


def test_output_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as full:
        hashing = subprocess.run(
            [sys.executable, "-B", "-m", "hashmatch", "hash", MEDIA / "coast.jpg"],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)),
            check=False,
        )
    assert hashing.returncode == 1
    assert hashing.stderr == b"Error: File too large\n"


def test_version() -> None:
    result = run("--version")
    assert result.exit_code == 0
    assert result.stdout.startswith("hashmatch ")


@pytest.mark.parametrize("name", main.list_commands(click.Context(main)))
def test_every_command_explains_itself(name: str) -> None:
    result = run(name, "--help")
    assert result.exit_code == 0
    assert f"Usage: main {name}" in result.stdout or f"Usage: hashmatch {name}" in result.stdout
    command = main.get_command(click.Context(main), name)
    assert command is not None
    assert command.help
    assert all(option.help for option in command.params if isinstance(option, click.Option))


def test_choices_in_help_come_from_the_registries() -> None:
    from hashmatch.algorithms import ALGORITHMS
    from hashmatch.formats import FORMATS

    out = run("import", "--help").stdout
    assert all(name in out for name in (*ALGORITHMS, *FORMATS, "allow", "amber+strict"))
    assert "[auto|faiss_flat|multi_index]" in run("match", "--help").stdout
