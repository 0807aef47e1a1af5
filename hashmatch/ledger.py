"""Ledger: a bank's log under its lock, and the snapshots that are published from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from . import publishing
from .batches import Log
from .claims import STANDS, Standing
from .durable import locked
from .errors import UnknownList
from .footers import Footer, Kind
from .records import SCHEMA, ListSettings
from .results import ListSummary


class Ledger:
    """The log of the bank in a folder. It is read and written only inside ``reading`` and ``writing``."""

    def __init__(self, folder: Path, lock_seconds: float) -> None:
        """The ledger of a folder that is a bank.

        Raises:
            BankBusy: If another process holds the lock for too long.
            BankDamaged: If a batch is missing or its footer cannot be read.
        """
        self.folder = folder
        self._seconds = lock_seconds
        # Batches are read under the lock even now: a compaction takes files away.
        with locked(folder / "lock", shared=True, seconds=lock_seconds):
            self.log = Log(folder / "batches")

    @contextmanager
    def writing(self, *, publish: bool = False) -> Iterator[None]:
        """Hold the lock alone, know every batch, and publish at the end if that is wanted.

        Raises:
            BankBusy: If another process holds it for too long.
        """
        with locked(self.folder / "lock", seconds=self._seconds):
            self.log.refresh()
            self.log.tidy()
            yield
            if publish:
                self.publish()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Hold the lock together with other readers, and know every batch.

        Raises:
            BankBusy: If another process holds it for too long.
        """
        with locked(self.folder / "lock", shared=True, seconds=self._seconds):
            self.log.refresh()
            yield

    def settings(self, name: str) -> ListSettings:
        """The settings of a list as they stand.

        Raises:
            UnknownList: If there is no such list.
        """
        settings = self.log.settings()
        if name not in settings:
            raise UnknownList(f"there is no list {name!r}; the bank holds {', '.join(sorted(settings)) or 'none'}")
        return settings[name]

    def footer(
        self,
        kind: Kind,
        lists: tuple[str, ...],
        settings: Mapping[str, ListSettings],
        *,
        counts: Mapping[str, int] | None = None,
        origin: str | None = None,
    ) -> Footer:
        """The footer of the next batch."""
        return Footer(
            number=self.log.head + 1,
            kind=kind,
            time=self.log.now(),
            lists=lists,
            settings=settings,
            counts=counts or {},
            origin=origin,
        )

    def records(self, names: Sequence[str]) -> Iterator[pa.Table]:
        """The records that stand of some lists, in ``SCHEMA``, grouped by list."""
        for name in names:
            # Not named here, where it would be held while its rows are read.
            yield from self.log.rows(self._claims(name), SCHEMA.names)

    def _claims(self, name: str) -> Standing:
        """The claims that stand of a list, without those that are withdrawn."""
        standing = self.log.standing(name)
        return standing.chosen(standing.state == STANDS)

    def publish(self) -> str:
        """Make the current snapshot one of what stands, unless it is that already; its version."""
        version = publishing.published(self.folder, self.log.head)
        if version is not None:
            return version
        settings = self.log.settings()
        return publishing.publish(self.folder, self.log.head, self.records(sorted(settings)), settings)

    def summary(self, name: str) -> ListSummary:
        """How much of a list stands."""
        standing, settings = self.log.standing(name), self.log.settings()[name]
        stands = standing.state == STANDS
        quarantined = 0
        for table in self.log.rows(standing.chosen(stands), ["algorithm", "digest", "quarantine"]):
            held = table.filter(pc.is_valid(table.column("quarantine")))
            codes = zip(held.column("algorithm").to_pylist(), held.column("digest").to_pylist(), strict=True)
            quarantined += sum((algorithm, digest.hex()) not in settings.releases for algorithm, digest in codes)
        entries = [entry for footer in self.log.footers for entry in (*footer.folded, footer.entry())]
        last = [entry for entry in entries if name in entry.lists and entry.kind != Kind.BASE.value][-1]
        return ListSummary(
            settings=settings,
            claims=int(np.sum(stands)),
            hashes=int(np.sum(standing.count[stands])),
            withdrawn=int(np.sum(~stands)),
            quarantined=quarantined,
            batch=last.number,
            time=last.time,
        )
