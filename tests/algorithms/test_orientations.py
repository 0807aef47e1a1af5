from __future__ import annotations

import numpy as np
import pytest

from hashmatch.algorithms.orientations import TRANSPOSING, turn, turned_coefficients
from hashmatch.hashes import ORIENTATIONS

GRID = np.arange(24).reshape(4, 6)

BY_NUMPY = {
    "original": GRID,
    "rotate90": np.rot90(GRID, 1),
    "rotate180": np.rot90(GRID, 2),
    "rotate270": np.rot90(GRID, 3),
    "flip_x": np.flipud(GRID),
    "flip_y": np.fliplr(GRID),
    "flip_plus1": GRID.T,
    "flip_minus1": np.rot90(GRID, 2).T,
}


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_each_name_turns_as_its_table_says(orientation: str) -> None:
    assert np.array_equal(turn(GRID, orientation), BY_NUMPY[orientation])
    assert (turn(GRID, orientation).shape == (6, 4)) == (orientation in TRANSPOSING)


def test_the_orientations_are_all_different() -> None:
    assert len({turn(GRID, name).tobytes() for name in ORIENTATIONS}) == 8


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_channels_stay_where_they_are(orientation: str) -> None:
    colour = np.stack([GRID, GRID + 100], axis=-1)
    assert np.array_equal(turn(colour, orientation)[..., 1], turn(GRID, orientation) + 100)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_turning_coefficients_is_transforming_the_turned_picture(orientation: str) -> None:
    position = 2 * np.arange(20) + 1
    cosines = np.cos(np.pi / 40 * np.arange(1, 7)[:, np.newaxis] * position)
    picture = np.random.default_rng(1).random((20, 20))
    expected = cosines @ turn(picture, orientation) @ cosines.T
    turned = turned_coefficients(cosines @ picture @ cosines.T)
    assert np.allclose(turned[ORIENTATIONS.index(orientation)], expected)
