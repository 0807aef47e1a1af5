"""What a seeker is: known videos in, and for the frames of an upload which of them it tells."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from hashmatch.hashes import FrameHash

Frames = tuple[FrameHash, ...]
"""PDQ hashes of a video's frames, with quality and time."""

Videos = Mapping[str, Frames]
"""Name -> frames."""

QUALITY = 50
"""What vPDQ leaves out below."""
SHARE = 0.8
"""What vPDQ asks for, of the upload's frames or of the known video's."""


@dataclass(frozen=True)
class Span:
    """Seconds of an upload that are said to be seconds of a known video."""

    begin: float
    end: float
    known_begin: float
    known_end: float
    speed: float
    """Seconds of the known video in a second of the upload."""


@dataclass(frozen=True)
class Told:
    """What is said of one known video."""

    known_share: float
    """The share of its different hashes that was found, 0 to 1."""
    upload_share: float
    """The same of the upload's."""
    spans: tuple[Span, ...] = ()
    """In the order of the upload; none where a seeker knows no times."""


class Seeker(ABC):
    """Known videos that can be asked for, as their users would."""

    title: ClassVar[str]
    """What people know it by."""

    @abstractmethod
    def __init__(self, videos: Videos) -> None:
        """Know some videos, each of which has a frame of quality 50 or more."""

    def prepare(self, frames: Frames) -> Any:
        """An upload's frames in the form in which its users have them. Takes no part in any figure."""
        return frames

    @abstractmethod
    def search(self, frames: Any) -> Any:
        """Search what was prepared. This is what is measured."""

    @abstractmethod
    def told(self, found: Any) -> dict[str, Told]:
        """What ``search`` returned, by the names of the videos, in one form for all. Takes no part in any figure."""
