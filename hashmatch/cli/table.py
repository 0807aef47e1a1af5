"""Tables on standard output, as wide as a terminal where there is one."""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Collection, Iterable, Sequence
from typing import Literal

import click

from .text import shown

UNBOUNDED = 100_000
"""Columns of a table that no terminal bounds: one row stays one line for the next program."""

LEAST_FOLDED = 12
"""Columns that remain of a column that gives way."""


def show_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    right: Collection[str] = (),
    folded: Collection[str] = (),
) -> None:
    """Print a table; nothing that stands in a cell can reach beyond it.

    No cell is cut. Where a terminal is too narrow even for a table whose columns have given way, its lines go on
    beyond the edge.

    Args:
        columns: Their titles.
        rows: One cell a column; None is shown as nothing.
        right: Titles of columns whose cells stand at the right.
        folded: Titles of columns that give way where the terminal is too narrow for all; by default all that do not
            stand at the right.
    """
    from rich import box
    from rich.cells import cell_len
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    lines = [["" if cell is None else shown(str(cell)) for cell in row] for row in rows]
    giving_way = set(folded) or set(columns) - set(right)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    least = 0
    for title, *cells in zip(columns, *lines, strict=True):
        justify: Literal["left", "right"] = "right" if title in right else "left"
        longest = max(map(cell_len, (title, *cells)))
        width = min(longest, LEAST_FOLDED) if title in giving_way else longest
        table.add_column(title, justify=justify, overflow="fold", no_wrap=title not in giving_way, min_width=width)
        least += width + 2  # a blank of padding, and the box's between columns
    for line in lines:
        table.add_row(*map(Text, line))
    terminal = sys.stdout.isatty()
    paper = io.StringIO()
    width = max(shutil.get_terminal_size().columns, least) if terminal else UNBOUNDED
    console = Console(file=paper, width=width, force_terminal=terminal, legacy_windows=False)
    console.print(table)
    # Through click, so that a closed pipe is met in one place.
    click.echo("\n".join(line.rstrip() for line in paper.getvalue().splitlines()))
