"""How much a run measures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """How much a run measures."""

    sizes: tuple[int, ...]
    """Numbers of codes."""
    queries: int
    """Queries that are drawn."""
    checked: int
    """Answers to so many of them are checked, ..."""
    checking: float
    """... or to as many as a contender answers in so many seconds, but to all that brute force has answered."""
    calls: int
    """Different calls of one contender, asked in one way, at most; rounds take them in turn."""
    rounds: int
    budget: float
    """Seconds of one contender's calls in one round, if a call is not longer than that."""
    crossing_sizes: tuple[int, ...]
    """Numbers of codes at which our two indexes are compared, ..."""
    crossing_budget: float
    """... and ``budget`` there."""
    crowd: tuple[int, int]
    """Codes, and how many of them are neighbours of each other."""
    processes: int
    """Fresh processes that open a saved index, for one figure."""
    quick: bool = False

    def brute_forced(self, n: int) -> int:
        """How many queries are answered by brute force, among ``n`` codes: fewer, the longer each takes."""
        return min(self.queries, self.checked, max(400, min(2_000, 10**9 // n)))


FULL = Plan(
    sizes=(10_000, 100_000, 1_000_000, 10_000_000),
    queries=40_000,
    checked=20_000,
    checking=5,
    calls=20_000,
    rounds=7,
    budget=0.3,
    crossing_sizes=(1_000, 2_000, 5_000, 10_000, 20_000, 50_000),
    crossing_budget=0.1,
    crowd=(1_000_000, 100_000),
    processes=5,
)

QUICK = Plan(
    sizes=(10_000, 100_000),
    queries=40_000,
    checked=1_000,
    checking=1,
    calls=1_000,
    rounds=3,
    budget=0.02,
    crossing_sizes=(1_000, 10_000),
    crossing_budget=0.02,
    crowd=(50_000, 5_000),
    processes=1,
    quick=True,
)
