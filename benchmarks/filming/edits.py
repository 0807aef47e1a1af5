"""Edits: what uploaders do to known clips, and which seconds of the upload are which of the clip."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain

import numpy as np
import numpy.typing as npt
from PIL import Image

from .clips import Clip
from .pictures import BLACK, GREY, WHITE
from .shots import Frame, chroma

SLIDE_SECONDS = 4
"""How long a slide show holds each frame."""


@dataclass(frozen=True)
class Footage:
    """A clip and its frames, as they were decoded."""

    clip: Clip
    frames: npt.NDArray[np.uint8]
    """``uint8[n, height * 3 // 2, width]``."""

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.frames) / self.clip.rate


@dataclass(frozen=True)
class Part:
    """Seconds of an upload that are seconds of a known clip."""

    known: str
    """The clip's name."""
    begin: float
    """Seconds of the upload."""
    end: float
    known_begin: float
    """Second of the clip that is shown at ``begin``."""
    speed: float = 1.0
    """Seconds of the clip in a second of the upload."""

    @property
    def known_end(self) -> float:
        """Second of the clip that is shown at ``end``."""
        return self.known_begin + (self.end - self.begin) * self.speed

    def shown(self, begin: float) -> Part:
        """What is left of it without what the clip shows before a second of its own."""
        late = max(0.0, begin - self.known_begin)
        return replace(self, begin=self.begin + late / self.speed, known_begin=self.known_begin + late)


@dataclass(frozen=True)
class Upload:
    """What somebody uploads."""

    frames: Iterable[Frame]
    """All of one size."""
    rate: Fraction
    parts: tuple[Part, ...]
    bits: float = 1.0
    """Share of the clip's bit rate."""


@dataclass(frozen=True)
class Beside:
    """What else an edit may need."""

    joined: Callable[[], tuple[Clip, Iterable[Frame]]]
    """Another known clip."""
    foreign: Callable[[float], Iterable[Frame]]
    """So many seconds of footage that nobody knows."""
    random: np.random.Generator


Make = Callable[[Footage, Beside], Upload]


@dataclass(frozen=True)
class Edit:
    """One kind of edit."""

    make: Make
    required: bool = True
    """Whether it is to be found; what is not is reported only."""


def _whole(footage: Footage) -> tuple[Part, ...]:
    return (Part(footage.clip.name, 0.0, footage.seconds, 0.0),)


def _each(change: Callable[[Frame], Frame], bits: float = 1.0) -> Make:
    """The whole clip, each frame of which is changed."""
    return lambda footage, beside: Upload(map(change, footage.frames), _rate(footage), _whole(footage), bits)


def _trimmed(share: float) -> Make:
    """One piece out of the clip's own shots, at any frame."""

    def make(footage: Footage, beside: Beside) -> Upload:
        clip = footage.clip
        count = round(share * len(footage.frames))
        first, last = (round(edge * clip.rate) for edge in (clip.shots_begin, clip.shots_end))
        start = int(beside.random.integers(first, max(first, last - count) + 1))
        part = Part(clip.name, 0.0, count / clip.rate, start / clip.rate)
        return Upload(footage.frames[start : start + count], _rate(footage), (part,))

    return make


def _padded(footage: Footage, beside: Beside) -> Upload:
    """Other footage before it, two fifths as long, and after it, three fifths."""
    before, after = (list(beside.foreign(share * footage.seconds)) for share in (0.4, 0.6))
    start = len(before) / footage.clip.rate
    part = Part(footage.clip.name, start, start + footage.seconds, 0.0)
    return Upload(chain(before, footage.frames, after), _rate(footage), (part,))


def _joined(footage: Footage, beside: Beside) -> Upload:
    """Another known clip behind it."""
    clip, frames = beside.joined()
    start = footage.seconds
    other = Part(clip.name, start, start + clip.end, 0.0)
    return Upload(chain(footage.frames, frames), _rate(footage), (*_whole(footage), other))


