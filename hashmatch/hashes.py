"""What a hash is: a value made of an algorithm's name and some bytes.

The text form is lower-case hexadecimal, most significant bit first; upper-case hexadecimal, and base64 and
base32 of the same bytes, are understood. Between rooms hashes travel as **code matrices**:
``uint8[n, bytes]``, one digest a row.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from .errors import InvalidValue, UnknownName
from .views import View

Codes = npt.NDArray[np.uint8]

_HEXADECIMAL = re.compile(r"[0-9A-Fa-f]*")

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
class ViewHash:
    """The hash of a view of a frame: of what it may have been before somebody changed it."""

    view: View
    quality: int | None
    """As that of a frame, of what the view shows."""
    orientations: Mapping[str, bytes]
    """Digest by orientation, in all of ``ORIENTATIONS``."""


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

    views: tuple[ViewHash, ...] = ()
    """Of other views of the frame, for a thorough search, if those were asked for."""

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
    """Read one digest from hexadecimal, base64 or base32 (RFC 4648).

    Hexadecimal and base32 may be in either case, base64 in the standard or the URL-safe alphabet; padding may
    be left out. Text of nothing but hexadecimal digits is hexadecimal, whatever its length.

    Args:
        text: The digest, without blanks around it.
        size: How many bytes it must have.

    Raises:
        InvalidValue: If the text is not ``size`` bytes in one of these forms.
    """
    bare = text.rstrip("=")
    if len(text) == 2 * size and bare == text:
        try:
            return binascii.unhexlify(text)
        except (binascii.Error, ValueError):
            raise InvalidValue(f"{_shown(text)} has characters that are not hexadecimal") from None
    digest = None
    # A digest of another length, cut or of another algorithm, must not pass for an encoded one.
    if bare != text or not _HEXADECIMAL.fullmatch(text):
        digest = _base64(text, bare, size) or _base32(text, bare, size)
    if digest is None:
        raise InvalidValue(f"{_shown(text)} is not {2 * size} hexadecimal digits")
    return digest


def _base64(text: str, bare: str, size: int) -> bytes | None:
    """The bytes that base64 means, in either alphabet, with all of its padding or none."""
    url_safe = "-" in bare or "_" in bare
    if len(bare) != -(-4 * size // 3) or (url_safe and ("+" in bare or "/" in bare)):
        return None
    padded = bare.replace("-", "+").replace("_", "/") + "=" * (-len(bare) % 4)
    if len(text) not in (len(bare), len(padded)):
        return None
    try:
        digest = base64.b64decode(padded, validate=True)
    except ValueError:
        return None
    # Of the texts that a lax reader takes for the same bytes only one is what a writer writes.
    return digest if base64.b64encode(digest).decode() == padded else None


def _base32(text: str, bare: str, size: int) -> bytes | None:
    """The bytes that base32 means, in one case throughout, with all of its padding or none."""
    if len(bare) != -(-8 * size // 5) or not (bare.isupper() or bare.islower()):
        return None
    padded = bare.upper() + "=" * (-len(bare) % 8)
    if len(text) not in (len(bare), len(padded)):
        return None
    try:
        digest = base64.b32decode(padded)
    except ValueError:
        return None
    return digest if base64.b32encode(digest).decode() == padded else None


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
