"""Proof that what was loaded is what is matched: planted hashes are found with their rows, and others are not."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hashmatch import HashRecord, Matcher
from hashmatch.hashes import Codes

from ..workloads import RADIUS, flips
from .delta import Delta
from .plan import LoadPlan
from .rows import Numbers, codes_of, draw
from .shapes import Shape

_BEYOND = 1 << 40
"""No list has a row of this number."""


def faults_of_list(bank: Path, shape: Shape, seed: int, n: int, plan: LoadPlan) -> list[str]:
    """What is wrong with the snapshot of rows 0 to n - 1: a sentence for each kind of fault."""
    matcher = Matcher.open(bank)
    chosen = np.unique(np.linspace(0, n - 1, plan.planted).astype(np.int64))
    strangers = np.arange(_BEYOND, _BEYOND + plan.strangers)
    return [
        *_missed(matcher, shape, seed, chosen, 0, "planted rows"),
        *_found(matcher, codes_of(seed, strangers), "hashes of no row"),
    ]


def faults_of_delta(bank: Path, shape: Shape, seed: int, delta: Delta) -> list[str]:
    """What is wrong with the snapshot after a delta."""
    matcher = Matcher.open(bank)
    return [
        *_missed(matcher, shape, seed, delta.added, 0, "added rows"),
        *_missed(matcher, shape, seed, delta.changed, 1, "changed rows"),
        *_found(matcher, codes_of(seed, delta.changed), "hashes that were changed"),
        *_found(matcher, codes_of(seed, delta.withdrawn), "hashes that were withdrawn"),
    ]


def _missed(matcher: Matcher, shape: Shape, seed: int, numbers: Numbers, edition: int, what: str) -> list[str]:
    """Look for rows, the i-th from a hash that is i modulo 32 bits away; each must be found so far away, and alone."""
    if not len(numbers):
        return []
    distances = np.arange(len(numbers)) % (RADIUS + 1)
    queries = codes_of(seed, numbers, edition) ^ flips(np.random.default_rng([seed, edition]), distances)
    rows = draw(shape, seed, numbers, edition).to_pylist()
    found = matcher.search(queries, algorithm="pdq", radius=RADIUS)
    wrong = 0
    for number, row in enumerate(rows):
        hits = range(found.offsets[number], found.offsets[number + 1])
        right = [hit for hit in hits if found.distances[hit] == distances[number]]
        records = [record for hit in right for record in found.records(hit)]
        wrong += len(hits) != 1 or len(records) != 1 or not _same(records[0], row)
    return [f"{wrong} of {len(numbers)} {what} are not found as they were sent"] if wrong else []


def _same(record: HashRecord, row: dict[str, object]) -> bool:
    """Whether it is what was sent, and nothing was made up: ``extra`` is empty if none was sent."""
    sent = {"extra": "{}", **row, "digest": bytes.fromhex(str(row["digest"])), "labels": tuple(row["labels"])}  # type: ignore[arg-type]
    return all(getattr(record, name) == value for name, value in sent.items())


def _found(matcher: Matcher, codes: Codes, what: str) -> list[str]:
    """Look for hashes that must not be there."""
    found = int(np.sum(np.diff(matcher.search(codes, algorithm="pdq", radius=RADIUS).offsets) > 0)) if len(codes) else 0
    return [f"{found} of {len(codes)} {what} are found"] if found else []
