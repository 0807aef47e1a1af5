"""Measuring: who cannot take part is named, who is wrong is caught, and every way is asked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from benchmarks.contenders import BASELINE, Contender, Way
from benchmarks.contenders.faiss_flat import FaissFlat
from benchmarks.measuring import measure
from benchmarks.plan import QUICK
from benchmarks.truth import Answers
from benchmarks.workloads import Workload, make_workload
from hashmatch.registry import Registry

PLAN = replace(QUICK, queries=96, checked=64, checking=0.001, rounds=2, budget=0.0)


class Forgetful(FaissFlat):
    """Misses the last answer of every call."""

    title = "forgetful"
    ways = (Way(), Way(64), Way(8, threads=2))

    def answers(self, found: Any) -> Answers:
        whole = super().answers(found)
        kept = max(0, len(whole.rows) - 1)
        return Answers(np.minimum(whole.offsets, kept), whole.rows[:kept], whole.distances[:kept])


class Inventive(FaissFlat):
    """Finds the first row too, whatever is asked."""

    title = "inventive"
    ways = (Way(),)

    def answers(self, found: Any) -> Answers:
        whole = super().answers(found)
        return Answers(np.add(whole.offsets, [0, 1]), np.append(whole.rows, 0), np.append(whole.distances, 0))


class Broken(FaissFlat):
    """Cannot search."""

    title = "broken"
    complete = False

    def search(self, queries: Any) -> Any:
        raise ValueError("no search today")


class BrokenPromise(Broken):
    """Cannot search, and promised to."""

    complete = True


class Slow(FaissFlat):
    """Builds for ages."""

    title = "slow"
    largest = 100
    largest_quick = 10


def table(**contenders: type[Contender] | str) -> Registry[type[Contender]]:
    here = {name: kind if isinstance(kind, str) else f"{__name__}:{kind.__name__}" for name, kind in contenders.items()}
    return Registry("contender", {BASELINE: "benchmarks.contenders.faiss_flat:FaissFlat", **here}, {"gone": "bench"})


@pytest.fixture(scope="module")
def workload() -> Workload:
    return make_workload("uniform", 500, PLAN.queries, 1)


def test_every_way_is_measured_and_checked(workload: Workload) -> None:
    told: list[str] = []
    contenders = table(forgetful=Forgetful)
    rows, absences = measure(workload, contenders, {BASELINE, "forgetful"}, PLAN, told.append)
    assert absences == []
    assert [(row.contender, row.way) for row in rows] == [
        (name, way) for name in contenders for way in contenders[name].ways
    ]
    assert all(len(row.timed.rounds) == 2 and row.timed.us_per_query > 0 for row in rows)
    baseline = next(row for row in rows if row.way == FaissFlat.ways[-1])
    assert baseline.ratio == 1
    assert {row.verdict.queries for row in rows} == {64, 96}
    assert any("forgetful" in sentence for sentence in told)


def test_who_forgets_and_who_invents_is_caught(workload: Workload) -> None:
    rows, _ = measure(
        workload, table(forgetful=Forgetful, inventive=Inventive), {BASELINE, "forgetful", "inventive"}, PLAN, str
    )
    for row in rows:
        if row.contender == BASELINE:
            assert row.verdict.faultless
        elif row.contender == "forgetful":
            assert row.verdict.recall < 1
            assert row.verdict.planted_missed > 0
        else:
            assert (row.verdict.recall, row.verdict.planted_missed) == (1, 0)
            assert row.verdict.false_answers > 60


def test_who_is_not_installed_too_slow_or_broken_is_named_with_the_reason(workload: Workload) -> None:
    contenders = table(gone="no_such_package.index:Index", slow=Slow, broken=Broken)
    rows, absences = measure(workload, contenders, set(contenders), PLAN, str)
    assert {row.contender for row in rows} == {BASELINE}
    reasons = {absence.contender: absence.reason for absence in absences}
    assert set(reasons) == {"gone", "slow", "broken"}
    assert "needs no_such_package: pip install hashmatch[bench]" in reasons["gone"]
    assert "10 codes at most in a quick run" in reasons["slow"]
    assert reasons["broken"] == "failed: ValueError: no search today"
    _, absences = measure(workload, contenders, {BASELINE, "slow"}, replace(PLAN, quick=False), str)
    assert [absence.reason for absence in absences] == ["slow to build; measured with 100 codes at most"]


def test_who_promised_everything_may_not_fail_quietly(workload: Workload) -> None:
    with pytest.raises(ValueError, match="no search today"):
        measure(workload, table(ours=BrokenPromise), {BASELINE, "ours"}, PLAN, str)


def test_who_is_not_asked_for_is_not_built(workload: Workload) -> None:
    rows, absences = measure(workload, table(broken=BrokenPromise), {BASELINE}, PLAN, str)
    assert {row.contender for row in rows} == {BASELINE}
    assert absences == []
