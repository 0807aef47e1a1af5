"""Frame hashes of real clips, against those that the reference hasher of vPDQ wrote."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hashmatch.hashing import hash_file
from tests.vectors import VECTORS, needs_vectors

CLIPS = sorted((VECTORS / "videos").glob("*.mp4"))

pytestmark = needs_vectors


def listed(clip: Path) -> Iterator[tuple[int, int, bytes, str]]:
    """Number, quality, hash and time of each frame in the reference's list."""
    for line in clip.with_suffix(".vpdq.txt").read_text().splitlines():
        frame, quality, digest, timestamp = line.split(",")
        yield int(frame), int(quality), bytes.fromhex(digest), timestamp


def distance(left: bytes, right: bytes) -> int:
    return (int.from_bytes(left, "big") ^ int.from_bytes(right, "big")).bit_count()


def test_there_are_clips() -> None:
    assert len(CLIPS) == 2


@pytest.mark.parametrize("clip", CLIPS, ids=lambda clip: clip.stem)
def test_every_frame_is_that_of_the_reference(clip: Path) -> None:
    hashed = hash_file(clip, ("pdq",), sampling="every")
    frames, expected = hashed["pdq"].frames, list(listed(clip))
    assert [frame.frame for frame in frames] == [number for number, *_ in expected]
    assert [f"{frame.timestamp:.3f}" for frame in frames] == [timestamp for *_, timestamp in expected]
    assert [frame.quality for frame in frames] == pytest.approx([quality for _, quality, *_ in expected], abs=1)
    far = [
        distance(frame.digest, digest)
        for frame, (_, quality, digest, _) in zip(frames, expected, strict=True)
        if quality >= 80
    ]
    assert len(far) > 500
    assert max(far) <= 10
    assert sum(bits <= 4 for bits in far) >= 0.99 * len(far)
    assert hashed.damage is None


@pytest.mark.parametrize("clip", CLIPS, ids=lambda clip: clip.stem)
@pytest.mark.parametrize("sampling", [None, 0.5, 7, "keyframes"])
def test_other_samplings_are_a_part_of_it(clip: Path, sampling: str | float | None) -> None:
    every = hash_file(clip, ("pdq",), sampling="every")
    some = hash_file(clip, ("pdq",), sampling=sampling)
    frames = some["pdq"].frames
    assert frames == tuple(every["pdq"].frames[frame.frame] for frame in frames)
    assert 1 < len(frames) < len(every["pdq"].frames)
    assert some.duration == every.duration
