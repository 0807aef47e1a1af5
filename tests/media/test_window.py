"""Packets that are held back until it is known whether their frames are wanted."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashmatch.media import window as module
from hashmatch.media.clock import Clock
from hashmatch.media.window import Window
from hashmatch.sampling import Sampling

UNIT = Fraction(1, 10)


@dataclass(frozen=True)
class Packet:
    pts: int | None
    dts: int | None
    size: int = 10
    is_discard: bool = False


def group(order: list[int], count: int, delay: int) -> list[Packet]:
    """Packets of frames 0, 1, ..., each group of them in another order; decoded one a tick, shown ``delay`` later."""
    shown = [start + place for start in range(0, count, len(order)) for place in order]
    return [Packet(pts + delay, turn) for turn, pts in enumerate(shown)]


def needed(packets: list[Packet], seconds: float, first: int | None) -> list[Packet]:
    """Those of which the window says so, where the first frame comes out of the decoder after two packets."""
    clock = Clock(UNIT, None)
    window = Window(clock, Sampling(seconds))
    given: list[Packet] = []
    let_go = []
    for number, packet in enumerate(packets):
        if number == 2 and first is not None:
            clock.show(first)
        for released, is_needed in window.take(packet):
            let_go.append(released)
            given += [released] * is_needed
    for released, is_needed in window.rest():
        let_go.append(released)
        given += [released] * is_needed
    assert let_go == packets
    return given


ORDERS = {
    "as shown": ([0], 0),
    "one between": ([1, 0], 1),
    "three between": ([3, 0, 1, 2], 3),
    "a pyramid": ([7, 3, 1, 0, 2, 5, 4, 6], 7),
}


@pytest.mark.parametrize("name", ORDERS)
@pytest.mark.parametrize("seconds", [0.1, 0.35, 1.0, 2.0, 100.0])
def test_of_each_multiple_the_first_frame_is_needed_and_no_other(name: str, seconds: float) -> None:
    order, delay = ORDERS[name]
    packets = group(order, 160, delay)
    wants = Sampling(seconds).picking(UNIT)
    shown = sorted(packet.pts for packet in packets if packet.pts is not None)
    wanted = {pts for pts in shown if wants(pts - shown[0])}
    found = needed(packets, seconds, shown[0])
    # The first two are decoded before it is known when the first frame is shown; of the last nobody knows what comes.
    surely = {packet.pts for packet in found[2:] if packet in packets[: -2 * len(order)]}
    assert surely - wanted == set()
    assert wanted <= {packet.pts for packet in found}


def test_all_are_needed_until_the_first_frame_is_there() -> None:
    packets = group([0], 40, 0)
    assert needed(packets, 100.0, None) == packets
    assert needed(packets, 100.0, 0) == packets[:2]


ODD = {
    "no time": Packet(None, 20),
    "shown before its turn": Packet(19, 20),
    "its turn was before": Packet(20, 5),
    "shown before what was let go": Packet(3, None),
}


@pytest.mark.parametrize("name", ODD)
def test_where_times_are_odd_all_are_needed_from_there_on(name: str) -> None:
    packets = group([0], 40, 0)
    packets[20] = ODD[name]
    found = needed(packets, 100.0, 0)
    assert found[:2] == packets[:2]
    assert found[2:] == packets[20:]


def test_a_clock_that_cannot_be_believed_ends_it() -> None:
    clock = Clock(UNIT, None)
    window = Window(clock, Sampling(100.0))
    clock.show(0)
    packets = group([0], 20, 0)
    first = [is_needed for packet in packets[:10] for _, is_needed in window.take(packet)]
    clock.show(None)
    rest = [is_needed for packet in packets[10:] for _, is_needed in window.take(packet)]
    assert (first, rest) == ([True] + [False] * 9, [True] * 10)


def test_packets_that_are_not_shown_are_passed_on() -> None:
    packets = group([0], 30, 0)
    packets[10] = Packet(10, 10, is_discard=True)
    assert packets[10] in needed(packets, 100.0, 0)


def test_no_more_are_held_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(UNIT, None)
    clock.show(0)
    window = Window(clock, Sampling(100.0))
    # Nobody's turn is said, so that nothing can be decided.
    let_go = [len(list(window.take(Packet(pts, None)))) for pts in range(module._MOST + 20)]
    assert let_go[: module._MOST] == [0] * module._MOST
    assert sum(let_go) == module._MOST + 20
    monkeypatch.setattr(module, "_MOST_BYTES", 1000)
    window = Window(clock, Sampling(100.0))
    let_go = [len(list(window.take(Packet(pts, None, size=300)))) for pts in range(5)]
    assert let_go == [0, 0, 0, 1, 1]


@given(
    packets=st.lists(
        st.builds(
            Packet,
            st.none() | st.integers(0, 60),
            st.none() | st.integers(0, 60),
            st.just(10),
            st.booleans(),
        ),
        max_size=50,
    ),
    seconds=st.sampled_from([0.1, 1.0, 3.0]),
)
def test_whatever_comes_all_is_let_go_in_its_order(packets: list[Packet], seconds: float) -> None:
    found = needed(packets, seconds, 0)
    assert all(packet in packets for packet in found)
