"""``hashmatch snapshot``: what matchers read now."""

from __future__ import annotations

from pathlib import Path

import click

import hashmatch

from .exits import DONE
from .lines import write_line
from .options import bank_option, json_option
from .render import show_snapshot


@click.command("snapshot")
@click.option("--verify", is_flag=True, help="Read every file and compare it with its checksum.")
@bank_option
@json_option
def snapshot_command(verify: bool, bank_folder: Path, as_json: bool) -> int:
    """Show the published snapshot."""
    with hashmatch.HashBank.open(bank_folder, create=False) as bank:
        summary = bank.snapshot(verify=verify)
    write_line(summary) if as_json else show_snapshot(summary)
    return DONE
