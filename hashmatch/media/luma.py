"""Luma: the brightness of a decoded frame, as it is stored, without a way through RGB.

A frame is whatever PyAV calls one; nothing of PyAV is imported here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..frames import Pixels

LIMITED = 255 / 219
"""What a step of luma counts for where black is 16 and white 235."""

_STATED_LIMITED, _STATED_FULL = 1, 2
"""Ranges of values, as FFmpeg numbers them."""

_PACKED = {
    "ya8": (2, 0),
    "yuyv422": (2, 0),
    "yvyu422": (2, 0),
    "uyvy422": (2, 1),
    "vyu444": (3, 1),
    "ayuv": (4, 1),
    "uyva": (4, 1),
    "vuya": (4, 2),
    "vuyx": (4, 2),
    "ya16": (2, 0),
    "y210": (2, 0),
    "y212": (2, 0),
    "y216": (2, 0),
    "ayuv64": (4, 1),
    "xv36": (4, 1),
    "xv48": (4, 1),
}
"""Formats in which luma stands between other values: every how many, and at which of them."""

_PACKED_BITS = {"uyyvyy411": "yuv411p", "v30x": "yuv444p10le", "xv30": "yuv444p10le"}
"""Formats in which it cannot be picked out so, and what they become without loss."""

_COLORS = {"rgb24": 3, "rgba": 4, "rgb0": 4}
"""Formats whose pixels begin with red, green and blue, and how many values each has."""

_IN_UPPER_BITS = re.compile(r"[py][024]1[0-6]$|xv36$|.*msb$")
"""Formats whose values fill 16 bits from above, whatever their depth."""

_FLOATS = re.compile(r".*f(16|32)$")


@dataclass(frozen=True)
class _Layout:
    """Where the luma of a pixel format is; of one that has none, its RGB."""

    target: str | None = None
    """The format that a frame must become first."""
    kind: str = "u1"
    """Of a value, as numpy calls it."""
    bits: int = 8
    """Of a value."""
    step: int = 1
    """How many values a pixel has."""
    offset: int = 0
    """Which of them is luma."""
    colors: bool = False
    """Whether the first three are red, green and blue instead."""
    range: int | None = None
    """That of the values, where the frame does not say; None: full, whatever it says."""


def luma(frame: Any) -> tuple[Pixels, float]:
    """The pixels of a frame, and what a step of them counts for, of 255.

    Args:
        frame: A decoded frame, of any pixel format.

    Returns:
        ``uint8[height, width]``, which is a view of the frame where its luma has eight bits; of formats that have no
        luma, ``uint8[height, width, 3]``, RGB.
    """
    layout = _layout(frame.format)
    stated = int(frame.color_range) or layout.range
    gain = LIMITED if layout.range is not None and stated == _STATED_LIMITED else 1.0
    target = layout.target
    if target is None and frame.planes[0].line_size < 0:
        # It stands on its head in memory.
        target = "rgba" if layout.colors else ("gray" if layout.bits == 8 else "gray16le")
    if target is not None:
        # As if all values were full, so that they stay what they are; by one thread, since several disturb each other.
        frame = frame.reformat(format=target, src_color_range=_STATED_FULL, dst_color_range=_STATED_FULL, threads=1)
        layout = _layout(frame.format)
    return _pixels(frame, layout), gain


def _pixels(frame: Any, layout: _Layout) -> Pixels:
    """What plane 0 holds, without the padding of its lines."""
    plane = frame.planes[0]
    lines = np.frombuffer(plane, np.uint8).reshape(frame.height, plane.line_size)
    values = lines[:, : frame.width * layout.step * (layout.bits + 7 >> 3)].view(layout.kind)
    if layout.colors:
        return values.reshape(frame.height, frame.width, layout.step)[:, :, :3]
    return _eight_bits(values[:, layout.offset :: layout.step], layout.bits)


def _eight_bits(values: npt.NDArray[np.unsignedinteger[Any]], bits: int) -> Pixels:
    """Values of eight bits as they are, of more bits rounded."""
    more = bits - 8
    if not more:
        return values.astype(np.uint8, copy=False)
    rounded = values.astype(np.uint32) + (1 << (more - 1)) >> more
    return np.asarray(np.minimum(rounded, 255), np.uint8)


def _layout(format: Any) -> _Layout:
    name: str = format.name
    layout = _LAYOUTS.get(name)
    if layout is None:
        layout = _LAYOUTS[name] = _layout_of(format, name)
    return layout


def _layout_of(format: Any, name: str) -> _Layout:
    base, ending = name[:-2], name[-2:]
    if ending not in ("le", "be"):
        base, ending = name, ""
    components = format.components
    grey = len(components) - ("a" in base[:2]) == 1
    colored = format.is_rgb or format.has_palette or format.is_bayer or base.startswith("xyz")
    if colored and name in _COLORS:
        return _Layout(step=_COLORS[name], colors=True)
    if colored or not components:
        return _Layout("rgb24")
    range = _STATED_FULL if grey or base.startswith("yuvj") else _STATED_LIMITED
    if base in _PACKED_BITS:
        return _Layout(_PACKED_BITS[base], range=range)
    if format.is_bit_stream or components[0].bits > 16 or _FLOATS.match(base):
        return _Layout("gray", range=range)
    step, offset = _PACKED.get(base, (1, 0))
    if step == 1 and sum(one.plane == 0 for one in components) > 1:
        return _Layout("yuv444p" if components[0].bits == 8 else "yuv444p16le", range=range)
    bits = 16 if _IN_UPPER_BITS.match(base) else components[0].bits
    kind = "u1" if bits == 8 else {"le": "<u2", "be": ">u2"}[ending]
    return _Layout(None, kind, bits, step, offset, range=range)


_LAYOUTS: dict[str, _Layout] = {}
"""Those of the formats that were met, by name."""
