"""How fast does a list come in, and what does that take, beside python-threatexchange and beside pyarrow alone?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from .loading.disk import file_system, gigabytes, need, scratch
from .loading.forms import FORMS
from .loading.measuring import FileMeasured, measure
from .loading.plan import FULL, QUICK, LoadPlan
from .loading.results import LoadResults
from .loading.shapes import SHAPES
from .loading.tables import show_file, show_targets
from .machine import Machine
from .options import from_option, out_option, parse_sizes, seed_option
from .progress import say

RESULTS = Path(__file__).parent / "results" / "load.json"


@click.command("load")
@click.option("--quick", is_flag=True, help="Within a minute, few rows: for what is taken and found, not the times.")
@click.option("--sizes", callback=parse_sizes, metavar="N,N,…", help="Numbers of rows.  [default: 1 M and 10 M]")
@click.option(
    "--shape",
    "shapes",
    multiple=True,
    type=click.Choice(list(SHAPES)),
    help="How much each row has; may be given again.  [default: all; from 5 M rows on, full alone]",
)
@click.option(
    "--form",
    "forms",
    multiple=True,
    type=click.Choice(list(FORMS)),
    help="How the rows stand in the file; may be given again.  [default: all]",
)
@click.option("--beside-all", is_flag=True, help="Measure python-threatexchange from 5 M rows on too, which is slow.")
@seed_option("the rows")
@click.option(
    "--scratch",
    "parent",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Write there, and remove it at the end.  [default: where the system keeps such files]",
)
@out_option("load")
@from_option("show")
def load_command(
    quick: bool,
    sizes: tuple[int, ...] | None,
    shapes: tuple[str, ...],
    forms: tuple[str, ...],
    beside_all: bool,
    seed: int,
    parent: Path | None,
    out: Path | None,
    source: Path | None,
) -> None:
    """Load lists into banks, and compare time, memory and bytes with others'.

    Ends with 1 if a row is lost, a hash is not found, or something is written that need not be; never for its time.
    """
    if source is not None:
        results = LoadResults.read_again(source)
        show(results)
    else:
        plan = QUICK if quick else FULL
        plan = replace(
            plan,
            sizes=sizes or plan.sizes,
            shapes=shapes or plan.shapes,
            forms=forms or plan.forms,
            beside_all=beside_all,
        )
        results = run(plan, seed, parent)
        out = out or (None if quick or sizes or shapes or forms else RESULTS)
    results.end(results.faults, out)


def run(plan: LoadPlan, seed: int, parent: Path | None) -> LoadResults:
    """Measure all that a plan asks for, and show each part when it is known.

    Args:
        plan: How much to measure.
        seed: Of the rows.
        parent: Folder in which a scratch folder is made; None: where the system keeps such files.

    Raises:
        click.ClickException: If there is not disk enough.
    """
    most = need(max(plan.sizes))
    click.echo(Machine.here())
    say(f"{gigabytes(most)} GB of disk are needed")
    with scratch(parent, most) as folder:
        results = LoadResults(
            machine=Machine.here(),
            file_system=file_system(folder),
            seed=seed,
            quick=plan.quick,
            files=(),
            measured=(),
            absences=(),
            faults=(),
        )
        if not plan.quick:
            say("loading a few rows first, so that what is compiled once is compiled")
            measure(replace(plan.loads[0], n=QUICK.sizes[0]), seed, QUICK, folder, lambda _: None)
        for load in plan.loads:
            part = measure(load, seed, plan, folder, say)
            results = _with(results, part)
            show_file(results, part.file)
    show_targets(results)
    return results


def show(results: LoadResults) -> None:
    """Print all of a run."""
    click.echo(results.machine)
    for file in results.files:
        show_file(results, file)
    show_targets(results)


def _with(results: LoadResults, part: FileMeasured) -> LoadResults:
    return replace(
        results,
        files=(*results.files, part.file),
        measured=(*results.measured, *part.measured),
        absences=(*results.absences, *part.absences),
        faults=(*results.faults, *part.faults),
    )
