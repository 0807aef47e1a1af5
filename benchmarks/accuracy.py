"""Which edited pictures are found again, by our levels and by others, and do different ones match?"""

from __future__ import annotations

from pathlib import Path

import click

from .machine import Machine
from .options import from_option, out_option, plot_option, seed_option
from .progress import say
from .recalling.cost import measure_cost
from .recalling.measuring import measure, present_probers
from .recalling.pictures import Picture, different, drawn_pictures, found_pictures
from .recalling.plot import draw
from .recalling.results import AccuracyResults, Part
from .recalling.tables import show

RESULTS = Path(__file__).parent / "results" / "accuracy.json"

_DRAWN, _DRAWN_QUICK = (40, 1024), (3, 224)
"""How many pictures are drawn, and the pixels of their longer side."""
_LISTED, _LISTED_QUICK = 1_000_000, 20_000
"""Hashes that ours are searched among, for the time."""


@click.command("accuracy")
@click.option("--quick", is_flag=True, help="Within a minute, few small drawn pictures: that it works, no figures.")
@click.option(
    "--images",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Edit the pictures in this folder; those of each folder in it are a set.  [default: pictures that are drawn]",
)
@click.option("--about", default="", help="What the pictures are, for the results.")
@seed_option("the edits, and of pictures that are drawn")
@out_option("accuracy")
@plot_option
@from_option("show and draw")
def accuracy_command(
    quick: bool, images: Path | None, about: str, seed: int, out: Path | None, plot: Path | None, source: Path | None
) -> None:
    """Edit pictures as people do before they upload them again, and count which are found.

    Ends with 1 if one of our levels matches different pictures, or loses what the least of them finds.
    """
    if source is not None:
        results = AccuracyResults.read_again(source)
    else:
        results = run(
            _pictures(images, seed, quick), about or ("drawn pictures" if images is None else ""), seed, quick
        )
        out = out or (None if quick or images is None else RESULTS)
    click.echo(results.machine)
    show(results)
    results.end(results.faults, out, plot, draw)


def run(pictures: list[Picture], about: str, seed: int, quick: bool) -> AccuracyResults:
    """Measure everything."""
    say("looking for pictures that are the same")
    kept, left_out = different(pictures)
    if not kept:
        raise click.ClickException("there is no picture in the folder")
    probers, absences = present_probers()
    found = measure(kept, probers, seed, say)
    say("measuring the time")
    costs = measure_cost(probers, found.codes, _LISTED_QUICK if quick else _LISTED, seed, quick=quick)
    parts = {(one.set, one.half): 0 for one in kept}
    for one in kept:
        parts[one.set, one.half] += 1
    return AccuracyResults(
        Machine.here(),
        seed,
        quick,
        about,
        tuple(Part(*part, count) for part, count in sorted(parts.items())),
        left_out,
        found.recalls,
        found.curves,
        found.falses,
        tuple(costs),
        tuple(absences),
    )


def _pictures(images: Path | None, seed: int, quick: bool) -> list[Picture]:
    if images is not None:
        return found_pictures(images)
    count, longer = _DRAWN_QUICK if quick else _DRAWN
    return drawn_pictures(count, longer, seed)
