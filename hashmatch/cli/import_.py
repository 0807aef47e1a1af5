"""``hashmatch import``: take partners' lists into a bank."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

import hashmatch

from .exits import DONE, FAILED, PARTLY
from .lines import import_line, write_line
from .options import (
    FORMAT,
    ROLE,
    SHARE_LEVEL,
    algorithm_option,
    bank_option,
    json_option,
    map_option,
    publish_option,
)
from .progress import counting
from .render import say, show_import


@click.command("import")
@click.argument("files", metavar="LIST...", nargs=-1, required=True)
@bank_option
@click.option("--name", help="The list's name, unless the file says it.")
@click.option("--partner", help="Who shares the list.")
@click.option("--update", is_flag=True, help="The file names what changed.")
@click.option("--replace", is_flag=True, help="The file is the whole list.")
@click.option("--format", type=FORMAT, help="By default recognised from name and content.")
@algorithm_option
@click.option("--source-id", metavar="ID", help="Of the claim that the file is, in formats whose files are one (vpdq).")
@map_option()
@click.option("--role", type=ROLE, help="Whether the list blocks or allows.")
@click.option("--share-level", type=SHARE_LEVEL, help="Traffic Light Protocol level of the list.")
@click.option("--accept-change", is_flag=True, help="Go on although the import changes a large part of the list.")
@click.option(
    "--dry-run",
    is_flag=True,
    help="Say what would change, and write nothing; each file is held against the bank as it stands.",
)
@click.option(
    "--rejects",
    "rejects_file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write every row that is not taken there, with line and reason: CSV, or JSON lines if the name ends in .jsonl.",
)
@click.option(
    "--examples",
    type=click.IntRange(0, 1000),
    default=5,
    show_default=True,
    metavar="N",
    help="Name so many claims of each kind.",
)
@click.option(
    "--check-density/--no-check-density",
    default=None,
    help="Tell which added hashes lie near an allow list, or among many hashes of other claims.  "
    "[default: where at most 100000 rows are added]",
)
@click.option(
    "--density",
    type=click.IntRange(1, 10_000),
    default=50,
    show_default=True,
    metavar="N",
    help="So many hashes of other claims within radius are many.",
)
@publish_option
@json_option
def import_command(
    files: tuple[str, ...],
    bank_folder: Path,
    update: bool,
    replace: bool,
    rejects_file: Path | None,
    no_publish: bool,
    as_json: bool,
    **given: Any,
) -> int:
    """Take lists into a bank, made if there is none.

    A list remembers what was said of it: --map, --algorithm, --update or --replace, and the like.
    """
    given["mode"] = _mode(update, replace)
    if len(files) > 1 and given["name"] is not None and not update:
        raise click.UsageError(
            "Several files with one --name: each would be taken as the whole list. "
            "Say --update if they are parts of one."
        )
    if len(files) > 1 and given["source_id"] is not None:
        raise click.UsageError("Several files with one --source-id: each is a claim of its own.")
    from ..rejecting import rejecting

    code, failures = DONE, 0
    with _opened(bank_folder, dry_run=given["dry_run"]) as bank, contextlib.ExitStack() as stack:
        if rejects_file is not None:
            given["rejects"] = stack.enter_context(rejecting(rejects_file, *files))
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
                write_line(import_line(file, report))
            else:
                show_import(report)
    return FAILED if failures == len(files) else PARTLY if failures else code


def _mode(update: bool, replace: bool) -> str | None:
    """How the files speak about their lists; None if that is not said."""
    if update and replace:
        raise click.UsageError("Give --update or --replace, not both: a file names what changed or is the whole list.")
    return "update" if update else "replace" if replace else None


@contextlib.contextmanager
def _opened(folder: Path, *, dry_run: bool) -> Iterator[hashmatch.HashBank]:
    """The bank in a folder; for a dry run where one would be made, an empty one elsewhere."""
    with contextlib.ExitStack() as stack:
        free = dry_run and (not folder.exists() or (folder.is_dir() and not any(folder.iterdir())))
        if free:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        yield stack.enter_context(hashmatch.HashBank.open(folder, create=free or not dry_run))


def _show_failure(file: str, error: Exception, as_json: bool) -> None:
    """Say that one of several lists was not taken."""
    if as_json:
        write_line({"file": file, "error": str(error)})
    else:
        say(f"{file}: {error}", aside=True)
