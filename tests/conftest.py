"""What tests of every folder may ask for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.util import find_spec

import pytest
from hypothesis import settings

from .kinds import KINDS, preferring

# How long an example takes depends on what else the machine does, and decides nothing.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

if find_spec("dateutil") is None:
    # pyarrow looks for it through all of the path with every value of Python's that it takes. None answers at once.
    sys.modules["dateutil"] = None  # type: ignore[assignment]


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each kind of index that may be published over perceptual codes, in turn; it is the one that is."""
    with preferring(request.param):
        yield request.param
