"""What a bank is doing when it is killed, and what it must hold before and after."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hashmatch import HashBank, Matcher
from hashmatch.errors import BankNotFound, NotPublished
from hashmatch.formats.source import Source

Action = Callable[[Path], None]


def digest(claim: str, algorithm: str = "pdq") -> str:
    """A hash of no picture, always the same one for a claim."""
    return getattr(hashlib, "md5" if algorithm == "md5" else "sha256")(claim.encode()).hexdigest()


def lines(name: str, claims: Iterable[str], label: str) -> Source:
    """A CSV file with a PDQ and an MD5 of each claim."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["id", "hash", "algorithm", "labels", "quality"])
    for claim in claims:
        for algorithm in ("pdq", "md5"):
            writer.writerow([claim, digest(claim, algorithm), algorithm, label, 90 if algorithm == "pdq" else ""])
    return Source(content=text.getvalue().encode(), name=f"{name}.csv")


def claims(first: int, last: int) -> list[str]:
    """Ids of claims, both ends inclusive."""
    return [f"claim-{number}" for number in range(first, last + 1)]


PROBES = claims(1, 30)
FIRST = lines("first", claims(1, 12), "kind:first")
DELTA = lines("delta", claims(9, 16), "kind:delta")
WHOLE = lines("whole", claims(5, 20), "kind:whole")
LATER = lines("later", claims(21, 24), "kind:later")


def take(source: Source, mode: str, publish: bool = True) -> Action:
    """An import into list ``partner``, of whatever size."""

    def act(folder: Path) -> None:
        with HashBank.open(folder) as bank:
            bank.import_list(source, "partner", "A Partner", mode=mode, accept_change=True, publish=publish)

    return act


def publish(folder: Path) -> None:
    with HashBank.open(folder) as bank:
        bank.publish()


def compact(folder: Path) -> None:
    with HashBank.open(folder) as bank:
        bank.compact(days=0)


def withdraw(claim: str) -> Action:
    """A withdrawal by hand."""

    def act(folder: Path) -> None:
        with HashBank.open(folder) as bank:
            bank.withdraw("partner", claim)

    return act


def nothing(folder: Path) -> None:
    """No bank is there yet."""


def in_turn(*actions: Action) -> Action:
    """One after the other."""

    def act(folder: Path) -> None:
        for action in actions:
            action(folder)

    return act


@dataclass(frozen=True)
class Scenario:
    """One action that is killed at every point."""

    prepare: Action
    act: Action
    recover: Action
    """Must succeed after any death, and leave no litter."""
    commits: str | None
    """The rename by which the log's new state is committed: its target, as an expression."""


SCENARIOS: dict[str, Scenario] = {
    "create": Scenario(nothing, take(FIRST, "update"), take(FIRST, "update"), r"batches/00000001\.parquet"),
    "update": Scenario(
        take(FIRST, "update"), take(DELTA, "update"), take(DELTA, "update"), r"batches/00000002\.parquet"
    ),
    "replace": Scenario(
        take(FIRST, "replace"), take(WHOLE, "replace"), take(WHOLE, "replace"), r"batches/00000002\.parquet"
    ),
    "publish": Scenario(
        in_turn(take(FIRST, "update"), take(DELTA, "update"), take(LATER, "update", publish=False)),
        publish,
        publish,
        None,
    ),
    "compact": Scenario(
        in_turn(
            take(FIRST, "update"),
            take(DELTA, "update", publish=False),
            withdraw("claim-3"),
            withdraw("claim-14"),
            take(WHOLE, "replace"),
        ),
        compact,
        # Not the same again: what a killed compaction leaves must go with the next import, whatever that is.
        take(LATER, "update"),
        r"batches/00000005\.parquet",
    ),
}


def held(folder: Path) -> dict[str, Any]:
    """Everything that a bank holds, but for the clock."""
    sink = io.BytesIO()
    with HashBank.open(folder) as bank:
        bank.export_list(sink, allow_restricted=True)
        history = [
            [entry.number, entry.kind, entry.lists, entry.origin, entry.sha256, entry.counts, entry.compacted]
            for entry in bank.history()
        ]
        lists = [[own.settings.to_json(), own.claims, own.hashes, own.withdrawn, own.batch] for own in bank.lists()]
    return {"records": sink.getvalue().decode(), "history": history, "lists": lists}


def answered(folder: Path) -> Any:
    """What a matcher answers to every probe, and from which batch; or why it cannot."""
    try:
        matcher = Matcher.open(folder)
    except (BankNotFound, NotPublished) as error:
        return type(error).__name__
    found = []
    for algorithm in ("md5", "pdq"):
        codes = np.array([list(bytes.fromhex(digest(claim, algorithm))) for claim in PROBES], dtype=np.uint8)
        neighbors = matcher.search(codes, algorithm, 0)
        for probe, (first, last) in enumerate(zip(neighbors.offsets[:-1], neighbors.offsets[1:], strict=True)):
            for position in range(first, last):
                found += [[PROBES[probe], own.source_id, own.labels] for own in neighbors.records(position)]
    return {"batch": matcher.snapshot.batch, "found": found}


def litter(folder: Path) -> list[str]:
    """What lies in a bank's folder and does not belong there."""
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))
    hidden = [name for name in names if any(part.startswith(".") for part in Path(name).parts)]
    scratch = [name for name in names if "scratch" in name]
    ours = {"bank.json", "lock", "turnstile", "batches", "snapshots", "CURRENT"}
    strangers = {path.name for path in folder.iterdir()} - ours
    snapshots = sorted(path.name for path in (folder / "snapshots").iterdir())
    with HashBank.open(folder) as bank:
        base = max((entry.number for entry in bank.history() if entry.kind == "base"), default=0)
    numbers = [int(path.stem) for path in (folder / "batches").iterdir() if re.fullmatch(r"\d{8}", path.stem)]
    below = [f"batches/{number:08d}.parquet" for number in numbers if number < base]
    return [*hidden, *scratch, *sorted(strangers), *snapshots[:-2], *below]
