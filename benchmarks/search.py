"""How fast are exact lookups, ours and others', and do they find everything?"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import click

from .contenders import BASELINE, CONTENDERS
from .crossing import measure_crossing
from .crowd import measure_crowd
from .figures import whole
from .machine import Machine
from .measuring import measure
from .opening import measure_opening
from .options import from_option, out_option, parse_sizes, plot_option, seed_option
from .plan import FULL, QUICK, Plan
from .plot import draw
from .progress import say
from .results import Absence, Row, SearchResults
from .tables import show_crossings, show_crowds, show_openings, show_scalings, show_workload
from .workloads import DISTRIBUTIONS, RADIUS, make_workload

RESULTS = Path(__file__).parent / "results" / "search.json"


@click.command("search")
@click.option("--quick", is_flag=True, help="Within a minute, few codes and queries: for the recall, not the times.")
@click.option("--sizes", callback=parse_sizes, metavar="N,N,…", help="Numbers of codes.  [default: 10 k to 10 M]")
@click.option(
    "--contender",
    "names",
    multiple=True,
    type=click.Choice(list(CONTENDERS)),
    help="Measure this one beside FAISS's flat scan; may be given again.  [default: all]",
)
@seed_option("codes and queries")
@out_option("search")
@plot_option
@from_option("show and draw")
def search_command(
    quick: bool,
    sizes: tuple[int, ...] | None,
    names: tuple[str, ...],
    seed: int,
    out: Path | None,
    plot: Path | None,
    source: Path | None,
) -> None:
    """Search ours and others' indexes of the same codes, and compare time, size and recall.

    Ends with 1 if an answer is missing or false where all are promised.
    """
    if source is not None:
        results = SearchResults.read_again(source)
        show(results)
    else:
        plan = QUICK if quick else FULL
        results = run(replace(plan, sizes=sizes or plan.sizes), names or tuple(CONTENDERS), seed)
        out = out or (None if quick or sizes or names else RESULTS)
    results.end(results.faults, out, plot, lambda own, path: draw(own.rows, path))


def run(plan: Plan, names: Collection[str], seed: int) -> SearchResults:
    """Measure all that a plan asks for, and show each part when it is known.

    Args:
        plan: How much to measure.
        names: Of contenders; ``BASELINE`` is among them in any case.
        seed: Of codes and queries.
    """
    machine = Machine.here()
    click.echo(machine)
    rows: list[Row] = []
    absences: list[Absence] = []
    for n in plan.sizes:
        for distribution in DISTRIBUTIONS:
            say(f"{distribution}, {whole(n)} codes: drawing them")
            workload = make_workload(distribution, n, plan.queries, seed)
            measured, absent = measure(workload, CONTENDERS, {BASELINE, *names}, plan, say)
            del workload
            show_workload(distribution, n, measured, absent)
            rows += measured
            absences += absent
    say("opening saved indexes")
    openings = [measure_opening(n, seed, plan) for n in (plan.sizes[-1:] if plan.quick else plan.sizes)]
    say("comparing our two indexes on few codes")
    crossings = [crossing for n in plan.crossing_sizes for crossing in measure_crossing(n, seed, plan)]
    say("asking for many neighbours")
    crowds = measure_crowd(seed, plan)
    results = SearchResults(
        machine=machine,
        seed=seed,
        radius=RADIUS,
        quick=plan.quick,
        rows=tuple(rows),
        absences=tuple(absences),
        openings=tuple(openings),
        crossings=tuple(crossings),
        crowds=tuple(crowds),
    )
    show_others(results)
    return results


def show(results: SearchResults) -> None:
    """Print all of a run."""
    click.echo(results.machine)
    for distribution, n in dict.fromkeys((row.distribution, row.n) for row in results.rows):
        rows = [row for row in results.rows if (row.distribution, row.n) == (distribution, n)]
        absences = [one for one in results.absences if (one.distribution, one.n) == (distribution, n)]
        show_workload(distribution, n, rows, absences)
    show_others(results)


def show_others(results: SearchResults) -> None:
    """Print what was measured beside the workloads."""
    show_scalings(results.scalings)
    show_openings(results.openings)
    show_crossings(results.crossings)
    show_crowds(results.crowds)
