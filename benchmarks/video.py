"""How fast are videos hashed and found, ours and others', and which edits of a clip are found, from when to when?"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click

from .filming import accuracy, lookup, speed
from .filming.plan import FULL, QUICK, VideoPlan
from .filming.plot import draw
from .filming.results import VideoResults
from .filming.speed import SetFailed, VideoSet
from .filming.tables import show_accuracy, show_lookup, show_set, show_targets
from .machine import Machine
from .options import from_option, out_option, plot_option, seed_option
from .progress import say

RESULTS = Path(__file__).parent / "results" / "video.json"

SPEED, LOOKUP, ACCURACY = "speed", lookup.PART, accuracy.PART
PARTS = (SPEED, LOOKUP, ACCURACY)


@click.command("video")
@click.option("--quick", is_flag=True, help="Within a minute, small clips: for what is found, not the times.")
@click.option(
    "--videos",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Hash the videos in this folder, and do nothing else.  [default: clips that are drawn]",
)
@click.option(
    "--part",
    "parts",
    multiple=True,
    type=click.Choice(PARTS),
    help="What to do; may be given again. With --from, the other parts are those that stand there.  [default: all]",
)
@seed_option("the clips")
@out_option("video")
@plot_option
@from_option("show and draw")
def video_command(
    quick: bool,
    videos: Path | None,
    parts: tuple[str, ...],
    seed: int,
    out: Path | None,
    plot: Path | None,
    source: Path | None,
) -> None:
    """Hash, look up and find videos, and compare time, drift, recall and the ends of segments.

    Ends with 1 for hashes that are off, clips that are missed or told falsely; never for its time.
    """
    if source is not None and not parts:
        results = VideoResults.read_again(source)
        show(results)
    else:
        parts = (SPEED,) if videos is not None else parts or PARTS
        begun = VideoResults(Machine.here(), seed, quick) if source is None else VideoResults.read(source)
        results = run(QUICK if begun.quick else FULL, begun, parts, videos)
        out = out or (None if quick or parts != PARTS else RESULTS)
    results.end(results.faults, out, plot, draw)


def run(plan: VideoPlan, results: VideoResults, parts: tuple[str, ...], videos: Path | None) -> VideoResults:
    """Measure some parts, in place of those that a run may have, and show each when it is known.

    Raises:
        click.ClickException: If there is no video in the folder, or a set cannot be measured.
    """
    click.echo(results.machine)
    absences = [one for one in results.absences if (one.set if one.set in PARTS else SPEED) not in parts]
    results = replace(results, absences=tuple(absences))
    if SPEED in parts:
        results = _speed(replace(results, hashed=(), drifts=()), plan, videos)
    if LOOKUP in parts:
        sought, absences = lookup.measure(plan.lookup, results.seed)
        results = replace(results, sought=tuple(sought), absences=(*results.absences, *absences))
        show_lookup(results, LOOKUP)
    if ACCURACY in parts:
        with tempfile.TemporaryDirectory(prefix="hashmatch-") as folder:
            judged, steady, absences = accuracy.measure(Path(folder), plan.accuracy, results.seed)
        results = replace(results, judged=tuple(judged), steady=steady, absences=(*results.absences, *absences))
        show_accuracy(results, ACCURACY)
    if not results.quick:
        show_targets(results)
    return results


def show(results: VideoResults) -> None:
    """Print all of a run."""
    click.echo(results.machine)
    for name in results.sets:
        show_set(results, name)
    if results.sought:
        show_lookup(results, LOOKUP)
    if results.judged:
        show_accuracy(results, ACCURACY)
    if not results.quick:
        show_targets(results)


def _speed(results: VideoResults, plan: VideoPlan, videos: Path | None) -> VideoResults:
    with tempfile.TemporaryDirectory(prefix="hashmatch-") as folder:
        for one in _sets(Path(folder), plan, results.seed, videos):
            say(f"{one.name}: hashing {one.seconds:.0f} seconds of video")
            try:
                found = speed.measure(one, plan.speed.rounds)
            except SetFailed as error:
                raise click.ClickException(str(error)) from error
            results = replace(
                results,
                pinned=found.pinned,
                hashed=(*results.hashed, *found.hashed),
                drifts=(*results.drifts, *found.drifts),
                absences=(*results.absences, *found.absences),
            )
            show_set(results, one.name)
    return results


def _sets(folder: Path, plan: VideoPlan, seed: int, videos: Path | None) -> Iterator[VideoSet]:
    if videos is None:
        yield from speed.drawn_sets(folder, plan.speed, seed)
        return
    found = speed.found_set(videos)
    if not found.paths:
        raise click.ClickException("there is no video in the folder")
    yield found
