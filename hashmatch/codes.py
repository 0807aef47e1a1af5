"""Codes as Arrow columns, and back, without a look at single values."""

from __future__ import annotations

import binascii
import contextlib

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .hashes import Codes
from .texts import bitmap, bytes_of, offsets_of

_NIBBLES = np.full(256, 255, dtype=np.uint8)
for _digits in (b"0123456789abcdef", b"0123456789ABCDEF"):
    _NIBBLES[list(_digits)] = np.arange(16, dtype=np.uint8)
_HEX = np.frombuffer(bytes(range(256)).hex().encode(), dtype="<u2")
"""The two digits of each byte."""


def digest_codes(digests: pa.Array) -> Codes:
    """A column of bytes or text without nulls, all of one length, as ``uint8[n, bytes]``, without a copy."""
    offsets = np.frombuffer(digests.buffers()[1], np.int32, len(digests) + 1, 4 * digests.offset)
    stored = np.frombuffer(digests.buffers()[2] or b"", np.uint8)
    return stored[offsets[0] : offsets[-1]].reshape(len(digests), -1)


def digest_column(codes: Codes) -> pa.Array:
    """``uint8[n, bytes]`` as a column of n digests."""
    offsets = np.arange(len(codes) + 1, dtype=np.int32) * np.int32(codes.shape[1])
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(codes))]
    return pa.BinaryArray.from_buffers(pa.binary(), len(codes), buffers)


def hex_column(digests: pa.Array) -> pa.Array:
    """Bytes, of whatever lengths, in lower-case hexadecimal; null stays null."""
    digests = digests.cast(pa.binary())
    offsets = offsets_of(digests)
    digits = _HEX[bytes_of(digests)[offsets[0] : offsets[-1]]]
    buffers = [pa.py_buffer((offsets - offsets[0]) * np.int32(2)), pa.py_buffer(digits)]
    valid = None if not digests.null_count else bitmap(digests.is_valid().to_numpy(zero_copy_only=False))
    return pa.StringArray.from_buffers(len(digests), *buffers, valid)


def read_hex(digits: npt.NDArray[np.uint8]) -> tuple[Codes, npt.NDArray[np.bool_]]:
    """Hexadecimal digits of either case, read over whole arrays.

    Args:
        digits: ``uint8[n, 2 * bytes]``: characters.

    Returns:
        Codes ``uint8[n, bytes]``, and which of them have no other characters.
    """
    with contextlib.suppress(binascii.Error):
        whole: Codes = np.frombuffer(binascii.unhexlify(np.ascontiguousarray(digits).data), dtype=np.uint8)
        return whole.reshape(len(digits), digits.shape[1] // 2), np.ones(len(digits), dtype=np.bool_)
    nibbles = _NIBBLES[digits]
    codes: Codes = (nibbles[:, 0::2] << np.uint8(4)) | nibbles[:, 1::2]
    good: npt.NDArray[np.bool_] = nibbles.max(axis=1, initial=0) < 16
    return codes, good
