"""Files that an attacker may upload, or a broken disk hand out: ``python -m tests.hostile_media FOLDER`` makes them.

Each does something else to whoever hashes it. None holds anything but noise and noughts.
"""

from __future__ import annotations

import io
import os
import struct
import sys
import zipfile
import zlib
from functools import cache
from pathlib import Path

from PIL import Image

from tests import hostile_videos
from tests.drawing import textured
from tests.fates import EITHER, HASHED, REFUSED, Makers, flipped

FORMATS = {
    "jpg": ("JPEG", {}),
    "progressive.jpg": ("JPEG", {"progressive": True}),
    "png": ("PNG", {}),
    "gif": ("GIF", {}),
    "webp": ("WEBP", {}),
    "tif": ("TIFF", {"compression": "tiff_lzw"}),
    "bmp": ("BMP", {}),
    "avif": ("AVIF", {}),
    "jp2": ("JPEG2000", {}),
    "ppm": ("PPM", {}),
    "ico": ("ICO", {}),
}
"""Ending -> Pillow's format and options."""


def good(ending: str, seed: int = 1) -> bytes:
    format, options = FORMATS[ending]
    sink = io.BytesIO()
    Image.fromarray(textured(120, 160, seed)).save(sink, format, **options)
    return sink.getvalue()


def png(width: int, height: int, *, bits: int = 8, kind: int = 0, rows: int | None = None, extra: bytes = b"") -> bytes:
    """A PNG of noughts, with as many rows of them as are wanted."""
    line = b"\0" + bytes(-(-width * bits * {0: 1, 2: 3}[kind] // 8))
    packer = zlib.compressobj(1)
    data = b"".join(packer.compress(line) for _ in range(height if rows is None else rows)) + packer.flush()
    header = struct.pack(">2I5B", width, height, bits, kind, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def text_bomb() -> bytes:
    """A PNG with a comment that unpacks to much more than it is."""
    return png(100, 100, extra=chunk(b"zTXt", b"comment\0\0" + zlib.compress(bytes(1 << 28), 1)))


def wide_gif() -> bytes:
    """A GIF whose screen has four billion pixels, and its picture one."""
    return (
        b"GIF89a"
        + struct.pack("<2H3B", 65535, 65535, 0, 0, 0)
        + b","
        + struct.pack("<4HB", 0, 0, 1, 1, 0)
        + b"\2\2\x4c\1\0;"
    )


def long_gif(frames: int) -> bytes:
    """A GIF of very many frames of a few bytes each."""
    frame = b"," + struct.pack("<4HB", 0, 0, 8, 8, 0x80) + b"\0\0\0\xff\xff\xff" + b"\2\6\x84\x8f\xa9\xcb\xed\x05\0"
    return b"GIF89a" + struct.pack("<2H3B", 8, 8, 0, 0, 0) + frame * frames + b";"


def tiff(width: int, height: int, strip: bytes, compression: int) -> bytes:
    """A TIFF of one strip, whatever its size says."""
    entries = [
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, 1, 8),
        (259, 3, 1, compression),
        (262, 3, 1, 1),
        (273, 4, 1, 8),
        (277, 3, 1, 1),
        (278, 4, 1, height),
        (279, 4, 1, len(strip)),
    ]
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<2H2I", *entry) for entry in entries) + bytes(4)
    return b"II*\0" + struct.pack("<I", 8 + len(strip)) + strip + directory


def scans_without_end() -> bytes:
    """A progressive JPEG that says its last scan over and over: minutes of work in a few megabytes."""
    sink = io.BytesIO()
    Image.fromarray(textured(200, 200)).resize((6000, 6000)).save(sink, "JPEG", quality=30, progressive=True)
    content = sink.getvalue()
    last = content.rfind(b"\xff\xda")
    return content[:-2] + content[last:-2] * 3000 + content[-2:]


@cache
def zip_bomb() -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number in range(4):
            archive.writestr(f"{number}.png", bytes(1 << 28))
    return sink.getvalue()


def makers() -> Makers:
    """Name of the file -> what makes its content, and what must become of it."""
    made: Makers = {
        "bomb-large.png": (lambda: png(60_000, 60_000, bits=1, rows=2000), REFUSED),
        "bomb-memory.png": (lambda: png(17_000, 17_000, kind=2), REFUSED),
        "bomb-text.png": (text_bomb, REFUSED),
        "bomb-wide.gif": (wide_gif, REFUSED),
        "bomb-long.gif": (lambda: long_gif(30_000), EITHER),
        "bomb-large.tif": (lambda: tiff(2**31 - 1, 2**31 - 1, b"\0" * 100, 1), REFUSED),
        "bomb-deflated.tif": (lambda: tiff(30_000, 30_000, zlib.compress(bytes(30_000 * 3000), 1), 8), REFUSED),
        "slow-scans.jpg": (scans_without_end, REFUSED),
        "nothing-in-it.png": (lambda: png(16_000, 16_000, rows=0), REFUSED),
        "empty.jpg": (lambda: b"", REFUSED),
        "text.jpg": (lambda: b"no picture at all\n" * 100, REFUSED),
        "noughts.png": (lambda: bytes(1 << 20), REFUSED),
        "head-alone.jpg": (lambda: b"\xff\xd8\xff", REFUSED),
        "really-a-jpeg.png": (lambda: good("jpg"), HASHED),
        "really-a-png.gif": (lambda: good("png"), HASHED),
        "really-a-zip.jpg": (zip_bomb, REFUSED),
        "good.jpg": (lambda: good("jpg"), HASHED),
    }
    for number, ending in enumerate(FORMATS):
        made[f"cut-half.{ending}"] = (lambda ending=ending: good(ending)[: len(good(ending)) // 2], EITHER)  # type: ignore[misc]
        made[f"cut-early.{ending}"] = (lambda ending=ending: good(ending)[:60], EITHER)  # type: ignore[misc]
        for turn in range(3):
            made[f"flipped-{turn}.{ending}"] = (  # type: ignore[misc]
                lambda ending=ending, seed=31 * number + turn: flipped(good(ending), seed),
                EITHER,
            )
    return {**made, **hostile_videos.makers()}


def special(folder: Path) -> dict[str, str]:
    """What is no file, or none that may be read, made in a folder: its name -> what must become of it."""
    os.mkfifo(folder / "pipe.jpg")
    (folder / "device.jpg").symlink_to("/dev/zero")
    (folder / "leaves.jpg").symlink_to("/etc/hostname")
    (folder / "circle.jpg").symlink_to("circle.jpg")
    (folder / "nowhere.jpg").symlink_to("is-not-there.jpg")
    (folder / "within.jpg").symlink_to("good.jpg")
    (folder / "folder.jpg").mkdir()
    refused = dict.fromkeys(["pipe.jpg", "device.jpg", "leaves.jpg", "circle.jpg", "nowhere.jpg"], REFUSED)
    return {**refused, "within.jpg": HASHED}


def make(folder: Path) -> dict[str, str]:
    """Make all of it in a folder: name -> what must become of it."""
    fates = {}
    for name, (maker, fate) in makers().items():
        (folder / name).write_bytes(maker())
        fates[name] = fate
    (folder / "bomb.zip").write_bytes(zip_bomb())
    return {**fates, **special(folder)}


if __name__ == "__main__":
    make(Path(sys.argv[1]))
