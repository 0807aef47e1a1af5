"""Containers: by which first bytes a file is known as a video, and what reads it.

The demuxer is chosen here, never by FFmpeg: it knows many that open other files, or addresses in a network.
"""

from __future__ import annotations

import re

_BY_SIGNATURE = (
    ("mov,mp4,m4a,3gp,3g2,mj2", rb"....(ftyp|moov|mdat)|\0...(wide|free|skip|pnot)"),
    ("matroska,webm", rb"\x1aE\xdf\xa3"),
    ("avi", rb"RIFF....AVI "),
    ("flv", rb"FLV\x01"),
    ("ogg", rb"OggS"),
    ("asf", rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11"),
    ("mpeg", rb"\x00\x00\x01\xba"),
    ("mpegvideo", rb"\x00\x00\x01\xb3"),
)
"""FFmpeg's demuxer, and how a file begins that it reads."""
_SIGNATURES = tuple((name, re.compile(signature, re.DOTALL)) for name, signature in _BY_SIGNATURE)

_PICTURES = re.compile(rb"....ftyp(avif|avis|heic|heix|heim|heis|hevc|hevx|mif1|msf1|jxl |crx )", re.DOTALL)
"""Files that are built as videos are, and hold pictures."""

_TRANSPORT_LENGTHS = (188, 192, 204)
"""Bytes of a packet of a transport stream; some programs add a time or a checksum."""
_TRANSPORT_PACKETS = 5

HEAD = (_TRANSPORT_PACKETS + 1) * max(_TRANSPORT_LENGTHS)
"""Bytes of a file's beginning that are enough to know it by, if it has them."""


def is_picture(head: bytes) -> bool:
    """Whether a file that begins so holds pictures, though it is built as a video is."""
    return _PICTURES.match(head) is not None


def demuxer(head: bytes) -> str | None:
    """Which of FFmpeg's demuxers reads a file that begins with ``head``; None if it is no video.

    Args:
        head: ``HEAD`` bytes or more, if it has them.
    """
    if is_picture(head):
        return None
    for name, signature in _SIGNATURES:
        if signature.match(head):
            return name
    return "mpegts" if any(_is_transport(head, length) for length in _TRANSPORT_LENGTHS) else None


def _is_transport(head: bytes, length: int) -> bool:
    """Whether packets of such a length follow each other, from anywhere in the first of them on."""
    return any(
        all(_is_packet(head, at) for at in range(start, start + _TRANSPORT_PACKETS * length, length))
        for start in range(min(length, len(head)))
        if head[start] == _SYNC
    )


def _is_packet(head: bytes, at: int) -> bool:
    """Whether a packet begins here: without an error, not encrypted, and with anything in it."""
    return at + 3 < len(head) and head[at] == _SYNC and not head[at + 1] & 0x80 and head[at + 3] & 0xF0 in (16, 32, 48)


_SYNC = 0x47
