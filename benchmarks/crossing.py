"""From how many codes on ``multi_index`` is faster than ``faiss_flat``: what the rule of ``auto`` rests on."""

from __future__ import annotations

from functools import partial

from hashmatch import indexes

from .contenders import BASELINE, OURS, Way
from .plan import Plan
from .results import ORIENTATIONS, Crossing
from .timing import Series, interleave
from .workloads import RADIUS, make_workload

WAYS = (Way(1), Way(ORIENTATIONS), Way(2_000))
"""One code, one upload, and a backfill's batch."""


def measure_crossing(n: int, seed: int, plan: Plan) -> list[Crossing]:
    """Ask both kinds of index of the same ``n`` uniform codes the same queries, in turns."""
    workload = make_workload("uniform", n, plan.queries, seed)
    built = [indexes.build(workload.codes, kind, RADIUS) for kind in (BASELINE, OURS)]
    pairs = []
    for way in WAYS:
        asked = workload.queries[: plan.calls * way.batch]
        parts = [asked[start : start + way.batch] for start in range(0, len(asked), way.batch)]
        calls = [(part, len(part)) for part in parts]
        pairs.append([Series(partial(index.search, radius=RADIUS), calls) for index in built])
    for pair in pairs:
        for series in pair:
            series.warm_up(plan.crossing_budget)
    interleave([series for pair in pairs for series in pair], plan.rounds)
    return [Crossing(n, way, flat.timed(), multi.timed()) for way, (flat, multi) in zip(WAYS, pairs, strict=True)]
