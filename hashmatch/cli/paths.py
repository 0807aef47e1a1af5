"""Which files are meant: arguments, folders, and paths on standard input."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..finding import Found

    Left = Callable[[Iterable[Found | None]], Iterable[Found | None]]

STDIN = "-"
"""The argument that stands for the lines of standard input; a file of that name is ``./-``."""


_CHUNK = 1 << 16
_PATIENCE = 0.02
"""Seconds that standard input is waited for before there is said to be nothing yet."""


def counted(arguments: Iterable[str], *, recursive: bool, left: Left = iter) -> int | None:
    """How many files the arguments mean; None where that is not known before they are read.

    Args:
        arguments: As for ``media_paths``.
        recursive: Likewise.
        left: Gives those of the files that count.
    """
    from ..archives import is_archive
    from ..finding import find_files

    if STDIN in arguments:
        return None
    count = 0
    for path in left(find_files(arguments, recursive=recursive, archives=False)):
        if recursive and isinstance(path, str) and is_archive(path):
            return None
        count += 1
    return count


def media_paths(arguments: Iterable[str], *, recursive: bool) -> Iterator[Found | None]:
    """Each file that the arguments mean, as ``find_files`` finds it; None where standard input has nothing yet.

    Args:
        arguments: Paths, and ``-`` for paths on standard input, one a line.
        recursive: Whether folders and archives are entered.
    """
    from ..finding import find_files

    for argument in arguments:
        for path in lines_so_far() if argument == STDIN else (argument,):
            if path is None:
                yield None
            else:
                yield from find_files((path,), recursive=recursive, patterns=argument != STDIN)


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
    # Pieces of a line that has no end yet: joined once, since it may be as long as somebody likes.
    rest: list[bytes] = []
    while True:
        if not select.select([descriptor], [], [], _PATIENCE)[0]:
            yield None
            continue
        content = os.read(descriptor, _CHUNK)
        first, *others = content.split(b"\n") if content else (b"", b"")
        rest.append(first)
        for other in others:
            if line := b"".join(rest):
                yield os.fsdecode(line)
            rest = [other]
        if not content:
            return
