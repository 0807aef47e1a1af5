from __future__ import annotations

import hashlib

import numpy as np
import pytest

from hashmatch.algorithms import ALGORITHMS
from hashmatch.algorithms.base import DigestAlgorithm
from hashmatch.algorithms.digests import ALL_ZERO, EMPTY_FILE

NAMES = [name for name in ALGORITHMS if isinstance(ALGORITHMS[name], DigestAlgorithm)]


def algorithm(name: str) -> DigestAlgorithm:
    found = ALGORITHMS[name]
    assert isinstance(found, DigestAlgorithm)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_digest_fed_in_parts_is_that_of_hashlib(name: str) -> None:
    content = bytes(range(256)) * 33
    digest = algorithm(name).new()
    for start in range(0, len(content), 100):
        digest.update(content[start : start + 100])
    assert digest.digest() == hashlib.new(name, content).digest()
    assert len(digest.digest()) == algorithm(name).size


@pytest.mark.parametrize("name", NAMES)
def test_nothing_and_zero_are_degenerate(name: str) -> None:
    digests = [hashlib.new(name).digest(), bytes(algorithm(name).size), hashlib.new(name, b"a file").digest()]
    codes = np.frombuffer(b"".join(digests), np.uint8).reshape(3, -1)
    assert algorithm(name).degenerate(codes).tolist() == [EMPTY_FILE, ALL_ZERO, None]


def test_the_four_digests_are_registered() -> None:
    assert NAMES == ["md5", "sha1", "sha256", "sha512"]
    assert [algorithm(name).radius for name in NAMES] == [0, 0, 0, 0]
