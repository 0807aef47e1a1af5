from __future__ import annotations

import io

import pytest

from hashmatch.cli import progress
from hashmatch.cli.progress import counting, rate


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("done", "seconds", "shown"),
    [
        (1_234_567, 2.0, "617 284 rows/s"),
        (5, 2.0, "2.5 rows/s"),
        (0, 3.0, "0.0 rows/s"),
        (100, 0.01, ""),
    ],
)
def test_a_rate_is_whole_from_ten_on(done: int, seconds: float, shown: str) -> None:
    assert rate(done, seconds, "rows") == shown


def test_people_who_watch_see_how_many_and_how_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setattr(progress, "_SOON", 0.0)
    with counting("rows") as told:
        told(1234)
    assert "1234/?" in terminal.getvalue()
    assert "rows/s" in terminal.getvalue()


def test_what_comes_before_the_work_makes_it_no_slower(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, terminal = Clock(), Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setattr(progress, "time", clock)
    with counting("files", 100) as told:
        clock.now = 1000.0
        told(0)
        clock.now = 1002.0
        told(50)
    assert "25 files/s" in terminal.getvalue()


def test_nobody_is_shown_anything_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    with counting("rows") as told:
        told(1)
    assert capsys.readouterr() == ("", "")
