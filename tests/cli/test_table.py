"""Tables keep every digit, however narrow the terminal is."""

from __future__ import annotations

import io
import re

import pytest

from hashmatch.cli.table import show_table


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
