"""The hashes of the sample lists: of drawn scenes, of sample files, or made up."""

from __future__ import annotations

import hashlib
from pathlib import Path

from sample_pictures import scene

import hashmatch

_BYTES = {"md5": 16, "sha1": 20, "sha256": 32, "sha512": 64}
_HALF_OF_PDQ = 16


def drawn(name: str, width: int = 480, height: int = 360, algorithm: str = "pdq") -> str:
    """The hash of a scene as it was drawn, before any file format touched it."""
    return hashmatch.hash_image(scene(name, width, height), algorithms=(algorithm,))[algorithm].hex


def of_file(file: Path, algorithm: str) -> str:
    """The hash of a sample file."""
    return hashmatch.hash_file(file, algorithms=(algorithm,))[algorithm].hex


def made_up(algorithm: str, name: str) -> str:
    """The hash of nothing that exists, in lower-case hexadecimal; the same name is the same hash.

    Args:
        algorithm: A digest, or ``pdq``, of which half of the bits are set as in those of pictures.
        name: What decides it.
    """
    noise = hashlib.shake_256(f"{algorithm} of {name}".encode())
    if algorithm != "pdq":
        return noise.hexdigest(_BYTES[algorithm])
    half = noise.digest(_HALF_OF_PDQ)
    return (half + bytes(255 - byte for byte in half)).hex()


def near(digest: str, distance: int) -> str:
    """A made-up PDQ hash that differs from another in an even number of bits, and has as many ones."""
    code = bytearray.fromhex(digest)
    for place in range(distance // 2):
        # Of each pair of bytes that are each other's complement one gets a one, the other a zero.
        code[place] ^= 1
        code[_HALF_OF_PDQ + place] ^= 1
    return code.hex()
