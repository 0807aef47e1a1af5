"""The floor: PyAV decodes every frame in one thread, and nobody looks at it."""

from __future__ import annotations

from pathlib import Path

import av

from .base import Sampler


def _decode(path: Path) -> None:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        for _ in container.decode(stream):
            pass


DECODE = Sampler("floor: PyAV decodes every frame", _decode)
