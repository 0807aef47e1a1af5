"""Which files an earlier run has hashed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ..results import EXACT, HashReport
from .text import encodable

if TYPE_CHECKING:
    from ..finding import Found
    from ..sampling import Wanted


class _Line(msgspec.Struct):
    """What is looked at of a line of ``hash --json``."""

    file: str
    error: str | None = None
    decoding: str = EXACT
    duration: float | None = None
    sampling: str | float | None = None
    hashes: dict[str, msgspec.Raw] = {}


_DECODER = msgspec.json.Decoder(_Line)


@dataclass(frozen=True)
class Hashed:
    """The files that lines of ``hash --json`` hold as they are asked for now, but for those with an error."""

    names: Mapping[str, int]
    """How often each is there: an archive may hold several of one name."""
    torn: bool
    """Whether the last line has no end."""

    @classmethod
    def read(cls, path: Path, algorithms: Collection[str], fast: bool, sampling: Wanted) -> Hashed:
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
                good = good and (stated.duration is None or stated.sampling == sampling)
                if good and (fast or stated.decoding == EXACT):
                    names[stated.file] += 1
        return cls(names, not line.endswith(b"\n"))

    def left(self, paths: Iterable[Found | None]) -> Iterator[Found | None]:
        """The files that are none of them; each of these stands for one."""
        names = Counter(self.names)
        for path in paths:
            name = None if path is None else _name(path)
            if name is not None and names[name]:
                names[name] -= 1
            else:
                yield path


def _name(path: Found) -> str | None:
    """What a file is called in a line; None if there is none, or if it may be written like another's."""
    if isinstance(path, HashReport):
        return None
    file = path if isinstance(path, str) else path.file
    # Two names may be written alike if they hold bytes that are no UTF-8, or look as if they did.
    return None if "\\x" in file or encodable(file) != file else file
