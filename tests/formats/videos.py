"""Videos as others write them, and what is read of them."""

from __future__ import annotations

import hashlib
import json

from .samples import PDQ, PDQ_2, SHA256, read, rows_of

Frames = list[tuple[int, int, str, float]]

FRAMES: Frames = [(0, 100, PDQ, 0.0), (30, 97, PDQ_2, 1.001), (61, 12, SHA256, 12.5)]


def text(frames: Frames) -> bytes:
    """As the reference tools write a video."""
    return "".join(f"{number},{quality},{code},{time:.3f}\n" for number, quality, code, time in frames).encode()


def signal(frames: Frames) -> str:
    """As python-threatexchange writes a video."""
    return json.dumps([f"{code},{quality},{time:.3}" for _, quality, code, time in frames])


def older_signal(frames: Frames) -> str:
    """As python-threatexchange wrote it before."""
    return json.dumps({n: {"quality": q, "hash": code, "timestamp": round(time, 3)} for n, q, code, time in frames})


def video(content: bytes, name: str = "vpdq") -> list[tuple[object, ...]]:
    """Frame, quality, hash and time of each row of a file that has no rejects."""
    chunks = read(name, content)
    assert [chunk.rejects for chunk in chunks if chunk.rejects] == []
    rows = [row for chunk in chunks for row in chunk.rows.to_pylist()]
    assert {(row["algorithm"], row["media_type"]) for row in rows} == {("pdq", "video")}
    assert len({row["source_id"] for row in rows}) == 1
    return [(int(row["frame"]), int(row["quality"]), hexed(row["digest"]), float(row["timestamp"])) for row in rows]


def hexed(digest: str | bytes) -> str:
    return digest if isinstance(digest, str) else digest.hex()


def id_of(content: bytes, name: str = "vpdq") -> object:
    (own,) = {row["source_id"] for row in rows_of(name, content)}
    return own


def own_id(frames: Frames) -> str:
    """The id of a video, as docs/formats.md says it."""
    content = b"".join(sorted({number.to_bytes(4, "big") + bytes.fromhex(code) for number, _, code, _ in frames}))
    return f"vpdq:{hashlib.sha256(content).hexdigest()}"
