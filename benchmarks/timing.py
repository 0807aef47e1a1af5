"""Timing: the same calls in rounds that alternate between those who are compared, so that noise hits all alike."""

from __future__ import annotations

import contextlib
import gc
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import numpy as np

MICROSECONDS = 1e6


@dataclass(frozen=True)
class Timed:
    """How long queries took."""

    rounds: tuple[float, ...]
    """µs per query in each round: the round's time, over all threads, by the round's queries."""
    median: float
    """µs per query of the median call: the call's time by its queries, as its caller waits for it."""
    p99: float
    """The same of the call that 99 % of the calls are not slower than."""
    calls: int
    """Calls in all rounds."""

    @property
    def us_per_query(self) -> float:
        """µs per query: the median of the rounds."""
        return float(np.median(self.rounds))

    @property
    def milliseconds(self) -> float:
        """The same in milliseconds."""
        return self.us_per_query / 1000

    def ratio_to(self, other: Timed) -> float:
        """How many times as fast as ``other``, which was measured in the same rounds: the median of their ratios."""
        return float(np.median(np.divide(other.rounds, self.rounds)))


@dataclass
class Series:
    """Calls of one kind, and how long they took."""

    ask: Callable[[Any], object]
    """Makes one call; what it returns is dropped."""
    calls: Sequence[tuple[Any, int]]
    """What to call it with, and how many queries that is. Rounds take these in turn, beginning again at the end."""
    threads: int = 1
    """Python threads that call it at the same time."""

    _next: int = 0
    _per_round: int = 1
    _rounds: list[float] = field(default_factory=list)
    _waits: list[float] = field(default_factory=list)

    def warm_up(self, budget: float) -> None:
        """Call for ``budget`` seconds, at least once; a round will have as many calls in each thread."""
        end = perf_counter() + budget
        done = 0
        while not done or (perf_counter() < end and done < len(self.calls)):
            self.ask(self.calls[done % len(self.calls)][0])
            done += 1
        self._per_round = done

    def run_round(self) -> None:
        """Make one round's calls, and keep how long they took."""
        count = self._per_round * self.threads
        chosen = [self.calls[(self._next + i) % len(self.calls)] for i in range(count)]
        self._next += count
        wall, waits = _run(self.ask, [chosen[i :: self.threads] for i in range(self.threads)])
        self._rounds.append(wall / sum(queries for _, queries in chosen) * MICROSECONDS)
        self._waits += waits

    def timed(self) -> Timed:
        """What the rounds gave."""
        waits = np.array(self._waits) * MICROSECONDS
        return Timed(
            rounds=tuple(self._rounds),
            median=float(np.median(waits)),
            p99=float(np.percentile(waits, 99, method="inverted_cdf")),
            calls=len(waits),
        )


def interleave(series: Sequence[Series], rounds: int) -> None:
    """Run ``rounds`` rounds of each, one after the other in turn; each must have been warmed up."""
    with _frozen_heap():
        for _ in range(rounds):
            for one in series:
                one.run_round()


def _run(ask: Callable[[Any], object], shares: list[list[tuple[Any, int]]]) -> tuple[float, list[float]]:
    """Make each thread's calls: seconds from the first call to the last end, and seconds per query of each call."""
    barrier = threading.Barrier(len(shares))

    def work(share: list[tuple[Any, int]]) -> list[tuple[float, float]]:
        times = []
        barrier.wait()
        for argument, _ in share:
            begun = perf_counter()
            ask(argument)
            times.append((begun, perf_counter()))
        return times

    if len(shares) == 1:
        times = [work(shares[0])]
    else:
        with ThreadPoolExecutor(len(shares)) as pool:
            times = list(pool.map(work, shares))
    wall = max(own[-1][1] for own in times) - min(own[0][0] for own in times)
    waits = [
        (ended - begun) / queries
        for share, own in zip(shares, times, strict=True)
        for (_, queries), (begun, ended) in zip(share, own, strict=True)
    ]
    return wall, waits


@contextlib.contextmanager
def _frozen_heap() -> Iterator[None]:
    """Spare everybody's calls the garbage collector's walk over what one contender keeps as Python objects."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
