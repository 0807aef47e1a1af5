"""Videos that are cut, flipped, empty or called something else: what can be decoded is, and what cannot is said."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest

from hashmatch.errors import MediaError
from hashmatch.frames import DEFAULT_LIMITS
from hashmatch.media.containers import HEAD
from hashmatch.media.course import Course
from hashmatch.media.losses import Losses
from hashmatch.media.video import VIDEO
from hashmatch.sampling import EVERY, KEYFRAMES, Sampling
from tests.clips import RATE, X264, clip, with_index_in_front, writes
from tests.fates import flipped

COUNT = 200
ROOT = Path(__file__).parent.parent.parent

KINDS = {
    "mpeg4 mp4": ("mpeg4", "mp4"),
    "mpeg4 mp4 front": ("mpeg4", "mp4"),
    "ffv1 matroska": ("ffv1", "matroska"),
    "mpeg4 avi": ("mpeg4", "avi"),
    "mpeg2 mpegts": ("mpeg2video", "mpegts"),
    "mpeg1 mpeg": ("mpeg1video", "mpeg"),
    "flv flv": ("flv", "flv"),
    "wmv2 asf": ("wmv2", "asf"),
    "mjpeg mov": ("mjpeg", "mov"),
    "h264 mp4 front": (X264, "mp4"),
    "h264 mpegts": (X264, "mpegts"),
    "h264 matroska": (X264, "matroska"),
    "vp9 webm": ("libvpx-vp9", "webm"),
}
SAYS_ITS_LENGTH = {"mpeg4 mp4 front", "ffv1 matroska", "mpeg4 avi", "h264 mp4 front", "h264 matroska", "vp9 webm"}
INDEX_BEHIND = {"mpeg4 mp4", "mjpeg mov"}
"""Of these nothing can be decoded without their end."""

each = pytest.mark.parametrize("kind", KINDS)
all_samplings = pytest.mark.parametrize("sampling", [EVERY, Sampling(1.0), KEYFRAMES], ids=["every", "second", "keys"])


def content(kind: str) -> bytes:
    codec, format = KINDS[kind]
    if not writes(codec):
        pytest.skip(f"this PyAV cannot write {codec}")
    pixels = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    written = clip(codec, format, count=COUNT, height=144, width=176, pixels=pixels)
    return with_index_in_front(written) if kind.endswith("front") else written


def outcome(content: bytes, sampling: Sampling) -> tuple[list[bytes], list[int], Course, str | None]:
    """Pixels and numbers of the frames, the course, and the error."""
    course = Course()
    pixels: list[bytes] = []
    numbers: list[int] = []
    try:
        for frame in VIDEO.frames(io.BytesIO(content), DEFAULT_LIMITS, sampling=sampling, course=course):
            pixels.append(frame.pixels.tobytes())
            numbers.append(frame.number)
    except MediaError as error:
        return pixels, numbers, course, str(error)
    return pixels, numbers, course, None


@each
@all_samplings
@pytest.mark.parametrize("sevenths", range(1, 7))
def test_what_is_before_the_cut_is_decoded_and_the_cut_is_told(kind: str, sampling: Sampling, sevenths: int) -> None:
    whole = content(kind)
    expected, *_ = outcome(whole, sampling)
    part = whole[: len(whole) * sevenths // 7]
    pixels, numbers, course, error = outcome(part, sampling)
    if kind in INDEX_BEHIND or (sevenths == 1 and error is not None):
        # There is no index; or hardly more than a header.
        assert error is not None
        assert pixels == []
        assert error.startswith(
            ("the video cannot be decoded: ", "its video holds no frames", "none of its frames can")
        )
        return
    assert error is None
    assert pixels
    assert numbers == sorted(set(numbers))
    # The last packet may be half there, and is shown all the same, as players show it, with those that need it.
    whole_ones = max(0, len(pixels) - 4)
    assert pixels[:whole_ones] == expected[:whole_ones]
    assert course.duration is not None
    assert course.duration <= COUNT / RATE
    if kind in SAYS_ITS_LENGTH and COUNT / RATE - course.duration > 1:
        assert course.damage is not None
        assert "and says that it lasts 8.0 s" in course.damage


@each
@all_samplings
def test_what_is_whole_has_no_damage(kind: str, sampling: Sampling) -> None:
    pixels, _, course, error = outcome(content(kind), sampling)
    assert (error, course.damage) == (None, None)
    assert pixels


@each
@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("threads", [0, 1])
def test_flipped_bits_lose_no_more_than_they_touch(
    kind: str, seed: int, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(VIDEO, "_threads", threads)
    changed = flipped(content(kind), seed)
    for sampling in (EVERY, Sampling(1.0), KEYFRAMES):
        pixels, numbers, course, error = outcome(changed, sampling)
        assert numbers == sorted(set(numbers))
        for said in (error, course.damage):
            assert said is None or (said.isprintable() and len(said) < 300)
        if error is None:
            assert pixels
            assert course.duration is not None


@each
@pytest.mark.parametrize("length", [0, 1, 8, 12, 64])
def test_beginnings_are_no_videos(kind: str, length: int) -> None:
    pixels, _, _, error = outcome(content(kind)[:length], EVERY)
    assert pixels == []
    assert error is not None
    assert error.isprintable()


@each
def test_a_beginning_with_nothing_but_noughts_behind_it_is_an_error(kind: str) -> None:
    pixels, _, _, error = outcome(content(kind)[:12] + bytes(50_000), EVERY)
    assert (pixels, error is None) == ([], False)


def test_what_could_not_be_decoded_is_counted() -> None:
    whole = bytearray(content("ffv1 matroska"))
    # Every hundredth of it, of which some are in one frame.
    for at in range(len(whole) // 2, len(whole) - 4000, len(whole) // 10):
        whole[at : at + 400] = b"\xff" * 400
    pixels, _, course, error = outcome(bytes(whole), EVERY)
    assert error is None
    assert 0 < len(pixels) <= COUNT
    assert course.damage is not None
    assert "could not be decoded" in course.damage or "decoded with errors" in course.damage


def test_losses_are_one_sentence() -> None:
    losses = Losses()
    assert (losses.sentence, losses.nothing) == (None, "its video holds no frames")
    losses.parts = 20
    assert losses.nothing == "none of its frames can be decoded"
    losses.lose(ValueError("bad\nthing"), begun=False)
    assert losses.sentence is None
    assert losses.nothing == "none of its frames can be decoded: bad thing"
    losses.lose(ValueError("worse"), begun=True)
    losses.faulty = 1
    losses.ended = "it ends early"
    assert losses.sentence == "1 of its 20 parts could not be decoded; 1 frame was decoded with errors; it ends early"
    losses.faulty = 3
    assert losses.sentence is not None
    assert "3 frames were decoded with errors" in losses.sentence


def test_ffmpeg_and_pyav_keep_silent(tmp_path: Path) -> None:
    for number, kind in enumerate(KINDS):
        if writes(KINDS[kind][0]):
            (tmp_path / f"{number}.bin").write_bytes(flipped(content(kind), number))
            (tmp_path / f"{number}.cut").write_bytes(content(kind)[: len(content(kind)) // 2])
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from hashmatch.uploads import hash_many\n"
        "reports = list(hash_many(sorted(Path(sys.argv[1]).iterdir()), workers=0, sampling='every'))\n"
        "print(len(reports))\n"
    )
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", script, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert int(run.stdout) == len(list(tmp_path.iterdir()))


def test_heads_are_long_enough_to_know_each_kind() -> None:
    known = [kind for kind in KINDS if writes(KINDS[kind][0])]
    assert [kind for kind in known if not VIDEO.recognises(content(kind)[:HEAD])] == []