def _resampled(ratio: Fraction) -> Make:
    """More frames a second: each is the last one that was shown."""

    def make(footage: Footage, beside: Beside) -> Upload:
        places = (number * ratio.denominator // ratio.numerator for number in range(len(footage.frames) * ratio // 1))
        return Upload(_taken(footage, places), _rate(footage) * ratio, _whole(footage))

    return make


def _sped(ratio: Fraction) -> Make:
    """Fewer frames at as many a second: it is over sooner."""

    def make(footage: Footage, beside: Beside) -> Upload:
        count = int(len(footage.frames) / ratio)
        part = Part(footage.clip.name, 0.0, count / footage.clip.rate, 0.0, float(ratio))
        return Upload(_taken(footage, (int(number * ratio) for number in range(count))), _rate(footage), (part,))

    return make


def _slides(footage: Footage, beside: Beside) -> Upload:
    """The first frame of each four seconds, as long as these are."""
    held = SLIDE_SECONDS * footage.clip.rate
    places = (number // held * held for number in range(len(footage.frames)))
    return Upload(_taken(footage, places), _rate(footage), _whole(footage))


def same(frame: Frame) -> Frame:
    """Nothing is done to it."""
    return frame


def mirrored(frame: Frame) -> Frame:
    """Left is right."""
    return _by_plane(frame, lambda plane: plane[:, ::-1])


def scaled(frame: Frame, divisor: int = 3) -> Frame:
    """A third as wide and high, in even numbers."""
    rows, columns = frame.shape[0] * 2 // 3, frame.shape[1]
    height, width = rows // divisor // 2 * 2, columns // divisor // 2 * 2

    def shrink(plane: Frame) -> Frame:
        size = (width, height) if len(plane) == rows else (width // 2, height // 2)
        return np.asarray(Image.fromarray(np.ascontiguousarray(plane)).resize(size, Image.Resampling.BICUBIC))

    return _by_plane(frame, shrink)


def letterboxed(frame: Frame) -> Frame:
    """Black bars above and below, a sixth of its height each."""
    bar = frame.shape[0] * 2 // 3 // 6 // 2 * 2
    rows = frame.shape[0] * 2 // 3

    def pad(plane: Frame) -> Frame:
        whole = len(plane) == rows
        edge = bar if whole else bar // 2
        return np.pad(plane, ((edge, edge), (0, 0)), constant_values=BLACK if whole else GREY)

    return _by_plane(frame, pad)


def stamped(frame: Frame) -> Frame:
    """A sign in the corner at the top right, a tenth as wide as the frame, through which half of it is seen."""
    rows, columns = frame.shape[0] * 2 // 3, frame.shape[1]
    side = columns // 10
    top, left = rows // 20, columns - side - columns // 20
    sign = np.full((side * 2 // 3, side), WHITE, np.uint8)
    sign[side // 6 : side // 3, side // 8 : side * 7 // 8] = BLACK
    stamp: Frame = frame.copy()
    under = stamp[top : top + len(sign), left : left + side]
    under[:] = under // 2 + sign // 2
    return stamp


EDITS = {
    "trimmed to 50 %": Edit(_trimmed(0.5)),
    "trimmed to 30 %": Edit(_trimmed(0.3)),
    "trimmed to 10 %": Edit(_trimmed(0.1)),
    "padded": Edit(_padded),
    "two joined": Edit(_joined),
    "a quarter of the bit rate": Edit(_each(same, 0.25)),
    "scaled to a third": Edit(_each(scaled)),
    "mirrored": Edit(_each(mirrored)),
    "25 to 30 frames a second": Edit(_resampled(Fraction(6, 5))),
    "logo in a corner": Edit(_each(stamped)),
    "letterboxed": Edit(_each(letterboxed), required=False),
    "sped up 1.25 ×": Edit(_sped(Fraction(5, 4)), required=False),
    "slide show": Edit(_slides, required=False),
}
"""Name -> edit."""


def _rate(footage: Footage) -> Fraction:
    return Fraction(footage.clip.rate)


def _taken(footage: Footage, places: Iterable[int]) -> Iterator[Frame]:
    return (footage.frames[place] for place in places)


def _by_plane(frame: Frame, change: Callable[[Frame], Frame]) -> Frame:
    """Change each of the three planes, which stay half as wide and high as the luma."""
    luma = change(frame[: frame.shape[0] * 2 // 3])
    made = np.empty((luma.shape[0] * 3 // 2, luma.shape[1]), np.uint8)
    made[: len(luma)] = luma
    for plane, of in zip(chroma(made), chroma(frame), strict=True):
        plane[:] = change(of)
    return made
