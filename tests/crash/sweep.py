"""Kills one scenario at every point, each time in a process of its own, and tells what was left.

Run as ``python -m tests.crash.sweep SCENARIO FOLDER``. Everything is imported once; each process is then a fork
of one that has done nothing yet. Points between which no byte changes leave the same, so that one death stands for all.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import secrets
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from hashmatch import HashBank, indexes
from hashmatch.algorithms import ALGORITHMS
from hashmatch.batches import Log

from .scenarios import SCENARIOS, Scenario, answered, held, in_turn, litter
from .tracing import Death, traced, untraced

START = datetime(2025, 3, 1, tzinfo=timezone.utc)


def in_child(question: Callable[[], Any], answer: Path | None = None) -> int:
    """Ask in a fork; its answer goes into a file. The fork's status."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    try:
        found = question()
        if answer is not None:
            answer.write_text(json.dumps(found), "utf-8")
    except BaseException:
        sys.excepthook(*sys.exc_info())
        os._exit(1)
    os._exit(0)


def asked(question: Callable[[], Any], scratch: Path) -> Any:
    """The answer of a fork, which must not fail."""
    if in_child(question, scratch) != 0:
        return None
    return json.loads(scratch.read_text("utf-8"))


def points_of(scenario: Scenario, folder: Path) -> dict[str, Any]:
    """What the scenario calls when nobody kills it, and what lies in the folder at each moment."""
    pin(0)
    moments: list[tuple[str, int, str]] = []
    with traced(folder, watch=lambda moment, number: moments.append((moment, number, fingerprint(folder)))) as tracer:
        scenario.act(folder / "bank")
    return {"points": [asdict(point) for point in tracer.points], "moments": moments, "untraced": untraced(tracer)}


def killed(scenario: Scenario, folder: Path, death: Death) -> None:
    pin(0)
    with traced(folder, death):
        scenario.act(folder / "bank")


def pin(chance: int) -> None:
    """Let nothing but the death decide what is left: neither the clock, nor chance, nor the speed of the disk.

    The kernel keeps what a killed process wrote, synced or not; ``durability`` tells what a power cut would take.
    """
    Log.now = lambda log: (log.time or START) + timedelta(minutes=1)  # type: ignore[method-assign]
    secrets.token_hex = lambda size: str(chance) * (2 * size)  # type: ignore[assignment]
    os.fsync = lambda descriptor: None  # type: ignore[assignment]


