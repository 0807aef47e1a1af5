"""Paths and file objects that do what somebody else made them do: each is a report, and the next goes on."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from hashmatch.errors import InvalidValue, MediaError
from hashmatch.hashing import hash_file, hash_image
from hashmatch.matching import Matcher
from hashmatch.results import HashReport
from hashmatch.uploads import hash_many

from .drawing import textured
from .readme import ROOT


def raising(error: BaseException) -> Callable[..., object]:
    def fail(*_: object) -> object:
        raise error

    return fail


def giving(answer: object) -> Callable[..., object]:
    return lambda *_: answer


def stream(read: object, *, begins: bytes = b"") -> object:
    """A file object that begins like this, and then does something else."""
    pieces = [begins] if begins else []
    return type("Stream", (), {"read": lambda *_: pieces.pop() if pieces else read()})()  # type: ignore[operator]


def path(fspath: Callable[..., object]) -> object:
    return type("Odd", (), {"__fspath__": fspath})()


def closed() -> object:
    file = io.BytesIO(b"x")
    file.close()
    return file


def released() -> memoryview:
    view = memoryview(b"x")
    view.release()
    return view


PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
NOT_BYTES = "the file object must be opened for bytes"

ODD: dict[str, tuple[Callable[[], object], str]] = {
    "closed": (closed, "it cannot be read: I/O operation on closed file."),
    "raises": (lambda: stream(raising(RuntimeError("no\x1b\nway"))), "it cannot be read: no\\x1b way"),
    "raises nothing known": (lambda: stream(raising(KeyError())), "it cannot be read: KeyError"),
    "raises later": (lambda: stream(raising(ZeroDivisionError("by 0")), begins=PNG), "it cannot be read: by 0"),
    "raises at the disk": (lambda: stream(raising(OSError(5, "I/O"))), "the picture cannot be read: [Errno 5] I/O"),
    "has no memory": (lambda: stream(raising(MemoryError())), "there is not enough memory to hash it"),
    "text": (lambda: io.StringIO("text"), NOT_BYTES),
    "gives nothing": (lambda: stream(giving(None)), NOT_BYTES),
    "gives text later": (lambda: stream(giving("text"), begins=PNG), NOT_BYTES),
    "gives text behind no picture": (lambda: stream(giving("text"), begins=b"x" * 100), NOT_BYTES),
    "cannot be called": (
        lambda: type("Stream", (), {"read": 3})(),
        "it cannot be read: 'int' object is not callable",
    ),
    "has no read to get": (
        lambda: type("Stream", (), {"read": property(raising(RuntimeError("gone")))})(),
        "it cannot be read: gone",
    ),
    "write only": (
        lambda: stream(raising(io.UnsupportedOperation("not readable"))),
        "the picture cannot be read: not readable",
    ),
    "path raises": (lambda: path(raising(RuntimeError("no"))), "Odd gives no path: no"),
    "path is a number": (lambda: path(giving(3)), "a path is text, not Odd"),
    "path is no Unicode": (lambda: path(giving("\ud800")), "'\\ud800' cannot be a path"),
    "released": (released, "the bytes cannot be read: operation forbidden on released memoryview object"),
}


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    Image.fromarray(textured(60, 70)).save(tmp_path / "picture.png")
    return tmp_path / "picture.png"


@pytest.mark.parametrize("workers", [0, 2])
def test_each_is_a_report_and_the_next_goes_on(workers: int, picture: Path) -> None:
    sources: list[object] = []
    for make, _ in ODD.values():
        sources += [make(), picture]
    reports = list(hash_many(sources, workers=workers))
    assert [report.error for report in reports[::2]] == [reason for _, reason in ODD.values()]
    assert reports[1::2] == [HashReport(str(picture), hash_file(picture))] * len(ODD)


@pytest.mark.parametrize("workers", [0, 1])
def test_they_are_reports_for_whoever_matches_too(workers: int, picture: Path) -> None:
    matcher = Matcher.from_lists([ROOT / "data" / "sample_hashes" / "partner_south.txt"])
    reports = list(matcher.match_many([closed(), path(raising(OSError("no"))), picture], workers=workers))  # type: ignore[list-item]
    assert [report.error for report in reports] == [ODD["closed"][1], "Odd gives no path: no", None]


@pytest.mark.parametrize("workers", [0, 2])
def test_whoever_interrupts_is_heard(workers: int) -> None:
    for source in (stream(raising(KeyboardInterrupt())), path(raising(KeyboardInterrupt()))):
        with pytest.raises(KeyboardInterrupt):
            list(hash_many([source], workers=workers))


def test_alone_they_are_errors(picture: Path) -> None:
    with pytest.raises(MediaError, match=r"^it cannot be read: I/O operation on closed file\.$"):
        hash_image(closed())
    with pytest.raises(InvalidValue, match=f"^{NOT_BYTES}$"):
        hash_image(stream(giving("text"), begins=picture.read_bytes()))
    with pytest.raises(InvalidValue, match=r"^Odd gives no path: no$"):
        hash_file(path(raising(RuntimeError("no"))))  # type: ignore[arg-type]
