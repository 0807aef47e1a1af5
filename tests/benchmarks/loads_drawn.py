"""Results of loading that nobody measured, for tests that need some."""

from __future__ import annotations

from benchmarks.loading.forms import FORMS
from benchmarks.loading.loads import Load
from benchmarks.loading.results import (
    AGAIN,
    BATCH,
    BESIDE,
    DELTA_BATCH,
    DELTA_SNAPSHOT,
    FLOOR,
    SNAPSHOT,
    Absence,
    ListFile,
    LoadResults,
    Measured,
)
from benchmarks.loading.shapes import SHAPES
from benchmarks.loading.watch import Usage
from benchmarks.machine import Machine

SECONDS = {FLOOR: 1.0, BESIDE: 16.0, BATCH: 2.0, SNAPSHOT: 6.0, AGAIN: 1.5, DELTA_BATCH: 0.5, DELTA_SNAPSHOT: 5.0}


def measured(step: str, load: Load, *seconds: float, peak: int = 10**9) -> Measured:
    usages = tuple(Usage(one, one, peak, 500, True) for one in (seconds or (SECONDS[step],)))
    return Measured(step, load, usages, 0 if step == AGAIN else 300)


def loads(
    *others: Measured, sizes: tuple[int, ...] = (1_000_000, 10_000_000), faults: tuple[str, ...] = ()
) -> LoadResults:
    """Every step of every shape and form, those that are given instead of the usual."""
    given = {(one.step, one.load): one for one in others}
    every = [Load(shape, form, n) for n in sizes for shape in SHAPES for form in FORMS]
    return LoadResults(
        machine=Machine.here(),
        file_system="ext4",
        seed=1,
        quick=False,
        files=tuple(ListFile(load, 500 * load.n, 1_000) for load in every),
        measured=tuple(given.get((step, load), measured(step, load)) for load in every for step in SECONDS),
        absences=(Absence(BESIDE, every[-1], "it is not here"),),
        faults=faults,
    )
