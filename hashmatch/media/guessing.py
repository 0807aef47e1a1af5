"""What a file is by its first bytes or its name, where no reader of ours knows it.

A file that is media and cannot be decoded must not pass as one that matches nothing.
"""

from __future__ import annotations

import re
from pathlib import PurePath

from ..records import MediaType
from .containers import is_picture

_ENDINGS = {
    MediaType.VIDEO: "mp4 mov m4v webm mkv avi ts mpg mpeg wmv flv 3gp ogv vob asf",
    MediaType.IMAGE: "avif bmp eps gif heic heif ico jfif jpe jpeg jpg jxl pbm pgm png pnm ppm psd svg tga tif tiff webp",
    MediaType.DOCUMENT: "pdf",
}
_TYPES = {f".{ending}": kind for kind, endings in _ENDINGS.items() for ending in endings.split()}

_PICTURE = re.compile(rb"%!PS-Adobe|8BPS|\xff\x0a|\x00\x00\x00\x0cJXL |gimp xcf", re.DOTALL)
_DOCUMENT = b"%PDF-"

NO_PIXELS = {
    MediaType.IMAGE: "it is a picture in a format that cannot be decoded, or its header is damaged",
    MediaType.VIDEO: "it is a video in a container that cannot be read, or its header is damaged",
    MediaType.DOCUMENT: "a document has no pixels of its own",
    MediaType.UNKNOWN: "it is neither a picture nor a video in a format that is known",
}
"""Why such a file has no perceptual hashes."""


def guessed_type(head: bytes, file: str | None) -> MediaType:
    """What a file that no reader knows seems to be, by its first bytes, else by the ending of its name."""
    if is_picture(head) or _PICTURE.match(head):
        return MediaType.IMAGE
    if head.startswith(_DOCUMENT):
        return MediaType.DOCUMENT
    return _TYPES.get(PurePath(file or "").suffix.lower(), MediaType.UNKNOWN)
