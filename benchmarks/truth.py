"""What is true: every answer by brute force in numpy, and how what somebody answered compares with it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hashmatch.hashes import Codes, hamming

from .workloads import RADIUS, Workload

_ROWS = 1 << 15
_PAIRS = 1 << 20


@dataclass(frozen=True)
class Answers:
    """What was found: query ``i`` the rows ``rows[offsets[i]:offsets[i + 1]]``, in any order."""

    offsets: npt.NDArray[np.int64]
    """``int64[queries + 1]``, beginning with 0."""
    rows: npt.NDArray[np.int64]
    """``int64[k]``."""
    distances: npt.NDArray[np.int64]
    """``int64[k]``, in bits."""

    @property
    def queries(self) -> npt.NDArray[np.int64]:
        """The query that each answer belongs to: ``int64[k]``."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))


@dataclass(frozen=True)
class Verdict:
    """How answers compare with the truth."""

    queries: int
    """How many queries were looked at."""
    pairs: int
    """True pairs of a query and a row, among the queries that brute force answered too."""
    found: int
    """How many of them were answered."""
    answers: int
    """Answers to all queries."""
    false_answers: int
    """Answers that are none: beyond the radius, with a wrong distance, of no row, or given before."""
    planted: int
    """Queries that were planted at a row."""
    planted_missed: int
    """Those of them that did not find that row."""

    @property
    def recall(self) -> float:
        """The share of the true pairs that was found."""
        return self.found / self.pairs if self.pairs else 1.0

    @property
    def answers_per_query(self) -> float:
        """The mean."""
        return self.answers / self.queries if self.queries else 0.0

    @property
    def faultless(self) -> bool:
        """Whether nothing is missing and nothing is wrong."""
        return self.found == self.pairs and not self.false_answers and not self.planted_missed


def brute_force(codes: Codes, queries: Codes, radius: int = RADIUS) -> Answers:
    """Every row within ``radius`` bits, inclusive, of each query, by comparing each with each.

    Args:
        codes: ``uint8[n, 32]``.
        queries: ``uint8[q, 32]``.
        radius: 0 to 63.
    """
    found: list[tuple[npt.NDArray[np.int64], ...]] = []
    wanted = np.ascontiguousarray(queries).view(np.uint64)
    for start in range(0, len(codes), _ROWS):
        words = np.ascontiguousarray(np.ascontiguousarray(codes[start : start + _ROWS]).view(np.uint64).T)
        for number, query in enumerate(wanted):
            # Three words alone: the distance of all four may be 256, one more than a byte holds.
            distances = np.bitwise_count(words[0] ^ query[0])
            distances += np.bitwise_count(words[1] ^ query[1])
            distances += np.bitwise_count(words[2] ^ query[2])
            rows = np.flatnonzero(distances <= radius)
            if len(rows):
                whole = distances[rows].astype(np.int64) + np.bitwise_count(words[3, rows] ^ query[3])
                near = whole <= radius
                found.append((np.full(near.sum(), number), rows[near] + start, whole[near]))
    if not found:
        return Answers(np.zeros(len(queries) + 1, np.int64), np.empty(0, np.int64), np.empty(0, np.int64))
    numbers, rows, distances = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.argsort(numbers, kind="stable")
    offsets = np.searchsorted(numbers[order], np.arange(len(queries) + 1))
    return Answers(offsets, rows[order], distances[order])


def judge(workload: Workload, truth: Answers, given: Answers) -> Verdict:
    """Compare answers with the truth.

    Args:
        workload: What was asked.
        truth: Of its first queries, as many as brute force has answered.
        given: Answers to its first queries, at least as many.
    """
    n = len(workload.codes)
    asked = len(given.offsets) - 1
    numbers = given.queries
    real = (given.rows >= 0) & (given.rows < n)
    keys, first = np.unique(numbers[real] * n + given.rows[real], return_index=True)
    false = int((~real).sum()) + int(real.sum()) - len(keys)
    for start in range(0, len(keys), _PAIRS):
        chosen = np.flatnonzero(real)[first[start : start + _PAIRS]]
        distances = hamming(workload.codes[given.rows[chosen]], workload.queries[numbers[chosen]])
        false += int(((distances > RADIUS) | (distances != given.distances[chosen])).sum())
    planted = np.flatnonzero(workload.planted[:asked] >= 0)
    missed = ~_among(planted * n + workload.planted[planted], keys)
    return Verdict(
        queries=asked,
        pairs=len(truth.rows),
        found=int(_among(truth.queries * n + truth.rows, keys).sum()),
        answers=len(given.rows),
        false_answers=false,
        planted=len(planted),
        planted_missed=int(missed.sum()),
    )


def _among(wanted: npt.NDArray[np.int64], keys: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Which of ``wanted`` are among the ascending ``keys``; ``np.isin`` would not know that they ascend."""
    places = np.searchsorted(keys, wanted)
    there = places < len(keys)
    there[there] = keys[places[there]] == wanted[there]
    return there
