"""Videos from file to hashes: where they are read, which frames, how long it may take, and what is said of them."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from hashmatch import patience, worker_process
from hashmatch.algorithms import ALGORITHMS
from hashmatch.algorithms.pdq import PDQ
from hashmatch.errors import InvalidValue, LimitExceeded, MediaError
from hashmatch.finding import find_files
from hashmatch.frames import DEFAULT_LIMITS, Frame, Limits
from hashmatch.hashes import ORIENTATIONS
from hashmatch.hashing import HashOptions, hash_file, hash_image, hash_one
from hashmatch.media.luma import LIMITED
from hashmatch.media.video import VIDEO
from hashmatch.patience import Patience
from hashmatch.records import MediaType
from hashmatch.results import HashReport
from hashmatch.sampling import EVERY
from hashmatch.shelf import Shelf, Shelved
from hashmatch.uploads import hash_many
from hashmatch.wire import GOES_ON, READY
from hashmatch.worker_process import WorkerProcess
from tests import odd_worker
from tests.clips import RATE, clip
from tests.drawing import textured_grey

COUNT = 60
CONTENT = clip("mpeg4", "mp4", count=COUNT, b_frames=2)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    path.write_bytes(CONTENT)
    return path


def test_every_algorithm_hashes_each_frame(film: Path) -> None:
    hashed = hash_file(film, ALGORITHMS, sampling=0.5)
    assert (hashed.media_type, hashed.failures, hashed.damage) == (MediaType.VIDEO, {}, None)
    assert hashed.duration == pytest.approx(COUNT / RATE)
    frames = list(VIDEO.frames(io.BytesIO(CONTENT), DEFAULT_LIMITS, sampling=EVERY))
    numbers = [0, 13, 25, 38, 50]
    for name, found in hashed.items():
        if not ALGORITHMS[name].radius:
            assert [frame.frame for frame in found.frames] == [-1]
            continue
        assert [frame.frame for frame in found.frames] == numbers
        assert [frame.timestamp for frame in found.frames] == [number / RATE for number in numbers]
        for frame in found.frames:
            # As of the same luma as a picture of its own; but the quality counts steps of limited luma for more.
            alone = hash_image(np.ascontiguousarray(frames[frame.frame].pixels), (name,))[name]
            assert frame.digest == alone.digest
            assert frame.orientations == alone.frames[0].orientations
            assert tuple(frame.orientations) == ORIENTATIONS


def test_quality_counts_steps_of_limited_luma_for_more() -> None:
    grey = textured_grey(96, 128) // 4 + 100
    full = np.rint((grey.astype(float) - 16) * LIMITED).astype(np.uint8)
    found = PDQ.hash_frame(Frame(grey, gain=LIMITED))
    alone, stretched = PDQ.hash_frame(Frame(grey)), PDQ.hash_frame(Frame(full))
    assert (found.digest, found.orientations) == (alone.digest, alone.orientations)
    assert None not in (found.quality, alone.quality, stretched.quality)
    assert 0 < alone.quality < found.quality < 100  # type: ignore[operator]
    assert abs(found.quality - stretched.quality) <= 6  # type: ignore[operator]


@pytest.mark.parametrize("workers", [0, 2])
def test_all_ways_to_a_video_give_the_same_hashes(film: Path, workers: int) -> None:
    expected = dict(hash_file(film))
    with film.open("rb") as opened:
        for source in (film, str(film), CONTENT, bytearray(CONTENT), io.BytesIO(CONTENT), opened):
            (report,) = hash_many([source], workers=workers)
            assert report.error is None
            assert report.hashed is not None
            assert dict(report.hashed) == expected
            assert report.hashed.duration == pytest.approx(COUNT / RATE)
    assert dict(hash_image(CONTENT, ("pdq", "sha256"))) == expected


@pytest.mark.parametrize("sampling", ["every", "keyframes", 0.2, 2])
def test_workers_sample_as_they_are_told(film: Path, sampling: str | float) -> None:
    expected = hash_file(film, sampling=sampling)
    assert [report.hashed for report in hash_many([film, film], workers=2, sampling=sampling)] == [expected, expected]


def test_sampling_that_makes_no_sense_is_refused_at_once(film: Path) -> None:
    for sampling in (0, -1, "all", float("nan")):
        with pytest.raises(InvalidValue, match=r"^sampling is "):
            hash_file(film, sampling=sampling)
        with pytest.raises(InvalidValue, match=r"^sampling is "):
            hash_image(CONTENT, sampling=sampling)
        with pytest.raises(InvalidValue, match=r"^sampling is "):
            hash_many([film], sampling=sampling)
        with pytest.raises(InvalidValue, match=r"^sampling is "):
            hash_one(film, HashOptions(sampling=sampling))


class Forgetful(io.BytesIO):
    """A file object that cannot go back."""

    def seekable(self) -> bool:
        return False


class TestInPlace:
    limits = Limits(media_bytes=100)

    def test_a_video_may_be_longer_than_what_is_held(self, film: Path) -> None:
        assert dict(hash_file(film, limits=self.limits)) == dict(hash_file(film))
        for content in (CONTENT, io.BytesIO(CONTENT)):
            assert dict(hash_image(content, limits=self.limits)) == dict(hash_image(CONTENT))
        (report,) = hash_many([film], workers=1, limits=self.limits)
        assert report.hashed == hash_file(film)

    def test_where_one_cannot_go_back_it_is_held(self) -> None:
        assert dict(hash_image(Forgetful(CONTENT))) == dict(hash_image(CONTENT))
        with pytest.raises(LimitExceeded, match=r"pixels are decoded from at most 100$"):
            hash_image(Forgetful(CONTENT), limits=self.limits)

    def test_what_is_in_an_archive_is_held(self, film: Path) -> None:
        with zipfile.ZipFile(film.with_name("films.zip"), "w") as archive:
            archive.write(film, "film.mp4")
        (report,) = hash_many(find_files([film.with_name("films.zip")]), workers=0)
        assert report.hashed is not None
        assert dict(report.hashed) == dict(hash_file(film))
        (report,) = hash_many(find_files([film.with_name("films.zip")], limits=self.limits), workers=0)
        assert report.error is not None
        assert "limit of 100" in report.error

    def test_a_file_object_is_read_from_where_it_stands(self) -> None:
        stream = io.BytesIO(b"something before it" + CONTENT)
        stream.seek(len(b"something before it"))
        assert dict(hash_image(stream, ("pdq", "md5"))) == dict(hash_image(CONTENT, ("pdq", "md5")))

    def test_it_is_not_held_in_memory(self, film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        written = []

        class Empty(io.BytesIO):
            def write(self, content: object, /) -> int:
                written.append(content)
                return 0

        monkeypatch.setattr("hashmatch.reading.BytesIO", Empty)
        assert len(hash_file(film, sampling="every")["pdq"].frames) == COUNT
        assert written == []

    def test_digests_alone_decode_nothing(self, film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(VIDEO, "frames", lambda *what, **how: pytest.fail("decoded"))
        assert tuple(hash_file(film, ("md5", "sha1"))) == ("md5", "sha1")

    def test_what_is_on_the_shelf_is_gone_back_in(self) -> None:
        shelf = Shelf()
        shelf.put(b"before")
        content = Shelved(shelf.put(CONTENT))
        assert (content.seek(3), content.tell(), content.read(2)) == (3, 3, CONTENT[3:5])
        assert (content.seek(-2, 2), content.read(9), content.read(9)) == (len(CONTENT) - 2, CONTENT[-2:], b"")
        assert (content.seek(5, 2), content.read(1), content.seek(0)) == (len(CONTENT) + 5, b"", 0)
        assert dict(hash_image(content, limits=self.limits)) == dict(hash_image(CONTENT))
        shelf.close()


class TestLimits:
    def test_frames_are_those_that_are_hashed(self, film: Path) -> None:
        hashed = hash_file(film, sampling="every", limits=Limits(frames=7))
        assert len(hashed["pdq"].frames) == 7
        assert hashed.damage == "only its first 7 frames were hashed: it has more frames than the limit of 7"
        assert hashed.duration is not None
        assert hashed.duration < COUNT / RATE
        assert hash_file(film, limits=Limits(frames=3)).damage is None

    def test_a_long_one_is_hashed_as_far_as_it_may_be(self, film: Path) -> None:
        hashed = hash_file(film, sampling=0.5, limits=Limits(duration=1))
        assert [frame.timestamp for frame in hashed["pdq"].frames] == [0, 0.52, 1.0]
        assert hashed.damage == "only its first 3 frames were hashed: it is longer than the limit of 1 s"
        assert "sha256" in hashed

    def test_damage_and_a_limit_are_both_told(self, film: Path) -> None:
        damaged = bytearray(clip("mpeg4", "matroska", count=COUNT))
        damaged[len(damaged) // 3 : len(damaged) // 3 + 200] = bytes(200)
        film.write_bytes(damaged)
        part = hash_file(film, sampling="every", limits=Limits(duration=2))
        assert part.damage is not None
        assert "parts could not be decoded; only its first" in part.damage
        assert part.damage.endswith("it is longer than the limit of 2 s")

    def test_pixels(self, film: Path) -> None:
        with pytest.raises(
            LimitExceeded, match=r"film\.mp4: the video has 128 x 96 pixels, more than the limit of 100$"
        ):
            hash_file(film, ("pdq",), limits=Limits(pixels=100))

    def test_six_hours_at_one_a_second_are_not_too_many_frames(self) -> None:
        assert DEFAULT_LIMITS.frames > DEFAULT_LIMITS.duration


class Clock:
    """That of the wall and of the processor, which goes on by itself with each look."""

    def __init__(self, step: float) -> None:
        self.now, self.step = 0.0, step

    def monotonic(self) -> float:
        self.now += self.step
        return self.now

    def process_time(self) -> float:
        return self.now


class TestTime:
    def test_a_video_has_the_time_for_each_minute_of_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        clock = Clock(0)
        monkeypatch.setattr(patience, "time", clock)
        own = Patience(10)
        for minutes in range(5):
            clock.now = 10 * (minutes + 1)
            own.reached(60 * minutes)
            own.check()
        own.reached(30)
        clock.now = 50.5
        with pytest.raises(LimitExceeded, match=r"^it took longer than the limit of 10 s for each minute of it$"):
            own.check()
        own.reached(300)
        own.check()

    def test_reading_a_large_file_is_not_its_fault(self, monkeypatch: pytest.MonkeyPatch) -> None:
        clock = Clock(0)
        monkeypatch.setattr(patience, "time", clock)
        own = Patience(10)
        clock.now = 500
        own.renew()
        own.check()
        clock.now = 511
        with pytest.raises(LimitExceeded):
            own.check()

    def test_signs_are_given_while_it_comes_further(self, monkeypatch: pytest.MonkeyPatch) -> None:
        clock = Clock(0)
        monkeypatch.setattr(patience, "time", clock)
        signs: list[float] = []
        own = Patience(60, lambda: signs.append(clock.now))
        for tenths in range(1, 31):
            clock.now = tenths / 10
            own.reached(tenths)
            own.check()
        assert signs == [1.0, 2.0, 3.0]

    def test_a_video_that_takes_too_long_keeps_what_it_has(self, film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(patience, "time", Clock(0.01))
        hashed = hash_file(film, sampling="every", limits=Limits(seconds=1))
        assert 0 < len(hashed["pdq"].frames) < COUNT
        assert hashed.damage is not None
        assert hashed.damage.endswith("it took longer than the limit of 1 s")
        with pytest.raises(MediaError, match=r"it took longer than the limit of 0 s"):
            hash_file(film, ("pdq",), limits=Limits(seconds=0))

    def test_a_worker_says_that_it_goes_on(self, film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(worker_process, "_COMMAND", odd_worker.COMMAND)
        heard: list[HashReport] = []
        took = WorkerProcess._took

        def listen(worker: WorkerProcess, report: HashReport, now: float) -> None:
            heard.append(report)
            worker.since = -1.0
            before = len(worker.tasks)
            took(worker, report, now)
            assert worker.since == now
            assert len(worker.tasks) == before - (report not in (READY, GOES_ON))

        monkeypatch.setattr(WorkerProcess, "_took", listen)
        film = film.rename(film.with_name("signs.mp4"))
        reports = list(hash_many([film, film], workers=1, sampling="every"))
        assert [report.hashed for report in reports] == [hash_file(film, sampling="every")] * 2
        # One for each frame that came out, but the last, behind which there are none to be asked for.
        assert heard.count(GOES_ON) > COUNT
        assert heard[0] == READY
