"""Kills one scenario at every point, each time in a process of its own, and tells what was left.

Run as ``python -m tests.crash.sweep SCENARIO FOLDER``. Everything is imported once; each process is then a fork
of one that has done nothing yet.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pyarrow.parquet  # noqa: F401 - loaded before the forks

from hashmatch import HashBank
from hashmatch.algorithms import ALGORITHMS
from hashmatch.batches import Log
from hashmatch.formats import FORMATS
from hashmatch.indexes import INDEXES

from .scenarios import SCENARIOS, Scenario, answered, held, in_turn, litter
from .tracing import Death, Point, traced, untraced

MOMENTS = ("before", "torn", "after")
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
    """What the scenario calls when nobody kills it."""
    with traced(folder) as tracer:
        scenario.act(folder / "bank")
    return {"points": [asdict(point) for point in tracer.points], "untraced": untraced(tracer)}


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
    """What a new process finds after a death, and whether the bank can go on."""
    pin(1)
    found = state(bank)
    scenario.recover(bank)
    with HashBank.open(bank, create=False) as opened:
        snapshot = opened.snapshot(verify=True)
        found["published"] = snapshot.verified and snapshot.batch == opened.history()[-1].number
    found["litter"] = litter(bank)
    scenario.act(bank)
    return {**found, "last": state(bank)}


def state(bank: Path) -> dict[str, Any]:
    # Matchers come first: a bank that is opened is made.
    return {"answers": answered(bank), "held": held(bank)}


def copy(template: Path, folder: Path) -> None:
    shutil.copytree(template, folder)


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
    deaths = [
        Death(moment, number)
        for number, point in enumerate(Point(**point) for point in result["points"])
        for moment in MOMENTS
        if moment != "torn" or point.call == "write"
    ]
    result["deaths"] = spread(scenario, template, folder, deaths)
    return result


def spread(scenario: Scenario, template: Path, folder: Path, deaths: list[Death]) -> list[dict[str, Any]]:
    """All deaths, shared out among as many processes as there are cores."""
    workers = max(2, os.cpu_count() or 2)
    children = {}
    for worker in range(workers):
        mine = folder / f"worker-{worker}"
        if (child := os.fork()) == 0:
            known: dict[str, Any] = {}
            share = deaths[len(deaths) * worker // workers : len(deaths) * (worker + 1) // workers]
            outcomes = [outcome(scenario, template, mine, death, known) for death in share]
            mine.with_suffix(".json").write_text(json.dumps(outcomes), "utf-8")
            os._exit(0)
        children[child] = mine.with_suffix(".json")
    outcomes = []
    for child, answer in children.items():
        os.waitpid(child, 0)
        outcomes += json.loads(answer.read_text("utf-8"))
    return outcomes


def outcome(scenario: Scenario, template: Path, folder: Path, death: Death, known: dict[str, Any]) -> dict[str, Any]:
    """One death, and what comes of it; what leaves the same bytes as another is examined with it."""
    copy(template, folder)
    status = in_child(lambda: killed(scenario, folder, death))
    left = fingerprint(folder)
    if left not in known:
        known[left] = asked(lambda: examined(scenario, folder / "bank"), folder.with_suffix(".answer"))
    shutil.rmtree(folder)
    return {**asdict(death), "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0, "found": known[left]}


def main(name: str, folder: Path) -> None:
    for registry in (ALGORITHMS, FORMATS, INDEXES):
        assert list(registry.values())
    result = sweep(SCENARIOS[name], folder)
    (folder / "result.json").write_text(json.dumps(result), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
