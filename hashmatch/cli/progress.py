"""A bar on standard error while something long goes on, if people are watching."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator

_SOON = 0.1
"""Seconds before which a rate would say nothing."""


@contextlib.contextmanager
def counting(noun: str, total: int | None = None, *, beside_lines: bool = False) -> Iterator[Callable[[int], None]]:
    """Show how many are done; the block is given a function to be told how many there are so far.

    Told 0, it takes what was done until then for none of the work, and the rate runs from there.

    Args:
        noun: What is counted, in the plural.
        total: How many there will be; None where nobody knows.
        beside_lines: Whether lines go to standard output meanwhile; then, on one terminal, there is no bar.
    """
    if not watched() or (beside_lines and sys.stdout.isatty()):
        yield _ignore
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    shown = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"))
    # How long it takes yet can be told only of what is counted.
    columns: tuple[ProgressColumn, ...] = (*shown, TimeElapsedColumn())
    if total is not None:
        columns = (*columns, TextColumn("left"), TimeRemainingColumn())
    console = Console(stderr=True)
    # Redirecting would send what belongs on standard output to the console of standard error.
    with Progress(*columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False) as bar:
        task = bar.add_task(noun, total=total, rate="")
        began = time.monotonic()

        def told(done: int) -> None:
            nonlocal began
            if done == 0:
                began = time.monotonic()
            bar.update(task, completed=done, rate=rate(done, time.monotonic() - began, noun))

        yield told


def rate(done: int, seconds: float, noun: str) -> str:
    """How many a second since the beginning, as people read it; nothing in the first moments."""
    if seconds < _SOON:
        return ""
    a_second = done / seconds
    number = f"{a_second:,.0f}".replace(",", " ") if a_second >= 10 else f"{a_second:.1f}"
    return f"{number} {noun}/s"


def watched() -> bool:
    """Whether there is anybody to see a bar."""
    return sys.stderr is not None and sys.stderr.isatty()


def _ignore(_: int) -> None:
    """Nobody is watching."""
