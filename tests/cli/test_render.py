"""What a report holds reaches people."""

from __future__ import annotations

import io
import re

import pytest

from hashmatch.cli.render import show_import, show_notes, show_table
from hashmatch.results import ImportReport

REPORT = ImportReport(("allow",), "jsonl", "notes.txt", added=1, notes=("one thing", "another\x1b[2J"))


def test_each_note_of_an_import_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    show_import(REPORT)
    out, err = capsys.readouterr()
    assert out.splitlines()[-2:] == ["  one thing", r"  another\x1b[2J"]
    assert err == ""


def test_notes_beside_matches_go_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    show_notes(REPORT, aside=True)
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "  one thing\n  another\\x1b[2J\n"


@pytest.mark.parametrize("width", [20, 60, 80, 200])
def test_no_number_is_cut_however_narrow_a_terminal_is(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    paper = Terminal()
    monkeypatch.setattr("sys.stdout", paper)
    monkeypatch.setenv("COLUMNS", str(width))
    numbers = [str(10_234_567 + number) for number in range(12)]
    columns = [f"count {number}" for number in range(12)]
    show_table(
        ("list", *columns), [("a-list-of-a-partner-with-a-long-name", *numbers)], right=columns, folded=("list",)
    )
    cells = re.sub(r"\x1b\[[\d;]*m", "", paper.getvalue()).split()
    assert set(numbers) <= set(cells)
    assert "".join(cell for cell in cells if "-" in cell).count("partner") == 1


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True
