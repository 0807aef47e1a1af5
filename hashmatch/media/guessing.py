"""What a file is by its first bytes or its name, where no reader of ours knows it.

A file that is media and cannot be decoded must not pass as one that matches nothing.
"""

from __future__ import annotations

import re
from pathlib import PurePath

from ..records import MediaType

_ENDINGS = {
    MediaType.VIDEO: "mp4 mov m4v webm mkv avi ts mpg mpeg wmv flv 3gp ogv vob asf",
    MediaType.IMAGE: "avif bmp eps gif heic heif ico jfif jpe jpeg jpg jxl pbm pgm png pnm ppm psd svg tga tif tiff webp",
    MediaType.DOCUMENT: "pdf",
}
_TYPES = {f".{ending}": kind for kind, endings in _ENDINGS.items() for ending in endings.split()}

_PICTURE_BRANDS = rb"(avif|avis|heic|heix|heim|heis|hevc|mif1|msf1|jxl )"
_SIGNATURES = (
    (MediaType.IMAGE, re.compile(rb"....ftyp" + _PICTURE_BRANDS, re.DOTALL)),
    (MediaType.IMAGE, re.compile(rb"%!PS-Adobe|8BPS|\xff\x0a|\x00\x00\x00\x0cJXL |gimp xcf", re.DOTALL)),
    (MediaType.VIDEO, re.compile(rb"....(ftyp|moov|mdat)|\x1aE\xdf\xa3|RIFF....AVI |FLV\x01|OggS", re.DOTALL)),
    (MediaType.VIDEO, re.compile(rb"\x00\x00\x01[\xb3\xba]|\x30\x26\xb2\x75\x8e\x66\xcf\x11", re.DOTALL)),
    (MediaType.DOCUMENT, re.compile(rb"%PDF-")),
)

NO_PIXELS = {
    MediaType.IMAGE: "it is a picture in a format that cannot be decoded, or its header is damaged",
    MediaType.VIDEO: "frames of videos cannot be decoded",
    MediaType.DOCUMENT: "a document has no pixels of its own",
    MediaType.UNKNOWN: "it is not a picture in a format that is known",
}
"""Why such a file has no perceptual hashes."""


def guessed_type(head: bytes, file: str | None) -> MediaType:
    """What a file seems to be by its first bytes, else by the ending of its name."""
    for kind, signature in _SIGNATURES:
        if signature.match(head):
            return kind
    return _TYPES.get(PurePath(file or "").suffix.lower(), MediaType.UNKNOWN)
