"""Edits: that each says truly which seconds of the upload are which of the clip."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest

from benchmarks.filming.clips import Clip
from benchmarks.filming.edits import (
    EDITS,
    SLIDE_SECONDS,
    Beside,
    Footage,
    Part,
    Upload,
    letterboxed,
    mirrored,
    scaled,
    stamped,
)
from benchmarks.filming.pictures import BLACK
from benchmarks.filming.shots import Frame, chroma

RATE = 5
WIDTH, HEIGHT = 48, 36
CLIP = Clip("known", WIDTH, HEIGHT, RATE, 15.0, [1], [2])
OTHER = Clip("other", WIDTH, HEIGHT, RATE, 3.0, [3], [2])
FOREIGN = 255

every_edit = pytest.mark.parametrize("name", EDITS)


def numbered(clip: Clip) -> Footage:
    """Footage each of whose frames is as bright as its number says."""
    count = round(clip.end * clip.rate)
    frames = np.empty((count, HEIGHT * 3 // 2, WIDTH), np.uint8)
    frames[:] = np.arange(count, dtype=np.uint8)[:, None, None]
    return Footage(clip, frames)


def edited(name: str, seed: int = 1) -> tuple[Upload, list[Frame]]:
    def foreign(seconds: float) -> Iterable[Frame]:
        return [np.full((HEIGHT * 3 // 2, WIDTH), FOREIGN, np.uint8)] * round(seconds * RATE)

    beside = Beside(lambda: (OTHER, numbered(OTHER).frames), foreign, np.random.default_rng(seed))
    upload = EDITS[name].make(numbered(CLIP), beside)
    return upload, list(upload.frames)


@every_edit
def test_each_second_of_a_piece_shows_the_second_of_the_clip_that_it_says(name: str) -> None:
    upload, frames = edited(name)
    rate = float(upload.rate)
    within = SLIDE_SECONDS if name == "slide show" else 1 / RATE
    inside = np.zeros(len(frames), bool)
    for part in upload.parts:
        first, last = round(part.begin * rate), round(part.end * rate)
        inside[first:last] = True
        for number in range(first, last):
            luma = frames[number][: len(frames[number]) * 2 // 3]
            shown = luma[luma.shape[0] // 2, WIDTH // 8] / RATE
            expected = part.known_begin + (number / rate - part.begin) * part.speed
            assert expected - within - 1e-9 < shown < expected + 1 / RATE + 1e-9
    assert all((frame == FOREIGN).all() for frame, known in zip(frames, inside, strict=True) if not known)


@every_edit
def test_frames_of_an_upload_have_one_size_that_videos_may_have(name: str) -> None:
    (shape,) = {frame.shape for frame in edited(name)[1]}
    height, width = shape[0] * 2 // 3, shape[1]
    assert (height % 2, width % 2, shape[0]) == (0, 0, height * 3 // 2)


def test_trims_are_as_long_as_they_say_and_of_the_clips_own_shots() -> None:
    for share, name in ((0.5, "trimmed to 50 %"), (0.3, "trimmed to 30 %"), (0.1, "trimmed to 10 %")):
        starts = set()
        for seed in range(12):
            upload, frames = edited(name, seed)
            (part,) = upload.parts
            assert len(frames) == round(share * CLIP.end * RATE)
            assert CLIP.shots_begin <= part.known_begin < part.known_end <= CLIP.shots_end + 1e-9
            starts.add(part.known_begin)
        assert len(starts) > 3


def test_edits_are_as_long_as_their_names_say() -> None:
    lengths = {name: len(edited(name)[1]) for name in EDITS}
    whole = round(CLIP.end * RATE)
    assert lengths["padded"] == pytest.approx(2 * whole, abs=1)
    assert lengths["two joined"] == whole + OTHER.end * RATE
    assert lengths["25 to 30 frames a second"] == pytest.approx(whole * 1.2, abs=1)
    assert edited("25 to 30 frames a second")[0].rate == RATE * 1.2
    assert lengths["sped up 1.25 ×"] == pytest.approx(whole / 1.25, abs=1)
    assert edited("a quarter of the bit rate")[0].bits == 0.25


def test_what_must_be_found_is_named() -> None:
    reported = {name for name, edit in EDITS.items() if not edit.required}
    assert reported == {"letterboxed", "sped up 1.25 ×", "slide show"}


def test_a_slide_is_held() -> None:
    held = SLIDE_SECONDS * RATE
    _, frames = edited("slide show")
    assert [frame[0, 0] for frame in frames] == [number // held * held for number in range(len(frames))]


@pytest.fixture
def frame() -> Frame:
    return np.random.default_rng(1).integers(20, 230, (HEIGHT * 3 // 2, WIDTH), np.uint8)


def test_a_mirrored_frame_has_all_of_its_planes_turned(frame: Frame) -> None:
    turned = mirrored(frame)
    assert np.array_equal(turned[:HEIGHT], frame[:HEIGHT, ::-1])
    for one, other in zip(chroma(turned), chroma(frame), strict=True):
        assert one.shape == (HEIGHT // 2, WIDTH // 2)
        assert np.array_equal(one, other[:, ::-1])


def test_a_letterboxed_frame_is_between_black_bars(frame: Frame) -> None:
    boxed = letterboxed(frame)
    assert boxed.shape == ((HEIGHT + 12) * 3 // 2, WIDTH)
    assert np.array_equal(boxed[6 : 6 + HEIGHT], frame[:HEIGHT])
    assert (boxed[:6] == BLACK).all()
    assert (boxed[6 + HEIGHT : 12 + HEIGHT] == BLACK).all()
    for one, other in zip(chroma(boxed), chroma(frame), strict=True):
        assert np.array_equal(one[3:-3], other)
        assert (one[:3] == 128).all()


def test_a_scaled_frame_is_a_third_as_wide_and_as_bright(frame: Frame) -> None:
    small = scaled(frame)
    assert small.shape == (12 * 3 // 2, 16)
    assert small[:12].mean() == pytest.approx(frame[:HEIGHT].mean(), abs=3)


def test_a_stamped_frame_differs_in_its_corner_alone(frame: Frame) -> None:
    given = frame.copy()
    changed = np.argwhere(stamped(frame) != frame)
    assert np.array_equal(frame, given)
    assert 0 < len(changed) <= (WIDTH // 10) ** 2
    assert changed[:, 0].max() < HEIGHT // 3
    assert changed[:, 1].min() > WIDTH * 4 // 5


def test_what_a_clip_shows_before_a_second_is_cut_off() -> None:
    assert Part("a", 10.0, 20.0, 0.0, 1.25).shown(2.5) == Part("a", 12.0, 20.0, 2.5, 1.25)
    assert Part("a", 10.0, 20.0, 5.0).shown(2.5) == Part("a", 10.0, 20.0, 5.0)
    assert Part("a", 10.0, 20.0, 5.0, 1.25).known_end == 17.5
