"""``hashmatch compact``: fold old batches of a bank into one."""

from __future__ import annotations

from pathlib import Path

import click

import hashmatch

from .exits import DONE
from .lines import write_line
from .options import bank_option, json_option
from .render import say, show_batch


@click.command("compact")
@click.option("--days", type=click.IntRange(min=0), default=30, show_default=True, help="Keep batches of so many days.")
@bank_option
@json_option
def compact_command(days: int, bank_folder: Path, as_json: bool) -> int:
    """Fold old batches into one.

    What is folded can still be read about, not gone back to.
    """
    with hashmatch.HashBank.open(bank_folder, create=False) as bank:
        entry = bank.compact(days)
    if as_json:
        write_line({"batch": None} if entry is None else entry)
    elif entry is None:
        say(f"nothing to fold: no batches are older than {days} days")
    else:
        show_batch(entry)
    return DONE
