"""Which files are meant: arguments, folders, and paths on standard input."""

from __future__ import annotations

import os
import select
import stat
import sys
from collections.abc import Iterable, Iterator

STDIN = "-"
"""The argument that stands for the lines of standard input; a file of that name is ``./-``."""


_CHUNK = 1 << 16
_PATIENCE = 0.02
"""Seconds that standard input is waited for before there is said to be nothing yet."""


def media_paths(arguments: Iterable[str], *, recursive: bool) -> Iterator[str | None]:
    """Each file that the arguments mean, one after the other; None where standard input has nothing yet.

    A folder stands for all files below it, sorted by name, hidden ones too; each folder is entered once,
    however many links lead there. A folder that is not to be entered, or cannot be, is given as it is, so
    that it shows up among the failures.

    Args:
        arguments: Paths, and ``-`` for paths on standard input, one a line.
        recursive: Whether folders are entered.
    """
    for argument in arguments:
        for path in lines_so_far() if argument == STDIN else (argument,):
            yield from _below(path, set()) if recursive and path is not None else (path,)


def stdin_lines() -> Iterator[str]:
    """The lines of standard input that are not empty, without their ends; bytes that are no UTF-8 survive."""
    for line in sys.stdin.buffer:
        text = os.fsdecode(line.removesuffix(b"\n"))
        if text:
            yield text


def lines_so_far() -> Iterator[str | None]:
    """The same, with None whenever there is nothing yet: who writes them may wait for an answer first."""
    try:
        descriptor = sys.stdin.buffer.fileno()
    except OSError:
        yield from stdin_lines()
        return
    rest = b""
    while True:
        if not select.select([descriptor], [], [], _PATIENCE)[0]:
            yield None
            continue
        content = os.read(descriptor, _CHUNK)
        *lines, rest = (rest + content).split(b"\n")
        for line in lines if content else [rest]:
            if line:
                yield os.fsdecode(line)
        if not content:
            return


def _below(path: str, entered: set[tuple[int, int]]) -> Iterator[str]:
    try:
        status = os.stat(path)  # noqa: PTH116 - the path's own bytes are to come through unchanged
        if not stat.S_ISDIR(status.st_mode):
            yield path
            return
        if (status.st_dev, status.st_ino) in entered:
            return
        entered.add((status.st_dev, status.st_ino))
        names = sorted(os.listdir(path))  # noqa: PTH208 - as above
    except (OSError, ValueError):
        # Missing, or not to be read: whoever hashes it says why.
        yield path
        return
    for name in names:
        yield from _below(os.path.join(path, name), entered)  # noqa: PTH118 - as above
