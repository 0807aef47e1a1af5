"""The kinds of media whose pixels can be decoded. Adding one is one file and one line in this table."""

from __future__ import annotations

from ..frames import DEFAULT_LIMITS, Frame, Limits
from ..registry import Registry
from .base import MediaReader

MEDIA: Registry[MediaReader] = Registry(
    "kind of media",
    {
        "image": "hashmatch.media.image:IMAGE",
        "video": "hashmatch.media.video:VIDEO",
    },
)
"""Every reader by name; the first that recognises a file reads it."""


def recognise(head: bytes) -> MediaReader | None:
    """The reader of a file that begins with ``head`` (``containers.HEAD`` bytes or more, if it has them), or None."""
    return next((reader for reader in MEDIA.values() if reader.recognises(head)), None)


def own_process() -> None:
    """Set decoders up for a process that does nothing but hash one file after the other, as do others beside it."""
    for reader in MEDIA.values():
        reader.own_process()


def still(picture: object, limits: Limits = DEFAULT_LIMITS) -> Frame:
    """The pixels of a picture in memory: a numpy array or a Pillow image.

    Raises:
        InvalidValue: If it is neither.
        MediaError: If it has no pixels that can be read; see ``media.image``.
        LimitExceeded: If it has more pixels than the limits allow.
    """
    from .image import IMAGE

    return IMAGE.from_memory(picture, limits)
