"""``hashmatch overlap``: how much of each list the others hold."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

import hashmatch

from .exits import DONE, PARTLY
from .lines import overlap_lines, write_line
from .options import ALGORITHM, json_option, radius_option
from .progress import counting
from .render import show_loaded, show_overlap


@click.command("overlap")
@click.option(
    "--bank", "bank_folder", metavar="DIR", type=click.Path(path_type=Path), help="The lists that are published there."
)
@click.option(
    "--against",
    metavar="LIST|DIR",
    multiple=True,
    help="A list file, or those in a folder, with or without a bank; may be given several times.",
)
@radius_option("each algorithm's own")
@click.option(
    "--algorithm", "algorithms", type=ALGORITHM, multiple=True, help="Only these hashes; may be given several times."
)
@click.option(
    "--plot", metavar="FILE.png", type=click.Path(path_type=Path), help="Draw a heat map: .png, .svg or .pdf."
)
@json_option
def overlap_command(
    bank_folder: Path | None,
    against: tuple[str, ...],
    radius: int | Mapping[str, int] | None,
    algorithms: tuple[str, ...],
    plot: Path | None,
    as_json: bool,
) -> int:
    """Show how much of each list the other lists hold.

    Counted are different hashes that are fit to match: those that another list holds too, and those that are within
    radius of one of its hashes. With --json each pair of lists is a line.
    """
    if bank_folder is None and not against:
        raise click.UsageError("Give --bank or --against, or both.")
    if plot is not None:
        from ..heatmap import check_drawing

        check_drawing(plot)
    with counting("hashes") as progress:
        found = hashmatch.overlap_lists(
            against, bank=bank_folder, radius=radius, algorithms=algorithms or None, progress=progress
        )
    show_loaded(found.reports, found.left)
    if as_json:
        for line in overlap_lines(found):
            write_line(line)
    else:
        show_overlap(found)
    if plot is not None:
        hashmatch.draw_overlap(found, plot)
    return PARTLY if any(report.rejected for report in found.reports) else DONE
