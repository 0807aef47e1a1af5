"""Pictures, decoded by Pillow: from files, from Pillow's own objects and from arrays.

Pixels are taken as they are stored: an EXIF orientation is not applied, alpha is dropped and not
composited, colours are Pillow's own conversion to RGB, or to luma where it is to be fast.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from ..errors import InvalidValue, LimitExceeded, MediaError
from ..escaping import one_line
from ..frames import DEFAULT_LIMITS, Frame, Limits, Pixels
from ..records import MediaType
from ..sampling import EVERY, Sampling
from .base import MediaReader
from .course import Course
from .endings import missing
from .quiet import Quiet

FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP", "TIFF", "JPEG2000", "PPM", "ICO")
"""What is decoded, by Pillow's names. Short on purpose: each parser is open to hostile bytes."""

ANIMATED = ("GIF", "PNG", "WEBP", "AVIF")
"""Those of which a file may hold an animation. Pages of a TIFF, and pictures behind a JPEG, are none."""

FAST_SIDE = 700
"""Pixels of the shorter side that a picture must have to be decoded fast, and to which a JPEG is reduced at the most:
eleven for each of the 64 that PDQ samples. With eight, fine regular patterns were up to 20 bits off."""

_QUIET = Quiet("PIL")
_LONGEST = 1e9
"""Milliseconds that one frame may be shown."""
_MILLISECOND = Fraction(1, 1000)
_SIXTEEN_BIT = ("I;16", "I;16L", "I;16B", "I;16N")
_THROUGH = {"La": "LA", "RGBa": "RGBA", "PA": "RGBA"}
"""Modes that Pillow converts to grey or RGB only by way of another one."""


class ImageReader(MediaReader):
    """Still pictures, and the frames of animated ones."""

    name = "image"
    media_type = MediaType.IMAGE

    def __init__(self) -> None:
        Image.init()
        known = {name: Image.OPEN[name][1] for name in FORMATS if name in Image.OPEN}
        self._formats = tuple(known)
        self._accepting = tuple(accepts for accepts in known.values() if accepts is not None)

    def own_process(self) -> None:
        """Let our limits alone decide how many pixels there may be, and one thread decode: each core has its process."""
        Image.MAX_IMAGE_PIXELS = None
        if "AVIF" in Image.OPEN:
            # Only here: not every Pillow has it.
            from PIL import AvifImagePlugin

            AvifImagePlugin.DEFAULT_MAX_THREADS = 1

    def recognises(self, head: bytes) -> bool:
        """Whether one of ``FORMATS`` begins like this."""
        return any(accepts(head[:16]) is True for accepts in self._accepting)

    def frames(
        self,
        stream: BinaryIO,
        limits: Limits,
        *,
        fast: bool = False,
        sampling: Sampling | None = None,
        course: Course | None = None,
    ) -> Generator[Frame, None, None]:
        """The one frame of a still, or those of an animation, each with the time at which it is first shown.

        An animation has no key frames: where these are asked for, every frame is given.

        Raises:
            MediaError: If it cannot be decoded, or is cut short.
            LimitExceeded: If it has more pixels than the limits, or Pillow itself, allow.
        """
        course = course or Course()
        with _decoding():
            image = Image.open(stream, formats=self._formats)
            _check_size(image, limits)
            animated = image.format in ANIMATED and getattr(image, "is_animated", False)
        # Small pictures take little time anyway.
        fast = fast and min(image.size) >= FAST_SIDE
        if not animated:
            yield from _still(image, limits, fast)
            shown = 1
        else:
            wants, shown = (sampling or EVERY).picking(_MILLISECOND), 0
            for frame, at in _animation(image, limits, fast, course):
                shown += 1
                if wants(Fraction(at)):
                    yield frame
        if image.format in ANIMATED and (why := missing(image.format, stream, shown)):
            raise MediaError(why)

    def from_memory(self, picture: object, limits: Limits = DEFAULT_LIMITS) -> Frame:
        """The pixels of a Pillow image or of an array.

        Raises:
            InvalidValue: If it is neither.
            MediaError: As ``from_pil`` and ``from_array``.
            LimitExceeded: If it has more pixels than the limits allow.
        """
        if isinstance(picture, Image.Image):
            return self.from_pil(picture, limits)
        if isinstance(picture, np.ndarray):
            return self.from_array(picture)
        raise InvalidValue(f"a picture is a numpy array or a Pillow image, not {type(picture).__name__}")

    def from_pil(self, image: Image.Image, limits: Limits = DEFAULT_LIMITS) -> Frame:
        """The pixels of a picture that Pillow has opened; of several frames the current one.

        Raises:
            MediaError: If it cannot be decoded, or has values outside the range of its type.
            LimitExceeded: If it has more pixels than the limits allow.
        """
        _check_size(image, limits)
        return Frame(_loaded(image, limits))

    def from_array(self, array: npt.NDArray[Any]) -> Frame:
        """The pixels of an array.

        Args:
            array: ``[height, width]`` or ``[height, width, channels]`` with 1 (grey), 2 (grey and
                alpha), 3 (RGB) or 4 (RGB and alpha) channels, of at least one pixel. ``uint8``;
                ``uint16`` (0-65535); ``bool``; or floats, 0-1 if their maximum is at most 1,
                else 0-255.

        Raises:
            MediaError: If it is anything else, or holds NaN or infinity.
        """
        if array.ndim not in (2, 3) or array.size == 0 or (array.ndim == 3 and array.shape[2] > 4):
            raise MediaError(
                f"a picture is an array [height, width] or [height, width, 1 to 4], not {list(array.shape)}"
            )
        if array.ndim == 3:
            array = array[:, :, 0] if array.shape[2] < 3 else array[:, :, :3]
        return Frame(_eight_bits(array))


