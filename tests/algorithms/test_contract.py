"""What every algorithm promises; a new one is tested by being registered."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import numpy as np
import pytest

from hashmatch.algorithms import ALGORITHMS
from hashmatch.algorithms.base import Algorithm, DigestAlgorithm, PerceptualAlgorithm
from hashmatch.frames import Frame, Pixels
from hashmatch.hashes import ORIENTATIONS, FrameHash
from tests.drawing import textured, textured_grey, tiled

PERCEPTUAL = [name for name in ALGORITHMS if isinstance(ALGORITHMS[name], PerceptualAlgorithm)]

each = pytest.mark.parametrize("name", ALGORITHMS)
each_perceptual = pytest.mark.parametrize("name", PERCEPTUAL)

GOLDEN = {
    "pdq": "3f836b7fdb80d56a9fd53d2aea7fbe84783f4168d8c0c6d1da80c3801b849780",
    "ahash": "56d5a952b54bdedd",
    "phash": "880e3c7064554fff",
    "dhash": "94ad4b96699234ad",
    "whash": "5255a95ab55aaa55",
    "phash256": "80dc04f510ec00e104ad45b9010d1f41fe0f10bfff3baa5e55fcaa5510efff6b",
    "md5": "da0672e7409ce9e58b8f58518d15fb7a",
    "sha1": "651740e1a353a8d2b1293fc7e249cb8877618b65",
    "sha256": "ddab313aef14d57a70398734238f6d2706426d873109bcf133f3ab09bd430e9a",
    "sha512": (
        "5aa977867d149343f9f0d964d8dbb3a454f5e43c0e735c1d800e82bbd33428f6"
        "9761e0f2cca110007366fefc4cdeff09298bc812c4672dac0a8852b6db6ddd83"
    ),
}
"""Hashes of ``tiled(180, 260)``: the same on every machine and in every version."""


def hash_of(name: str, pixels: Pixels) -> FrameHash:
    algorithm = ALGORITHMS[name]
    assert isinstance(algorithm, PerceptualAlgorithm)
    return algorithm.hash_frame(Frame(pixels, number=7, timestamp=1.5))


def whole(name: str, pixels: Pixels) -> str:
    algorithm = ALGORITHMS[name]
    if isinstance(algorithm, DigestAlgorithm):
        digest = algorithm.new()
        digest.update(pixels.tobytes())
        return digest.digest().hex()
    return hash_of(name, pixels).hex


@each
def test_an_algorithm_describes_itself(name: str) -> None:
    algorithm = ALGORITHMS[name]
    assert isinstance(algorithm, Algorithm)
    assert algorithm.name == name
    assert algorithm.bits == algorithm.size * 8 > 0
    assert 0 <= algorithm.radius < algorithm.bits / 2
    assert isinstance(algorithm, (PerceptualAlgorithm, DigestAlgorithm))
    assert (algorithm.radius == 0) == isinstance(algorithm, DigestAlgorithm)


@each
def test_nothing_is_degenerate_in_noise_and_everything_in_zeros(name: str) -> None:
    algorithm = ALGORITHMS[name]
    noise = np.random.default_rng(3).integers(0, 256, (500, algorithm.size), dtype=np.uint8)
    reasons = algorithm.degenerate(np.concatenate([noise, np.zeros((2, algorithm.size), np.uint8)]))
    assert reasons.shape == (502,)
    assert reasons.dtype == np.object_
    assert reasons[:500].tolist() == [None] * 500
    assert all(isinstance(reason, str) and reason for reason in reasons[500:])


@each
def test_no_codes_are_fine(name: str) -> None:
    assert ALGORITHMS[name].degenerate(np.empty((0, ALGORITHMS[name].size), np.uint8)).shape == (0,)


@each
def test_hashes_stay_what_they_were(name: str) -> None:
    assert whole(name, tiled(180, 260)) == GOLDEN[name]


def test_the_golden_digests_are_those_of_hashlib() -> None:
    content = tiled(180, 260).tobytes()
    for name in ("md5", "sha1", "sha256", "sha512"):
        assert GOLDEN[name] == hashlib.new(name, content).hexdigest()


@each_perceptual
@pytest.mark.parametrize(
    "pixels", [textured(120, 170), textured_grey(120, 170), textured(5, 900)], ids=["colour", "grey", "strip"]
)
def test_a_frame_gives_one_digest_per_orientation(name: str, pixels: Pixels) -> None:
    size = ALGORITHMS[name].size
    found = hash_of(name, pixels)
    assert tuple(found.orientations) == ORIENTATIONS
    assert found.orientations["original"] == found.digest
    assert {len(digest) for digest in found.orientations.values()} == {size}
    assert (found.frame, found.timestamp) == (7, 1.5)
    minimum = ALGORITHMS[name].min_quality  # type: ignore[attr-defined]
    assert (found.quality is None) == (minimum is None)
    assert found.quality is None or 0 <= found.quality <= 100


@each_perceptual
def test_hashing_again_gives_the_same_and_leaves_the_pixels_alone(name: str) -> None:
    pixels = textured(333, 222)
    before = pixels.copy()
    pixels.setflags(write=False)
    first = hash_of(name, pixels)
    assert hash_of(name, np.asfortranarray(pixels)) == first == hash_of(name, pixels)
    assert np.array_equal(pixels, before)


@each_perceptual
def test_a_grey_picture_hashes_as_its_rgb(name: str) -> None:
    grey = textured_grey(150, 201)
    assert hash_of(name, grey) == hash_of(name, np.repeat(grey[:, :, np.newaxis], 3, axis=2))


@each_perceptual
def test_a_textured_picture_is_fit_to_match(name: str) -> None:
    codes = np.frombuffer(hash_of(name, textured(240, 320)).digest, np.uint8).reshape(1, -1)
    assert ALGORITHMS[name].degenerate(codes).tolist() == [None]


@each_perceptual
def test_slightly_brighter_pictures_are_near(name: str) -> None:
    pixels = textured(400, 300, 2)
    brighter = (pixels * 0.9 + 20).astype(np.uint8)
    apart = int.from_bytes(hash_of(name, pixels).digest, "big") ^ int.from_bytes(hash_of(name, brighter).digest, "big")
    assert apart.bit_count() <= ALGORITHMS[name].radius


def test_knowing_the_algorithms_loads_no_image_library() -> None:
    code = """
import sys
from hashmatch.algorithms import ALGORITHMS
import numpy
for algorithm in ALGORITHMS.values():
    algorithm.size, algorithm.radius, algorithm.degenerate(numpy.zeros((1, algorithm.size), numpy.uint8))
print(sorted({"scipy", "imagehash", "PIL", "pywt"} & {name.partition(".")[0] for name in sys.modules}))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
