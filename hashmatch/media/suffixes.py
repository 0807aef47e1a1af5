"""What a file is by its name, where its bytes do not begin like media that we decode."""

from __future__ import annotations

from pathlib import PurePath

from ..records import MediaType

_VIDEOS = (".mp4", ".mov", ".m4v", ".webm", ".mkv", ".avi", ".ts", ".mpg", ".mpeg", ".wmv", ".flv", ".3gp")

_TYPES = {**dict.fromkeys(_VIDEOS, MediaType.VIDEO), ".pdf": MediaType.DOCUMENT}

NO_PIXELS = {
    MediaType.VIDEO: "frames of videos cannot be decoded",
    MediaType.DOCUMENT: "a document has no pixels of its own",
    MediaType.UNKNOWN: "it is not a picture in a format that is known",
}
"""Why such a file has no perceptual hashes."""


def named_type(file: str | None) -> MediaType:
    """Video or document by the ending of the file's name, else unknown."""
    return _TYPES.get(PurePath(file or "").suffix.lower(), MediaType.UNKNOWN)
