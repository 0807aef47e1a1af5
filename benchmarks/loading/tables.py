"""What people see of a run: tables on standard output, ratios first."""

from __future__ import annotations

from ..figures import megabytes, number, show_titled, whole
from .forms import FORMS
from .results import (
    AGAIN,
    BATCH,
    BESIDE,
    DELTA_BATCH,
    DELTA_SNAPSHOT,
    FLOOR,
    PUBLISHED,
    TITLES,
    ListFile,
    LoadResults,
    Measured,
)
from .targets import TARGETS, Target

_COMPARED = (BATCH, PUBLISHED)
"""Steps that do what python-threatexchange does, and more."""

_DELTA = (DELTA_BATCH, DELTA_SNAPSHOT)
_REACHED = {True: "yes", False: "NO", None: "not measured in whole"}


def show_file(results: LoadResults, file: ListFile) -> None:
    """Print what was measured on one file: who took part, and who did not and why."""
    columns = (
        "what",
        "× floor",
        "× threatexchange",
        "rows/s",
        "s",
        "cores",
        "peak MB",
        "written MB",
        "kept MB",
    )
    found = [one for step in TITLES if (one := results.find(step, file.load)) is not None]
    core = "on one core" if all(one.pinned for one in found) else "NOT kept to one core"
    title = f"{file.load}, {megabytes(file.bytes)} MB; delta of {whole(file.changes)}; {core}"
    show_titled(title, columns, [_cells(results, one, file) for one in found], columns[1:])
    absent = [(TITLES[one.step], one.reason) for one in results.absences if one.load == file.load]
    show_titled("", ("not measured", "why"), absent, ())


def show_targets(results: LoadResults) -> None:
    """Print each target beside what was found; nothing of sizes that were not measured at all."""
    columns = ("target", "shape", "rows", "reach", *FORMS.values(), "reached")
    cells = [_target_cells(results, target) for target in TARGETS if _measured(results, target)]
    show_titled("targets", columns, cells, ("rows", *FORMS.values()))


def _cells(results: LoadResults, one: Measured, file: ListFile) -> tuple[object, ...]:
    floor = None if one.step in (FLOOR, *_DELTA) else results.ratio(one.step, FLOOR, one.load)
    beside = results.ratio(BESIDE, one.step, one.load) if one.step in _COMPARED else None
    return (
        TITLES[one.step],
        number(floor),
        number(beside),
        number(None if one.step in (*_DELTA, AGAIN) else file.load.n / one.seconds),
        number(one.seconds),
        number(one.cores),
        megabytes(one.peak_bytes),
        megabytes(one.written_bytes),
        megabytes(one.kept_bytes),
    )


def _measured(results: LoadResults, target: Target) -> bool:
    return any(figure is not None for figure in target.figures(results).values())


def _target_cells(results: LoadResults, target: Target) -> tuple[object, ...]:
    figures = target.figures(results)
    return (
        target.words,
        target.shape,
        whole(target.n),
        target.reach,
        *(number(figures[form]) if form in figures else "" for form in FORMS),
        _REACHED[target.reached(results)],
    )
