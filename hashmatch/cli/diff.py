"""``hashmatch diff``: how two lists differ."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

import hashmatch

from .exits import DIFFERENT, DONE, PARTLY
from .lines import diff_line, difference_line, write_line
from .options import FORMAT, algorithm_option, json_option, map_option
from .progress import counting
from .render import show_diff


@click.command("diff")
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@click.option(
    "--bank", "bank_folder", metavar="DIR", type=click.Path(path_type=Path), help="Whose lists A and B may name."
)
@click.option("--format", type=FORMAT, help="Of files; by default recognised from name and content.")
@algorithm_option
@map_option(" By default as the list on the other side remembers.")
@click.option(
    "--examples",
    type=click.IntRange(min=0),
    default=10,
    show_default=True,
    metavar="N",
    help="Show so many differences of each kind.",
)
@click.option("--fail-on-difference", is_flag=True, help="Exit with 11 if there is any difference.")
@json_option
def diff_command(
    a: str, b: str, bank_folder: Path | None, fail_on_difference: bool, as_json: bool, **given: Any
) -> int:
    """Show how two lists differ, claim by claim and hash by hash.

    A and B are each a list of the bank, as it stands (NAME) or as it stood after a batch (NAME@BATCH), or a list file,
    taken as a whole list. A name that the bank knows is its list; ./NAME is the file.

    With --json every difference is a line, and the counts are the last.
    """
    if as_json:
        given["each"] = lambda difference: write_line(difference_line(difference))
    with counting("rows", beside_lines=as_json) as progress:
        if bank_folder is None:
            found = hashmatch.diff_lists(a, b, progress=progress, **given)
        else:
            with hashmatch.HashBank.open(bank_folder, create=False) as bank:
                found = bank.diff(a, b, progress=progress, **given)
    write_line(diff_line(found)) if as_json else show_diff(found)
    if fail_on_difference and found.differs:
        return DIFFERENT
    return PARTLY if found.rejected else DONE
