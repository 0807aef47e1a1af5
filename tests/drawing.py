"""Pictures for the tests, drawn by code: seeded, so that each test draws the same ones every time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]


def textured(height: int, width: int, seed: int = 0) -> Pixels:
    """A colourful picture of waves, patches and some noise: ``uint8[height, width, 3]``.

    Its low frequencies all hold something, as those of a photo do.
    """
    rng = np.random.default_rng([seed, height, width])
    down = np.linspace(0, 1, height, dtype=np.float32)[:, np.newaxis]
    across = np.linspace(0, 1, width, dtype=np.float32)[np.newaxis]
    pixels = np.empty((height, width, 3), np.uint8)
    brightness = _waves(down, across, rng) + _patches(down, across, rng)
    for channel in range(3):
        # In place, as most of the time goes into touching memory.
        layer = _waves(down, across, rng)
        layer *= 0.3
        layer += brightness
        layer += 0.1 * rng.random((height, 1), np.float32) + 0.1 * rng.random((1, width), np.float32)
        low, high = float(layer.min()), float(layer.max())
        layer -= low
        layer *= 255 / max(high - low, 1e-6)
        pixels[:, :, channel] = layer
    return pixels


def textured_grey(height: int, width: int, seed: int = 0) -> Pixels:
    """One channel of ``textured``: ``uint8[height, width]``."""
    return np.ascontiguousarray(textured(height, width, seed)[:, :, 1])


def tiled(height: int, width: int) -> Pixels:
    """A picture of whole numbers alone, the same on every machine: ``uint8[height, width, 3]``."""
    y, x = np.mgrid[:height, :width]
    red = (x * x // 37 + y * 5 + (x // 23) * (y // 31) * 11) % 256
    green = (y * y // 41 + x * 3 + ((x + 2 * y) // 29) * 17) % 256
    blue = ((x * y) // 53 + (x // 19) * 7 + (y // 13) * 5) % 256
    return np.stack([red, green, blue], axis=-1).astype(np.uint8)


def _waves(down: npt.NDArray[np.float32], across: npt.NDArray[np.float32], rng: np.random.Generator) -> np.ndarray:
    count = 12
    frequencies = rng.uniform(0.5, 60, (2, count)).astype(np.float32)
    phases = rng.uniform(0, 6.3, (2, count)).astype(np.float32)
    heights = (rng.normal(size=count) / np.sqrt(frequencies).sum(axis=0)).astype(np.float32)
    return (np.sin(down * frequencies[0] + phases[0]) * heights) @ np.sin(
        across * frequencies[1][:, np.newaxis] + phases[1][:, np.newaxis]
    )


def _patches(down: npt.NDArray[np.float32], across: npt.NDArray[np.float32], rng: np.random.Generator) -> np.ndarray:
    layer = np.zeros((down.shape[0], across.shape[1]), np.float32)
    for top, left, level in rng.uniform(-0.3, 0.9, (8, 3)):
        layer[_within(down[:, 0], top), _within(across[0], left)] += np.float32(level)
    return layer


def _within(places: npt.NDArray[np.float32], start: float) -> slice:
    """Where ascending places are at least ``start`` and less than 0.35 beyond it."""
    inside = np.flatnonzero((places >= start) & (places < start + 0.35))
    return slice(inside[0], inside[-1] + 1) if len(inside) else slice(0)
