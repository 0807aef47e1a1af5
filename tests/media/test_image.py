from __future__ import annotations

import warnings
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageCms

from hashmatch.algorithms.pdq import PDQ
from hashmatch.errors import InvalidValue, LimitExceeded, MediaError
from hashmatch.frames import DEFAULT_LIMITS, Frame, Limits
from hashmatch.hashes import FrameHash
from hashmatch.media import recognise, still
from hashmatch.media.image import FORMATS, IMAGE
from tests.drawing import textured, textured_grey

SIDES = (240, 320)


def saved(image: Image.Image, format: str, **options: object) -> bytes:
    sink = BytesIO()
    image.save(sink, format, **options)
    return sink.getvalue()


def decoded(content: bytes) -> Frame:
    assert recognise(content[:64]) is IMAGE
    (frame,) = IMAGE.frames(BytesIO(content), DEFAULT_LIMITS)
    return frame


def distance(left: FrameHash, right: FrameHash) -> int:
    return (int.from_bytes(left.digest, "big") ^ int.from_bytes(right.digest, "big")).bit_count()


def colour() -> Image.Image:
    return Image.fromarray(textured(*SIDES, seed=11))


def grey() -> Image.Image:
    return Image.fromarray(textured_grey(*SIDES, seed=11))


def sixteen_bits() -> Image.Image:
    return Image.fromarray(textured_grey(*SIDES, seed=11).astype(np.uint16) * 257)


def with_alpha() -> Image.Image:
    image = colour()
    image.putalpha(Image.fromarray(textured_grey(*SIDES, seed=12)))
    return image


def grey_with_alpha() -> Image.Image:
    return Image.merge("LA", (grey(), Image.fromarray(textured_grey(*SIDES, seed=12))))


def palette() -> Image.Image:
    return colour().quantize(128)


def lab() -> Image.Image:
    profiles = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    converted = ImageCms.profileToProfile(colour(), *profiles, outputMode="LAB")
    assert converted is not None
    return converted


def floats(scale: float) -> Image.Image:
    return Image.fromarray(textured_grey(*SIDES, seed=11).astype(np.float32) * np.float32(scale))


FILES = {
    "png": (colour, "PNG", {}),
    "png grey": (grey, "PNG", {}),
    "png palette": (palette, "PNG", {}),
    "png palette, one colour transparent": (palette, "PNG", {"transparency": 5}),
    "png palette, each colour transparent": (palette, "PNG", {"transparency": bytes(range(128))}),
    "png alpha": (with_alpha, "PNG", {}),
    "png grey and alpha": (grey_with_alpha, "PNG", {}),
    "png 1 bit": (lambda: grey().convert("1"), "PNG", {}),
    "png 16 bits": (sixteen_bits, "PNG", {}),
    "gif": (palette, "GIF", {}),
    "gif transparent": (palette, "GIF", {"transparency": 5}),
    "jpeg": (colour, "JPEG", {"quality": 90}),
    "jpeg grey": (grey, "JPEG", {"quality": 90}),
    "jpeg progressive": (colour, "JPEG", {"quality": 90, "progressive": True}),
    "jpeg cmyk": (lambda: colour().convert("CMYK"), "JPEG", {"quality": 90}),
    "tiff cmyk": (lambda: colour().convert("CMYK"), "TIFF", {}),
    "tiff lab": (lab, "TIFF", {}),
    "tiff ycbcr": (lambda: colour().convert("YCbCr"), "TIFF", {"compression": "tiff_lzw"}),
    "tiff 16 bits": (sixteen_bits, "TIFF", {}),
    "tiff 16 bits, the other order": (lambda: sixteen_bits().convert("I").convert("I;16B"), "TIFF", {}),
    "tiff 32 bits": (lambda: sixteen_bits().convert("I"), "TIFF", {}),
    "tiff floats to 1": (lambda: floats(1 / 255), "TIFF", {}),
    "tiff floats to 255": (lambda: floats(1), "TIFF", {}),
    "pgm 16 bits": (sixteen_bits, "PPM", {}),
    "ppm": (colour, "PPM", {}),
    "bmp": (colour, "BMP", {}),
    "webp": (colour, "WEBP", {"quality": 95}),
    "webp alpha": (with_alpha, "WEBP", {"lossless": True, "exact": True}),
    "jpeg 2000": (colour, "JPEG2000", {}),
    "ico": (lambda: colour().resize((256, 192)), "ICO", {"sizes": [(256, 192)]}),
}
if "AVIF" in Image.SAVE:
    FILES["avif"] = (colour, "AVIF", {"quality": 90})


def as_rgb(image: Image.Image) -> Image.Image:
    """The same picture as RGB, by other means than ours for what Pillow's convert clips."""
    if image.mode.startswith("I") or image.mode == "F":
        values = np.asarray(image).astype(np.float64)
        top = 65535 if image.mode.startswith("I") else 1 if values.max() <= 1 else 255
        image = Image.fromarray(np.floor(values * (255 / top) + 0.5).astype(np.uint8))
    elif image.mode in ("LA", "RGBA", "PA"):
        image = Image.merge("RGB", (image.convert("RGBA")).split()[:3])
    elif image.mode == "LAB":
        image = colour()
    return image.convert("RGB")


