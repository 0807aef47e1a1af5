"""``hashmatch history``: the batches of a bank."""

from __future__ import annotations

from pathlib import Path

import click

import hashmatch

from .exits import DONE
from .lines import write_line
from .options import bank_option, json_option
from .render import show_history


@click.command("history")
@click.argument("name", metavar="[LIST]", required=False)
@bank_option
@json_option
def history_command(name: str | None, bank_folder: Path, as_json: bool) -> int:
    """Show what was written, for all lists or one."""
    with hashmatch.HashBank.open(bank_folder, create=False) as bank:
        entries = bank.history(name)
    if not as_json:
        show_history(entries)
        return DONE
    for entry in entries:
        write_line(entry)
    return DONE
