"""A bank whose clock stands still until a test moves it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hashmatch.bank import HashBank

from .clock import Clock


@pytest.fixture
def clock() -> Iterator[Clock]:
    with Clock().ruling() as clock:
        yield clock


@pytest.fixture
def bank(tmp_path: Path, clock: Clock) -> HashBank:
    return HashBank.open(tmp_path / "bank")
