"""``hashmatch allow``: stop a false match now."""

from __future__ import annotations

from pathlib import Path

import click

import hashmatch

from .exits import DONE
from .lines import write_line
from .options import algorithm_option, bank_option, json_option, publish_option
from .render import show_import


@click.command("allow")
@click.argument("target", metavar="FILE|HEX")
@algorithm_option
@bank_option
@publish_option
@json_option
def allow_command(target: str, algorithm: str | None, bank_folder: Path, no_publish: bool, as_json: bool) -> int:
    """Stop a false match: put a file or a hash on the list `allow`.

    It hides matches that are no nearer to an upload than it is itself.
    """
    with hashmatch.HashBank.open(bank_folder, create=False) as bank:
        report = bank.allow(target, algorithm=algorithm, publish=not no_publish)
    write_line(report) if as_json else show_import(report)
    return DONE
