"""What every media reader promises; a new one is tested by being registered and by a sample here."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from hashmatch.errors import LimitExceeded, MediaError
from hashmatch.frames import DEFAULT_LIMITS, Limits
from hashmatch.media import MEDIA, recognise
from hashmatch.media.base import MediaReader
from hashmatch.media.course import Course
from hashmatch.records import MediaType
from tests.clips import clip
from tests.drawing import textured


def png() -> bytes:
    sink = BytesIO()
    Image.fromarray(textured(90, 120)).save(sink, "PNG")
    return sink.getvalue()


def mp4() -> bytes:
    return clip("mpeg4", "mp4", count=5, height=90, width=120)


SAMPLES = {"image": png, "video": mp4}
"""One small file for each reader, of 120 by 90 pixels."""

each = pytest.mark.parametrize("name", MEDIA)


@each
def test_a_reader_describes_itself(name: str) -> None:
    reader = MEDIA[name]
    assert isinstance(reader, MediaReader)
    assert reader.name == name
    assert reader.media_type in (MediaType.IMAGE, MediaType.VIDEO)


@each
def test_its_own_files_are_recognised_by_their_head(name: str) -> None:
    sample = SAMPLES[name]()
    assert MEDIA[name].recognises(sample[:64])
    assert recognise(sample[:64]) is MEDIA[name]


@each
@pytest.mark.parametrize("head", [b"", b"\0", b"\0" * 64, b"%PDF-1.7\n", b"just some text" * 5, b"{", b"\x7fELF"])
def test_other_files_are_not_recognised(name: str, head: bytes) -> None:
    assert not MEDIA[name].recognises(head)
    assert recognise(head) is None


@each
def test_frames_are_pixels(name: str) -> None:
    frames = list(MEDIA[name].frames(BytesIO(SAMPLES[name]()), DEFAULT_LIMITS))
    assert frames
    for frame in frames:
        assert frame.pixels.dtype == np.uint8
        assert frame.pixels.shape[:2] == (90, 120)
        assert frame.pixels.ndim == 2 or frame.pixels.shape[2] == 3
        assert (frame.height, frame.width) == (90, 120)


@each
def test_the_limit_of_pixels_is_inclusive(name: str) -> None:
    sample = SAMPLES[name]()
    assert list(MEDIA[name].frames(BytesIO(sample), Limits(pixels=90 * 120)))
    with pytest.raises(LimitExceeded, match=r"120 x 90 .* 10799"):
        list(MEDIA[name].frames(BytesIO(sample), Limits(pixels=90 * 120 - 1)))


@each
@pytest.mark.parametrize("kept", [0, 1, 20, 64, 0.3, 0.9])
def test_a_file_that_is_cut_short_is_an_error(name: str, kept: float) -> None:
    sample = SAMPLES[name]()
    part = sample[: kept if isinstance(kept, int) else int(kept * len(sample))]
    with pytest.raises(MediaError):
        list(MEDIA[name].frames(BytesIO(part), DEFAULT_LIMITS))


def test_what_is_read_in_place_begins_where_the_stream_stands() -> None:
    in_place = [name for name in MEDIA if MEDIA[name].in_place]
    assert in_place == ["video"]
    for name in in_place:
        sample = SAMPLES[name]()
        later = BytesIO(b"something else" + sample)
        later.seek(len(b"something else"))
        frames = [list(MEDIA[name].frames(stream, DEFAULT_LIMITS)) for stream in (BytesIO(sample), later)]
        assert [frame.pixels.tolist() for frame in frames[0]] == [frame.pixels.tolist() for frame in frames[1]]


@each
def test_a_reader_can_be_stopped_and_asks_for_it(name: str) -> None:
    class Impatient(Course):
        def go_on(self) -> None:
            raise LimitExceeded("no more")

    assert list(MEDIA[name].frames(BytesIO(SAMPLES[name]()), DEFAULT_LIMITS, course=Course()))
    animated = BytesIO()
    pictures = [Image.fromarray(textured(20, 30, seed)) for seed in range(3)]
    pictures[0].save(animated, "GIF", save_all=True, append_images=pictures[1:])
    sample = animated.getvalue() if name == "image" else SAMPLES[name]()
    with pytest.raises(LimitExceeded, match=r"^no more$"):
        list(MEDIA[name].frames(BytesIO(sample), DEFAULT_LIMITS, course=Impatient()))
