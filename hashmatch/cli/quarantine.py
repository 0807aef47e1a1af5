"""``hashmatch quarantine``: hashes that are not fit to match, and their release."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

import hashmatch

from .exits import DONE
from .lines import quarantine_line, write_line
from .options import bank_option, json_option, publish_option
from .render import say, show_batch, show_quarantine

if TYPE_CHECKING:
    from ..results import QuarantinedHash


@click.command("quarantine")
@bank_option
@click.option("--name", metavar="LIST", help="Of this list; by default of all.")
@click.option("--release", "released", metavar="ALGORITHM:HEX", help="Let this hash of the list match all the same.")
@click.option("--undo", is_flag=True, help="Take the release back.")
@publish_option
@json_option
def quarantine_command(
    bank_folder: Path, name: str | None, released: str | None, undo: bool, no_publish: bool, as_json: bool
) -> int:
    """Show hashes that stand in lists and are not fit to match, and why.

    With --release, let one of them match; the list remembers it.
    """
    if undo and released is None:
        raise click.UsageError("--undo needs --release: which hash?")
    if released is not None and name is None:
        raise click.UsageError("--release needs --name: of which list?")
    with hashmatch.HashBank.open(bank_folder, create=False) as bank:
        if released is not None and name is not None:
            _release(bank, name, released, undo, no_publish, as_json)
        else:
            _show(bank.quarantined(name), as_json)
    return DONE


def _show(held: Iterator[QuarantinedHash], as_json: bool) -> None:
    if not as_json:
        show_quarantine(held)
        return
    for one in held:
        write_line(quarantine_line(one))


def _release(bank: hashmatch.HashBank, name: str, released: str, undo: bool, no_publish: bool, as_json: bool) -> None:
    from ..checking import sizes
    from ..hashes import parse_typed

    algorithm, digest = parse_typed(released, sizes())
    called = f"{algorithm}:{digest.hex()} of {name}"
    entry = bank.release(name, algorithm, digest.hex(), undo=undo, publish=not no_publish)
    if as_json:
        write_line(
            {"batch": None, "list": name, "algorithm": algorithm, "digest": digest.hex()} if entry is None else entry
        )
    elif entry is None:
        say(f"nothing to write: {called} stood so already")
    else:
        show_batch(entry)
        say(f"  {called} is {'released no more' if undo else 'released'}")
        if not any((one.algorithm, one.digest) == (algorithm, digest) for one in bank.quarantined(name)):
            say("  no such hash is in quarantine there now: it counts should one come", aside=True)
