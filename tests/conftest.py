"""What tests of every folder may ask for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from .kinds import KINDS, preferring

# How long an example takes depends on what else the machine does, and decides nothing.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each kind of index that may be published over perceptual codes, in turn; it is the one that is."""
    with preferring(request.param):
        yield request.param
