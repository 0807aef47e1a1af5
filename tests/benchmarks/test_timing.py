"""Timing: who is called how often and with what. No test here looks at a time."""

from __future__ import annotations

import gc
import threading
from collections import Counter

import pytest

from benchmarks.timing import Series, Timed, interleave


def test_rounds_alternate_and_take_the_calls_in_turn() -> None:
    made: list[tuple[str, int]] = []
    one = Series(lambda call: made.append(("one", call)), [(call, 1) for call in range(3)])
    two = Series(lambda call: made.append(("two", call)), [(call, 1) for call in range(2)])
    for series in (one, two):
        series.warm_up(0)
    made.clear()
    interleave([one, two], 4)
    assert made == [("one", 0), ("two", 0), ("one", 1), ("two", 1), ("one", 2), ("two", 0), ("one", 0), ("two", 1)]


def test_warming_up_stops_at_the_last_call_and_sets_the_length_of_a_round() -> None:
    made: list[int] = []
    series = Series(made.append, [(call, 5) for call in range(7)])
    series.warm_up(3600)
    assert made == list(range(7))
    interleave([series], 2)
    assert made == list(range(7)) * 3
    timed = series.timed()
    assert (timed.calls, len(timed.rounds)) == (14, 2)


def test_threads_share_the_calls_and_run_at_the_same_time() -> None:
    together = threading.Barrier(2)
    made: Counter[int] = Counter()
    warm = True

    def ask(call: int) -> None:
        if not warm:
            # Would wait in vain, and break, if one thread made all calls.
            together.wait(timeout=30)
        made[call] += 1

    series = Series(ask, [(call, 2) for call in range(6)], threads=2)
    series.warm_up(3600)
    warm = False
    interleave([series], 1)
    assert made == Counter(dict.fromkeys(range(6), 3)), "six in each thread, and once to warm up"
    assert series.timed().calls == 12


def test_a_failing_call_fails_the_run_in_threads_too() -> None:
    def ask(call: int) -> None:
        raise ZeroDivisionError

    for threads in (1, 2):
        series = Series(ask, [(0, 1)], threads=threads)
        with pytest.raises(ZeroDivisionError):
            interleave([series], 1)


def test_figures_are_medians_of_rounds_and_ratios_are_taken_within_a_round() -> None:
    slow = Timed(rounds=(10.0, 40.0, 30.0), median=1, p99=1, calls=3)
    fast = Timed(rounds=(5.0, 4.0, 1.0), median=1, p99=1, calls=3)
    assert (slow.us_per_query, fast.us_per_query) == (30, 4)
    assert fast.ratio_to(slow) == 10
    assert fast.ratio_to(fast) == 1


def test_percentiles_are_of_calls_per_query() -> None:
    series = Series(lambda call: None, [(0, 1)])
    series._rounds = [1.0]
    series._waits = [second / 1e6 for second in range(1, 101)]
    timed = series.timed()
    assert timed.median == pytest.approx(50.5)
    assert timed.p99 == pytest.approx(99)


def test_the_heap_is_thawed_again() -> None:
    interleave([], 1)
    assert gc.get_freeze_count() == 0
    with pytest.raises(ZeroDivisionError):
        interleave([Series(lambda call: 1 // call, [(0, 1)])], 1)
    assert gc.get_freeze_count() == 0
