"""Options that several benchmarks take."""

from __future__ import annotations

import click


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
