"""Endings: whether an animation ends where its file says, since Pillow takes the end of what it can read for the end."""

from __future__ import annotations

import os
import struct
from typing import BinaryIO

_TAIL = 1 << 16
_TRAILER = b";"
_CHUNK = struct.Struct(">I4s")


def missing(format: str | None, stream: BinaryIO, shown: int) -> str | None:
    """Why there may be frames behind those that were shown; None if there are none.

    Args:
        format: As Pillow calls it.
        stream: The whole file, where Pillow left it behind the last frame.
        shown: How many frames there were.
    """
    if format == "GIF":
        return _behind_gif(stream)
    if format == "PNG":
        stated = _stated_in_png(stream)
        return f"it holds {stated} frames, and says that it has fewer" if stated > shown else None
    return None


def _behind_gif(stream: BinaryIO) -> str | None:
    position = stream.tell()
    stream.seek(max(0, position - 1))
    if stream.read(1) != _TRAILER:
        return "it is damaged or cut short behind them"
    while piece := stream.read(_TAIL):
        if piece.strip(b"\0"):
            return "there is more behind its end"
    return None


def _stated_in_png(stream: BinaryIO) -> int:
    """How many frames the chunks of a PNG are of."""
    size = stream.seek(0, os.SEEK_END)
    at, count = 8, 0
    while at + _CHUNK.size <= size:
        stream.seek(at)
        length, name = _CHUNK.unpack(stream.read(_CHUNK.size))
        count += name == b"fcTL"
        if name == b"IEND":
            break
        at += _CHUNK.size + length + 4
    return count
