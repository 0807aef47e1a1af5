"""What people see of a run: tables on standard output, ratios first."""

from __future__ import annotations

from ..figures import number, share, show_titled
from ..samplers import FLOOR
from .results import END_SECONDS, FEW_BITS, OURS, Judged, VideoResults
from .targets import TARGETS


def show_set(results: VideoResults, name: str) -> None:
    """Print how fast one set was hashed, and how far off hashes were."""
    columns = ("what", "× vpdq every frame", "time × decoding", "s a minute", "× real time")
    cells = [
        (
            one.title,
            number(results.times(name, one.sampler, "vpdq_every")),
            number(results.times(name, FLOOR, one.sampler)),
            number(one.seconds_per_minute),
            number(60 / one.seconds_per_minute),
        )
        for one in results.hashed
        if one.set == name
    ]
    show_titled(name if results.pinned else f"{name} (not kept to one core)", columns, cells, columns[1:])
    show_absences(results, name)
    measures = ("frames", "missing", f"at most {FEW_BITS} bits off", "most bits off")
    drifts = [
        (one.sampler, one.against, one.frames, one.missing, share(one.few), one.most)
        for one in results.drifts
        if one.set == name
    ]
    show_titled("", ("hashes of", "against", *measures), drifts, measures)


def show_lookup(results: VideoResults, part: str) -> None:
    """Print how fast known videos were found among many."""
    columns = ("what", "× brute force", "ms a query", "median ms", "p99 ms", "missed", "false", "shares off", "build s")
    cells = [
        (
            one.title,
            number(results.times_lookup(one.seeker, "brute")),
            number(one.timed.milliseconds),
            number(one.timed.median / 1000),
            number(one.timed.p99 / 1000),
            one.missed,
            one.false,
            number(one.shares),
            number(one.build_seconds),
        )
        for one in results.sought
    ]
    first = next(iter(results.sought), None)
    title = (
        f"{first.asked} frames among {first.videos} videos of {first.frames}, {first.queries} queries" if first else ""
    )
    show_titled(title, columns, cells, columns[1:])
    show_absences(results, part)


def show_accuracy(results: VideoResults, part: str) -> None:
    """Print what was found of edited clips."""
    ends = ("ends, median s", "worst s", f"within {END_SECONDS:g} s")
    columns = ("edit", "recall", "false", *ends, "covered", "speed", "pieces")
    ours = results.judged_by(OURS)
    show_titled(
        f"edits of known clips, by our rule; {share(results.steady or 0)} of frames stand still for half a second",
        columns,
        [
            (
                one.edit if one.required or not one.parts else f"{one.edit} (reported only)",
                share(one.recall) if one.parts else "–",
                one.false,
                number(one.median_end),
                number(one.worst_end),
                "–" if one.near_ends is None else share(one.near_ends),
                number(_mean(one.covered)),
                number(_mean(one.speeds)),
                one.parts,
            )
            for one in ours
        ],
        columns[1:],
    )
    titles = dict.fromkeys((one.seeker, one.title) for one in results.judged)
    by_edit = {(one.edit, one.seeker): one for one in results.judged}
    show_titled(
        "recall by rule, and clips told falsely",
        ("edit", *(title for _, title in titles)),
        [(one.edit, *(_brief(by_edit[one.edit, seeker]) for seeker, _ in titles)) for one in ours],
        [title for _, title in titles],
    )
    show_absences(results, part)


def show_absences(results: VideoResults, part: str) -> None:
    """Print who was not measured."""
    missing = [(one.name, one.reason) for one in results.absences if one.set == part]
    show_titled("", ("not measured", "why"), missing, ())


def show_targets(results: VideoResults) -> None:
    """Print what was to be reached, and the worst that was."""
    cells = []
    for target in TARGETS:
        worst = target.worst(results)
        if worst is not None:
            name, figure = worst
            cells.append((target.words, number(figure), target.reach, "yes" if target.kept_by(figure) else "NO", name))
    columns = ("figure", "worst is", "bound", "reached", "of")
    show_titled("what was to be reached", columns, cells, ("worst is", "bound"))


def _brief(one: Judged) -> str:
    return f"{share(one.recall) if one.parts else '–'} ({one.false})"


def _mean(figures: tuple[float, ...]) -> float | None:
    return sum(figures) / len(figures) if figures else None
