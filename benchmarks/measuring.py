"""Measuring all contenders on one workload, side by side."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np

from hashmatch.errors import MissingExtra
from hashmatch.hashes import Codes

from .contenders import BASELINE, Contender, Way
from .memory import anonymous
from .plan import Plan
from .progress import Say
from .results import Absence, Build, Row
from .timing import MICROSECONDS, Series, interleave
from .truth import Answers, Verdict, brute_force, judge
from .workloads import Workload

MEASURABLE = 100_000
"""Codes below which the growth of a process says little about an index."""


@dataclass(frozen=True)
class Entry:
    """A contender that has indexed a workload's codes."""

    name: str
    contender: Contender
    build: Build
    series: Mapping[Way, Series]
    """How it is asked, and the calls."""


def measure(
    workload: Workload, table: Mapping[str, type[Contender]], names: Collection[str], plan: Plan, say: Say
) -> tuple[list[Row], list[Absence]]:
    """Let contenders index the workload's codes and answer its queries.

    Args:
        workload: Codes and queries.
        table: Name -> contender.
        names: Of those that are wanted, ``BASELINE`` among them. Who cannot take part is absent, with the reason.
        plan: How much to measure.
        say: Is told what is being done.
    """
    entries, absences = [], []
    for name in table:
        if name in names:
            entry = _enter(name, table, workload, plan, say)
            if isinstance(entry, Entry):
                entries.append(entry)
            else:
                absences.append(entry)
    say("measuring in turns")
    interleave([series for entry in entries for series in entry.series.values()], plan.rounds)
    say("checking the answers")
    truth = brute_force(workload.codes, workload.queries[: plan.brute_forced(len(workload.codes))])
    pace = next(list(entry.series.values())[-1].timed() for entry in entries if entry.name == BASELINE)
    rows = []
    for entry in entries:
        for way, series in entry.series.items():
            timed = series.timed()
            asked = _asked(way, timed.us_per_query, len(workload.codes), plan)
            row = Row(
                contender=entry.name,
                title=entry.contender.title,
                way=way,
                distribution=workload.distribution,
                n=len(workload.codes),
                complete=entry.contender.complete,
                verdict=check(entry.contender, way, workload, truth, asked),
                build=entry.build,
                timed=timed,
                ratio=timed.ratio_to(pace),
            )
            rows.append(row)
    return rows, absences


def check(contender: Contender, way: Way, workload: Workload, truth: Answers, asked: int) -> Verdict:
    """Ask a contender the first ``asked`` queries once more, and compare its answers with the truth."""
    calls = calls_of(contender, way, workload.queries[:asked])
    found = [contender.answers(one) for one in _searched(contender, way, calls)]
    counts = np.concatenate([np.diff(one.offsets) for one in found])
    given = Answers(
        np.concatenate([[0], np.cumsum(counts)]),
        np.concatenate([one.rows for one in found]),
        np.concatenate([one.distances for one in found]),
    )
    return judge(workload, truth, given)


def _searched(contender: Contender, way: Way, calls: list[tuple[Any, int]]) -> list[Any]:
    """What a contender finds, call by call, asked by so many threads."""
    asked = [call for call, _ in calls]
    if way.threads == 1:
        # Not in another thread than the one in which FAISS was told to be one: there each call would wait for several.
        return [contender.search(call) for call in asked]
    share = -(-len(asked) // way.threads)
    with ThreadPoolExecutor(way.threads) as pool:
        shares = (asked[start : start + share] for start in range(0, len(asked), share))
        return [one for own in pool.map(lambda own: [contender.search(call) for call in own], shares) for one in own]


def calls_of(contender: Contender, way: Way, queries: Codes) -> list[tuple[Any, int]]:
    """The queries cut into calls: prepared, and how many they are."""
    parts = [queries[start : start + way.batch] for start in range(0, len(queries), way.batch)]
    return [(contender.prepare(part), len(part)) for part in parts]


def _enter(
    name: str, table: Mapping[str, type[Contender]], workload: Workload, plan: Plan, say: Say
) -> Entry | Absence:
    """Let one contender build its index and warm up, if it can."""
    n = len(workload.codes)
    try:
        kind = table[name]
    except MissingExtra as missing:
        return Absence(name, workload.distribution, n, str(missing))
    largest = kind.largest_quick if plan.quick else kind.largest
    if largest is not None and n > largest:
        reason = f"slow to build; measured with {largest} codes at most{' in a quick run' if plan.quick else ''}"
        return Absence(name, workload.distribution, n, reason)
    say(f"building {kind.title}")
    try:
        return _build(name, kind, workload, plan)
    except Exception as error:
        if kind.complete:
            raise
        # Somebody else's failure is a result, and must not cost the others theirs.
        return Absence(name, workload.distribution, n, f"failed: {type(error).__name__}: {error}")


def _build(name: str, kind: type[Contender], workload: Workload, plan: Plan) -> Entry:
    n = len(workload.codes)
    before = anonymous() if n >= MEASURABLE else None
    codes = workload.codes.copy()
    begun = perf_counter()
    contender = kind(codes)
    seconds = perf_counter() - begun
    # Whether the codes stay is now the contender's affair, and so is the memory.
    del codes
    after = None if before is None else anonymous()
    growth = None if before is None or after is None else (after - before) / n
    series = {
        way: Series(contender.search, calls_of(contender, way, workload.queries[: plan.calls * way.batch]), way.threads)
        for way in kind.ways
    }
    for one in series.values():
        one.warm_up(plan.budget)
    return Entry(name, contender, Build(seconds, n / seconds, growth), series)


def _asked(way: Way, us_per_query: float, n: int, plan: Plan) -> int:
    """How many queries to check: whole batches for every thread, if there are so many."""
    feasible = min(plan.checked, int(plan.checking * MICROSECONDS / us_per_query))
    least = max(plan.brute_forced(n), feasible)
    together = way.batch * way.threads
    return min(plan.queries, -(-least // together) * together)
