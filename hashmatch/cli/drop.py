"""``hashmatch drop``: forget a list."""

from __future__ import annotations

from pathlib import Path

import click

import hashmatch

from .exits import DONE
from .lines import write_line
from .options import bank_option, json_option, publish_option
from .render import show_batch


@click.command("drop")
@click.argument("name", metavar="LIST")
@bank_option
@publish_option
@json_option
def drop_command(name: str, bank_folder: Path, no_publish: bool, as_json: bool) -> int:
    """Drop a list with its settings.

    The next import under its name is a first one.
    """
    with hashmatch.HashBank.open(bank_folder, create=False) as bank:
        entry = bank.drop_list(name, publish=not no_publish)
    write_line(entry) if as_json else show_batch(entry)
    return DONE
