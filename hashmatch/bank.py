"""HashBank: the partners' lists in a folder, and what was ever said of them.

Files are parsed before the lock is taken; difference, guard, write and publish happen inside it. The rules stand
in ``docs/bank.md``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from . import layout
from .compacting import compact
from .comparing import EXAMPLES, Each, diff
from .configuring import configure, release, stated
from .durable import LOCK_SECONDS, output
from .errors import BankNotFound, InvalidValue, UnknownList
from .examples import EXAMPLES as CLAIM_EXAMPLES
from .exporting import Selection, export
from .footers import Kind
from .formats.source import Source
from .importing import Progress
from .ledger import Ledger
from .overlaps import overlap_lists
from .proximity import CROWD
from .quarantine import quarantined
from .records import Mode, Role, ShareLevel
from .rejecting import RejectTable
from .results import (
    BatchEntry,
    ExportReport,
    ImportReport,
    ListDiff,
    ListSummary,
    Overlap,
    QuarantinedHash,
    SnapshotSummary,
)
from .rollback import roll_back
from .sides import Named, Reading
from .snapshot import Snapshot
from .taking import ALLOW_LIST as ALLOW_LIST
from .taking import Telling, allow, take_file
from .terms import Radius
from .withdrawing import withdraw


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
        source_id: str | None = None,
        accept_change: bool = False,
        dry_run: bool = False,
        publish: bool = False,
        progress: Progress | None = None,
        rejects: str | Path | RejectTable | None = None,
        examples: int = CLAIM_EXAMPLES,
        check_density: bool | None = None,
        density: int = CROWD,
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
            source_id: Of the claim that the file is, in formats whose files are one claim (vPDQ); None: its own.
            accept_change: Go on although the guard objects.
            dry_run: Say what would happen and change nothing.
            publish: Publish a snapshot too, unless the current one is of this state already.
            progress: Called with the number of rows read so far.
            rejects: Where to write every reject: CSV, or JSON lines if the name ends in ``.jsonl``.
            examples: How many claims of each kind the report names, 0 to 1 000.
            check_density: Whether to tell which added hashes lie near an allow list, or among many hashes of other
                claims, as the snapshot before and the import itself have them; None: if at most 100 000 rows are added.
            density: How many hashes are many.

        Raises:
            FormatError: If the file is in no known format, or not in the one named.
            InvalidValue: If the list is not named, its mode must be said, or an argument makes no sense.
            ChangeTooLarge: If the guard objects; its ``report`` says what would have happened.
            BankBusy: If another process holds the bank for too long.
        """
        source = path if isinstance(path, Source) else Source(path)
        said = stated(partner=partner, mode=mode, role=role, share_level=share_level, columns=map, algorithm=algorithm)
        telling = Telling.of(examples, rejects, check_density, density)
        return take_file(
            self._ledger, source, name, said, format, progress, accept_change, dry_run, publish, telling, source_id
        )

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
        return allow(self._ledger, target, algorithm, publish=publish)

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
        return withdraw(self._ledger, list, source_id, undo=undo, publish=publish)

    def rollback(self, list: str, to: int, *, publish: bool = False) -> BatchEntry:
        """Put a list back to where it stood after batch ``to``: claims, settings and checkpoint.

        One more batch that says so: rolling back to before a rollback undoes it.

        Raises:
            UnknownList: If there is no such list, then or now.
            RollbackRefused: If there is no such batch, or it was folded into a base.
        """
        return roll_back(self._ledger, list, to, publish=publish)

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
        said = stated(**settings)
        return configure(self._ledger, name, said, accept_change=accept_change, publish=publish)

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
        return release(self._ledger, name, algorithm, hex, undo=undo, publish=publish)

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
        source_ids: Sequence[str] | None = None,
        allow_restricted: bool = False,
    ) -> ExportReport:
        """Write a list, several, or all, or a selection of their records.

        Args:
            sink: A stream open for bytes, or a path, which is written atomically.
            names: Which lists; None: all.
            format: ``"jsonl"`` (lossless, with the lists' settings), ``"csv"``, ...
            labels: Only records that bear any of these.
            algorithms: Only hashes of these.
            source_ids: Only claims with these ids.
            allow_restricted: Let what is amber or stricter leave.

        Raises:
            UnknownList: If there is no such list.
            ExportRefused: If all that is wanted is restricted.
            FormatError: If the format is only read, or cannot hold what is wanted.
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
            selection = Selection(labels, algorithms, allow_restricted, source_ids)
            now = self._ledger.log.now()
            with output(Path(sink)) if isinstance(sink, (str, Path)) else nullcontext(sink) as stream:
                return export(lambda: self._ledger.records(wanted), settings, format, stream, selection, now)

    def diff(
        self,
        a: Named,
        b: Named,
        *,
        examples: int = EXAMPLES,
        each: Each | None = None,
        format: str | None = None,
        map: Mapping[str, str] | None = None,
        algorithm: str | None = None,
        progress: Progress | None = None,
    ) -> ListDiff:
        """How two lists differ: lists of this bank, as they stand or stood, and list files.

        Args:
            a: ``NAME``, ``NAME@BATCH`` (as it stood after that batch), or a file, which is taken as a whole list. A
                name that the bank knows is its list, also where a file is called so; ``./NAME`` is the file.
            b: Likewise.
            examples: How many of each kind of difference the result names.
            each: Called with every difference, while the bank is held for reading; it must not change the bank.
            format: Of files; None: recognised.
            map: Of files: our field -> the column that holds it; None: as the list on the other side remembers.
            algorithm: Of hashes that do not name theirs; None: as the list on the other side remembers.
            progress: Called with the number of rows of a file read so far.

        Raises:
            UnknownList: If there is neither a list nor a file of a name, or no such list after that batch.
            FormatError: If a file cannot be read as one list.
            InvalidValue: If an argument makes no sense.
        """
        reading = Reading(format, map, algorithm, progress)
        return diff(a, b, self._ledger, examples=examples, each=each, reading=reading)

    def overlap(
        self,
        radius: Radius = None,
        *,
        algorithms: Collection[str] | None = None,
        progress: Progress | None = None,
    ) -> Overlap:
        """How much of each list the others hold, of what is published: see ``overlap_lists``, also for files."""
        return overlap_lists(bank=self.folder, radius=radius, algorithms=algorithms, progress=progress)

    def quarantined(self, list: str | None = None) -> Iterator[QuarantinedHash]:
        """The hashes that stand and are not fit to match, of one list or of all, with what was released.

        The bank is not held while one goes through them.

        Raises:
            UnknownList: If there is no such list.
        """
        return quarantined(self._ledger, list)

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
            videos=dict(opened.manifest.videos),
        )
