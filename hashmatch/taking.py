"""Taking: what a file says, held against the bank and written into it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from .changes import Change, microseconds, plan, report
from .claims import Standing
from .errors import ChangeTooLarge, FormatError
from .footers import Kind
from .importing import ListFile
from .ledger import Ledger
from .results import ImportReport

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


def take(
    ledger: Ledger,
    file: ListFile,
    name: str | None,
    said: Mapping[str, object],
    *,
    accept_change: bool = False,
    dry_run: bool = False,
    publish: bool = False,
) -> ImportReport:
    """Take what a file says into the bank; no change, no batch.

    Args:
        ledger: The bank's log.
        file: The file, read and checked.
        name: What the user calls the list; None: what the file calls it.
        said: Settings that the user states.
        accept_change: Go on although the guard objects.
        dry_run: Say what would happen and change nothing.
        publish: Publish a snapshot too.

    Raises:
        FormatError: If a name is given for several lists, or ``plan`` raises it.
        InvalidValue: If ``plan`` raises it.
        ChangeTooLarge: If the guard objects.
    """
    if name is not None and len(file.parts) > 1:
        raise FormatError(f"{file.origin} holds {len(file.parts)} lists: leave out the name, it says theirs")
    if dry_run:
        with ledger.reading():
            return report(file, _planned(ledger, file, name, said), batch=None, dry_run=True)
    with ledger.writing():
        changes = _planned(ledger, file, name, said)
        written = None if all(change.empty for change in changes) else ledger.log.head + 1
        result = report(file, changes, batch=written)
        objections = [objection for change in changes for objection in change.objections()]
        if objections and not accept_change:
            raise ChangeTooLarge(objections, replace(result, batch=None))
        if written is not None:
            _write(ledger, file, changes, result)
        return replace(result, snapshot=ledger.publish()) if publish else result


def _planned(ledger: Ledger, file: ListFile, name: str | None, said: Mapping[str, object]) -> tuple[Change, ...]:
    settings, now = ledger.log.settings(), microseconds(ledger.log.now())
    changes = []
    for part in file.parts:
        called = name or part.name or ""
        before = settings.get(called)
        standing = Standing.empty() if before is None else ledger.log.standing(called)
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