IMAGE = ImageReader()


@contextmanager
def _decoding() -> Iterator[None]:
    """Turn whatever Pillow throws at hostile bytes into one error of ours."""
    try:
        with _QUIET:
            yield
    except MediaError:
        raise
    except Image.DecompressionBombError:
        most = 2 * (Image.MAX_IMAGE_PIXELS or 0)
        raise LimitExceeded(f"the picture has more than {most} pixels, Pillow's limit in this process") from None
    except UnidentifiedImageError:
        raise MediaError("the picture cannot be decoded: its header is damaged") from None
    except MemoryError:
        raise MediaError("the picture cannot be decoded: there is not enough memory") from None
    except Exception as error:
        raise MediaError(f"the picture cannot be decoded: {one_line(error)}") from error


def _still(image: Image.Image, limits: Limits, fast: bool) -> Iterator[Frame]:
    """The one frame of a picture that was opened."""
    width, height = image.size
    if fast:
        with _decoding():
            # Of a JPEG alone; the smallest of an eighth, a quarter, a half and the whole that is not too small.
            image.draft("L", (FAST_SIDE, FAST_SIDE))
    pixels = _loaded(image, limits, fast)
    reduced = -(-width // image.width)
    yield Frame(pixels, fast=fast, reduced=reduced, size=None if reduced == 1 else (height, width))
    if image.format in ANIMATED:
        with _decoding(), contextlib.suppress(EOFError):
            # That there is a second frame is known only where it can be read.
            image.seek(1)


def _animation(image: Image.Image, limits: Limits, fast: bool, course: Course) -> Iterator[tuple[Frame, float]]:
    """Each frame of an animation that was opened, and after how many milliseconds it is first shown."""
    shown = 0.0
    for number in itertools.count():
        course.go_on()
        with _decoding():
            try:
                image.seek(number)
            except EOFError:
                return
        pixels = _loaded(image, limits, fast)
        lasts = _milliseconds(image.info.get("duration"))
        course.duration = (shown + lasts) / 1000
        yield Frame(pixels, number, shown / 1000, fast), shown
        shown += lasts


def _milliseconds(duration: object) -> float:
    """How long a frame is shown: what a file says may be anything."""
    known = isinstance(duration, int | float) and 0 <= duration < _LONGEST
    return float(duration) if known else 0.0  # type: ignore[arg-type]


def _loaded(image: Image.Image, limits: Limits, fast: bool = False) -> Pixels:
    """The pixels of a picture that was opened, or of its current frame."""
    with _decoding():
        image.load()
        # A file may say another size where its pixels are.
        _check_size(image, limits)
        return _pixels(image, fast)


def _check_size(image: Image.Image, limits: Limits) -> None:
    if max(image.size) > limits.side:
        raise LimitExceeded(
            f"the picture has {image.width} x {image.height} pixels, its longer side above the limit of {limits.side}"
        )
    if image.width * image.height > limits.pixels:
        raise LimitExceeded(
            f"the picture has {image.width} x {image.height} pixels, more than the limit of {limits.pixels}"
        )


def _pixels(image: Image.Image, fast: bool = False) -> Pixels:
    """A loaded picture as ``uint8[height, width]`` if it is grey or fast, else ``uint8[height, width, 3]``."""
    if image.width == 0 or image.height == 0:
        raise MediaError("the picture has no pixels")
    if image.mode in _SIXTEEN_BIT:
        return _eight_bits(np.asarray(image).astype(np.uint16, copy=False))
    if image.mode == "I":
        return _eight_bits(_sixteen_bits(np.asarray(image)))
    if image.mode == "F":
        return _eight_bits(np.asarray(image))
    if image.mode in _THROUGH:
        image = image.convert(_THROUGH[image.mode])
    mode = "L" if fast or image.mode in ("1", "L", "LA") else "RGB"
    # Pillow copies a picture that it converts to its own mode, which a large one feels.
    return np.asarray(image if image.mode == mode else image.convert(mode))


def _sixteen_bits(integers: npt.NDArray[np.int32]) -> npt.NDArray[np.uint16]:
    if integers.min() < 0 or integers.max() > 65535:
        raise MediaError("the picture has pixels outside 0-65535")
    return integers.astype(np.uint16)


def _eight_bits(array: npt.NDArray[Any]) -> Pixels:
    """Values of any type that we know as ``uint8``; what is that already is not copied."""
    eight_bits: Pixels
    if array.dtype == np.uint8:
        eight_bits = np.ascontiguousarray(array)
    elif array.dtype == np.bool_:
        eight_bits = np.where(array, np.uint8(255), np.uint8(0))
    elif array.dtype.newbyteorder("=") == np.uint16:
        eight_bits = ((array.astype(np.uint32, order="C") + 128) // 257).astype(np.uint8)
    elif not np.issubdtype(array.dtype, np.floating):
        raise MediaError(f"pixels must be uint8, uint16, bool or floats, not {array.dtype}")
    elif not np.isfinite(array).all():
        raise MediaError("the picture has pixels that are not finite numbers")
    else:
        scaled = np.rint(array.astype(np.float64, order="C") * (255 if array.max() <= 1 else 1))
        if scaled.min() < 0 or scaled.max() > 255:
            raise MediaError("pixels that are floats must lie in 0-1 or in 0-255")
        eight_bits = scaled.astype(np.uint8)
    return eight_bits
