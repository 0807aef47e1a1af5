"""Text from files and partners, made safe to show: it may hold any bytes and control characters."""

from __future__ import annotations


def shown(text: str) -> str:
    """The text with everything that is not printable as a backslash escape.

    Control characters, line ends, marks that reorder text, and bytes of file names that are no UTF-8
    can then neither move the cursor nor forge a line.
    """
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else _escaped(character) for character in text)


def encodable(text: str) -> str:
    r"""The text with bytes that are no UTF-8 (as Python reads them in file names) as ``\xNN``."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _escaped(character: str) -> str:
    if "\udc80" <= character <= "\udcff":
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape").decode("ascii")
