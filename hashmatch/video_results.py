"""What is told of known videos that an upload shows."""

from __future__ import annotations

from dataclasses import dataclass

from .records import HashRecord


@dataclass(frozen=True)
class Segment:
    """A stretch of an upload that runs along a stretch of a known video."""

    upload_start: float
    """Seconds into the upload."""
    upload_end: float
    known_start: float
    """Seconds into the known video."""
    known_end: float
    speed: float
    """Known seconds in a second of the upload: 2.0 where the upload runs twice as fast."""
    orientation: str
    """Which orientation of the upload agrees."""
    frames: int
    """Frames of the upload that agree."""
    pictures: int
    """Clearly different ones among them, counted up to 100."""
    distance: float
    """Mean Hamming distance of the frames that agree, in bits."""
    variant: str | None = None
    """As which variant most of them do, by its name, such as ``bordered``; None: as they are."""


@dataclass(frozen=True)
class VideoMatch:
    """A known video that an upload shows, as one claim knows it."""

    algorithm: str
    record: HashRecord
    """Whose claim it is, with labels, opinion and dates: the known frame that was hit most nearly."""
    distance: int
    """Hamming distance of that hit, in bits."""
    by: str
    """What makes it a match: ``segments``, ``known``, ``both``, ``scattered`` or ``vpdq``; see ``VideoRule``."""
    segments: tuple[Segment, ...]
    """In the order of the upload; none share a frame of it. None where it is a match by shares alone."""
    known_share: float
    """Share of the known video's different hashes that were found, 0 to 1."""
    upload_share: float
    """Share of the upload's different hashes of quality 50 or more that found one of them, 0 to 1."""
    pictures: int
    """Clearly different pictures that were found, counted up to 100."""
    known_frames: int
    """Hashes of the claim that are fit to match."""
    known_duration: float | None = None
    """Seconds from the known video's first frame to the end of its last; None if its frames have no times."""
    upload_duration: float | None = None
    """Seconds of the upload, as far as it was looked at; None if its frames have no times."""
    known_rate: float | None = None
    """Frames a second that were taken for true, as the claim has numbers of frames but no times; else None."""
    upload_rate: float | None = None
    """The same of the upload."""
