"""What tests of every folder may ask for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .kinds import KINDS, preferring


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each kind of index that may be published over perceptual codes, in turn; it is the one that is."""
    with preferring(request.param):
        yield request.param
