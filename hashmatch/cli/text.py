"""Text from files and partners, made safe to show: it may hold any bytes and control characters."""

from __future__ import annotations

from ..escaping import shown as shown


def encodable(text: str) -> str:
    r"""The text with bytes that are no UTF-8 (as Python reads them in file names) as ``\xNN``."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
