"""``hashmatch rollback``: put a list back to where it stood."""

from __future__ import annotations

from pathlib import Path

import click

import hashmatch

from .exits import DONE
from .lines import write_line
from .options import bank_option, json_option, publish_option
from .render import show_batch


@click.command("rollback")
@click.argument("name", metavar="LIST")
@click.option(
    "--to",
    "target",
    metavar="BATCH",
    type=click.IntRange(min=0),
    required=True,
    help="Number of the batch, from `hashmatch history`.",
)
@bank_option
@publish_option
@json_option
def rollback_command(name: str, target: int, bank_folder: Path, no_publish: bool, as_json: bool) -> int:
    """Put a list back to how it stood after a batch.

    Exactly so, its settings included. This is one more batch, so rolling back to before it undoes it.
    """
    with hashmatch.HashBank.open(bank_folder, create=False) as bank:
        entry = bank.rollback(name, target, publish=not no_publish)
    write_line(entry) if as_json else show_batch(entry)
    return DONE
