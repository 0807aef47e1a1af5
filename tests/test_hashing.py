from __future__ import annotations

import hashlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from hashmatch import reading
from hashmatch.algorithms import ALGORITHMS
from hashmatch.algorithms.base import DigestAlgorithm
from hashmatch.errors import InvalidValue, LimitExceeded, MediaError, UnknownName
from hashmatch.frames import Limits
from hashmatch.hashes import ORIENTATIONS
from hashmatch.hashing import hash_file, hash_image
from hashmatch.media.image import IMAGE
from hashmatch.records import MediaType
from tests.drawing import textured

EVERY = tuple(ALGORITHMS)
DIGESTS = tuple(name for name in ALGORITHMS if isinstance(ALGORITHMS[name], DigestAlgorithm))


def png(seed: int = 1) -> bytes:
    sink = BytesIO()
    Image.fromarray(textured(100, 130, seed)).save(sink, "PNG")
    return sink.getvalue()


class CountingFile(BytesIO):
    """A file object that knows what was read from it, and that cannot go back."""

    def __init__(self, content: bytes, at_most: int = 1 << 30) -> None:
        super().__init__(content)
        self.at_most = at_most
        self.bytes_read = 0

    def read(self, size: int | None = -1, /) -> bytes:
        chunk = super().read(self.at_most if size is None or size < 0 else min(size, self.at_most))
        self.bytes_read += len(chunk)
        return chunk

    def seek(self, offset: int, whence: int = 0, /) -> int:
        raise AssertionError("the file is read once")


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    path.write_bytes(png())
    return path


def test_a_file_gives_every_hash_in_the_order_asked_for(picture: Path) -> None:
    asked = EVERY[::-1]
    hashed = hash_file(picture, asked)
    assert tuple(hashed) == asked
    assert not hashed.failures
    assert (hashed.file, hashed.media_type) == (str(picture), MediaType.IMAGE)
    for name in DIGESTS:
        assert hashed[name].hex == hashlib.new(name, picture.read_bytes()).hexdigest()
        assert hashed[name].quality is None
    assert tuple(hashed["pdq"].orientations) == ORIENTATIONS
    assert hashed["pdq"].quality == 100
    for name, found in hashed.items():
        assert found.algorithm == name
        assert len(found.frames) == 1
        assert len(found.digest) == ALGORITHMS[name].size


def test_the_default_is_pdq_and_sha256(picture: Path) -> None:
    assert tuple(hash_file(picture)) == ("pdq", "sha256")
    assert tuple(hash_image(picture.read_bytes())) == ("pdq",)


def test_all_ways_to_a_picture_give_the_same_hashes(picture: Path) -> None:
    names = [name for name in EVERY if name not in DIGESTS]
    expected = dict(hash_file(picture, names))
    content = picture.read_bytes()
    with Image.open(picture) as image, picture.open("rb") as stream:
        sources = [content, bytearray(content), memoryview(content), BytesIO(content), stream, image, np.asarray(image)]
        for source in sources:
            hashed = hash_image(source, names)
            assert dict(hashed) == expected
            assert (hashed.file, hashed.media_type) == (None, MediaType.IMAGE)


def test_threads_get_the_same_hashes() -> None:
    contents = [png(seed) for seed in range(6)] * 4
    with ThreadPoolExecutor(4) as pool:
        hashed = list(pool.map(lambda content: hash_image(content, EVERY), contents))
    assert hashed == [hash_image(content, EVERY) for content in contents]
    assert len({found["pdq"].hex for found in hashed}) == 6


def test_a_name_asked_for_twice_counts_once(picture: Path) -> None:
    assert tuple(hash_file(picture, ["md5", "pdq", "md5"])) == ("md5", "pdq")


@pytest.mark.parametrize("at_most", [1, 7, 100, 1 << 30])
def test_a_file_is_read_once_from_its_beginning_to_its_end(at_most: int) -> None:
    stream = CountingFile(png(), at_most)
    hashed = hash_image(stream, EVERY)
    assert tuple(hashed) == EVERY
    assert stream.bytes_read == len(png())


