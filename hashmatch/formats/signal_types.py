"""Signal types: what ThreatExchange and python-threatexchange call the algorithms.

ThreatExchange says ``HASH_PDQ`` and ``HASH_VIDEO_MD5``, python-threatexchange ``pdq`` and ``video_md5``; for
what ThreatExchange has no type it says ``DEBUG_STRING``, and a tag ``signal_type:phash`` names the algorithm.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ..errors import InvalidValue
from .fields import algorithm_name

SIGNAL_TAG = "signal_type:"
"""How the tag begins that names the algorithm of a ``DEBUG_STRING``."""

UNTYPED = "DEBUG_STRING"
"""The type of what ThreatExchange has no type for."""

_TYPES: Mapping[str, str] = {"pdq": "HASH_PDQ", "md5": "HASH_MD5", "sha1": "HASH_SHA1", "sha256": "HASH_SHA256"}
_VIDEO_TYPES: Mapping[str, str] = {"md5": "HASH_VIDEO_MD5", "sha256": "HASH_VIDEO_SHA256"}


_VIDEO = "vpdq"


def is_video_signal(name: str) -> bool:
    """Whether a signal type, in any case, is that of vPDQ: of all frames of a video together."""
    return name.strip().lower().removeprefix("hash_").removeprefix("video_") == _VIDEO


def read_signal_type(name: str, known: Collection[str]) -> tuple[str, str | None]:
    """The algorithm that a signal type stands for, and the media type if it says one.

    Args:
        name: ``HASH_VIDEO_MD5`` or ``video_md5``, in any case.
        known: Every algorithm that is known.

    Raises:
        InvalidValue: If it stands for none of them, as ``url_md5`` and ``HASH_TMK`` do; or for one of a video, ``vpdq``.
    """
    word = name.strip().lower().removeprefix("hash_")
    bare = word.removeprefix("video_")
    algorithm = algorithm_name(bare, known)
    if algorithm not in known:
        raise InvalidValue(f"{name.strip()[:60]!r} is no kind of hash that is known here")
    return algorithm, None if bare == word else "video"


def signal_type(algorithm: str, media_type: str) -> tuple[str, str | None]:
    """The type that ThreatExchange has for hashes of such files, and the tag that must stand beside it, if any."""
    if media_type == "video" and algorithm in _VIDEO_TYPES:
        return _VIDEO_TYPES[algorithm], None
    if algorithm in _TYPES:
        return _TYPES[algorithm], None
    return UNTYPED, f"{SIGNAL_TAG}{algorithm}"
