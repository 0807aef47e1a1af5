"""Clips that are drawn: what they share, that they follow from their seeds, and how they are written and read."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import hashmatch
from benchmarks.filming import files, shots
from benchmarks.filming.clips import BLACK_SECONDS, CUTS, LOGO_SECONDS, TITLE_SECONDS, Clip, _lengths
from benchmarks.filming.pictures import BLACK, WHITE
from hashmatch.hashes import FrameHash, code_matrix, hamming

RATE = 4
SEED = [7]


def clip(*seed: int, framed: list[int] | None = SEED) -> Clip:
    return Clip("a clip", 96, 54, RATE, 7.0, list(seed), framed)


def luma_hash(frame: shots.Frame) -> FrameHash:
    return hashmatch.hash_image(frame[: len(frame) * 2 // 3], ("pdq",))["pdq"].frames[0]


def distance(one: FrameHash, other: FrameHash) -> int:
    return int(hamming(code_matrix([one.digest], 32), code_matrix([other.digest], 32))[0])


def test_clips_of_one_archive_share_black_title_and_logo_and_nothing_else() -> None:
    one, other = list(clip(1).frames()), list(clip(2).frames())
    lead, title = int(BLACK_SECONDS * RATE), int((BLACK_SECONDS + TITLE_SECONDS) * RATE)
    logo = len(one) - int(LOGO_SECONDS * RATE)
    hashes = [(luma_hash(left), luma_hash(right)) for left, right in zip(one, other, strict=True)]
    for left, right in hashes[:lead]:
        assert (left.quality or 0) < 50 > (right.quality or 0), "black is hashed by nobody"
    for left, right in hashes[lead:title] + hashes[logo:]:
        assert min(left.quality or 0, right.quality or 0) >= 50
        assert distance(left, right) <= 31
    for left, right in hashes[title:logo]:
        assert distance(left, right) > 60


def test_a_clip_says_how_long_it_is_and_where_its_shots_are() -> None:
    framed, bare = clip(1), clip(1, framed=None)
    assert (framed.begin, framed.shots_begin, framed.shots_end, framed.end) == (2, 6, 13, 16)
    assert (bare.begin, bare.shots_begin, bare.shots_end, bare.end) == (0, 0, 7, 7)
    assert sum(1 for _ in framed.frames()) == 16 * RATE
    assert sum(1 for _ in bare.frames()) == 7 * RATE


def test_frames_follow_from_their_seed_and_have_the_levels_of_videos() -> None:
    one, same, other = (np.stack(list(clip(seed).frames())) for seed in (1, 1, 2))
    assert one.shape == (16 * RATE, 81, 96)
    assert one.dtype == np.uint8
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
    luma = one[:, :54]
    assert luma.min() >= BLACK - 10
    assert luma.max() <= WHITE + 10, "but for grain"


def test_shots_fill_their_time_and_none_is_shorter_than_the_shortest() -> None:
    for seed in range(20):
        lengths = _lengths(31.0, np.random.default_rng(seed))
        assert sum(lengths) == 31
        assert CUTS[0] <= min(lengths) <= max(lengths) <= CUTS[1]
    assert _lengths(1.0, np.random.default_rng(1)) == [1.0]


@pytest.mark.parametrize(("kind", "moves"), [(shots.HELD, False), (shots.STANDING, True), (shots.SWEEPING, True)])
def test_cameras_do_what_they_are_said_to(kind: str, moves: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shots, "SHARES", {kind: 1.0})
    for seed in range(4):
        frames = list(shots.taken(96, 54, 3.0, [seed]).frames(13, np.random.default_rng(1)))
        far = np.abs(frames[0][:54].astype(int) - frames[-1][:54]).mean()
        assert (far > 3) == moves, "grain alone is less"


def test_frames_come_back_from_a_file(tmp_path: Path) -> None:
    frames = list(clip(1).frames())
    paths = {tmp_path / f"{name}{form.suffix}": (form, 400_000) for name, form in files.FORMS.items()}
    files.write_many(paths, frames, Fraction(RATE))
    for path in paths:
        back = list(files.read(path))
        assert len(back) == len(frames)
        assert files.seconds(path) == pytest.approx(16, abs=0.3)
        for given, read in zip(frames, back, strict=True):
            assert read.shape == given.shape
            assert np.abs(given.astype(int) - read).mean() < 8


def test_what_is_no_video_has_no_length(tmp_path: Path) -> None:
    Image.new("L", (64, 64)).save(tmp_path / "a.png")
    (tmp_path / "b.txt").write_text("1,2,3\n")
    (tmp_path / "c.mp4").write_bytes(b"\0\0\0\x20ftypisom" + bytes(200))
    assert [files.seconds(path) for path in sorted(tmp_path.iterdir())] == [None, None, None]
