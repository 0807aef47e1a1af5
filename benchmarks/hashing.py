"""How fast are pictures hashed, ours and others', beside the decode alone, and how far is a fast hash off?"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from .machine import Machine
from .options import from_option, out_option, plot_option, seed_option
from .picturing.measuring import FULL, QUICK, HashingPlan, drift, measure, spread
from .picturing.plot import draw
from .picturing.results import HashingResults
from .picturing.sets import PictureSet, drawn_sets, found_set
from .picturing.tables import show_set, show_spreads, show_targets
from .progress import say

RESULTS = Path(__file__).parent / "results" / "hashing.json"


@click.command("hashing")
@click.option("--quick", is_flag=True, help="Within a minute, small pictures: for the drift, not the times.")
@click.option(
    "--images",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Measure on the pictures in this folder.  [default: on pictures that are drawn]",
)
@seed_option("the pictures")
@out_option("hashing")
@plot_option
@from_option("show and draw")
def hashing_command(
    quick: bool, images: Path | None, seed: int, out: Path | None, plot: Path | None, source: Path | None
) -> None:
    """Hash the same pictures with ours and others', and compare the time and how far fast hashes are off.

    Ends with 1 if a fast hash is further off than it may be; never for its time.
    """
    if source is not None:
        results = HashingResults.read_again(source)
        show(results)
    else:
        with tempfile.TemporaryDirectory(prefix="hashmatch-") as folder:
            sets = drawn_sets(Path(folder), seed, quick=quick) if images is None else iter([found_set(images)])
            results = run(sets, QUICK if quick else FULL, seed, quick)
        out = out or (None if quick or images else RESULTS)
    results.end(results.faults, out, plot, draw)


def run(sets: Iterator[PictureSet], plan: HashingPlan, seed: int, quick: bool) -> HashingResults:
    """Measure each set, and show it when it is known."""
    results = HashingResults(Machine.here(), seed, quick, (), (), (), ())
    click.echo(results.machine)
    for pictures in _drawn(sets):
        if not pictures.paths:
            raise click.ClickException("there is no picture in the folder")
        say(f"{pictures.name}: hashing {len(pictures.paths)} pictures")
        hashed, absences = measure(pictures, plan)
        fast = next(one.timed.milliseconds for one in hashed if one.hasher == "fast")
        results = HashingResults(
            results.machine,
            seed,
            quick,
            (*results.hashed, *hashed),
            (*results.absences, *absences),
            (*results.drifts, drift(pictures)),
            # Starting workers is what takes long in a quick run.
            (*results.spreads, *([] if quick and results.spreads else [spread(pictures, plan, fast)])),
        )
        show_set(results, pictures.name)
    show_spreads(results)
    if not results.quick:
        show_targets(results)
    return results


def show(results: HashingResults) -> None:
    """Print all of a run."""
    click.echo(results.machine)
    for name in dict.fromkeys(one.set for one in results.hashed):
        show_set(results, name)
    show_spreads(results)
    if not results.quick:
        show_targets(results)


def _drawn(sets: Iterable[PictureSet]) -> Iterator[PictureSet]:
    say("drawing pictures")
    yield from sets