def fingerprint(folder: Path) -> str:
    """A digest of every name and every byte in a folder."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        digest.update(f"{path.relative_to(folder)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest() if path.is_file() else b"/")
    return digest.hexdigest()


def examined(scenario: Scenario, bank: Path) -> dict[str, Any]:
    """What a new process finds after a death, and whether the bank can go on, to which bytes."""
    pin(1)
    found = state(bank)
    scenario.recover(bank)
    with HashBank.open(bank, create=False) as opened:
        snapshot = opened.snapshot(verify=True)
        found["published"] = snapshot.verified and snapshot.batch == opened.history()[-1].number
    found["litter"] = litter(bank)
    scenario.act(bank)
    return {**found, "end": fingerprint(bank)}


def state(bank: Path) -> dict[str, Any]:
    # Matchers come first: a bank that is opened is made.
    return {"answers": answered(bank), "held": held(bank)}


def copy(template: Path, folder: Path) -> None:
    shutil.copytree(template, folder)


def warm(scenario: Scenario, folder: Path) -> None:
    """Import what a fork imports that does all of it, so that no later one must, and weigh once what indexes cost."""
    known = set(sys.modules)

    def imported() -> list[str]:
        in_turn(scenario.prepare, scenario.act)(folder / "bank")
        examined(scenario, folder / "bank")
        return sorted(set(sys.modules) - known)

    folder.mkdir()
    for name in asked(imported, folder / "imported"):
        importlib.import_module(name)
    for algorithm in ALGORITHMS.values():
        indexes.auto(1, algorithm.bits, algorithm.radius)


def sweep(scenario: Scenario, folder: Path) -> dict[str, Any]:
    """Everything that the tests want to know of one scenario."""
    template, work, scratch = folder / "template", folder / "work", folder / "answer"
    template.mkdir()
    if in_child(lambda: scenario.prepare(template / "bank")) != 0:
        raise SystemExit("the bank could not be prepared")
    result: dict[str, Any] = {}
    copy(template, work)
    result["old"] = asked(lambda: state(work / "bank"), scratch)
    shutil.rmtree(work)
    copy(template, work)
    result.update(asked(lambda: points_of(scenario, work), scratch))
    result["new"] = asked(lambda: state(work / "bank"), scratch)
    if in_child(lambda: in_turn(scenario.recover, scenario.act)(work / "bank")) != 0:
        raise SystemExit("the action cannot be repeated")
    result["last"] = asked(lambda: state(work / "bank"), scratch)
    result["deaths"] = spread(scenario, template, folder, deaths(result["points"], result.pop("moments")))
    return result


@dataclass(frozen=True)
class Kind:
    """Deaths that leave the same bytes."""

    left: str | None
    """The fingerprint of what they leave; None if nobody knows."""
    deaths: list[Death]


def deaths(points: list[dict[str, Any]], moments: list[tuple[str, int, str]]) -> list[Kind]:
    """Every death, those together that leave the same bytes; half of what is written leaves something of its own."""
    alike: dict[str, list[Death]] = {}
    for moment, number, left in moments:
        alike.setdefault(left, []).append(Death(moment, number))
    torn = [Kind(None, [Death("torn", number)]) for number, point in enumerate(points) if point["call"] == "write"]
    return [*(Kind(left, same) for left, same in alike.items()), *torn]


def spread(scenario: Scenario, template: Path, folder: Path, kinds: list[Kind]) -> list[dict[str, Any]]:
    """All deaths, shared out among as many processes as there are cores."""
    workers = max(2, os.cpu_count() or 2)
    children = {}
    for worker in range(workers):
        mine = folder / f"worker-{worker}"
        if (child := os.fork()) == 0:
            coroner = Coroner(scenario, template, mine)
            outcomes = [outcome for kind in kinds[worker::workers] for outcome in coroner.outcomes(kind)]
            mine.with_suffix(".json").write_text(json.dumps(outcomes), "utf-8")
            os._exit(0)
        children[child] = mine.with_suffix(".json")
    outcomes = []
    for child, answer in children.items():
        os.waitpid(child, 0)
        outcomes += json.loads(answer.read_text("utf-8"))
    return outcomes


@dataclass
class Coroner:
    """Tells what comes of deaths; what is the same byte by byte is looked at once."""

    scenario: Scenario
    template: Path
    folder: Path
    known: dict[str, Any] = field(default_factory=dict)
    """What was found, by the fingerprint of what a death left."""
    ends: dict[str, Any] = field(default_factory=dict)
    """States, by the fingerprint of the bank after it went on."""

    def outcomes(self, kind: Kind) -> list[dict[str, Any]]:
        """What comes of one death of a kind, for each of them."""
        copy(self.template, self.folder)
        status = in_child(lambda: killed(self.scenario, self.folder, kind.deaths[0]))
        left = fingerprint(self.folder)
        if left not in self.known:
            self.known[left] = self._found()
        shutil.rmtree(self.folder)
        of_all = {
            "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0,
            "foreseen": kind.left in (None, left),
            "found": self.known[left],
        }
        return [{**asdict(death), **of_all} for death in kind.deaths]

    def _found(self) -> Any:
        bank, answer = self.folder / "bank", self.folder.with_suffix(".answer")
        found = asked(lambda: examined(self.scenario, bank), answer)
        if found is not None:
            end = found.pop("end")
            if end not in self.ends:
                self.ends[end] = asked(lambda: state(bank), answer)
            found["last"] = self.ends[end]
        return found


def main(name: str, folder: Path) -> None:
    warm(SCENARIOS[name], folder / "warm")
    result = sweep(SCENARIOS[name], folder)
    (folder / "result.json").write_text(json.dumps(result), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
