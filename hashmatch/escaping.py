"""Escaping: text from files and partners, which may hold any characters, made safe to show."""

from __future__ import annotations


def shown(text: str) -> str:
    """The text with everything that is not printable as a backslash escape.

    Control characters, line ends, marks that reorder text, and bytes of file names that are no UTF-8
    can then neither move the cursor nor forge a line.
    """
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else _escaped(character) for character in text)


def one_line(error: BaseException) -> str:
    """What an error of a library says, on one line and not too long."""
    return shown(" ".join(str(error).split())[:200]) or type(error).__name__


def _escaped(character: str) -> str:
    if "\udc80" <= character <= "\udcff":
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape").decode("ascii")
