"""Taking: what a file says, held against the bank and written into it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from .allowed import FORMAT as ALLOWED_FORMAT
from .allowed import allowed
from .changes import Change, microseconds, nothing, plan, report
from .claims import Standing
from .errors import ChangeTooLarge, FormatError, InvalidValue, NotPublished
from .examples import check_examples, examples
from .footers import Kind
from .formats.source import Source
from .importing import ListFile, Progress, read_list
from .ledger import Ledger
from .proximity import CROWD, FEW_ROWS, Density, proximity
from .records import Mode, Role
from .rejecting import RejectTable, rejecting
from .results import ImportReport
from .snapshot import Snapshot

_COUNTED = (
    "added",
    "changed",
    "withdrawn",
    "unchanged",
    "older",
    "held_back",
    "duplicates",
    "quarantined",
    "rows",
    "rejected",
)


ALLOW_LIST = "allow"
"""The list into which allowing writes."""


@dataclass(frozen=True)
class Telling:
    """What a report tells besides its counts."""

    examples: int = 0
    """How many claims of each kind it names."""
    density: Density | None = None
    """What it tells of the surroundings of added hashes; None: nothing."""
    rejects: str | Path | RejectTable | None = None
    """Where every reject is written."""

    @classmethod
    def of(
        cls,
        examples: int,
        rejects: str | Path | RejectTable | None = None,
        check_density: bool | None = None,
        density: int = CROWD,
    ) -> Telling:
        """What ``HashBank.import_list`` is asked for.

        Raises:
            InvalidValue: If a number makes no sense.
        """
        check_examples(examples)
        asked = Density(density, None if check_density else FEW_ROWS)
        return cls(examples, None if check_density is False else asked, rejects)


def take_file(
    ledger: Ledger,
    source: Source,
    name: str | None,
    said: Mapping[str, object],
    format: str | None,
    progress: Progress | None,
    accept_change: bool,
    dry_run: bool,
    publish: bool,
    telling: Telling,
    source_id: str | None = None,
) -> ImportReport:
    """Read a file as its list remembers, and take what it says; see ``HashBank.import_list``."""
    known = None
    if name is not None:
        with ledger.reading():
            known = ledger.log.settings().get(name)
    settled = {**({} if known is None else vars(known)), **said}
    with ExitStack() as stack:
        rejects = telling.rejects
        if rejects is not None and not isinstance(rejects, RejectTable):
            rejects = stack.enter_context(rejecting(rejects, *([] if source.path is None else [source.path])))
        file = read_list(
            source,
            format=format,
            columns=settled.get("columns"),
            algorithm=settled.get("algorithm"),
            source_id=source_id,
            progress=progress,
            rejects=rejects,
        )
    return take(
        ledger, file, name, said, accept_change=accept_change, dry_run=dry_run, publish=publish, telling=telling
    )


def allow(ledger: Ledger, target: str | Path, algorithm: str | None, *, publish: bool) -> ImportReport:
    """Allow one file or hash; see ``HashBank.allow``."""
    with ledger.reading():
        moment, known = ledger.log.now(), ledger.log.settings().get(ALLOW_LIST)
    if known is not None and known.role is not Role.ALLOW:
        raise InvalidValue(f"the list {ALLOW_LIST!r} of this bank is not an allow list")
    file = read_list(allowed(target, algorithm, moment), format=ALLOWED_FORMAT)
    said: dict[str, object] = {} if known else {"role": Role.ALLOW}
    said["mode"] = Mode.UPDATE
    telling = Telling(density=Density())
    return take(ledger, file, ALLOW_LIST, said, accept_change=True, publish=publish, telling=telling)


def take(
    ledger: Ledger,
    file: ListFile,
    name: str | None,
    said: Mapping[str, object],
    *,
    accept_change: bool = False,
    dry_run: bool = False,
    publish: bool = False,
    telling: Telling | None = None,
) -> ImportReport:
    """Take what a file says into the bank; no change, no batch.

    The surroundings of added hashes are looked at when all is written and the lock is let go, against the snapshot
    that was published before.

    Args:
        ledger: The bank's log.
        file: The file, read and checked.
        name: What the user calls the list; None: what the file calls it.
        said: Settings that the user states.
        accept_change: Go on although the guard objects.
        dry_run: Say what would happen and change nothing.
        publish: Publish a snapshot too.
        telling: What the report tells besides its counts; None: nothing.

    Raises:
        FormatError: If a name is given for several lists, or ``plan`` raises it.
        InvalidValue: If ``plan`` raises it.
        ChangeTooLarge: If the guard objects.
    """
    telling = telling or Telling()
    if name is not None and len(file.parts) > 1:
        raise FormatError(f"{file.origin} holds {len(file.parts)} lists: leave out the name, it says theirs")
    with ledger.reading() if dry_run else ledger.writing():
        changes = _planned(ledger, file, name, said)
        empty = dry_run or all(change.empty for change in changes)
        result = report(file, changes, batch=None if empty else ledger.log.head + 1, dry_run=dry_run)
        result = replace(result, examples=examples(changes, ledger.log, telling.examples))
        objections = [objection for change in changes for objection in change.objections()]
        if objections and not (accept_change or dry_run):
            raise ChangeTooLarge(objections, replace(result, batch=None))
        if objections and not accept_change:
            stopped = f"without accepting the change it would be stopped: {'; '.join(objections)}"
            result = replace(result, notes=(*result.notes, stopped))
        before = _Before(ledger, changes, telling.density)
        if not empty:
            _write(ledger, file, changes, result)
        if publish and not dry_run:
            result = replace(result, snapshot=ledger.publish())
    return before.looked_around(result)


class _Before:
    """What was published before an import, and what the import adds to it."""

    def __init__(self, ledger: Ledger, changes: Sequence[Change], density: Density | None) -> None:
        self._changes = changes
        self._density = density
        self._snapshot: Snapshot | None = None
        self._notes: list[str] = []
        self._adds = any(change.difference.added or change.difference.changed for change in changes)
        if density is None or not self._adds:
            return
        head = ledger.log.head
        try:
            self._snapshot = Snapshot.open_current(ledger.folder)
            published = self._snapshot.manifest.batch
        except NotPublished:
            published = 0
        except Exception as error:
            self._notes.append(f"added hashes were held against each other alone: {error}")
            return
        if published < head:
            self._notes.append(
                f"added hashes were held against what is published, batch {published} of {head}: "
                "hashes that came later were not looked at"
            )

    def looked_around(self, result: ImportReport) -> ImportReport:
        """The report of the import, with what lies around the hashes that it adds."""
        if self._density is None or not self._adds:
            return result
        try:
            found = proximity(self._changes, self._snapshot, self._density)
        except Exception as error:
            # The import stands: an error here would say that nothing was changed.
            self._notes.append(f"what lies around the added hashes could not be looked at: {error}")
            return replace(result, notes=(*result.notes, *self._notes))
        notes = (*result.notes, *self._notes, *found.notes())
        return replace(result, near_allowed=found.near_allowed, crowded=found.crowds, notes=notes)


def _planned(ledger: Ledger, file: ListFile, name: str | None, said: Mapping[str, object]) -> tuple[Change, ...]:
    settings, now = ledger.log.settings(), microseconds(ledger.log.now())
    changes = []
    for part in file.parts:
        called = name or part.name or ""
        before = settings.get(called)
        standing = nothing if before is None else partial(ledger.log.standing, called, None)
        changes.append(plan(file, part, name, said, before, standing, now))
    return tuple(sorted(changes, key=lambda change: change.after.name))


def _write(ledger: Ledger, file: ListFile, changes: Sequence[Change], result: ImportReport) -> None:
    settings = {**ledger.log.settings(), **{change.after.name: change.after for change in changes}}
    counts = {name: getattr(result, name) for name in _COUNTED}

    def ids_of(claims: Standing) -> pa.Array:
        ids = [pc.unique(table.column("source_id")) for table in ledger.log.rows(claims, ["source_id"])]
        return pc.unique(pa.chunked_array(ids, type=pa.string()))

    footer = ledger.footer(Kind.IMPORT, result.lists, settings, counts=counts, origin=file.origin)
    tables = (table for change in changes for table in change.rows(footer.number, ids_of))
    ledger.log.append(replace(footer, sha256=file.sha256, format=file.format.name), tables)
