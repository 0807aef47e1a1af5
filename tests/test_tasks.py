"""What is sent to a worker, and what is hashed where it is."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from PIL import Image

from hashmatch import tasks
from hashmatch.frames import Limits
from hashmatch.hashing import FileContent, HashOptions, hash_one
from hashmatch.tasks import Task

from .drawing import textured

BOTH = HashOptions(("pdq", "sha256"))


class Drop(io.RawIOBase):
    """Gives a few bytes at a time."""

    def __init__(self, content: bytes) -> None:
        self._left = content

    def read(self, size: int | None = -1, /) -> bytes:
        drop, self._left = self._left[:7], self._left[7:]
        return drop


@pytest.fixture
def content() -> bytes:
    sink = io.BytesIO()
    Image.fromarray(textured(60, 70)).save(sink, "PNG")
    return sink.getvalue()


@pytest.fixture
def nothing_is_hashed_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "hash_one", None)


@pytest.mark.usefixtures("nothing_is_hashed_here")
def test_whatever_is_to_be_decoded_is_sent(content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    sources = [content, bytearray(content), memoryview(content), io.BytesIO(content), Drop(content)]
    for source in sources:
        task = Task.of(source, BOTH)
        assert (task.file, task.job.content, task.job.path, task.done) == (None, content, None, False)
    task = Task.of(FileContent("\ud800.png", content), BOTH)
    assert (task.file, task.job.content) == ("\ud800.png", content)
    for path in ("a\udcff.png", Path("a\udcff.png")):
        task = Task.of(path, BOTH)
        assert (task.file, task.job.path) == ("a\udcff.png", os.fsencode(tmp_path / "a\udcff.png"))


@pytest.mark.parametrize("kind", [io.BytesIO, Drop])
def test_of_what_cannot_be_decoded_digests_are_streamed(kind: type[io.BytesIO], content: bytes) -> None:
    long, short = HashOptions(limits=Limits(media_bytes=len(content) - 1)), HashOptions(("sha256",))
    for given, options in ((content, long), (content, short), (b"text" * 100, BOTH), (b"", BOTH)):
        task = Task.of(kind(given), options)
        assert task.report == hash_one(io.BytesIO(given), options)
        assert task.report is not None
        assert task.report.hashed is not None
        assert "sha256" in task.report.hashed


def test_pixels_are_hashed_here() -> None:
    assert Task.of(textured(60, 70), BOTH).done
