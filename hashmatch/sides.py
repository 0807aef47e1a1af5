"""Sides: what a comparison holds against each other: a list as it stands, as it stood, or as a file says it."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from . import layout
from .batches import Log
from .claims import STANDS, Standing
from .durable import LOCK_SECONDS
from .errors import FormatError, RollbackRefused, UnknownList
from .formats.source import Source
from .importing import ListFile, Progress, read_list
from .ledger import Ledger
from .records import ListSettings, Mode
from .taking import take

Named = str | Path | Source
"""``NAME`` or ``NAME@BATCH`` of a list, or a file."""

_STOOD = re.compile(r"(.+)@(\d{1,18})")
_SCRATCH_NAME = "file"


@dataclass(frozen=True)
class Side:
    """One of the two that are compared, while its rows can be read."""

    name: str
    log: Log
    claims: Standing
    """Those that stand."""
    rejected: int = 0
    """Rows of the file that could not be read."""
    partial: bool = False
    """The file says of itself that claims were left out."""


@dataclass(frozen=True)
class Reading:
    """How files are read, where they do not say it themselves."""

    format: str | None = None
    """Name of the format; None: recognised."""
    columns: Mapping[str, str] | None = None
    """Our field -> the column that holds it; None: as the list on the other side remembers."""
    algorithm: str | None = None
    """Of hashes that do not name theirs and whose length fits several; None: as the list on the other side."""
    progress: Progress | None = field(default=None, compare=False)
    """Called with the number of rows read so far."""


@dataclass(frozen=True)
class _List:
    """A list of a bank, as it stands or as it stood."""

    name: str
    at: int | None

    def __str__(self) -> str:
        return self.name if self.at is None else f"{self.name}@{self.at}"


@contextmanager
def opened(a: Named, b: Named, ledger: Ledger | None, reading: Reading) -> Iterator[tuple[Side, Side]]:
    """Both sides, with the bank held for reading where a list of it is one of them.

    A name that the bank knows is its list, also where a file is called so; ``./NAME`` is the file.

    Args:
        a: One side.
        b: The other.
        ledger: The bank; None: both sides are files.
        reading: How files are read.

    Raises:
        UnknownList: If there is neither a list nor a file of a name, or the list did not stand after that batch.
        FormatError: If a file cannot be read as one list.
        BankBusy: If another process holds the bank for too long.
    """
    named = [_resolved(one, ledger) for one in (a, b)]
    known = next((one for one in named if isinstance(one, _List)), None)
    with ExitStack() as stack:
        # Files are read before the bank is held.
        if known is not None and ledger is not None:
            reading = _as_remembered(reading, ledger, known)
        other = None if known is None else known.name
        sides = {
            place: stack.enter_context(_of_file(one, reading, other))
            for place, one in enumerate(named)
            if isinstance(one, Source)
        }
        if ledger is not None and known is not None:
            stack.enter_context(ledger.reading())
            for place, one in enumerate(named):
                if isinstance(one, _List):
                    sides[place] = _of_list(one, ledger)
        yield sides[0], sides[1]


def _resolved(named: Named, ledger: Ledger | None) -> _List | Source:
    if isinstance(named, Source):
        return named
    if ledger is not None and isinstance(named, str):
        with ledger.reading():
            stands = set(ledger.log.settings())
            stood = {name for footer in ledger.log.footers for name in footer.settings}
        after = _STOOD.fullmatch(named)
        if after is not None and after[1] in stood:
            return _List(after[1], int(after[2]))
        if named in stands:
            return _List(named, None)
        if not Path(named).exists():
            lists = ", ".join(sorted(stands)) or "none"
            raise UnknownList(f"there is neither a list nor a file {named!r}; the bank holds {lists}")
    return Source(named)


def _as_remembered(reading: Reading, ledger: Ledger, known: _List) -> Reading:
    """The reading, with what the list on the other side remembers of its own files."""
    with ledger.reading():
        own = _settled(known, ledger)[known.name]
    columns = own.columns if reading.columns is None else reading.columns
    return replace(reading, columns=columns, algorithm=reading.algorithm or own.algorithm)


def _settled(known: _List, ledger: Ledger) -> Mapping[str, ListSettings]:
    """The settings of all lists, among them this one.

    Raises:
        UnknownList: If the list does not stand, or did not.
    """
    if known.at is None:
        return {known.name: ledger.settings(known.name)}
    try:
        ledger.log.check_target(known.at)
    except RollbackRefused as error:
        raise UnknownList(f"{known} is not known: {error}") from error
    settings = ledger.log.settings(known.at)
    if known.name not in settings:
        raise UnknownList(f"there was no list {known.name!r} after batch {known.at}")
    return settings


def _of_list(known: _List, ledger: Ledger) -> Side:
    _settled(known, ledger)
    standing = ledger.log.standing(known.name, known.at)
    return Side(str(known), ledger.log, standing.chosen(standing.state == STANDS))


@contextmanager
def _of_file(source: Source, reading: Reading, other: str | None) -> Iterator[Side]:
    """A file as a whole list, laid out in a bank of its own that is gone afterwards.

    So its rows need no memory, however long it is, and are compared as they would be once they are imported.
    """
    file = _alone(
        read_list(
            source,
            format=reading.format,
            columns=reading.columns,
            algorithm=reading.algorithm,
            progress=reading.progress,
        ),
        other,
    )
    with tempfile.TemporaryDirectory(prefix="hashmatch-", ignore_cleanup_errors=True) as scratch:
        folder = Path(scratch) / "bank"
        layout.make(folder, LOCK_SECONDS)
        ledger = Ledger(folder, LOCK_SECONDS)
        take(ledger, file, _SCRATCH_NAME, {"mode": Mode.REPLACE}, accept_change=True)
        with ledger.reading():
            standing = ledger.log.standing(_SCRATCH_NAME)
            claims = standing.chosen(standing.state == STANDS)
            name = source.name if source.path is None else str(source.path)
            yield Side(name, ledger.log, claims, file.rejected, file.partial)


def _alone(file: ListFile, other: str | None) -> ListFile:
    """The file, of which only one list is looked at: its own, or the one that the other side is."""
    if len(file.parts) == 1:
        return file
    for part in file.parts:
        if part.name is not None and part.name == other:
            return replace(file, parts=(part,))
    names = ", ".join(sorted(part.name or "one without a name" for part in file.parts)[:10])
    raise FormatError(f"{file.origin} holds {len(file.parts)} lists ({names}): none of them is the other side")
