"""Records out: a list, or a selection, as a file that says what it leaves out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .errors import ExportRefused
from .formats import FORMATS
from .live import unfit_by
from .records import MICROSECONDS, ListSettings, Role, ShareLevel
from .results import ExportReport

Tables = Callable[[], Iterable[pa.Table]]
"""Gives the records that stand, in ``SCHEMA``, grouped by list, each time it is called."""

Claim = tuple[str, str]
"""List and id."""

Mask = npt.NDArray[np.bool_]

_SAYING = ("jsonl", "parquet", "arrow")
"""Formats in which a file says of itself that claims were left out."""

_DEAD = {
    "quarantine": "in quarantine",
    "quality": "of too low a quality",
    "opinion": "negative",
    "expires_at": "expired",
    "frame": "of frames of a video",
}
"""Columns that keep a record from matching by itself, and what it is then."""

_DEFAULTS: Mapping[str, object] = {"frame": -1, "media_type": "unknown", "extra": "{}", "opinion": "positive"}


@dataclass(frozen=True)
class Selection:
    """Which records are wanted. None: all of them."""

    labels: Collection[str] | None = None
    """Records that bear any of these."""
    algorithms: Collection[str] | None = None
    allow_restricted: bool = False
    """Whether records that are amber or stricter may leave."""
    source_ids: Collection[str] | None = None
    """Claims with any of these ids, in whatever list."""


@dataclass
class _Tally:
    """What a first reading counts, since a file says at its beginning what it leaves out."""

    rows: int = 0
    claims: int = 0
    restricted: int = 0
    """Rows that are wanted and may not leave."""
    dead: Counter[str] = field(default_factory=Counter)
    """Rows that are wanted and match nothing, by the column that says so and that the format cannot carry."""
    chosen: set[str] = field(default_factory=set)
    """Lists of which rows leave."""
    cut: set[str] = field(default_factory=set)
    """Lists of which rows stay."""
    losses: frozenset[str] = frozenset()


def export(
    tables: Tables,
    settings: Mapping[str, ListSettings],
    format: str,
    sink: BinaryIO,
    selection: Selection,
    now: datetime,
) -> ExportReport:
    """Write the records that a selection chooses.

    What matches nothing, and would match in the hands of those who read the file, does not leave: a record that is
    negative, of too low a quality or expired where the format cannot carry what says so, and one in quarantine where it
    loses anything at all.

    Args:
        tables: The records of the lists.
        settings: The lists, by name.
        format: Name of a format that can be written.
        sink: Where to; not closed.
        selection: What is wanted, and whether restricted records may leave.
        now: The time, by which a record may have expired.

    Raises:
        UnknownName: If there is no such format.
        FormatError: If it is only read, or cannot hold what is wanted.
        ExportRefused: If everything that is wanted is restricted and may not leave.
    """
    writer = FORMATS[format]
    leave = _Leave(settings, selection, writer.losses, now)
    tally = _tally(tables, leave, writer.losses)
    if tally.restricted and not tally.chosen:
        levels = ", ".join(f"{name} is {lists.share_level}" for name, lists in sorted(settings.items()))
        raise ExportRefused(f"{levels}: what is amber or stricter leaves only when restricted records are allowed out")
    # Even the settings of a list tell of it: where no row may leave they stay too.
    leaving = {
        name: own
        for name, own in settings.items()
        if name in tally.chosen or selection.allow_restricted or not own.share_level.restricted
    }
    chosen = (table for table in (t.filter(leave.of(t)) for t in tables()) if len(table))
    writer.write(chosen, leaving, sink, tally.cut)
    return ExportReport(
        format=format,
        rows=tally.rows,
        claims=tally.claims,
        lists=tuple(leaving),
        partial=bool(tally.cut),
        losses=tuple(sorted(tally.losses)),
        warnings=tuple(_warnings(tally, format, writer.losses, leaving.values())),
    )


def _warnings(tally: _Tally, format: str, losses: Collection[str], leaving: Iterable[ListSettings]) -> Iterator[str]:
    if tally.restricted:
        yield f"{tally.restricted} rows are amber or stricter and were left out"
    for column, count in sorted(tally.dead.items()):
        rows = "1 row is" if count == 1 else f"{count} rows are"
        yield f"{rows} {_DEAD[column]} and left out: this format cannot say so"
    if format in _SAYING:
        return
    if tally.cut:
        yield "claims were left out, and this format cannot say so: do not import it in the place of the list"
    for own in leaving:
        if own.role is Role.ALLOW:
            yield f"{own.name} is an allow list, and this format cannot say so: whoever imports it must"
        if own.share_level.restricted:
            cannot = "cannot say so" if "share_level" in losses else "says so of single rows alone"
            yield f"{own.name} is {own.share_level}, and this format {cannot}"
    if tally.losses:
        yield f"this format cannot carry {', '.join(sorted(tally.losses))}"


def _tally(tables: Tables, leave: _Leave, losses: frozenset[str]) -> _Tally:
    tally = _Tally()
    last: Claim | None = None
    for table in tables():
        wanted = leave.of(table, tally)
        chosen = table.filter(wanted)
        tally.rows += len(chosen)
        tally.chosen.update(pc.unique(chosen.column("list")).to_pylist())
        tally.cut.update(pc.unique(table.column("list").filter(pc.invert(wanted))).to_pylist())
        tally.losses |= {name for name in losses if _holds_something(chosen.column(name), name)}
        if len(chosen):
            # The rows of a claim stand together, so that counting them needs no memory of those before.
            first, begun, last_one = _claims(chosen)
            tally.claims += begun + (first != last)
            last = last_one
    return tally


def _claims(rows: pa.Table) -> tuple[Claim, int, Claim]:
    """The first claim of at least one row, how many more begin behind it, and the last."""
    lists, ids = (rows.column(name).combine_chunks() for name in ("list", "source_id"))
    before, count = len(rows) - 1, 0
    if before:
        other = [pc.not_equal(column.slice(1), column.slice(0, before)) for column in (lists, ids)]
        count = int(pc.sum(pc.or_(*other)).as_py())
    return (lists[0].as_py(), ids[0].as_py()), count, (lists[before].as_py(), ids[before].as_py())


def _holds_something(column: pa.ChunkedArray, name: str) -> bool:
    if pa.types.is_list(column.type):
        return bool(pc.any(pc.greater(pc.list_value_length(column), 0)).as_py())
    if name in _DEFAULTS:
        return bool(pc.any(pc.not_equal(column, _DEFAULTS[name])).as_py())
    return int(column.null_count) < len(column)


class _Leave:
    """Which rows leave."""

    def __init__(
        self, settings: Mapping[str, ListSettings], selection: Selection, losses: Collection[str], now: datetime
    ) -> None:
        self._settings = settings
        self._selection = selection
        self._dead = {*losses, "quarantine"}.intersection(_DEAD) if losses else set()
        self._now = pa.scalar(now, MICROSECONDS)

    def of(self, table: pa.Table, tally: _Tally | None = None) -> pa.Array:
        """Which rows of a table leave; others that are wanted are counted, if there is a tally."""
        wanted = _wanted(table, self._selection)
        free = wanted
        if not self._selection.allow_restricted:
            free = wanted & (_strictness(table, self._settings) < ShareLevel.AMBER.strictness)
        if tally is not None:
            tally.restricted += int(np.sum(wanted & ~free))
        for column, unfit in self._unfit(table):
            if tally is not None and (free & unfit).any():
                tally.dead[column] += int(np.sum(free & unfit))
            free = free & ~unfit
        return pa.array(free)

    def _unfit(self, table: pa.Table) -> Iterator[tuple[str, Mask]]:
        if not self._dead:
            return
        expired = pc.less_equal(table.column("expires_at"), self._now).fill_null(False)
        framed = pc.greater_equal(table.column("frame"), 0)
        for column, unfit in (unfit_by(table, self._settings) | {"expires_at": expired, "frame": framed}).items():
            if column in self._dead:
                yield column, unfit.to_numpy()


def _wanted(table: pa.Table, selection: Selection) -> Mask:
    """Which rows are chosen by algorithm, id and label."""
    wanted = np.ones(len(table), dtype=np.bool_)
    for name, chosen in (("algorithm", selection.algorithms), ("source_id", selection.source_ids)):
        if chosen is not None:
            wanted &= pc.is_in(table.column(name), pa.array(list(chosen), type=pa.string())).to_numpy()
    if selection.labels is not None:
        labels = frozenset(selection.labels)
        bears = (not labels.isdisjoint(stated) for stated in table.column("labels").to_pylist())
        wanted &= np.fromiter(bears, dtype=np.bool_, count=len(table))
    return wanted


def _strictness(table: pa.Table, settings: Mapping[str, ListSettings]) -> npt.NDArray[np.int64]:
    """The stricter of the row's and its list's share level."""
    levels = pa.array([level.value for level in ShareLevel])
    rows = pc.index_in(table.column("share_level"), levels).fill_null(0).to_numpy()
    names = list(settings)
    lists = np.array([settings[name].share_level.strictness for name in names])
    place: npt.NDArray[np.int64] = pc.index_in(table.column("list"), pa.array(names)).to_numpy()
    levels_of_rows: npt.NDArray[np.int64] = np.maximum(rows, lists[place])
    return levels_of_rows
