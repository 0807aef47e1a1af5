"""The log: a folder of immutable Parquet files, one per change, and what stands after them.

A batch is committed by one rename, so that a crash tears nothing. What stands of a list is folded from the
batches that it sees: ``visible(n) = visible(n - 1) + {n}``, but where n is a rollback to t it is
``visible(t)``, and where n is a drop nothing before it counts. Of two batches that speak of one claim the
later holds, since only words that win are ever written (``differences``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from .claims import STANDS, WITHDRAWN, WITHDRAWN_BY_HAND, Keys, Standing, bytes_keys, key_bytes, run_starts, sort_keys
from .durable import remove_unfinished, sync_folder, writing
from .errors import BankDamaged, RollbackRefused
from .footers import Footer, Kind
from .records import MICROSECONDS, SCHEMA, ListSettings
from .versions import versions
from .word_rows import plain

BATCH_SCHEMA = pa.schema(
    [
        *SCHEMA,
        pa.field("claim_key", pa.binary(16), nullable=False),
        pa.field("fingerprint", pa.binary(16), nullable=False),
        pa.field("withdrawal", pa.string()),
        pa.field("withdrawn_at", MICROSECONDS),
    ]
)
"""The rows of a batch, sorted by list and key, so that a claim's rows stand together. ``withdrawal`` is null, ``feed``
or ``hand``; a claim withdrawn by hand keeps the rows beneath the veto, laid at ``withdrawn_at``."""

_FOLDED = ["claim_key", "fingerprint", "said_at", "withdrawal", "withdrawn_at"]
_FOOTER = b"hashmatch"
_NAME = re.compile(r"(\d{8})\.parquet")
_ROW_GROUP = 65_536
_FEW = 4
"""Where a batch has so many rows for each claim that is asked for, what is not asked for is not held."""
_LEAVES = tuple(name if name != "labels" else "labels.list.element" for name in BATCH_SCHEMA.names)
_RANDOM = ("digest", "claim_key", "fingerprint")
"""Columns that no compression makes smaller."""
_WITHDRAWALS: dict[int, str | None] = {int(STANDS): None, int(WITHDRAWN): "feed", int(WITHDRAWN_BY_HAND): "hand"}


def batch_rows(
    name: str,
    rows: pa.Table,
    keys: Keys,
    fingerprints: Keys,
    said_at: npt.NDArray[np.int64],
    state: npt.NDArray[np.uint8],
    withdrawn_at: npt.NDArray[np.int64],
    number: int,
) -> pa.Table:
    """Rows of words (``WORD_SCHEMA``, sorted by key) as rows of batch ``number``; arrays hold one value for each row."""
    count = len(rows)
    by_hand = state == WITHDRAWN_BY_HAND
    records = plain(rows)
    columns: dict[str, pa.Array | pa.ChunkedArray] = {name: records.column(name) for name in records.column_names}
    columns["list"] = pa.repeat(name, count)
    columns["said_at"] = pa.array(said_at).cast(MICROSECONDS)
    columns["batch"] = pa.array(np.full(count, number, dtype=np.int64))
    columns["claim_key"] = key_bytes(keys)
    columns["fingerprint"] = key_bytes(fingerprints)
    columns["withdrawal"] = pa.array(list(_WITHDRAWALS.values()), type=pa.string()).take(pa.array(state))
    columns["withdrawn_at"] = pa.array(withdrawn_at, mask=~by_hand).cast(MICROSECONDS)
    return pa.table([columns[field.name] for field in BATCH_SCHEMA], schema=BATCH_SCHEMA)


class Log:
    """The batches in a folder. Whoever writes holds the bank's lock; whoever reads holds it shared."""

    def __init__(self, folder: Path) -> None:
        """The log in ``folder``, which exists.

        Raises:
            BankDamaged: If a batch is missing or its footer cannot be read.
        """
        self.folder = folder
        self._stamps: dict[int, tuple[int, int]] = {}
        self._footers: dict[int, Footer] = {}
        self._rows: dict[int, int] = {}
        self.refresh()

    def refresh(self) -> None:
        """Read the footers of batches that others have written since."""
        found = sorted(int(match[1]) for path in self.folder.iterdir() if (match := _NAME.fullmatch(path.name)))
        footers: dict[int, Footer] = {}
        for number in reversed(found):
            footers[number] = self._footer(number)
            if footers[number].kind is Kind.BASE:
                break
        self._footers = dict(sorted(footers.items()))
        first = min(footers, default=1)
        expected = range(first if footers and footers[first].kind is Kind.BASE else 1, self.head + 1)
        if missing := sorted(set(expected) - set(footers)):
            raise BankDamaged(f"{self.folder} lacks batch {missing[0]}")

    @property
    def head(self) -> int:
        """Number of the last batch; 0 if there is none."""
        return max(self._footers, default=0)

    @property
    def time(self) -> datetime | None:
        """When the last batch was written."""
        return self._footers[self.head].time if self._footers else None

    @property
    def footers(self) -> tuple[Footer, ...]:
        """Of every batch from the base on, oldest first."""
        return tuple(self._footers.values())

    def now(self) -> datetime:
        """The time of import: the clock, or a microsecond after the last batch, whichever is later."""
        clock = datetime.now(timezone.utc)
        return clock if self.time is None else max(clock, self.time + timedelta(microseconds=1))

    def settings(self, at: int | None = None) -> Mapping[str, ListSettings]:
        """The settings of every list, as they stood after batch ``at``; None: as they stand."""
        at = self.head if at is None else at
        return self._footers[at].settings if at else {}

    def check_target(self, target: int) -> None:
        """Raise RollbackRefused unless one can go back to ``target``."""
        if target in self._footers:
            return
        first = min(self._footers, default=0)
        if self._footers and 0 < target < first:
            raise RollbackRefused(f"batch {target} was folded into the base {first}; go back to {first} or later")
        raise RollbackRefused(f"there is no batch {target}; the last one is {self.head}")

    def visible(self, name: str, at: int | None = None) -> tuple[int, ...]:
        """The numbers of the batches that the list sees after batch ``at``, oldest first."""
        seen: dict[int, tuple[int, ...]] = {}
        before: tuple[int, ...] = ()
        for number, footer in self._footers.items():
            if footer.kind is Kind.BASE or name in footer.lists:
                if footer.kind is Kind.ROLLBACK and footer.target is not None:
                    before = seen[footer.target]
                elif footer.kind is Kind.DROP:
                    before = ()
                elif footer.kind in (Kind.IMPORT, Kind.WITHDRAW, Kind.BASE):
                    before = (*before, number)
            seen[number] = before
            if number == at:
                break
        return before

    def standing(self, name: str, at: int | None = None, among: Keys | None = None) -> Standing:
        """What stands of a list after batch ``at``; None: now.

        Args:
            name: The list.
            at: The batch.
            among: Keys, sorted, each once: other claims may be counted only, where that is quicker. None: all.

        Raises:
            BankDamaged: If a batch cannot be read.
        """
        visible = self.visible(name, at)
        if among is not None and _FEW * len(among) < sum(self._rows[number] for number in visible):
            return self._standing_among(name, visible, among)
        stands = Standing.empty()
        newer = Standing.empty()
        for number in visible:
            said = self._said(number, name)
            # Deltas are folded among themselves first: the base, which is large, is merged into once.
            if len(said) > 4 * len(newer) or not len(stands):
                stands, newer = stands.overlaid(newer).overlaid(said), Standing.empty()
            else:
                newer = newer.overlaid(said)
        return stands.overlaid(newer)

    def _standing_among(self, name: str, visible: Sequence[int], among: Keys) -> Standing:
        """The claims with some keys, and how many others stand, the newest batch first."""
        found: list[Standing] = []
        seen, others = among[:0], 0
        for number in reversed(visible):
            spoken = [seen]
            for said in self._pieces(number, name):
                latest = said.chosen(~said.says(seen))
                wanted = latest.says(among)
                found.append(latest.chosen(wanted))
                others += int(np.sum(latest.state[~wanted] == STANDS))
                if number != visible[0]:
                    spoken.append(said.keys)
            keys = np.concatenate(spoken)
            keys = keys[sort_keys(keys)]
            seen = keys[run_starts(keys)[:-1]]
        return Standing.joined(found, others)

    def rows(self, standing: Standing, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
        """The rows of claims, file by file, in pieces of bounded size.

        Args:
            standing: The claims; ``chosen`` leaves out the others.
            columns: Of ``BATCH_SCHEMA``; None: those of ``SCHEMA``.
        """
        wanted = list(SCHEMA.names if columns is None else columns)
        places = [
            (number, standing.start[here], standing.count[here])
            for number in np.unique(standing.batch).tolist()
            for here in [standing.batch == number]
        ]
        # What goes on for long should hold no more than it needs.
        del standing
        for number, start, count in places:
            with self._opened(number) as stored:
                yield from _rows_at(stored, start, count, wanted)

    def append(self, footer: Footer, tables: Iterable[pa.Table] = ()) -> Footer:
        """Write the next batch; its rename is the commit.

        Args:
            footer: What it says of itself; the number is that after the last one.
            tables: Rows in ``BATCH_SCHEMA``, sorted by list and key.
        """
        footer = replace(footer, versions=versions(("hashmatch", "pyarrow")))
        schema = BATCH_SCHEMA.with_metadata({_FOOTER: footer.to_bytes()})
        with (
            writing(self._path(footer.number)) as sink,
            pq.ParquetWriter(
                sink,
                schema,
                compression={leaf: "none" if leaf in _RANDOM else "zstd" for leaf in _LEAVES},
                use_dictionary=[
                    "list",
                    "algorithm",
                    "media_type",
                    "labels.list.element",
                    "opinion",
                    "share_level",
                    "quarantine",
                ],
                write_statistics=["list", "algorithm", "updated_at", "claim_key"],
                write_page_checksum=True,
            ) as writer,
        ):
            for table in tables:
                writer.write_table(table.cast(schema), row_group_size=_ROW_GROUP)
        self.refresh()
        return footer

    def tidy(self) -> None:
        """Delete the files that a base has made superfluous, and what writers that were killed have left."""
        # A writer that was killed may have renamed and not synced: nothing may go, or be built upon it, before.
        sync_folder(self.folder)
        remove_unfinished(self.folder)
        first = min(self._footers, default=0)
        for path in sorted(self.folder.iterdir()):
            match = _NAME.fullmatch(path.name)
            if match and int(match[1]) < first:
                path.unlink()

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:08d}.parquet"

    def _opened(self, number: int) -> pq.ParquetFile:
        try:
            return pq.ParquetFile(self._path(number), memory_map=True, page_checksum_verification=True)
        except (OSError, pa.ArrowException) as error:
            raise BankDamaged(f"batch {number} cannot be read: {error}") from error

    def _footer(self, number: int) -> Footer:
        status = self._path(number).stat()
        stamp = (status.st_ino, status.st_mtime_ns)
        if self._stamps.get(number) == stamp and number in self._footers:
            return self._footers[number]
        with self._opened(number) as stored:
            metadata, rows = stored.metadata.metadata or {}, stored.metadata.num_rows
        if _FOOTER not in metadata:
            raise BankDamaged(f"batch {number} was not written by hashmatch")
        footer = Footer.from_bytes(metadata[_FOOTER])
        if footer.number != number:
            raise BankDamaged(f"batch {number} says that it is batch {footer.number}")
        self._stamps[number], self._rows[number] = stamp, rows
        return footer

    def _said(self, number: int, name: str) -> Standing:
        """What one batch says of a list."""
        # Pieces that are gathered and joined would take the memory twice.
        claims, taken = Standing.blank(self._rows[number]), 0
        for piece in self._pieces(number, name):
            taken += claims.fill(taken, piece)
        return claims.first(taken)

    def _pieces(self, number: int, name: str) -> Iterator[Standing]:
        """What one batch says of a list, a row group at a time."""
        held = Standing.empty()
        for piece in self._groups(number, name):
            same = int(len(held) > 0 and len(piece) > 0 and np.array_equal(held.keys[-1], piece.keys[0]))
            if same:
                # The rows of a claim may go over the border.
                held.count[-1] += piece.count[0]
                piece = piece.chosen(np.arange(1, len(piece)))
            if len(piece):
                yield held
                held = piece
        yield held

    def _groups(self, number: int, name: str) -> Iterator[Standing]:
        """The claims of each row group."""
        alone = self._footers[number].lists == (name,)
        begins = 0
        with self._opened(number) as stored:
            for group in range(stored.num_row_groups):
                try:
                    table = stored.read_row_group(group, columns=_FOLDED if alone else [*_FOLDED, "list"])
                except (OSError, pa.ArrowException) as error:
                    raise BankDamaged(f"batch {number} cannot be read: {error}") from error
                first, rows = begins, len(table)
                if not alone:
                    # Rows are sorted by list, so those of one list stand together.
                    mine = np.flatnonzero(pc.equal(table.column("list"), name).to_numpy())
                    first += int(mine[0]) if len(mine) else 0
                    table = table.slice(first - begins, len(mine))
                yield _claims_in(table.combine_chunks(), first, number)
                begins += rows


