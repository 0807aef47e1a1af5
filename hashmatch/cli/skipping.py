"""Which files an earlier run has hashed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec

from .text import encodable


class _Line(msgspec.Struct):
    """What is looked at of a line of ``hash --json``."""

    file: str
    error: str | None = None


_DECODER = msgspec.json.Decoder(_Line)


@dataclass(frozen=True)
class Hashed:
    """The files that lines of ``hash --json`` hold, but for those with an error."""

    names: frozenset[str]
    torn: bool
    """Whether the last line has no end."""

    @classmethod
    def read(cls, path: Path) -> Hashed:
        """What a file holds; lines that are none of these, as one that was cut, hold nothing."""
        names: set[str] = set()
        line = b"\n"
        with path.open("rb") as lines:
            for line in lines:
                try:
                    stated = _DECODER.decode(line)
                except (msgspec.MsgspecError, UnicodeError, RecursionError):
                    continue
                if stated.error is None:
                    names.add(stated.file)
        return cls(frozenset(names), not line.endswith(b"\n"))

    def __contains__(self, path: object) -> bool:
        return isinstance(path, str) and encodable(path) in self.names
