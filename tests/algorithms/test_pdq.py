from __future__ import annotations

import csv
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pdqhash
import pytest
from PIL import Image

from hashmatch.algorithms.orientations import turn
from hashmatch.algorithms.pdq import PDQ, transform
from hashmatch.algorithms.pdq_matrices import shrinking, small_picture
from hashmatch.frames import Frame, Pixels
from hashmatch.hashes import ORIENTATIONS, FrameHash
from tests.drawing import textured, textured_grey
from tests.vectors import VECTORS, needs_vectors

# pdqhash.compute_dihedral gives them in this order.
REFERENCE_ORDER = ORIENTATIONS


def reference(pixels: Pixels) -> tuple[bytes, int]:
    bits, quality = pdqhash.compute(pixels)
    return np.packbits(bits.astype(np.uint8)).tobytes(), quality


def distance(left: bytes, right: bytes) -> int:
    return (int.from_bytes(left, "big") ^ int.from_bytes(right, "big")).bit_count()


def hashed(pixels: Pixels) -> FrameHash:
    return PDQ.hash_frame(Frame(pixels))


@needs_vectors
def test_reference_photos_have_their_hashes_in_all_orientations() -> None:
    with (VECTORS / "pdq_expected.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) >= 20
    for row in rows:
        with Image.open(VECTORS / row["file"]) as image:
            found = hashed(np.asarray(image.convert("RGB")))
        assert found.quality == int(row["quality"]), row["file"]
        expected = {name: row["pdq" if name == "original" else f"pdq_{name}"] for name in ORIENTATIONS}
        assert {name: digest.hex() for name, digest in found.orientations.items()} == expected, row["file"]
        assert PDQ.degenerate(np.frombuffer(found.digest, np.uint8).reshape(1, 32)).tolist() == [None]


def test_generated_pictures_hash_as_by_the_reference() -> None:
    rng = np.random.default_rng(31)
    distances = []
    for seed in range(200):
        height = int(rng.integers(64, 2001))
        # Sides of every length, and few pictures of which both are long: each is weighed alone, and pixels take the time.
        width = int(rng.integers(64, 3001 if seed % 10 == 0 else max(65, min(3001, 600_000 // height))))
        pixels = textured(height, width, seed)
        digest, quality = reference(pixels)
        found = hashed(pixels)
        assert found.quality == quality, (height, width)
        distances.append(distance(found.digest, digest))
    assert distances.count(0) >= 198
    assert max(distances) <= 2


def test_small_pictures_hash_as_by_the_reference() -> None:
    rng = np.random.default_rng(32)
    equal = 0
    for seed in range(400):
        sides = (int(rng.integers(5, 64)), int(rng.integers(5, 400)))
        height, width = sides if seed % 2 else sides[::-1]
        pixels = textured(height, width, seed)
        digest, quality = reference(pixels)
        found = hashed(pixels)
        assert found.quality == quality, (height, width)
        equal += found.digest == digest
    assert equal >= 360


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_orientations_are_those_of_the_reference(orientation: str) -> None:
    pixels = textured(500, 700, 5)
    bits, _ = pdqhash.compute_dihedral(pixels)
    expected = np.packbits(bits[REFERENCE_ORDER.index(orientation)].astype(np.uint8)).tobytes()
    assert hashed(pixels).orientations[orientation] == expected


def test_what_was_hashed_before_changes_nothing() -> None:
    # Memory is used again, by each thread its own: larger, smaller, grey and coloured, whole and a part of a larger one.
    sides = [(480, 854), (97, 123), (1080, 1920), (30, 40), (480, 853), (700, 90), (64, 64), (480, 854)]
    pictures = [textured(height, width, seed) for seed, (height, width) in enumerate(sides)]
    pictures += [textured_grey(500, 700)[:, :645], textured_grey(480, 854), textured_grey(2000, 3000)]
    alone = []
    for picture in pictures:
        with ThreadPoolExecutor(1) as fresh:
            alone.append(fresh.submit(hashed, picture).result())
    assert [hashed(picture) for picture in pictures + pictures[::-1]] == alone + alone[::-1]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(hashed, pictures * 6)) == alone * 6


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("sides", [(640, 640), (601, 443), (1000, 1500)])
def test_an_orientation_is_near_the_hash_of_the_turned_picture(orientation: str, sides: tuple[int, int]) -> None:
    pixels = textured(*sides, seed=6)
    turned = np.ascontiguousarray(turn(pixels, orientation))
    known = hashed(pixels).orientations
    again = hashed(turned).digest
    assert distance(known[orientation], again) <= 31
    assert min(ORIENTATIONS, key=lambda name: distance(known[name], again)) == orientation


@pytest.mark.parametrize(("height", "width"), [(1, 1), (4, 4), (4, 500), (500, 4), (1, 3000)])
def test_a_side_under_five_pixels_gives_nothing(height: int, width: int) -> None:
    found = hashed(textured(height, width))
    assert found.quality == 0
    assert set(found.orientations.values()) == {bytes(32)}
    assert tuple(found.orientations) == ORIENTATIONS


def test_a_picture_of_64_by_64_is_not_filtered() -> None:
    pixels = textured_grey(64, 64, 9)
    small = small_picture(pixels, shrinking(64), shrinking(64))
    assert np.array_equal(small, pixels)


def test_a_grey_picture_is_its_own_luma() -> None:
    grey = textured_grey(300, 410, 3)
    alone, colour = hashed(grey), hashed(np.repeat(grey[:, :, np.newaxis], 3, axis=2))
    assert alone.orientations == colour.orientations
    assert alone.quality == colour.quality


@pytest.mark.parametrize("level", [0, 1, 127, 200, 255])
@pytest.mark.parametrize("sides", [(64, 64), (200, 333), (1024, 768)])
def test_a_blank_picture_is_degenerate_and_without_quality(level: int, sides: tuple[int, int]) -> None:
    found = hashed(np.full((*sides, 3), level, np.uint8))
    assert found.quality == 0
    assert found.digest == bytes(32)


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("sides", [(64, 64), (211, 333), (1024, 768), (1500, 1000)])
def test_stripes_are_degenerate(axis: int, sides: tuple[int, int]) -> None:
    line = np.random.default_rng(4).integers(0, 256, sides[1 - axis], dtype=np.uint8)
    pixels = np.broadcast_to(np.expand_dims(line, axis), sides)
    codes = np.frombuffer(hashed(np.ascontiguousarray(pixels)).digest, np.uint8).reshape(1, 32)
    assert PDQ.degenerate(codes)[0] is not None


def slow_matrix(length: int) -> np.ndarray:
    """Two box filters in their four phases and the decimation, as plain loops."""
    window = (length + 127) // 128
    ahead = (window + 2) // 2
    box = np.zeros((length, length))
    low, high = 0, ahead - 1
    phases = [(0, 1)] * (window - ahead + 1) + [(1, 1)] * (length - window) + [(1, 0)] * (ahead - 1)
    for row, (left, right) in enumerate(phases):
        low, high = low + left, high + right
        box[row, low:high] = 1 / (high - low)
    samples = [int((i + 0.5) * length / 64) for i in range(64)]
    return (box @ box)[samples]


@pytest.mark.parametrize(
    ("height", "width"), [(5, 9), (63, 65), (64, 64), (127, 128), (129, 256), (257, 300), (511, 640), (1280, 1281)]
)
def test_the_small_picture_is_the_product_of_dense_matrices(height: int, width: int) -> None:
    pixels = textured(height, width, 8)
    luma = pixels @ np.array([0.299, 0.587, 0.114])
    expected = slow_matrix(height) @ luma @ slow_matrix(width).T
    found = small_picture(pixels, shrinking(height), shrinking(width))
    assert np.allclose(found, expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize(("height", "width"), [(6, 40_000), (40_000, 6), (70_001, 130), (130, 70_001)])
def test_long_strips_are_hashed_in_parts(height: int, width: int) -> None:
    pixels = textured(height, width, 2)
    digest, quality = reference(pixels)
    found = hashed(pixels)
    assert found.quality == quality
    assert distance(found.digest, digest) <= 2


def test_the_transform_ignores_an_added_constant() -> None:
    picture = textured_grey(64, 64, 1).astype(np.float64)
    assert np.array_equal(transform(picture), transform(picture + 40))


def test_half_of_the_bits_of_a_textured_picture_are_one() -> None:
    ones = np.unpackbits(np.frombuffer(hashed(textured(480, 640)).digest, np.uint8)).sum()
    assert ones == 128