def _claims_in(table: pa.Table, first: int, number: int) -> Standing:
    """The claims of a run of rows of batch ``number`` that begins at row ``first``."""
    if not len(table):
        return Standing.empty()
    keys = bytes_keys(table.column("claim_key").chunk(0))
    starts = run_starts(keys)
    heads = starts[:-1]
    withdrawal = pc.index_in(table.column("withdrawal"), pa.array(["feed", "hand"])).fill_null(-1).to_numpy() + 1
    return Standing(
        keys=keys[heads],
        fingerprints=bytes_keys(table.column("fingerprint").chunk(0))[heads],
        said_at=table.column("said_at").cast(pa.int64()).to_numpy()[heads],
        state=withdrawal.astype(np.uint8)[heads],
        withdrawn_at=table.column("withdrawn_at").cast(pa.int64()).fill_null(0).to_numpy()[heads],
        batch=np.full(len(heads), number, dtype=np.int32),
        start=heads + first,
        count=np.diff(starts).astype(np.int32),
    )


def _rows_at(
    stored: pq.ParquetFile, start: npt.NDArray[np.int64], count: npt.NDArray[np.int64], columns: list[str]
) -> Iterator[pa.Table]:
    """The rows of some claims of one file, a row group at a time; groups that hold none are not read."""
    whole = int(count.sum()) == stored.metadata.num_rows
    wanted = np.zeros(0, dtype=np.int64) if whole else _places_of(start, count)
    begins = 0
    for group in range(stored.num_row_groups):
        ends = begins + stored.metadata.row_group(group).num_rows
        inside = wanted[np.searchsorted(wanted, begins) : np.searchsorted(wanted, ends)]
        if whole or len(inside):
            try:
                table = stored.read_row_group(group, columns=columns).select(columns)
            except (OSError, pa.ArrowException) as error:
                raise BankDamaged(f"a batch cannot be read: {error}") from error
            yield table if whole else table.take(pa.array(inside - begins))
        begins = ends


def _places_of(start: npt.NDArray[np.int64], count: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The rows of claims by where they start and how many they are, in order."""
    places = np.repeat(start - np.concatenate(([0], np.cumsum(count)[:-1])), count)
    places += np.arange(len(places))
    places.sort()
    return places