def test_a_picture_is_decoded_once(picture: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded = []
    real = Image.open

    def counted(*arguments: Any, **options: Any) -> Image.Image:
        decoded.append(arguments)
        return real(*arguments, **options)

    monkeypatch.setattr(Image, "open", counted)
    hash_file(picture, EVERY)
    assert len(decoded) == 1


def test_nothing_is_decoded_for_digests_alone(picture: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(IMAGE), "frames", None)
    hashed = hash_file(picture, DIGESTS)
    assert tuple(hashed) == DIGESTS
    assert hashed.media_type == MediaType.IMAGE


def test_no_more_is_read_of_what_cannot_be_hashed() -> None:
    stream = CountingFile(bytes(50 << 20))
    with pytest.raises(MediaError):
        hash_image(stream)
    assert stream.bytes_read <= 1 << 20


def test_digests_of_a_large_file_take_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.jpg"
    with path.open("wb") as stream:
        stream.write(b"\xff\xd8\xff\xe0")
        stream.truncate(700 << 20)
    code = f"""
import resource
from hashmatch.hashing import hash_file
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
hashed = hash_file({str(path)!r}, ["sha1"])
assert hashed.media_type == "image"
hashed = hash_file({str(path)!r}, ["pdq", "sha1"])
assert "bytes" in hashed.failures["pdq"], hashed.failures
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(run.stdout) < 100 * 1024


@given(content=st.binary(max_size=3000), at_most=st.integers(1, 4000))
def test_digests_are_those_of_hashlib_for_any_bytes(content: bytes, at_most: int) -> None:
    hashed = hash_image(CountingFile(content, at_most), DIGESTS)
    for name in DIGESTS:
        assert hashed[name].hex == hashlib.new(name, content).hexdigest()


@given(content=st.binary(max_size=300))
def test_any_bytes_give_hashes_or_a_reason(content: bytes) -> None:
    hashed = hash_image(content, ("pdq", "sha256"))
    assert "sha256" in hashed
    assert ("pdq" in hashed) != ("pdq" in hashed.failures)


REASONS = {
    "notes.txt": (b"some text", MediaType.UNKNOWN, "neither a picture nor a video"),
    "noise": (bytes(range(256)), MediaType.UNKNOWN, "neither a picture nor a video"),
    "empty.jpg": (b"", MediaType.IMAGE, "empty"),
    "clip.MP4": (b"\0\0\0\x18ftypmp42" + bytes(100), MediaType.VIDEO, "the video cannot be decoded"),
    "clip.webm": (b"\x1a\x45\xdf\xa3" + bytes(100), MediaType.VIDEO, "the video cannot be decoded"),
    "upload": (b"\0\0\0\x18ftypheic" + bytes(100), MediaType.IMAGE, "cannot be decoded"),
    "film.bin": (b"\0\0\0\x18ftypisom" + bytes(100), MediaType.VIDEO, "the video cannot be decoded"),
    "poster.eps": (b"anything", MediaType.IMAGE, "cannot be decoded"),
    "layers": (b"8BPS\0\1" + bytes(100), MediaType.IMAGE, "cannot be decoded"),
    "paper.pdf": (b"%PDF-1.7\n", MediaType.DOCUMENT, "document"),
    "broken.jpg": (b"\xff\xd8\xff\xe0" + bytes(80), MediaType.IMAGE, "cannot be decoded"),
    "cut.png": (png()[:2000], MediaType.IMAGE, "cannot be decoded"),
}


@pytest.mark.parametrize("name", REASONS)
def test_what_is_not_a_picture_has_digests_and_a_reason(name: str, tmp_path: Path) -> None:
    content, media_type, reason = REASONS[name]
    path = tmp_path / name
    path.write_bytes(content)
    hashed = hash_file(path, ("phash", "md5", "pdq"))
    assert hashed.media_type == media_type
    assert hashed["md5"].hex == hashlib.md5(content).hexdigest()
    assert tuple(hashed.failures) == ("phash", "pdq")
    assert reason in hashed.failures["pdq"]
    with pytest.raises(MediaError, match="has no pdq hash"):
        hashed["pdq"]
    with pytest.raises(MediaError, match=reason) as caught:
        hash_file(path, ("pdq", "phash"))
    assert str(path) in str(caught.value)


def test_what_a_file_is_is_told_by_its_bytes_first(tmp_path: Path) -> None:
    path = tmp_path / "picture.mp4"
    path.write_bytes(png())
    assert hash_file(path).media_type == MediaType.IMAGE
    assert "pdq" in hash_file(path)


def test_a_file_beyond_the_limits_has_digests_alone(picture: Path) -> None:
    size = picture.stat().st_size
    assert "pdq" in hash_file(picture, limits=Limits(media_bytes=size))
    hashed = hash_file(picture, limits=Limits(media_bytes=size - 1))
    assert tuple(hashed) == ("sha256",)
    assert str(size) in hashed.failures["pdq"]
    assert str(size - 1) in hashed.failures["pdq"]
    for limits in (Limits(media_bytes=size - 1), Limits(pixels=100)):
        for call in (
            lambda limits=limits: hash_file(picture, ["pdq"], limits=limits),
            lambda limits=limits: hash_image(picture.read_bytes(), limits=limits),
        ):
            with pytest.raises(LimitExceeded):
                call()


def test_pixels_have_no_digest() -> None:
    hashed = hash_image(textured(80, 90), ("sha256", "pdq"))
    assert tuple(hashed) == ("pdq",)
    assert "bytes of a file" in hashed.failures["sha256"]
    with pytest.raises(MediaError, match="bytes of a file"):
        hash_image(textured(80, 90), ("sha256", "md5"))


def test_unknown_names_are_told_before_anything_is_read(tmp_path: Path) -> None:
    stream = CountingFile(png())
    for call in (
        lambda: hash_file(tmp_path / "missing", ["pdq", "md6"]),
        lambda: hash_image(stream, ["pdq", "md6"]),
    ):
        with pytest.raises(UnknownName, match="md6"):
            call()
    assert stream.bytes_read == 0


@pytest.mark.parametrize("algorithms", [(), "pdq"])
def test_algorithms_are_a_sequence_of_names(picture: Path, algorithms: object) -> None:
    with pytest.raises(InvalidValue, match="algorithm"):
        hash_file(picture, algorithms)


@pytest.mark.parametrize("source", ["a.jpg", Path("a.jpg"), None, 7, [[1, 2], [3, 4]], StringIO("text")])
def test_hash_image_takes_no_paths_and_no_other_things(source: object) -> None:
    with pytest.raises(InvalidValue):
        hash_image(source)


@pytest.fixture
def special_files(tmp_path: Path) -> Iterator[dict[str, object]]:
    folder = tmp_path / "folder"
    folder.mkdir()
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    dangling = tmp_path / "dangling"
    dangling.symlink_to(tmp_path / "nowhere")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        yield {
            "missing": tmp_path / "missing",
            "folder": folder,
            "fifo": fifo,
            "loop": loop,
            "dangling": dangling,
            "socket": tmp_path / "socket",
            "device": "/dev/zero",
            "long name": tmp_path / ("x" * 300),
            "empty name": "",
            "zero byte": "a\0b.jpg",
            "half a surrogate": "a\ud800.jpg",
        }


def test_what_is_no_regular_file_is_refused_at_once(special_files: dict[str, object]) -> None:
    for name, path in special_files.items():
        with pytest.raises(MediaError) as caught:
            hash_file(path, ["sha256"])
        assert str(caught.value).isprintable(), name


def test_a_pipe_that_takes_a_files_place_is_not_waited_for(
    special_files: dict[str, object], picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    regular = picture.stat()
    monkeypatch.setattr(reading.Path, "stat", lambda _: regular)
    with pytest.raises(MediaError, match="not a regular file"):
        hash_file(special_files["fifo"], ["sha256"])


def test_an_unreadable_file_is_an_error(picture: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(reading.os, "open", refuse)
    with pytest.raises(MediaError, match="Permission denied"):
        hash_file(picture)


def test_a_read_that_fails_midway_is_an_error() -> None:
    class Failing(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError(5, "Input/output error")

    with pytest.raises(MediaError, match="Input/output error"):
        hash_image(Failing(), ["md5"])


def test_memory_that_runs_out_is_a_failure_of_the_pixels(picture: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def exhaust(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(type(ALGORITHMS["pdq"]), "hash_frame", exhaust)
    hashed = hash_file(picture)
    assert tuple(hashed) == ("sha256",)
    assert "memory" in hashed.failures["pdq"]


def test_names_that_cannot_be_printed_are_escaped(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"a\xff\n.jpg")
    path.write_bytes(b"no picture")
    with pytest.raises(MediaError) as caught:
        hash_file(path, ["pdq"])
    assert str(caught.value).isprintable()
    assert hash_file(path, ["md5"]).file == str(path)
