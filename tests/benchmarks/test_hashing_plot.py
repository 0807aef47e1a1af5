"""The picture of hashing: what it draws is computed without matplotlib; drawing needs it, and says so."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from benchmarks.hashers import HASHERS
from benchmarks.machine import Machine
from benchmarks.picturing.plot import BARS, FLOORS, draw, drawn_sets, heights
from benchmarks.picturing.results import Hashed, HashingResults
from benchmarks.timing import Timed
from hashmatch.errors import MissingExtra


def hashed(name: str, hasher: str, milliseconds: float) -> Hashed:
    us = milliseconds * 1000
    return Hashed(name, hasher, hasher, Timed((us,) * 3, us, us, 3))


def results(*found: Hashed) -> HashingResults:
    return HashingResults(Machine.here(), 1, False, found, (), (), ())


FOUND = results(
    hashed("12 MP JPEG", "fast", 20.0),
    hashed("12 MP JPEG", "draft", 18.0),
    hashed("12 MP JPEG", "threatexchange", 400.0),
    hashed("1 MP JPEG", "fast", 2.0),
)


def test_bars_are_what_was_measured_in_their_order() -> None:
    assert [(bar.name, value) for bar, value in heights(FOUND, "12 MP JPEG").items()] == [
        ("threatexchange", 400.0),
        ("fast", 20.0),
    ]


def test_bars_and_floors_are_hashers_and_look_different() -> None:
    assert {bar.name for bar in BARS} | {hasher for hasher, _, _ in FLOORS} <= set(HASHERS)
    assert len({bar.color for bar in BARS}) == len({bar.label for bar in BARS}) == len(BARS)


def test_a_run_on_a_folder_is_drawn_too() -> None:
    assert drawn_sets(FOUND) == ["12 MP JPEG"]
    assert drawn_sets(results(hashed("holiday", "fast", 1.0))) == ["holiday"]


def test_it_is_drawn_or_said_what_is_missing(tmp_path: Path) -> None:
    file = tmp_path / "hashing.png"
    if importlib.util.find_spec("matplotlib") is None:
        with pytest.raises(MissingExtra, match="bench"):
            draw(FOUND, file)
        assert not file.exists()
    else:
        draw(FOUND, file)
        assert file.read_bytes().startswith(b"\x89PNG")
        assert file.stat().st_size > 10_000
