"""``hashmatch withdraw``: take one claim out of a list by hand."""

from __future__ import annotations

from pathlib import Path

import click

import hashmatch

from .exits import DONE
from .lines import write_line
from .options import bank_option, json_option, publish_option
from .render import say, show_batch


@click.command("withdraw")
@click.argument("name", metavar="LIST")
@click.argument("source_id", metavar="ID")
@click.option("--undo", is_flag=True, help="Take the withdrawal back.")
@bank_option
@publish_option
@json_option
def withdraw_command(name: str, source_id: str, undo: bool, bank_folder: Path, no_publish: bool, as_json: bool) -> int:
    """Withdraw one claim of a list by hand.

    It holds until the partner says something newer of that id, with a date, or until it is undone.
    """
    with hashmatch.HashBank.open(bank_folder, create=False) as bank:
        entry = bank.withdraw(name, source_id, undo=undo, publish=not no_publish)
    if as_json:
        write_line({"batch": None, "list": name, "source_id": source_id} if entry is None else entry)
    elif entry is None:
        say(f"nothing to write: {source_id} of {name} stood so already")
    elif entry.counts.get("withdrawn") == 0:
        say(f"no claim of that id stands in {name}; the withdrawal is remembered")
    else:
        show_batch(entry)
    return DONE
