"""Measuring one file: every step of every round in a process of its own, and whether each did what it must."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from hashmatch.errors import HashmatchError

from ..progress import Say
from . import disk, forms
from .delta import Delta
from .loads import Load
from .plan import LoadPlan
from .proof import faults_of_delta, faults_of_list
from .results import (
    AGAIN,
    BATCH,
    BESIDE,
    DELTA_BATCH,
    DELTA_SNAPSHOT,
    FLOOR,
    SNAPSHOT,
    TITLES,
    Absence,
    ListFile,
    Measured,
)
from .rows import draw
from .shapes import SHAPES
from .steps import Facts
from .watch import StepFailed, Usage, watch

_DRAWN = 65_536
"""Rows that are drawn at a time."""

_CLEAN = {"rejected": 0, "quarantined": 0, "unbalanced": 0}


@dataclass(frozen=True)
class FileMeasured:
    """What was measured on one file."""

    file: ListFile
    measured: tuple[Measured, ...]
    absences: tuple[Absence, ...]
    faults: tuple[str, ...]


def measure(load: Load, seed: int, plan: LoadPlan, scratch: Path, say: Say) -> FileMeasured:
    """Write a list and a delta to it, and load them in rounds.

    Args:
        load: Which list.
        seed: Of the rows.
        plan: How much to measure.
        scratch: An empty folder; it is empty again afterwards.
        say: Is told what is being done.
    """
    say(f"{load}: writing the file")
    shape, delta = SHAPES[load.shape], Delta.of(seed, load.n, plan.changes_of(load.n))
    source, changes = scratch / f"list.{load.form}", scratch / f"delta.{load.form}"
    numbers = (np.arange(start, min(start + _DRAWN, load.n)) for start in range(0, load.n, _DRAWN))
    size = forms.write(load.form, (draw(shape, seed, some) for some in numbers), source)
    forms.write(load.form, [delta.rows(shape, seed)], changes)
    course = _Course(load, seed, plan, delta, source, changes, scratch / "made")
    try:
        for number in range(plan.rounds_of(load.n)):
            say(f"{load}: round {number + 1} of {plan.rounds_of(load.n)}")
            course.run_round(number)
    except (StepFailed, HashmatchError) as failure:
        course.faults.append(str(failure))
    source.unlink()
    changes.unlink()
    return FileMeasured(
        file=ListFile(load, size, len(delta)),
        measured=course.measured(),
        absences=tuple(course.absences),
        faults=tuple(dict.fromkeys(f"{load}: {fault}" for fault in course.faults)),
    )


@dataclass
class _Course:
    """The rounds of one file."""

    load: Load
    seed: int
    plan: LoadPlan
    delta: Delta
    source: Path
    changes: Path
    made: Path
    """Folder for what a step makes; there is none between rounds."""
    absences: list[Absence] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    usages: dict[str, list[Usage]] = field(default_factory=lambda: defaultdict(list))
    kept: dict[str, int] = field(default_factory=dict)

    def run_round(self, number: int) -> None:
        """Every step once, on a new bank: the others' first in rounds 0, 2, …, and ours in the rest.

        So the drift of a machine that grows slower or faster falls on both.

        Raises:
            StepFailed: If one of ours, or the floor, fails.
            HashmatchError: If what was published cannot be matched against.
        """
        parts = (self._run_others, self._run_ours)
        for part in parts if number % 2 == 0 else reversed(parts):
            try:
                part()
            finally:
                shutil.rmtree(self.made, ignore_errors=True)

    def measured(self) -> tuple[Measured, ...]:
        """What all rounds gave, of the steps that took part in every one."""
        rounds = max(map(len, self.usages.values()), default=0)
        return tuple(
            Measured(step, self.load, tuple(usages), self.kept[step])
            for step, usages in self.usages.items()
            if len(usages) == rounds
        )

    def _run_others(self) -> None:
        self.made.mkdir()
        self._step(FLOOR, self.source, {"rows": self.load.n})
        if any(absence.step == BESIDE for absence in self.absences):
            return
        reason = "slow; measured with so many rows only if asked to"
        if self.plan.beside(self.load.n):
            try:
                self._step(BESIDE, self.source, {"rows": self.load.n})
                return
            except StepFailed as failure:
                # Somebody else's failure is a result, and must not cost ours.
                reason = str(failure)
        self.absences.append(Absence(BESIDE, self.load, reason))

    def _run_ours(self) -> None:
        n, shape = self.load.n, SHAPES[self.load.shape]
        taken = {"batch": 1, "rows": n, "added": n, "changed": 0, "withdrawn": 0, "unchanged": 0}
        self._step(BATCH, self.source, {**taken, **_CLEAN})
        self._step(SNAPSHOT, self.source, {})
        self.faults += faults_of_list(self.made, shape, self.seed, n, self.plan)
        before = disk.listing(self.made)
        unchanged = {"batch": None, "rows": n, "added": 0, "changed": 0, "withdrawn": 0, "unchanged": n}
        self._step(AGAIN, self.source, {**unchanged, **_CLEAN})
        if disk.listing(self.made) != before:
            self.faults.append(f"{TITLES[AGAIN]}: it changed the bank")
        counts = {name: len(getattr(self.delta, name)) for name in ("added", "changed", "withdrawn")}
        self._step(BATCH, self.changes, {"batch": 2, **counts, "unchanged": 0, **_CLEAN}, DELTA_BATCH)
        self._step(SNAPSHOT, self.changes, {}, DELTA_SNAPSHOT)
        self.faults += faults_of_delta(self.made, shape, self.seed, self.delta)

    def _step(self, step: str, source: Path, expected: Mapping[str, int | None], name: str | None = None) -> None:
        """Let a process take a step, and keep what it took and what it left; ``name`` where it is called otherwise."""
        name = name or step
        before = disk.listing(self.made)
        outcome = watch(step, self.load.form, source, self.made)
        self.kept[name] = disk.grown(before, disk.listing(self.made))
        self.usages[name].append(outcome.usage)
        self.faults += _differences(TITLES[name], outcome.facts, expected)


def _differences(title: str, facts: Facts, expected: Mapping[str, int | None]) -> list[str]:
    """A sentence for each fact that is not as expected."""
    return [
        f"{title}: {name} is {facts.get(name)}, not {wanted}"
        for name, wanted in expected.items()
        if facts.get(name) != wanted
    ]
