"""How far a run is: sentences on standard error, so that standard output holds the tables alone."""

from __future__ import annotations

from collections.abc import Callable

import click

Say = Callable[[str], None]
"""Is told what is being done."""


def say(sentence: str) -> None:
    """Tell what is being done now."""
    click.echo(f"… {sentence}", err=True)
