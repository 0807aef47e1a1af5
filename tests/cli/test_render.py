"""What a report holds reaches people."""

from __future__ import annotations

import pytest

from hashmatch.cli.render import show_import, show_notes
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
