"""Codes as Arrow columns, and back, without a look at single values."""

from __future__ import annotations

import binascii
import contextlib

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .hashes import Codes

_NIBBLES = np.full(256, 255, dtype=np.uint8)
for _digits in (b"0123456789abcdef", b"0123456789ABCDEF"):
    _NIBBLES[list(_digits)] = np.arange(16, dtype=np.uint8)
_HEX = np.frombuffer(bytes(range(256)).hex().encode(), dtype=np.uint8).reshape(256, 2)


def digest_codes(digests: pa.Array) -> Codes:
    """A column of bytes or text without nulls, all of one length, as ``uint8[n, bytes]``, without a copy."""
    offsets = np.frombuffer(digests.buffers()[1], np.int32, len(digests) + 1, 4 * digests.offset)
    stored = np.frombuffer(digests.buffers()[2] or b"", np.uint8)
    return stored[offsets[0] : offsets[-1]].reshape(len(digests), -1)


def digest_column(codes: Codes) -> pa.Array:
    """``uint8[n, bytes]`` as a column of n digests."""
    return pa.BinaryArray.from_buffers(pa.binary(), len(codes), [None, *_buffers(codes)])


def hex_column(codes: Codes) -> pa.Array:
    """``uint8[n, bytes]`` as a column of n texts in lower-case hexadecimal."""
    return pa.StringArray.from_buffers(len(codes), *_buffers(_HEX[codes].reshape(len(codes), 2 * codes.shape[1])))


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


def _buffers(rows: npt.NDArray[np.uint8]) -> tuple[pa.Buffer, pa.Buffer]:
    offsets = np.arange(len(rows) + 1, dtype=np.int32) * np.int32(rows.shape[1])
    return pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(rows))
