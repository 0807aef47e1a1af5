"""Two edits, one after the other."""

from __future__ import annotations

from .cropping import cropped
from .framing import boxed, padded, screenshot
from .saving import compressed, resized
from .turning import MIRROR, turned
from .writing import CAPTION

_A_LITTLE_CROPPED = cropped(0.01, 0.03)

PAIRS = (
    resized(0.5).then(compressed(30)),
    MIRROR.then(compressed(30)),
    MIRROR.then(CAPTION),
    MIRROR.then(padded(0.1, "black")),
    MIRROR.then(boxed(1.33, "blurred copy")),
    turned(90).then(boxed(1.78, "black")),
    screenshot(False).then(compressed(30)),
    padded(0.1, "white").then(resized(0.5)),
    _A_LITTLE_CROPPED.then(compressed(50)),
    _A_LITTLE_CROPPED.then(MIRROR),
    _A_LITTLE_CROPPED.then(padded(0.1, "black")),
    padded(0.1, "black").then(_A_LITTLE_CROPPED),
)
