"""The command line in processes that are forks of one that has imported it: as new as any, and soon at work.

``python -m tests.commands`` is the one that forks. How a process begins and what it does with its streams is shown of
real ones, in ``tests/cli/test_process.py``.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import click

import hashmatch
from hashmatch import indexes
from hashmatch.algorithms import ALGORITHMS
from hashmatch.cli.main import main
from hashmatch.formats import FORMATS
from hashmatch.indexes import ANY_RADIUS, EQUAL_ONLY, INDEXES

ROOT = Path(__file__).parent.parent
SECONDS = 120
"""After which a command has hung, and is ended."""
_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True)
class Ended:
    """What a command has left."""

    status: int
    stdout: str
    stderr: str
    peak: int
    """The most memory that it held, in bytes."""


class Commands:
    """Runs commands in turn, in the folder of the project."""

    def __init__(self, server: subprocess.Popen[str]) -> None:
        self._server = server

    def run(self, *arguments: object) -> Ended:
        with tempfile.TemporaryDirectory() as folder:
            out, err = Path(folder, "out"), Path(folder, "err")
            print(json.dumps([str(out), str(err), *map(str, arguments)]), file=self._server.stdin, flush=True)
            assert self._server.stdout is not None
            status, peak = map(int, self._server.stdout.readline().split())
            return Ended(status, out.read_text("utf-8"), err.read_text("utf-8"), peak)


@contextmanager
def commands() -> Iterator[Commands]:
    """Commands as long as the block lasts."""
    process = [sys.executable, "-m", "tests.commands"]
    with subprocess.Popen(process, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        yield Commands(server)
        assert server.stdin is not None
        server.stdin.close()
        assert server.wait(60) == 0


def serve() -> None:
    """Run the command of each line of standard input, and say how it ended."""
    command = imported()
    for line in sys.stdin:
        out, err, *arguments = json.loads(line)
        if (child := os.fork()) == 0:
            for number, path in enumerate((os.devnull, out, err)):
                os.dup2(os.open(path, os.O_RDWR | os.O_CREAT), number)
            finish(command, arguments)
        _, status, usage = os.wait4(child, 0)
        print(os.waitstatus_to_exitcode(status), usage.ru_maxrss * _UNIT, flush=True)


def finish(command: click.Group, arguments: list[str]) -> NoReturn:
    """Run a command and end as the interpreter would, but without taking down what the fork came with."""
    code: object = 1
    signal.alarm(SECONDS)
    try:
        command(arguments, prog_name="hashmatch")
    except SystemExit as ended:
        code = ended.code
    except BaseException:
        sys.excepthook(*sys.exc_info())
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 1)


def imported() -> click.Group:
    """The command line, with all that commands import of ours and that few of them do without."""
    for name in ("numpy.ma", "pyarrow.acero", "pyarrow.dataset", "rich.console", "rich.table"):
        importlib.import_module(name)
    assert all(hasattr(hashmatch, name) for name in hashmatch.__all__)
    for each in (ALGORITHMS.values(), FORMATS.values(), [INDEXES[ANY_RADIUS], INDEXES[EQUAL_ONLY]]):
        assert list(each)
    for algorithm in ALGORITHMS.values():
        indexes.auto(1, algorithm.bits, algorithm.radius)
    context = click.Context(main)
    assert all(main.get_command(context, name) for name in main.list_commands(context))
    return main


if __name__ == "__main__":
    serve()
