from __future__ import annotations

import imagehash
import numpy as np
import pytest
from PIL import Image

from hashmatch.algorithms import ALGORITHMS
from hashmatch.algorithms.imagehashes import ImageHashAlgorithm
from hashmatch.algorithms.orientations import turn
from hashmatch.frames import Frame, Pixels
from hashmatch.hashes import ORIENTATIONS, FrameHash
from tests.drawing import textured, textured_grey, tiled

FUNCTIONS = {
    "ahash": imagehash.average_hash,
    "phash": imagehash.phash,
    "dhash": imagehash.dhash,
    "whash": imagehash.whash,
    "phash256": lambda image: imagehash.phash(image, hash_size=16),
}
SIDES = [(300, 400), (401, 299), (64, 64), (8, 8), (1, 1), (3, 700), (1080, 1920)]

pytestmark = pytest.mark.parametrize("name", FUNCTIONS)


def hashed(name: str, pixels: Pixels) -> FrameHash:
    algorithm = ALGORITHMS[name]
    assert isinstance(algorithm, ImageHashAlgorithm)
    return algorithm.hash_frame(Frame(pixels))


@pytest.mark.parametrize("sides", SIDES)
def test_the_hash_is_that_of_imagehash(name: str, sides: tuple[int, int]) -> None:
    for seed, draw in enumerate((textured, textured_grey)):
        pixels = draw(*sides, seed=seed)
        assert hashed(name, pixels).hex == str(FUNCTIONS[name](Image.fromarray(pixels)))


def test_blank_and_tiled_pictures_hash_as_by_imagehash(name: str) -> None:
    for pixels in (np.zeros((50, 70, 3), np.uint8), np.full((50, 70), 255, np.uint8), tiled(200, 300)):
        assert hashed(name, pixels).hex == str(FUNCTIONS[name](Image.fromarray(pixels)))


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_an_orientation_is_nearly_the_hash_of_the_turned_picture(name: str, orientation: str) -> None:
    for seed, sides in enumerate([(480, 640), (333, 517), (512, 512), (1200, 800)]):
        pixels = textured(*sides, seed=seed)
        again = hashed(name, np.ascontiguousarray(turn(pixels, orientation)))
        bits = int.from_bytes(again.digest, "big")
        apart = {
            other: (bits ^ int.from_bytes(digest, "big")).bit_count()
            for other, digest in hashed(name, pixels).orientations.items()
        }
        assert apart[orientation] <= (2 if len(again.digest) == 8 else 6)
        assert apart[orientation] == min(apart.values())


def test_there_is_no_quality(name: str) -> None:
    assert hashed(name, textured(100, 100)).quality is None
