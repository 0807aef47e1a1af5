"""A file as FFmpeg reads it: no error gets into C, and none is lost."""

from __future__ import annotations

import io

import pytest

from hashmatch.errors import LimitExceeded, MediaError
from hashmatch.media.source import Source


def source(stream: object, go_on: object = lambda: None) -> Source:
    return Source(stream, go_on)  # type: ignore[arg-type]


def test_it_begins_where_the_file_object_stands() -> None:
    stream = io.BytesIO(b"0123456789")
    stream.seek(4)
    read = source(stream)
    assert (read.read(2), read.tell()) == (b"45", 2)
    assert (read.seek(0), read.read(9)) == (0, b"456789")
    assert (read.seek(-2, io.SEEK_END), read.read(9), read.read(9)) == (4, b"89", b"")
    assert (read.seek(1), read.seek(2, io.SEEK_CUR), read.read(1)) == (1, 3, b"7")
    assert (read.seek(-1), read.seek(-9, io.SEEK_END), read.read(1)) == (-1, -1, b"8")
    read.check()


class Failing(io.BytesIO):
    def __init__(self, error: BaseException | None, content: object = b"") -> None:
        super().__init__(b"0123456789")
        self.error, self.content = error, content

    def read(self, size: int | None = -1, /) -> bytes:
        if self.error is not None:
            raise self.error
        return self.content  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("stream", "reason"),
    [
        (Failing(OSError(5, "no disk")), "it cannot be read: [Errno 5] no disk"),
        (Failing(ZeroDivisionError("by\n0")), "it cannot be read: by 0"),
        (Failing(LimitExceeded("no time")), "no time"),
        (Failing(None, "text"), "the file object must be opened for bytes"),
        (Failing(None, None), "it cannot be read: 'NoneType' object is not subscriptable"),
    ],
)
def test_what_goes_wrong_is_the_end_and_is_said(stream: Failing, reason: str) -> None:
    read = source(stream)
    assert (read.read(3), read.read(3), read.seek(0)) == (b"", b"", -1)
    with pytest.raises(MediaError) as caught:
        read.check()
    assert str(caught.value) == reason


def test_whoever_interrupts_is_heard() -> None:
    read = source(Failing(KeyboardInterrupt()))
    assert read.read(3) == b""
    with pytest.raises(KeyboardInterrupt):
        read.check()


def test_more_than_was_asked_for_is_cut() -> None:
    # It would be written behind the end of what FFmpeg has for it.
    assert source(Failing(None, b"0123456789")).read(3) == b"012"


def test_it_asks_whether_to_go_on_before_each_read() -> None:
    asked = []

    def go_on() -> None:
        asked.append(1)
        if len(asked) == 3:
            raise LimitExceeded("enough")

    read = source(io.BytesIO(b"0123456789"), go_on)
    assert [read.read(2) for _ in range(4)] == [b"01", b"23", b"", b""]
    with pytest.raises(LimitExceeded, match=r"^enough$"):
        read.check()
