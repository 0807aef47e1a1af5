"""Lookup: short uploads among many known videos, by seekers that take turns, and whether they answer alike."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter

from hashmatch.errors import MissingExtra

from ..progress import say
from ..seekers import SEEKERS, Seeker, Told, Videos
from ..timing import Series, interleave
from .known import Query, draw_queries, draw_videos
from .plan import LookupPlan
from .results import Absence, Sought

LOOKERS = ("ours", "upright", "vpdq_index", "brute")
"""Who is asked, by names in ``SEEKERS``."""

PART = "lookup"
"""What it is called beside sets of videos."""

Answers = list[dict[str, Told]]
"""What a seeker tells, query by query."""


def measure(plan: LookupPlan, seed: int) -> tuple[list[Sought], list[Absence]]:
    """Every seeker on the same videos and queries, in rounds that take turns."""
    say(f"lookup: drawing {plan.videos} videos of {plan.frames} frames")
    videos = draw_videos(plan, seed)
    queries = draw_queries(plan, videos, seed)
    built, absences = build(LOOKERS, videos, PART)
    say(f"lookup: asking {len(queries)} times")
    series = {name: Series(seeker.search, _calls(seeker, queries)) for name, (seeker, _) in built.items()}
    for one in series.values():
        one.warm_up(plan.budget)
    interleave(list(series.values()), plan.rounds)
    answers = {
        name: [seeker.told(seeker.search(call)) for call, _ in _calls(seeker, queries)]
        for name, (seeker, _) in built.items()
    }
    return [
        Sought(
            name,
            seeker.title,
            plan.videos,
            plan.frames,
            plan.asked,
            len(queries),
            seconds,
            series[name].timed(),
            missed(answers[name], queries),
            false(answers[name], queries),
            shares_off(answers[name], answers["brute"]),
        )
        for name, (seeker, seconds) in built.items()
    ], absences


def build(names: Sequence[str], videos: Videos, part: str) -> tuple[dict[str, tuple[Seeker, float]], list[Absence]]:
    """Those seekers that can be, with the seconds that it took, and who cannot and why."""
    built: dict[str, tuple[Seeker, float]] = {}
    absences = []
    for name in names:
        try:
            kind = SEEKERS[name]
            say(f"{part}: building {kind.title}")
            begun = perf_counter()
            built[name] = kind(videos), perf_counter() - begun
        except MissingExtra as error:
            absences.append(Absence(part, name, str(error)))
    return built, absences


def missed(answers: Answers, queries: Sequence[Query]) -> int:
    """Planted queries of which the video was not told."""
    return sum(
        query.planted is not None and query.planted not in told for told, query in zip(answers, queries, strict=True)
    )


def false(answers: Answers, queries: Sequence[Query]) -> int:
    """Videos told that the query was not cut out of."""
    return sum(name != query.planted for told, query in zip(answers, queries, strict=True) for name in told)


def shares_off(answers: Answers, truth: Answers) -> float | None:
    """The most by which a share is off, of the videos that both tell; None if there is none."""
    off = [
        abs(one - other)
        for told, true in zip(answers, truth, strict=True)
        for name in told.keys() & true.keys()
        for one, other in (
            (told[name].known_share, true[name].known_share),
            (told[name].upload_share, true[name].upload_share),
        )
    ]
    return max(off, default=None)


def _calls(seeker: Seeker, queries: Sequence[Query]) -> list[tuple[object, int]]:
    return [(seeker.prepare(query.frames), 1) for query in queries]
