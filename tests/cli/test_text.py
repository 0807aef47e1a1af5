"""Whatever a file's name or a partner's label holds, it moves no cursor and breaks no line."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashmatch.cli.lines import write_line
from hashmatch.cli.text import encodable, shown


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain é 漢.jpg", "plain é 漢.jpg"),
        ("a\nb\r\tc", r"a\nb\r\tc"),
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("\x9b31m", r"\x9b31m"),
        ("gpj\u202e.exe", r"gpj\u202e.exe"),
        ("odd\udcff", r"odd\xff"),
    ],
)
def test_what_is_not_printable_is_escaped(text: str, expected: str) -> None:
    assert shown(text) == expected


@given(st.text(st.characters()))
def test_shown_is_always_printable(text: str) -> None:
    assert shown(text).isprintable()


@given(st.binary())
def test_any_file_name_becomes_utf8(name: bytes) -> None:
    text = name.decode("utf-8", "surrogateescape")
    encodable(text).encode("utf-8")
    if name.decode("utf-8", "ignore").encode() == name:
        assert encodable(text) == text


def test_json_lines_are_ascii_and_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    write_line({"file": "a\n\x1b\x9bé\udcff", "deep": [{"also\udc80": ("x\udcfe",)}]})
    out = capsys.readouterr().out
    assert out.isascii()
    assert out.count("\n") == 1
    assert "\x1b" not in out
    assert json.loads(out) == {"file": "a\n\x1b\x9bé\\xff", "deep": [{"also\\x80": ["x\\xfe"]}]}
