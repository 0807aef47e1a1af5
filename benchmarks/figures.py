"""Figures as people read them, and the tables that they stand in."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

import click

from hashmatch.cli.table import show_table

_MIB = 2**20


def number(figure: float | None) -> str:
    """Three digits that count, and no more than three decimals; a dash if there is no figure."""
    if figure is None:
        return "–"
    magnitude = math.floor(math.log10(abs(figure))) if figure else 0
    decimals = min(3, max(0, 2 - magnitude))
    return f"{round(figure, 2 - magnitude if magnitude > 2 else decimals):,.{decimals}f}".replace(",", " ")


def whole(count: int) -> str:
    """A count, thousands apart."""
    return f"{count:,}".replace(",", " ")


def share(part: float) -> str:
    """A share, cut and never rounded up: only all is 1."""
    return "1" if part == 1 else f"{math.floor(part * 10_000) / 10_000:.4f}"


def mebibytes(count: int | None) -> str:
    """Bytes in MiB."""
    return number(None if count is None else count / _MIB)


def megabytes(count: int | None) -> str:
    """Bytes in MB, a million each."""
    return number(None if count is None else count / 1e6)


def show_titled(title: str, columns: Sequence[str], cells: Sequence[Sequence[object]], right: Collection[str]) -> None:
    """Print a table with its title; nothing if it has no row."""
    if cells:
        click.secho(f"\n{title}" if title else "", bold=True)
        show_table(columns, cells, right=right)
