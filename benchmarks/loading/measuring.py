"""Measuring one file: every step of every round in a process of its own, and whether each did what it must."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from hashmatch.errors import HashmatchError

from ..figures import whole
from ..progress import Say
from . import disk, forms
from .delta import Delta
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


def measure(form: str, n: int, seed: int, plan: LoadPlan, scratch: Path, say: Say) -> FileMeasured:
    """Write a list and a delta to it, and load them in rounds.

    Args:
        form: A name in ``forms.FORMS``.
        n: Rows of the list.
        seed: Of the rows.
        plan: How much to measure.
        scratch: An empty folder; it is empty again afterwards.
        say: Is told what is being done.
    """
    about = f"{whole(n)} rows, {forms.FORMS[form]}"
    say(f"{about}: writing the file")
    delta = Delta.of(seed, n, plan.changes_of(n))
    source, changes = scratch / f"list.{form}", scratch / f"delta.{form}"
    numbers = (np.arange(start, min(start + _DRAWN, n)) for start in range(0, n, _DRAWN))
    size = forms.write(form, (draw(seed, some) for some in numbers), source)
    forms.write(form, [delta.rows(seed)], changes)
    course = _Course(form, n, seed, plan, delta, source, changes, scratch)
    try:
        for number in range(plan.rounds_of(n)):
            say(f"{about}: round {number + 1} of {plan.rounds_of(n)}")
            course.run_round()
    except (StepFailed, HashmatchError) as failure:
        course.faults.append(str(failure))
    source.unlink()
    changes.unlink()
    return FileMeasured(
        file=ListFile(form, n, size, len(delta)),
        measured=course.measured(),
        absences=tuple(course.absences),
        faults=tuple(dict.fromkeys(f"{about}: {fault}" for fault in course.faults)),
    )


@dataclass
class _Course:
    """The rounds of one file."""

    form: str
    n: int
    seed: int
    plan: LoadPlan
    delta: Delta
    source: Path
    changes: Path
    scratch: Path
    absences: list[Absence] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    usages: dict[str, list[Usage]] = field(default_factory=lambda: defaultdict(list))
    kept: dict[str, int] = field(default_factory=dict)

    def run_round(self) -> None:
        """Every step once, on a new bank.

        Raises:
            StepFailed: If one of ours, or the floor, fails.
            HashmatchError: If what was published cannot be matched against.
        """
        others, bank = self.scratch / "others", self.scratch / "bank"
        try:
            others.mkdir()
            self._step(FLOOR, self.source, others, {"rows": self.n})
            self._beside(others)
            shutil.rmtree(others)
            self._load(bank)
            self._change(bank)
        finally:
            shutil.rmtree(others, ignore_errors=True)
            shutil.rmtree(bank, ignore_errors=True)

    def measured(self) -> tuple[Measured, ...]:
        """What all rounds gave, of the steps that took part in every one."""
        rounds = max(map(len, self.usages.values()), default=0)
        return tuple(
            Measured(step, self.form, self.n, tuple(usages), self.kept[step])
            for step, usages in self.usages.items()
            if len(usages) == rounds
        )

    def _beside(self, folder: Path) -> None:
        if any(absence.step == BESIDE for absence in self.absences):
            return
        reason = "slow; measured with so many rows only if asked to"
        if self.plan.beside(self.n):
            try:
                self._step(BESIDE, self.source, folder, {"rows": self.n})
                return
            except StepFailed as failure:
                # Somebody else's failure is a result, and must not cost ours.
                reason = str(failure)
        self.absences.append(Absence(BESIDE, self.form, self.n, reason))

    def _load(self, bank: Path) -> None:
        taken = {"batch": 1, "rows": self.n, "added": self.n, "changed": 0, "withdrawn": 0, "unchanged": 0}
        self._step(BATCH, self.source, bank, {**taken, **_CLEAN})
        self._step(SNAPSHOT, self.source, bank, {})
        self.faults += faults_of_list(bank, self.seed, self.n, self.plan)
        before = disk.listing(bank)
        unchanged = {"batch": None, "rows": self.n, "added": 0, "changed": 0, "withdrawn": 0, "unchanged": self.n}
        self._step(AGAIN, self.source, bank, {**unchanged, **_CLEAN})
        if disk.listing(bank) != before:
            self.faults.append(f"{TITLES[AGAIN]}: it changed the bank")

    def _change(self, bank: Path) -> None:
        counts = {name: len(getattr(self.delta, name)) for name in ("added", "changed", "withdrawn")}
        self._step(BATCH, self.changes, bank, {"batch": 2, **counts, "unchanged": 0, **_CLEAN}, DELTA_BATCH)
        self._step(SNAPSHOT, self.changes, bank, {}, DELTA_SNAPSHOT)
        self.faults += faults_of_delta(bank, self.seed, self.delta)

    def _step(
        self, step: str, source: Path, folder: Path, expected: Mapping[str, int | None], name: str | None = None
    ) -> None:
        """Let a process take a step, and keep what it took and what it left; ``name`` where it is called otherwise."""
        name = name or step
        before = disk.listing(folder)
        outcome = watch(step, self.form, source, folder)
        self.kept[name] = disk.grown(before, disk.listing(folder))
        self.usages[name].append(outcome.usage)
        self.faults += _differences(TITLES[name], outcome.facts, expected)


def _differences(title: str, facts: Facts, expected: Mapping[str, int | None]) -> list[str]:
    """A sentence for each fact that is not as expected."""
    return [
        f"{title}: {name} is {facts.get(name)}, not {wanted}"
        for name, wanted in expected.items()
        if facts.get(name) != wanted
    ]
