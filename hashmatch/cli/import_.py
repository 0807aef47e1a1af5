"""``hashmatch import``: take partners' lists into a bank."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import click

import hashmatch

from .exits import DONE, FAILED, PARTLY
from .lines import write_line
from .options import (
    FORMAT,
    ROLE,
    SHARE_LEVEL,
    algorithm_option,
    bank_option,
    json_option,
    parse_columns,
    publish_option,
)
from .progress import counting
from .render import say, show_import


@click.command("import")
@click.argument("files", metavar="LIST...", nargs=-1, required=True)
@bank_option
@click.option("--name", help="The list's name, unless the file says it.")
@click.option("--partner", help="Who shares the list.")
@click.option("--update", "mode", flag_value="update", help="The file names what changed.")
@click.option("--replace", "mode", flag_value="replace", help="The file is the whole list.")
@click.option("--format", type=FORMAT, help="By default recognised from name and content.")
@algorithm_option
@click.option(
    "--map",
    metavar="FIELD=COLUMN",
    multiple=True,
    callback=parse_columns,
    help="Which column holds what, as in digest=hash_value; may be given several times.",
)
@click.option("--role", type=ROLE, help="Whether the list blocks or allows.")
@click.option("--share-level", type=SHARE_LEVEL, help="Traffic Light Protocol level of the list.")
@click.option("--accept-change", is_flag=True, help="Go on although the import changes a large part of the list.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and write nothing into the bank.")
@publish_option
@json_option
def import_command(files: tuple[str, ...], bank_folder: Path, no_publish: bool, as_json: bool, **given: Any) -> int:
    """Take lists into a bank, made if there is none."""
    code, failures = DONE, 0
    with hashmatch.HashBank.open(bank_folder) as bank:
        for number, file in enumerate(files, start=1):
            # A snapshot holds all that was taken before it, so one at the end is enough.
            last = number == len(files)
            try:
                with counting("rows", beside_lines=as_json) as progress:
                    report = bank.import_list(file, publish=last and not no_publish, progress=progress, **given)
            except hashmatch.HashmatchError as error:
                if len(files) == 1:
                    raise
                failures += 1
                _show_failure(file, error, as_json)
                if last and failures < len(files) and not no_publish and not given["dry_run"]:
                    bank.publish()
                continue
            code = PARTLY if report.rejected else code
            if as_json:
                write_line({"file": file, "error": None, **dataclasses.asdict(report)})
            else:
                show_import(report)
    return FAILED if failures == len(files) else PARTLY if failures else code


def _show_failure(file: str, error: Exception, as_json: bool) -> None:
    """Say that one of several lists was not taken."""
    if as_json:
        write_line({"file": file, "error": str(error)})
    else:
        say(f"{file}: {error}", aside=True)
