"""Which files are meant: arguments, folders, and paths on standard input."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Iterator

STDIN = "-"
"""The argument that stands for the lines of standard input; a file of that name is ``./-``."""


def media_paths(arguments: Iterable[str], *, recursive: bool) -> Iterator[str]:
    """Each file that the arguments mean, one after the other.

    A folder stands for all files below it, sorted by name, hidden ones too; each folder is entered once,
    however many links lead there. A folder that is not to be entered, or cannot be, is given as it is, so
    that it shows up among the failures.

    Args:
        arguments: Paths, and ``-`` for paths on standard input, one a line.
        recursive: Whether folders are entered.
    """
    for argument in arguments:
        for path in stdin_lines() if argument == STDIN else (argument,):
            yield from _below(path, set()) if recursive else (path,)


def stdin_lines() -> Iterator[str]:
    """The lines of standard input that are not empty, without their ends; bytes that are no UTF-8 survive."""
    for line in sys.stdin.buffer:
        text = os.fsdecode(line.removesuffix(b"\n"))
        if text:
            yield text


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
