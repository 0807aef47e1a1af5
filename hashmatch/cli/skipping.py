"""Which files an earlier run has hashed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ..results import EXACT, HashReport
from .text import encodable

if TYPE_CHECKING:
    from ..finding import Found


class _Line(msgspec.Struct):
    """What is looked at of a line of ``hash --json``."""

    file: str
    error: str | None = None
    decoding: str = EXACT
    hashes: dict[str, msgspec.Raw] = {}


_DECODER = msgspec.json.Decoder(_Line)


@dataclass(frozen=True)
class Hashed:
    """The files that lines of ``hash --json`` hold as they are asked for now, but for those with an error."""

    names: Counter[str]
    """How often each is there: an archive may hold several of one name."""
    torn: bool
    """Whether the last line has no end."""

    @classmethod
    def read(cls, path: Path, algorithms: Collection[str], fast: bool) -> Hashed:
        """What a file holds; lines that are none of these, as one that was cut, hold nothing."""
        names: Counter[str] = Counter()
        line = b"\n"
        with path.open("rb") as lines:
            for line in lines:
                try:
                    stated = _DECODER.decode(line)
                except (msgspec.MsgspecError, UnicodeError, RecursionError):
                    continue
                good = stated.error is None and set(algorithms) <= stated.hashes.keys()
                if good and (fast or stated.decoding == EXACT):
                    names[stated.file] += 1
        return cls(names, not line.endswith(b"\n"))

    def takes(self, path: Found) -> bool:
        """Whether a file is one of them; each counts once."""
        if isinstance(path, HashReport):
            return False
        file = path if isinstance(path, str) else path.file
        # Two names may be written alike if they hold bytes that are no UTF-8, or look as if they did.
        if "\\x" in file or encodable(file) != file or not self.names[file]:
            return False
        self.names[file] -= 1
        return True
