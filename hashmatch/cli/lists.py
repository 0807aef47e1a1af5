"""``hashmatch lists``: the lists of a bank."""

from __future__ import annotations

from pathlib import Path

import click

import hashmatch

from .exits import DONE
from .lines import list_line, write_line
from .options import bank_option, json_option
from .render import show_lists


@click.command("lists")
@bank_option
@json_option
def lists_command(bank_folder: Path, as_json: bool) -> int:
    """Show a bank's lists and what they hold."""
    with hashmatch.HashBank.open(bank_folder, create=False) as bank:
        summaries = bank.lists()
    if not as_json:
        show_lists(summaries)
        return DONE
    for summary in summaries:
        write_line(list_line(summary))
    return DONE
