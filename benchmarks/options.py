"""Options that several benchmarks take."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from hashmatch.errors import MissingExtra

from .canvas import load_figure

Command = TypeVar("Command", bound=Callable[..., Any])


def seed_option(of: str) -> Callable[[Command], Command]:
    """``--seed N``, of what is drawn."""
    return click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help=f"Of {of}.")


def out_option(name: str) -> Callable[[Command], Command]:
    """``--out FILE``; ``name`` is that of the benchmark."""
    return click.option(
        "--out",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Write the results there, as JSON.  "
        f"[default: benchmarks/results/{name}.json for a full run, else nowhere]",
    )


def plot_option(command: Command) -> Command:
    """``--plot FILE``, refused before anything is measured where it cannot be drawn."""
    return click.option(
        "--plot",
        type=click.Path(path_type=Path, dir_okay=False),
        callback=_drawable,
        help="Draw the results there.",
    )(command)


def _drawable(context: click.Context, parameter: click.Parameter, path: Path | None) -> Path | None:
    if path is not None:
        try:
            load_figure()
        except MissingExtra as error:
            raise click.ClickException(str(error)) from error
    return path


def from_option(deed: str) -> Callable[[Command], Command]:
    """``--from FILE``; ``deed`` says what is done with the results that stand there."""
    return click.option(
        "--from",
        "source",
        type=click.Path(path_type=Path, dir_okay=False, exists=True),
        help=f"Measure nothing, but {deed} the results that stand there.",
    )


def parse_sizes(context: click.Context, parameter: click.Parameter, text: str | None) -> tuple[int, ...] | None:
    """Numbers with commas between them, ascending, each once; None where there are none.

    Raises:
        click.BadParameter: If one is no whole number from 1 up.
    """
    if text is None:
        return None
    try:
        sizes = sorted({int(part) for part in text.split(",")})
    except ValueError:
        raise click.BadParameter(f"{text!r} is not numbers with commas between them.", context, parameter) from None
    if sizes[0] < 1:
        raise click.BadParameter("a size is at least 1.", context, parameter)
    return tuple(sizes)
