"""The sample videos: a known film, and an upload in which some of it is shown; all of it drawn by code."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import av
from PIL import Image, ImageEnhance
from sample_pictures import scene

WIDTH, HEIGHT = 192, 144
FILM_SECONDS = 24
SHOT_SECONDS = 3
"""How long a scene is shown, while the picture moves over it."""
BEGINS, SHOWN, OTHERS = 6, 12, 9
"""From which second on the film is shown in the upload, how many seconds of it, and how many of other scenes before it."""
RATE = 5
"""Frames a second."""
_MOVED = 4
"""Pixels in a second."""


def film(second: Fraction) -> Image.Image:
    """What the known film shows at a time: one scene after another, the first of which is dark for a second."""
    shown = _shot("quay", second)
    return ImageEnhance.Brightness(shown).enhance(0.1) if second < 1 else shown


def _shot(name: str, second: Fraction) -> Image.Image:
    number, within = divmod(second, SHOT_SECONDS)
    left = int(within * _MOVED)
    return _wide(f"{name} {number}").crop((left, 0, left + WIDTH, HEIGHT))


@lru_cache
def _wide(name: str) -> Image.Image:
    """A scene over which the picture can move."""
    width = WIDTH + SHOT_SECONDS * _MOVED
    return scene(name, 2 * width, 2 * HEIGHT).resize((width, HEIGHT), Image.Resampling.BOX)


def _upload() -> Iterator[Image.Image]:
    """Scenes of a market, some seconds of the film, and the market again."""
    for frame in range(RATE * (2 * OTHERS + SHOWN)):
        second = Fraction(frame, RATE)
        if OTHERS <= second < OTHERS + SHOWN:
            yield film(second - OTHERS + BEGINS)
        else:
            yield _shot("market", second)


def save_upload(path: Path) -> None:
    """Writes the upload as an MP4 file."""
    with av.open(path, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        # Several threads would write another file on each machine.
        stream.codec_context.thread_count = 1
        stream.codec_context.bit_rate = 100_000
        for number, picture in enumerate(_upload()):
            frame = av.VideoFrame.from_image(picture).reformat(format="yuv420p", threads=1)
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def videos() -> dict[str, Callable[[Path], None]]:
    """File name -> what writes it."""
    return {"quay_reposted.mp4": save_upload}
