"""``hashmatch export``: write lists of a bank, or a part of them, as a file."""

from __future__ import annotations

import sys
from pathlib import Path

import click

import hashmatch

from .exits import DONE
from .lines import write_line
from .options import ALGORITHM, FORMAT, bank_option, json_option
from .render import show_export


@click.command("export")
@bank_option
@click.option(
    "--name", "names", metavar="LIST", multiple=True, help="Which lists; by default all. May be given several times."
)
@click.option(
    "--format",
    "format_name",
    type=FORMAT,
    default="jsonl",
    show_default=True,
    help="How it is written; jsonl loses nothing.",
)
@click.option(
    "--label", "labels", metavar="LABEL", multiple=True, help="Only claims with this label; may be given several times."
)
@click.option(
    "--algorithm", "algorithms", type=ALGORITHM, multiple=True, help="Only these hashes; may be given several times."
)
@click.option(
    "--source-id",
    "source_ids",
    metavar="ID",
    multiple=True,
    help="Only the claim with this id; may be given several times.",
)
@click.option("--allow-restricted", is_flag=True, help="Also what is shared as amber or stricter.")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="By default standard output.")
@json_option
def export_command(
    bank_folder: Path,
    names: tuple[str, ...],
    format_name: str,
    labels: tuple[str, ...],
    algorithms: tuple[str, ...],
    source_ids: tuple[str, ...],
    allow_restricted: bool,
    output: Path | None,
    as_json: bool,
) -> int:
    """Write lists, or a part of them, as a file.

    What was written is told on standard error; with -o and --json, as an object on standard output.
    """
    if as_json and output is None:
        raise click.UsageError("--json needs -o: the list itself goes to standard output.")
    with hashmatch.HashBank.open(bank_folder, create=False) as bank:
        report = bank.export_list(
            sys.stdout.buffer if output is None else output,
            list(names) or None,
            format_name,
            labels=list(labels) or None,
            algorithms=list(algorithms) or None,
            source_ids=list(source_ids) or None,
            allow_restricted=allow_restricted,
        )
    write_line(report) if as_json else show_export(report)
    return DONE
