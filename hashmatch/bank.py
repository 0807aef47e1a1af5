"""HashBank: the partners' lists in a folder, and what was ever said of them.

Files are parsed before the lock is taken; difference, guard, write and publish happen inside it. The rules stand
in ``docs/bank.md``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa

from . import layout
from .allowed import FORMAT as ALLOWED_FORMAT
from .allowed import allowed
from .batches import BATCH_SCHEMA
from .changes import microseconds
from .checking import check_id, check_settings
from .claims import STANDS, claim_keys, locate
from .compacting import compact
from .durable import LOCK_SECONDS, writing
from .errors import BankNotFound, ChangeTooLarge, InvalidValue, UnknownList
from .exporting import Selection, export
from .footers import Kind
from .formats.source import Source
from .guard import settings_objections
from .importing import Progress, read_list
from .ledger import Ledger
from .records import ListSettings, Mode, Role, ShareLevel, settings_from_json
from .results import BatchEntry, ExportReport, ImportReport, ListSummary, SnapshotSummary
from .snapshot import Snapshot
from .taking import take
from .vetoes import lifted, vetoed

ALLOW_LIST = "allow"
"""The list into which ``HashBank.allow`` writes."""


class HashBank:
    """A bank of hash lists. Many processes may hold it open; one at a time changes it."""

    def __init__(self, folder: Path, lock_seconds: float = LOCK_SECONDS) -> None:
        """Use ``HashBank.open``."""
        self.folder = folder
        self._ledger = Ledger(folder, lock_seconds)

    @classmethod
    def open(cls, path: str | Path, *, create: bool = True, lock_seconds: float = LOCK_SECONDS) -> HashBank:
        """The bank in a folder.

        Args:
            path: The folder.
            create: Make a new bank where there is none; else BankNotFound.
            lock_seconds: How long to wait for other processes before BankBusy.

        Raises:
            BankNotFound: If the folder is not a bank and none is to be made, or holds other things.
            BankBusy: If another process holds the bank for too long.
            BankDamaged: If the bank is of another layout, or batches are missing.
        """
        folder = Path(path)
        if not layout.is_bank(folder):
            if not create:
                raise BankNotFound(f"{folder} is not a bank")
            layout.make(folder, lock_seconds)
        layout.check(folder)
        return cls(folder, lock_seconds)

    def close(self) -> None:
        """Nothing is held between calls; for use as a context manager."""

    def __enter__(self) -> HashBank:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def import_list(
        self,
        path: str | Path | Source,
        name: str | None = None,
        partner: str | None = None,
        format: str | None = None,
        mode: str | Mode | None = None,
        role: str | Role | None = None,
        share_level: str | ShareLevel | None = None,
        map: Mapping[str, str] | None = None,
        *,
        algorithm: str | None = None,
        accept_change: bool = False,
        dry_run: bool = False,
        publish: bool = False,
        progress: Progress | None = None,
    ) -> ImportReport:
        """Take what a file says. One import is one batch, even of several lists; no change, no batch.

        What is given here changes the settings of a list that exists; what a file's header says of itself counts
        only for a list that does not.

        Args:
            path: The file; gzip is read as it is. Or a ``Source`` of bytes.
            name: What the list is called; needed unless the file says it.
            partner: Who shares it.
            format: Name of the format; None: recognised.
            mode: ``"update"`` or ``"replace"``; None: as the list remembers, or as the format knows.
            role: ``"block"`` or ``"allow"``.
            share_level: Of rows that do not say their own (TLP 2.0).
            map: Our field -> the column of the file that holds it.
            algorithm: Of hashes that do not name theirs and whose length fits several.
            accept_change: Go on although the guard objects.
            dry_run: Say what would happen and change nothing.
            publish: Publish a snapshot too, unless the current one is of this state already.
            progress: Called with the number of rows read so far.

        Raises:
            FormatError: If the file is in no known format, or not in the one named.
            InvalidValue: If the list is not named, or its mode must be said.
            ChangeTooLarge: If the guard objects; its ``report`` says what would have happened.
            BankBusy: If another process holds the bank for too long.
        """
        source = path if isinstance(path, Source) else Source(path)
        said = _said(partner=partner, mode=mode, role=role, share_level=share_level, columns=map, algorithm=algorithm)
        known = self._known(name)
        file = read_list(
            source,
            format=format,
            columns=map if map is not None else (known.columns if known else None),
            algorithm=algorithm or (known.algorithm if known else None),
            progress=progress,
        )
        return take(self._ledger, file, name, said, accept_change=accept_change, dry_run=dry_run, publish=publish)

    def allow(self, target: str | Path, *, algorithm: str | None = None, publish: bool = False) -> ImportReport:
        """Stop a false match now: one claim of list ``allow`` with the hashes of a file, or with one hash.

        Args:
            target: A file (its SHA-256 and every perceptual hash in all eight orientations are allowed), or a hash
                as ``hex`` or ``algorithm:hex``.
            algorithm: Of a bare hash whose length fits several.
            publish: Publish a snapshot too.

        Raises:
            MediaError: If the file cannot be hashed.
            InvalidValue: If it is neither a file nor a hash, or ``allow`` is not an allow list.
        """
        with self._ledger.reading():
            moment, known = self._ledger.log.now(), self._ledger.log.settings().get(ALLOW_LIST)
        if known is not None and known.role is not Role.ALLOW:
            raise InvalidValue(f"the list {ALLOW_LIST!r} of this bank is not an allow list")
        file = read_list(allowed(target, algorithm, moment), format=ALLOWED_FORMAT)
        said: dict[str, object] = {} if known else {"role": Role.ALLOW}
        said["mode"] = Mode.UPDATE
        return take(self._ledger, file, ALLOW_LIST, said, accept_change=True, dry_run=False, publish=publish)

    def withdraw(self, list: str, source_id: str, *, undo: bool = False, publish: bool = False) -> BatchEntry | None:
        """Withdraw a claim by hand, or undo that.

        It holds until the partner says something with a later ``updated_at``, or until it is undone; undated words
        and replacing do not lift it. A claim that the list does not know is withdrawn too, so that it cannot come.

        Returns:
            The batch, or None if it stood so already. Its counts say ``withdrawn: 0`` if no such claim stood.

        Raises:
            UnknownList: If there is no such list.
            UnknownClaim: If there is no withdrawal by hand to undo.
            InvalidValue: If no claim can have that id.
        """
        source_id = check_id(source_id)
        with self._ledger.writing(publish=publish):
            self._ledger.settings(list)
            standing = self._ledger.log.standing(list)
            position, found = locate(standing.keys, claim_keys([source_id]))
            here = np.arange(len(standing)) == (int(position[0]) if found[0] else -1)
            claim = standing.chosen(here)
            number, now = self._ledger.log.head + 1, microseconds(self._ledger.log.now())
            rows = pa.concat_tables([BATCH_SCHEMA.empty_table(), *self._ledger.log.rows(claim, BATCH_SCHEMA.names)])
            change = lifted(rows, claim, list, source_id) if undo else vetoed(rows, claim, list, source_id, number, now)
            if change is None:
                return None
            counts = {"added": 1} if undo else {"withdrawn": int(np.sum(claim.state == STANDS))}
            footer = self._ledger.footer(
                Kind.WITHDRAW, (list,), self._ledger.log.settings(), counts=counts, origin=source_id
            )
            return self._ledger.log.append(footer, [change]).entry()

    def rollback(self, list: str, to: int, *, publish: bool = False) -> BatchEntry:
        """Put a list back to where it stood after batch ``to``: claims, settings and checkpoint.

        One more batch that says so: rolling back to before a rollback undoes it.

        Raises:
            UnknownList: If there is no such list, then or now.
            RollbackRefused: If there is no such batch, or it was folded into a base.
        """
        with self._ledger.writing(publish=publish):
            self._ledger.log.check_target(to)
            settings = dict(self._ledger.log.settings())
            then = self._ledger.log.settings(to).get(list)
            if then is None and list not in settings:
                raise UnknownList(f"there is no list {list!r}, neither now nor after batch {to}")
            settings.pop(list, None)
            if then is not None:
                settings[list] = then
            claims = int(np.sum(self._ledger.log.standing(list, to).state == STANDS))
            footer = self._ledger.footer(Kind.ROLLBACK, (list,), settings, counts={"claims": claims})
            return self._ledger.log.append(replace(footer, target=to)).entry()

    def drop_list(self, name: str, *, publish: bool = False) -> BatchEntry:
        """Forget a list, as if it had never been imported; its next import is a first one. Rolling back undoes it.

        Raises:
            UnknownList: If there is no such list.
        """
        with self._ledger.writing(publish=publish):
            self._ledger.settings(name)
            settings = {other: kept for other, kept in self._ledger.log.settings().items() if other != name}
            return self._ledger.log.append(self._ledger.footer(Kind.DROP, (name,), settings)).entry()

    def configure(
        self, name: str, *, accept_change: bool = False, publish: bool = False, **settings: object
    ) -> BatchEntry | None:
        """Change settings of a list: partner, role, share_level, mode, algorithm, columns, radius, checkpoint.

        Returns:
            The batch, or None if they stood so already.

        Raises:
            UnknownList: If there is no such list.
            InvalidValue: If a setting is unknown or makes no sense.
            ChangeTooLarge: If role or mode would change, or the share level become laxer, and that is not accepted.
        """
        with self._ledger.writing(publish=publish):
            before = self._ledger.settings(name)
            after = replace(before, **_said(**settings))
            return self._configured(before, after, accept_change)

    def release(
        self, name: str, algorithm: str, hex: str, *, undo: bool = False, publish: bool = False
    ) -> BatchEntry | None:
        """Let a quarantined hash of a list match all the same, or undo that. The list remembers it.

        Returns:
            The batch, or None if it stood so already.

        Raises:
            UnknownList: If there is no such list.
            UnknownName: If there is no such algorithm.
            InvalidValue: If that is no hash of it.
        """
        one: frozenset[tuple[str, str]] = check_settings({"releases": {(algorithm, hex)}})["releases"]
        with self._ledger.writing(publish=publish):
            before = self._ledger.settings(name)
            after = replace(before, releases=before.releases - one if undo else before.releases | one)
            return self._configured(before, after, accept_change=True)

    def compact(self, days: float = 30) -> BatchEntry | None:
        """Fold batches older than ``days`` into one base. Withdrawals, dates and settings are kept.

        Returns:
            The base, or None if there was nothing to fold.

        Raises:
            InvalidValue: If the days are not a number from 0 to 36 500.
        """
        if not 0 <= days <= 36_500:
            raise InvalidValue(f"batches older than {days} days cannot be folded: name 0 to 36500")
        with self._ledger.writing():
            base = compact(self._ledger.log, days)
            return None if base is None else base.entry()

    def publish(self) -> str:
        """Publish a snapshot of what stands, for matchers to read; its version."""
        with self._ledger.writing():
            return self._ledger.publish()

    def lists(self) -> tuple[ListSummary, ...]:
        """Every list, by name, and how much of it stands."""
        with self._ledger.reading():
            return tuple(self._ledger.summary(name) for name in sorted(self._ledger.log.settings()))

    def history(self, list: str | None = None) -> tuple[BatchEntry, ...]:
        """Every batch, oldest first; of one list on request.

        Raises:
            UnknownList: If no batch is about that list.
        """
        with self._ledger.reading():
            entries = [entry for footer in self._ledger.log.footers for entry in (*footer.folded, footer.entry())]
        chosen = tuple(entry for entry in entries if list is None or list in entry.lists)
        if list is not None and not chosen:
            raise UnknownList(f"there is no list {list!r} and never was")
        return chosen

    def export_list(
        self,
        sink: BinaryIO | str | Path,
        names: str | Sequence[str] | None = None,
        format: str = "jsonl",
        *,
        labels: Sequence[str] | None = None,
        algorithms: Sequence[str] | None = None,
        allow_restricted: bool = False,
    ) -> ExportReport:
        """Write a list, several, or all, or a selection of their records.

        Args:
            sink: A stream open for bytes, or a path, which is written atomically.
            names: Which lists; None: all.
            format: ``"jsonl"`` (lossless, with the lists' settings), ``"csv"``, ...
            labels: Only records that bear any of these.
            algorithms: Only hashes of these.
            allow_restricted: Let what is amber or stricter leave.

        Raises:
            UnknownList: If there is no such list.
            ExportRefused: If all that is wanted is restricted.
        """
        with self._ledger.reading():
            wanted = (
                sorted(self._ledger.log.settings())
                if names is None
                else [names]
                if isinstance(names, str)
                else list(dict.fromkeys(names))
            )
            settings = {name: self._ledger.settings(name) for name in wanted}
            selection = Selection(labels, algorithms, allow_restricted)
            if isinstance(sink, (str, Path)):
                with writing(Path(sink)) as stream:
                    return export(lambda: self._ledger.records(wanted), settings, format, stream, selection)
            return export(lambda: self._ledger.records(wanted), settings, format, sink, selection)

    def snapshot(self, verify: bool = False) -> SnapshotSummary:
        """The snapshot that matchers read now.

        Args:
            verify: Check every file against its checksum; else only its size.

        Raises:
            NotPublished: If there is none.
            BankDamaged: If it is not whole.
        """
        opened = Snapshot.open_current(self.folder)
        if verify:
            opened.verify()
        return SnapshotSummary(
            version=opened.version,
            batch=opened.batch,
            lists=tuple(sorted(opened.settings)),
            codes={name: len(opened.codes(name)) for name in opened.algorithms},
            records={name: entry.records for name, entry in opened.manifest.algorithms.items()},
            indexes={name: entry.index for name, entry in opened.manifest.algorithms.items()},
            verified=verify,
        )

    def _known(self, name: str | None) -> ListSettings | None:
        if name is None:
            return None
        with self._ledger.reading():
            return self._ledger.log.settings().get(name)

    def _configured(self, before: ListSettings, after: ListSettings, accept_change: bool) -> BatchEntry | None:
        if after == before:
            return None
        objections = settings_objections(before, after)
        if objections and not accept_change:
            raise ChangeTooLarge(objections)
        settings = {**self._ledger.log.settings(), after.name: after}
        return self._ledger.log.append(self._ledger.footer(Kind.SETTINGS, (after.name,), settings)).entry()


def _said(**settings: object) -> dict[str, Any]:
    """The settings that a user states, checked and typed; None is not stated.

    Raises:
        InvalidValue: If one is unknown or makes no sense.
    """
    known = set(ListSettings.__dataclass_fields__) - {"name", "releases"}
    if unknown := sorted(set(settings) - known):
        raise InvalidValue(f"{unknown[0]!r} is not a setting of a list; choose from {', '.join(sorted(known))}")
    plain = {name: str(value) if isinstance(value, str) else value for name, value in settings.items()}
    return check_settings(settings_from_json(plain))
