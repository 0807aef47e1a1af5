"""What allowing one file, or one hash, says: a claim, written as a list of our own."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec

from .algorithms import ALGORITHMS
from .algorithms.base import PerceptualAlgorithm
from .checking import sizes
from .errors import InvalidValue
from .formats.source import Source
from .hashes import parse_digest, parse_typed
from .hashing import hash_file

FORMAT = "jsonl"
"""The format in which the claim is written."""

_IDENTITY = "sha256"


def allowed(target: str | Path, algorithm: str | None, moment: datetime) -> Source:
    """The claim that allows a file, or one hash.

    A file is allowed by its SHA-256 and by each perceptual hash in all eight orientations, so that it is also
    allowed turned and mirrored; a video or an animation by those of all frames that are hashed unless others are asked
    for; a hash by itself alone.

    Args:
        target: A file, or a hash as ``hex`` or ``algorithm:hex``.
        algorithm: Of a bare hash.
        moment: When it is said; later than whatever was said before.

    Raises:
        MediaError: If the file cannot be hashed.
        InvalidValue: If it is neither a file nor a hash.
    """
    path = Path(target)
    if len(str(target)) < 4096 and path.exists():
        rows = _of_file(path)
        name = path.name
    else:
        rows = _of_hash(str(target), algorithm)
        name = str(target)
    # Dated, so that allowing again what was once withdrawn by hand counts.
    lines = [msgspec.json.encode({**row, "updated_at": moment.isoformat()}) for row in rows]
    return Source(content=b"\n".join(lines), name=name)


def _of_file(path: Path) -> list[dict[str, object]]:
    perceptual = [name for name in ALGORITHMS if isinstance(ALGORITHMS[name], PerceptualAlgorithm)]
    hashed = hash_file(path, (_IDENTITY, *perceptual))
    common: dict[str, object] = {
        "source_id": f"{_IDENTITY}:{hashed[_IDENTITY].hex}",
        "media_type": hashed.media_type.value,
        "extra": {"file": path.name.encode("utf-8", "replace").decode()},
    }
    return [
        {
            **common,
            "algorithm": name,
            "digest": digest.hex(),
            "quality": frame.quality,
            "frame": frame.frame,
            "timestamp": frame.timestamp,
        }
        for name, media in hashed.items()
        for frame in media.frames
        for digest in sorted(set(frame.orientations.values()))
    ]


def _of_hash(text: str, algorithm: str | None) -> list[dict[str, object]]:
    try:
        if algorithm is None:
            algorithm, digest = parse_typed(text, sizes())
        else:
            digest = parse_digest(text, ALGORITHMS[algorithm].size)
    except InvalidValue as error:
        raise InvalidValue(f"neither a file nor a hash: {error}") from error
    return [{"source_id": f"{algorithm}:{digest.hex()}", "algorithm": algorithm, "digest": digest.hex()}]