@pytest.mark.parametrize("name", FILES)
def test_each_kind_of_file_hashes_like_the_same_picture_as_rgb(name: str) -> None:
    draw, format, options = FILES[name]
    found = PDQ.hash_frame(decoded(saved(draw(), format, **options)))
    expected = PDQ.hash_frame(decoded(saved(as_rgb(draw()), "PNG")))
    assert expected.quality == 100
    assert distance(found, expected) <= 12


MODES = ("1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "HSV", "LAB", "I", "F")
SIXTEEN_BIT_MODES = ("I;16", "I;16B", "I;16L")


@pytest.mark.parametrize("mode", [*MODES, *SIXTEEN_BIT_MODES])
def test_each_mode_of_pillow_is_taken(mode: str) -> None:
    if mode == "LAB":
        image = lab()
    elif mode in ("La", "RGBa", "PA"):
        image = (grey_with_alpha() if mode == "La" else with_alpha()).convert(mode)
    elif mode.startswith("I"):
        image = sixteen_bits().convert("I").convert(mode)
    else:
        image = colour().convert(mode)
    assert image.mode == mode
    expected = {"La": grey, "RGBa": colour, "LAB": colour}.get(mode, lambda: as_rgb(image))()
    frame = IMAGE.from_pil(image)
    assert frame.pixels.ndim == (2 if mode in ("1", "L", "LA", "La", "F") or mode.startswith("I") else 3)
    assert distance(PDQ.hash_frame(frame), PDQ.hash_frame(IMAGE.from_pil(expected))) <= 12


def test_an_inverted_cmyk_jpeg_is_what_pillow_makes_of_it() -> None:
    content = saved(colour().convert("CMYK"), "JPEG", quality=95)
    # Without the Adobe marker the same numbers mean ink, not its absence.
    assert b"Adobe" in content
    with Image.open(BytesIO(content)) as image:
        assert np.array_equal(decoded(content).pixels, np.asarray(image.convert("RGB")))


def test_colours_under_full_transparency_are_seen() -> None:
    image = colour()
    image.putalpha(0)
    assert np.array_equal(decoded(saved(image, "PNG")).pixels, np.asarray(colour()))


@pytest.mark.parametrize("turned", range(1, 9))
def test_exif_orientation_is_not_applied_but_found(turned: int) -> None:
    upright = textured(300, 420, seed=3)
    stored = Image.fromarray(upright)
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    if turned in undo:
        stored = stored.transpose(Image.Transpose(undo[turned]))
    exif = Image.Exif()
    exif[0x0112] = turned
    frame = decoded(saved(stored, "JPEG", quality=95, exif=exif.tobytes()))
    assert (frame.width, frame.height) == stored.size
    wanted = int.from_bytes(PDQ.hash_frame(Frame(upright)).digest, "big")
    orientations = PDQ.hash_frame(frame).orientations.values()
    assert min((wanted ^ int.from_bytes(digest, "big")).bit_count() for digest in orientations) <= 16


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP", "TIFF", "JPEG"])
def test_a_still_has_no_number_and_no_time(format: str) -> None:
    frame = decoded(saved(Image.fromarray(textured(*SIDES)), format))
    assert (frame.number, frame.timestamp) == (-1, None)


def test_pages_are_no_frames() -> None:
    pages = [Image.fromarray(textured(*SIDES, seed=seed)) for seed in (1, 2)]
    assert decoded(saved(pages[0], "TIFF", save_all=True, append_images=pages[1:])).number == -1
    assert decoded(saved(pages[0], "MPO", save_all=True, append_images=pages[1:])).number == -1


@pytest.mark.parametrize(
    ("size", "reduced"),
    [
        ((1600, 1399), (1600, 1399)),
        ((1400, 4000), (700, 2000)),
        ((1401, 2901), (701, 1451)),
        ((4400, 4100), (1100, 1025)),
        ((5610, 5602), (702, 701)),
        ((800, 701), (800, 701)),
    ],
)
@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 0}])
def test_a_large_jpeg_is_decoded_small_and_as_luma(
    size: tuple[int, int], reduced: tuple[int, int], options: dict[str, object]
) -> None:
    picture = Image.fromarray(textured(size[1] // 4, size[0] // 4)).resize(size)
    content = saved(picture, "JPEG", quality=90, **options)
    (frame,) = IMAGE.frames(BytesIO(content), DEFAULT_LIMITS, fast=True)
    assert (frame.pixels.shape, frame.fast) == (reduced[::-1], True)
    (exact,) = IMAGE.frames(BytesIO(content), DEFAULT_LIMITS)
    assert exact.pixels.shape == (*size[::-1], 3)
    near = [int.from_bytes(PDQ.hash_frame(own).digest, "big") for own in (frame, exact)]
    assert (near[0] ^ near[1]).bit_count() <= 6


@pytest.mark.parametrize("format", ["PNG", "WEBP", "BMP", "TIFF", "GIF"])
def test_others_are_luma_at_full_size_where_it_is_to_be_fast(format: str) -> None:
    content = saved(Image.fromarray(textured(700, 810)), format)
    (frame,) = IMAGE.frames(BytesIO(content), DEFAULT_LIMITS, fast=True)
    assert (frame.pixels.shape, frame.fast) == ((700, 810), True)
    near = [int.from_bytes(PDQ.hash_frame(own).digest, "big") for own in (frame, decoded(content))]
    assert (near[0] ^ near[1]).bit_count() <= 4


@pytest.mark.parametrize("format", ["JPEG", "PNG", "GIF"])
def test_small_pictures_are_never_off(format: str) -> None:
    content = saved(Image.fromarray(textured(699, 810)), format)
    (frame,) = IMAGE.frames(BytesIO(content), DEFAULT_LIMITS, fast=True)
    assert not frame.fast
    assert np.array_equal(frame.pixels, decoded(content).pixels)


ARRAYS = {
    "grey": lambda p: p[:, :, 1],
    "one channel": lambda p: p[:, :, 1:2],
    "grey and alpha": lambda p: p[:, :, 1:],
    "rgba": lambda p: np.concatenate([p, p[:, :, :1]], axis=2),
    "16 bits": lambda p: p.astype(np.uint16) * 257,
    "16 bits, the other order": lambda p: (p.astype(np.uint16) * 257).astype(">u2"),
    "floats to 1": lambda p: p / 255,
    "floats to 255": lambda p: p.astype(np.float32),
    "half floats": lambda p: p.astype(np.float16),
    "read-only, upside down": lambda p: p[::-1][::-1],
    "columns first in memory": np.asfortranarray,
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_are_taken_in_each_shape_and_type(name: str) -> None:
    pixels = textured(100, 140)
    frame = IMAGE.from_array(ARRAYS[name](pixels))
    assert frame.pixels.dtype == np.uint8
    grey_alone = name in ("grey", "one channel", "grey and alpha")
    assert np.array_equal(frame.pixels, pixels[:, :, 1] if grey_alone else pixels)


def test_a_bool_array_is_black_and_white() -> None:
    assert IMAGE.from_array(np.array([[True, False]])).pixels.tolist() == [[255, 0]]


@pytest.mark.parametrize(
    "array",
    [
        np.zeros(5, np.uint8),
        np.zeros((2, 2, 2, 2), np.uint8),
        np.zeros((0, 5), np.uint8),
        np.zeros((5, 0, 3), np.uint8),
        np.zeros((5, 5, 0), np.uint8),
        np.zeros((5, 5, 5), np.uint8),
        np.zeros((5, 5), np.int64),
        np.zeros((5, 5), np.complex128),
        np.zeros((5, 5), object),
        np.full((5, 5), np.nan),
        np.full((5, 5), np.inf),
        np.full((5, 5), -1.0),
        np.full((5, 5), 300.0),
        np.array([["a"]]),
    ],
    ids=lambda array: f"{array.dtype}{array.shape}",
)
def test_other_arrays_are_refused_in_one_sentence(array: np.ndarray) -> None:
    with pytest.raises(MediaError) as caught:
        IMAGE.from_array(array)
    assert "\n" not in str(caught.value)


def test_integers_beyond_16_bits_are_refused() -> None:
    with pytest.raises(MediaError, match="outside 0-65535"):
        IMAGE.from_pil(Image.fromarray(np.full((8, 8), 70_000, np.int32)))


def test_what_is_no_picture_is_refused() -> None:
    for nothing in (None, 5, [[1, 2]], "a.jpg"):
        with pytest.raises(InvalidValue, match="a picture is"):
            still(nothing)


def test_still_takes_arrays_and_pillow_images() -> None:
    pixels = textured(20, 30)
    assert np.array_equal(still(pixels).pixels, still(Image.fromarray(pixels)).pixels)


def test_a_pillow_image_beyond_the_limit_is_refused_before_it_is_decoded() -> None:
    image = Image.open(BytesIO(saved(colour(), "PNG")[:200]))
    with pytest.raises(LimitExceeded):
        IMAGE.from_pil(image, Limits(pixels=100))


def test_a_picture_beyond_pillows_own_bound_is_refused() -> None:
    header = b"P6 40000 40000 255\n"
    with pytest.raises(LimitExceeded):
        list(IMAGE.frames(BytesIO(header), Limits(pixels=10**12)))


def test_a_large_picture_warns_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 50_000)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert decoded(saved(colour(), "PNG")).width == 320
    assert caught == []


def test_only_formats_of_the_list_are_opened() -> None:
    for format in ("PCX", "TGA", "SGI", "EPS", "PDF"):
        assert format not in FORMATS
        content = saved(colour(), format)
        assert recognise(content[:64]) is None
        with pytest.raises(MediaError):
            list(IMAGE.frames(BytesIO(content), DEFAULT_LIMITS))
