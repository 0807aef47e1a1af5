"""What is too long for a pipe goes through memory that both have."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from PIL import Image

from hashmatch import worker_process
from hashmatch.hashing import FileContent
from hashmatch.results import HashReport
from hashmatch.shelf import Shelf, Shelved
from hashmatch.uploads import hash_many

from . import odd_worker
from .drawing import textured


@pytest.fixture(params=["memory", "file"])
def shelf(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    if request.param == "file":
        monkeypatch.delattr(os, "memfd_create", raising=False)
    return Shelf()


def test_what_is_put_there_is_read_from_there(shelf: Shelf) -> None:
    contents = [os.urandom(3000), b"", b"x"]
    files = [Shelved(shelf.put(content)) for content in contents]
    for file, content in zip(files, contents, strict=True):
        assert file.read(1000) + file.read(1 << 20) == content
        assert file.read(1) == b""
    shelf.clear()
    assert os.fstat(shelf.descriptor).st_size == 0
    assert Shelved(shelf.put(b"next")).read(9) == b"next"
    shelf.close()


def test_nothing_of_it_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "memfd_create", raising=False)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    shelf = Shelf()
    shelf.put(b"x")
    assert list(tmp_path.iterdir()) == []
    shelf.close()


@pytest.fixture
def contents(tmp_path: Path) -> list[FileContent]:
    """Some long, some short, some that kill whoever hashes them."""
    made = []
    for number in range(8):
        path = tmp_path / "picture.png"
        Image.fromarray(textured(60, 70, seed=number)).save(path)
        made += [
            FileContent(f"{number}.png", path.read_bytes()),
            FileContent("s", b"short"),
            FileContent("d", b"dies-9"),
        ]
    return made


@pytest.mark.parametrize("workers", [1, 3])
def test_contents_hash_the_same_by_pipe_and_by_shelf(
    workers: int, contents: list[FileContent], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_process, "_COMMAND", odd_worker.COMMAND)
    cleared = []
    monkeypatch.setattr(Shelf, "clear", lambda shelf, plain=Shelf.clear: (cleared.append(shelf), plain(shelf)))
    expected = list(hash_many([one for one in contents if one.file != "d"], workers=0))
    by_pipe = list(hash_many(contents, workers=workers))
    monkeypatch.setattr(worker_process, "_SENT_BYTES", 1000)
    by_shelf = list(hash_many(contents, workers=workers))
    assert [report for report in by_shelf if report.file != "d"] == expected
    assert by_shelf == by_pipe
    assert [report.error for report in by_shelf if report.file == "d"] == [
        "d: the worker that hashed it was killed, as it is where memory is short"
    ] * 8
    assert cleared


def test_a_long_content_is_no_matter_of_a_worker_s_memory() -> None:
    content = bytes(80 << 20)
    (report,) = hash_many([content], ("sha256",), workers=1)
    assert report == next(hash_many([content], ("sha256",), workers=0))


def test_what_there_is_no_room_for_is_told(contents: list[FileContent], monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(worker_process, "_SENT_BYTES", 1000)
    monkeypatch.setattr("hashmatch.shelf.os.pwrite", full)
    reports = list(hash_many(contents[:2], workers=1))
    assert reports[0] == HashReport("0.png", error="0.png: it cannot be handed to a worker: No space left on device")
    assert reports[1].hashed is not None
