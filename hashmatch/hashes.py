"""What a hash is: a value made of an algorithm's name and some bytes.

The text form is lower-case hexadecimal, most significant bit first; base64 of the same bytes and
upper-case hexadecimal are understood. Between rooms hashes travel as **code matrices**:
``uint8[n, bytes]``, one digest a row.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from .errors import InvalidValue, UnknownName

Codes = npt.NDArray[np.uint8]

ORIGINAL = "original"
ORIENTATIONS = (
    ORIGINAL,
    "rotate90",
    "rotate180",
    "rotate270",
    "flip_x",
    "flip_y",
    "flip_plus1",
    "flip_minus1",
)
"""The eight orientations of the square, by the names of the PDQ reference tools.

What each does to the stored pixels: see ``algorithms.orientations``.
"""


@dataclass(frozen=True)
class FrameHash:
    """The hash of one frame, of a still, or of a whole file."""

    digest: bytes
    """The hash of the pixels (or bytes) as they are stored."""

    quality: int | None = None
    """PDQ's 0-100; None for algorithms that have none."""

    timestamp: float | None = None
    """Seconds from the start of the video or animation; None for a still or a whole file."""

    frame: int = -1
    """Number of the frame, from 0; -1 for a still or a whole file."""

    orientations: Mapping[str, bytes] = field(default_factory=dict)
    """Digest by orientation, ``"original"`` first; only that one where no others are known."""

    def __post_init__(self) -> None:
        if not self.orientations:
            object.__setattr__(self, "orientations", {ORIGINAL: self.digest})

    @property
    def hex(self) -> str:
        """The digest in lower-case hexadecimal."""
        return self.digest.hex()


@dataclass(frozen=True)
class MediaHash:
    """What one algorithm says of one file: one hash for each frame looked at, at least one."""

    algorithm: str
    frames: tuple[FrameHash, ...]

    @property
    def digest(self) -> bytes:
        """The digest of the first frame; of a still, of the picture."""
        return self.frames[0].digest

    @property
    def hex(self) -> str:
        """The digest of the first frame in lower-case hexadecimal."""
        return self.frames[0].hex

    @property
    def quality(self) -> int | None:
        """The quality of the first frame, 0-100, or None."""
        return self.frames[0].quality

    @property
    def orientations(self) -> dict[str, str]:
        """The first frame's digests in lower-case hexadecimal, by orientation."""
        return {name: digest.hex() for name, digest in self.frames[0].orientations.items()}


def parse_digest(text: str, size: int) -> bytes:
    """Read one digest from hexadecimal (either case) or base64.

    Args:
        text: The digest, without blanks around it.
        size: How many bytes it must have.

    Raises:
        InvalidValue: If the text is not ``size`` bytes in either form.
    """
    if len(text) == 2 * size:
        try:
            return binascii.unhexlify(text)
        except (binascii.Error, ValueError):
            raise InvalidValue(f"{_shown(text)} has characters that are not hexadecimal") from None
    if len(text) == 4 * ((size + 2) // 3) and size % 3 != 0:
        try:
            digest = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            digest = b""
        if len(digest) == size:
            return digest
    raise InvalidValue(f"{_shown(text)} is not {2 * size} hexadecimal digits")


def parse_typed(text: str, sizes: Mapping[str, int]) -> tuple[str, bytes]:
    """Read one hash as people write it: ``algorithm:digest``, or a bare digest that only one algorithm has.

    Args:
        text: The hash; blanks around it and around the colon do not count.
        sizes: Every algorithm that may be meant, with the size of its digests in bytes.

    Returns:
        The algorithm and the digest.

    Raises:
        UnknownName: If the algorithm that is named is none of ``sizes``.
        InvalidValue: If the digest is malformed, or fits none or several of the algorithms; the error
            names the choices.
    """
    name, colon, digest = (part.strip() for part in text.rpartition(":"))
    if colon:
        if name.lower() not in sizes:
            raise UnknownName("algorithm", name[:80], sizes)
        return name.lower(), parse_digest(digest, sizes[name.lower()])
    fitting: dict[str, bytes] = {}
    for algorithm, size in sizes.items():
        with contextlib.suppress(InvalidValue):
            fitting[algorithm] = parse_digest(digest, size)
    if not fitting:
        lengths = ", ".join(str(2 * size) for size in sorted(set(sizes.values())))
        raise InvalidValue(f"{_shown(digest)} is not a hash: that would be {lengths} hexadecimal digits")
    if len(fitting) > 1:
        raise InvalidValue(f"{_shown(digest)} can be {', '.join(fitting)}: say which, as in {next(iter(fitting))}:HASH")
    return fitting.popitem()


def code_matrix(digests: Iterable[bytes], size: int) -> Codes:
    """Digests of ``size`` bytes each as ``uint8[n, size]``.

    Raises:
        InvalidValue: If a digest has another length.
    """
    joined = list(digests)
    if any(len(digest) != size for digest in joined):
        raise InvalidValue(f"every digest must have {size} bytes")
    return np.frombuffer(b"".join(joined), dtype=np.uint8).reshape(len(joined), size)


def hamming(left: Codes, right: Codes) -> npt.NDArray[np.int64]:
    """Hamming distance in bits along the last axis; shapes broadcast."""
    distances: npt.NDArray[np.int64] = np.bitwise_count(np.bitwise_xor(left, right)).sum(axis=-1, dtype=np.int64)
    return distances


def _shown(text: str) -> str:
    """The text, short enough for an error message."""
    return repr(text if len(text) <= 80 else f"{text[:77]}...")
