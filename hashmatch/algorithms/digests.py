"""Digests of a file's bytes, by the standard library."""

from __future__ import annotations

import hashlib
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ..hashes import Codes
from .base import DigestAlgorithm, Digester

ALL_ZERO = "all bits are zero"
EMPTY_FILE = "digest of an empty file"


class HashlibDigest(DigestAlgorithm):
    """A digest that ``hashlib`` knows by the algorithm's name."""

    def new(self) -> Digester:
        """A fresh digest; where the system forbids MD5 and SHA-1 for security, they still match files."""
        return hashlib.new(self.name, usedforsecurity=False)

    def degenerate(self, codes: Codes) -> npt.NDArray[np.object_]:
        """Why each digest must not match: all zero, or of no bytes at all."""
        reasons = np.full(len(codes), None, dtype=np.object_)
        reasons[(codes == self._of_nothing).all(axis=1)] = EMPTY_FILE
        reasons[(codes == 0).all(axis=1)] = ALL_ZERO
        return reasons

    @cached_property
    def _of_nothing(self) -> Codes:
        return np.frombuffer(self.new().digest(), dtype=np.uint8)


class Md5(HashlibDigest):
    """MD5 (RFC 1321), 128 bits."""

    name = "md5"
    bits = 128


class Sha1(HashlibDigest):
    """SHA-1 (FIPS 180-4), 160 bits."""

    name = "sha1"
    bits = 160


class Sha256(HashlibDigest):
    """SHA-256 (FIPS 180-4)."""

    name = "sha256"
    bits = 256


class Sha512(HashlibDigest):
    """SHA-512 (FIPS 180-4)."""

    name = "sha512"
    bits = 512


MD5 = Md5()
SHA1 = Sha1()
SHA256 = Sha256()
SHA512 = Sha512()
