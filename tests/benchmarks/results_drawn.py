"""Results that nobody measured, for tests that need some."""

from __future__ import annotations

from benchmarks.contenders import Way
from benchmarks.machine import Machine
from benchmarks.results import Absence, Build, Crossing, Crowd, Opening, Row, SearchResults
from benchmarks.timing import Timed
from benchmarks.truth import Verdict

FAULTLESS = Verdict(queries=40, pairs=30, found=30, answers=60, false_answers=0, planted=20, planted_missed=0)

SINGLE = Way()


def row(
    contender: str = "multi_index",
    way: Way = SINGLE,
    distribution: str = "uniform",
    n: int = 1_000,
    us: float = 10.0,
    verdict: Verdict = FAULTLESS,
    complete: bool = True,
) -> Row:
    return Row(
        contender=contender,
        title=f"title of {contender}",
        way=way,
        distribution=distribution,
        n=n,
        complete=complete,
        verdict=verdict,
        build=Build(0.5, 2_000.0, None),
        timed=Timed((us, us * 2, us / 2), us, us * 3, 12),
        ratio=2.0,
    )


def results(*rows: Row, right: bool = True) -> SearchResults:
    timed = Timed((1.5,), 1.5, 2.5, 3)
    return SearchResults(
        machine=Machine.here(),
        seed=1,
        radius=31,
        quick=True,
        rows=rows,
        absences=(Absence("pdq_index", "uniform", 1_000, "it is not here"),),
        openings=(Opening(1_000, 0.1, 300.0, 0.2, 0.3, 0.4, None, 5_000_000, {"1": 1.0, "2": 0.9}),),
        crossings=(Crossing(1_000, Way(8), timed, timed),),
        crowds=(Crowd(1_000, 100, None, 1, 0.1, 2_000_000, right), Crowd(1_000, 100, 10, 1, 0.1, None, True)),
    )
