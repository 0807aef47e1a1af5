"""What must become of a hostile file, and one way to make one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

REFUSED = "refused"
"""There must be an error, and no perceptual hash."""
HASHED = "hashed"
"""There must be no error."""
EITHER = "either"
"""What can be decoded of it may be hashed."""

Makers = dict[str, tuple[Callable[[], bytes], str]]
"""Name of the file -> what makes its content, and what must become of it."""


def flipped(content: bytes, seed: int) -> bytes:
    """The same with some bits the other way, anywhere but at the very beginning."""
    rng = np.random.default_rng(seed)
    changed = bytearray(content)
    for place in rng.integers(40, len(content), 12).tolist():
        changed[place] ^= 1 << int(rng.integers(8))
    return bytes(changed)
