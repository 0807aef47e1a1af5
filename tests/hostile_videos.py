"""Videos that an attacker may upload: too large, too long, too slow, cut, flipped, or something else altogether."""

from __future__ import annotations

import io
import struct
import zlib
from fractions import Fraction
from typing import Any

import av
from PIL import Image

from tests.clips import RATE, X264, clip, film, moving, song, video, with_index_in_front, write, writes
from tests.drawing import textured
from tests.fates import EITHER, HASHED, REFUSED, Makers, flipped

KINDS = {
    "mp4": ("mpeg4", "mp4"),
    "mkv": ("ffv1", "matroska"),
    "avi": ("mpeg4", "avi"),
    "ts": ("mpeg2video", "mpegts"),
    "mpg": ("mpeg1video", "mpeg"),
    "flv": ("flv", "flv"),
    "wmv": ("wmv2", "asf"),
    "webm": ("libvpx-vp9", "webm"),
    "m4v": (X264, "mp4"),
}
"""Ending -> codec and container."""


def good(ending: str) -> bytes:
    codec, format = KINDS[ending]
    written = clip(codec, format, count=100)
    return with_index_in_front(written) if ending in ("mp4", "m4v") else written


def wide() -> bytes:
    """An AVI whose header says that its pictures have four billion pixels."""
    content = bytearray(clip("rawvideo", "avi", count=3, pixels="bgr24"))
    at = content.index(b"strf") + 12
    content[at : at + 8] = struct.pack("<2i", 65_000, 65_000)
    return bytes(content)


def repeated(side: int, count: int) -> bytes:
    """A film of one picture of noughts, of some kilobytes, that has to be decoded again and again."""
    line = b"\0" + bytes(side)
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(line) for _ in range(side)) + packer.flush()
    picture = b"\x89PNG\r\n\x1a\n"
    for name, content in ((b"IHDR", struct.pack(">2I5B", side, side, 8, 0, 0, 0, 0)), (b"IDAT", data), (b"IEND", b"")):
        picture += struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    def again(container: Any) -> None:
        stream = container.add_stream("png", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = side, side, "gray"
        for number in range(count):
            packet = av.Packet(picture)
            packet.stream, packet.pts, packet.dts, packet.time_base = stream, number, number, Fraction(1, RATE)
            packet.is_keyframe = True
            container.mux(packet)

    return film("mov", again)


def days() -> bytes:
    """Frames that are nearly an hour apart."""

    def slides(container: Any) -> None:
        stream = video(container, "ffv1")
        stream.codec_context.time_base = Fraction(1, 1000)
        write(container, stream, moving(20, 96, 128), times=lambda number: 3_500_000 * number, unit=Fraction(1, 1000))

    return film("matroska", slides)


def elsewhere() -> bytes:
    """A film whose index says that its pictures are in another file."""
    content = clip("mpeg4", "mov", count=20)
    place = b"url \0\0\0\0file"
    at = content.index(b"url \0\0\0\1")
    return content[:at] + place + content[at + len(place) :]


def picture() -> bytes:
    sink = io.BytesIO()
    Image.fromarray(textured(120, 160)).save(sink, "JPEG")
    return sink.getvalue()


def makers() -> Makers:
    """Name of the file -> what makes its content, and what must become of it."""
    made: Makers = {
        "bomb-wide.avi": (wide, REFUSED),
        "bomb-slow.mov": (lambda: repeated(8000, 200), EITHER),
        "bomb-days.mkv": (days, EITHER),
        "bomb-noise.ts": (lambda: b"".join(b"\x47\x1f\xff\x10" + bytes(184) for _ in range(100_000)), REFUSED),
        "elsewhere.mov": (elsewhere, EITHER),
        "empty.mp4": (lambda: b"", REFUSED),
        "text.mp4": (lambda: b"no video at all\n" * 100, REFUSED),
        "playlist.mp4": (lambda: b"#EXTM3U\n#EXTINF:10,\nfile:///etc/hostname\n", REFUSED),
        "list.mkv": (lambda: b"ffconcat version 1.0\nfile /etc/hostname\n", REFUSED),
        "head-alone.mp4": (lambda: b"\0\0\0\x18ftypisom\0\0\0\0", REFUSED),
        "noughts.mkv": (lambda: b"\x1a\x45\xdf\xa3" + bytes(1 << 20), REFUSED),
        "sound.mp4": (lambda: film("mp4", song), REFUSED),
        "really-a-picture.mp4": (picture, HASHED),
        "really-a-video.jpg": (lambda: good("mp4"), HASHED),
    }
    for number, ending in enumerate(ending for ending, (codec, _) in KINDS.items() if writes(codec)):
        made[f"good.{ending}"] = (lambda ending=ending: good(ending), HASHED)  # type: ignore[misc]
        made[f"cut-half.{ending}"] = (lambda ending=ending: good(ending)[: len(good(ending)) // 2], EITHER)  # type: ignore[misc]
        made[f"cut-early.{ending}"] = (lambda ending=ending: good(ending)[:60], REFUSED)  # type: ignore[misc]
        for turn in range(3):
            made[f"flipped-{turn}.{ending}"] = (  # type: ignore[misc]
                lambda ending=ending, seed=57 * number + turn: flipped(good(ending), seed),
                EITHER,
            )
    return made
