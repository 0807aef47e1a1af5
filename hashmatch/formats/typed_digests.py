"""Digests in columns of bytes: the digests themselves, or their text, which many tools write as bytes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ..texts import Mask, decoded
from .fields import algorithm_name

_TEXT = r"^[\t\n\r -~]+$"
_HEXADECIMAL = "^[0-9A-Fa-f]+$"


def read_digests(column: pa.Array, named: pa.Array | str | None, sizes: Mapping[str, int]) -> pa.Array:
    """A column of bytes as it is, or as text if any of its values is text; then the digests in it are hexadecimal.

    Bytes that are as many as the named algorithm's digest has are the digest, whatever they look like. Where none is
    named, so are those that are as many as any algorithm's, but for bytes that are nothing but hexadecimal digits, as
    many as an algorithm's digest has of them: that a digest looks so by chance does not happen.

    Args:
        column: Of n digests, ``binary``.
        named: The algorithm of all, or a column of text of n; None if nothing names it.
        sizes: Every algorithm that is known, with the size of its digests in bytes.
    """
    printable = _matches(column, _TEXT)
    if not printable.any():
        return column
    lengths = pc.binary_length(column).fill_null(0).to_numpy(zero_copy_only=False)
    digest = np.isin(lengths, list(sizes.values()))
    digits = np.isin(lengths, [2 * size for size in sizes.values()]) & _matches(column, _HEXADECIMAL)
    size = _sizes(named, len(column), sizes)
    text = printable & np.where(size > 0, lengths != size, ~digest | digits)
    return as_text(column, text) if text.any() else column


def as_text(column: pa.Array, text: Mask) -> pa.Array:
    """A column of bytes as text: as it stands where ``text`` says so, else in hexadecimal."""
    values = zip(column.to_pylist(), text.tolist(), strict=True)
    words = [value if value is None else value.decode() if stands else value.hex() for value, stands in values]
    return pa.array(words, type=pa.string())


def _matches(column: pa.Array, pattern: str) -> Mask:
    mask: Mask = pc.match_substring_regex(column, pattern).fill_null(False).to_numpy(zero_copy_only=False)
    return mask


def _sizes(named: pa.Array | str | None, count: int, sizes: Mapping[str, int]) -> npt.NDArray[np.int64]:
    """The size of the digests of each row's algorithm in bytes, 0 where none is named that is known: ``int64[count]``."""
    if named is None or isinstance(named, str):
        return np.full(count, sizes.get(named or "", 0), dtype=np.int64)
    encoded = decoded(named).dictionary_encode()
    known = [sizes.get(algorithm_name(name, sizes), 0) for name in encoded.dictionary.to_pylist()]
    # The place of null is -1: the last.
    places: npt.NDArray[np.int64] = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return np.array([*known, 0], dtype=np.int64)[places]
