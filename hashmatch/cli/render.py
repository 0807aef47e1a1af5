"""What people see: tables and sentences on standard output."""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal

import click

from .text import shown

if TYPE_CHECKING:
    from ..results import BatchEntry, ExportReport, HashedMedia, ImportReport, ListSummary, Match, SnapshotSummary

UNBOUNDED = 100_000
"""Columns of a table that no terminal bounds: one row stays one line for the next program."""

LONGEST_ID = 24
"""Characters of an id that are shown in a table; ``--json`` gives all."""

SHOWN_REJECTS = 10
"""How many rejected rows are shown; the report holds more."""


def say(sentence: str, *, aside: bool = False) -> None:
    """Print one line, on standard error if it is an aside."""
    click.echo(shown(sentence), err=aside)


def show_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    right: Collection[str] = (),
    folded: Collection[str] = (),
) -> None:
    """Print a table; nothing that stands in a cell can reach beyond it.

    Args:
        columns: Their titles.
        rows: One cell a column; None is shown as nothing.
        right: Titles of columns whose cells stand at the right.
        folded: Titles of columns that give way where the terminal is too narrow for all.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    for column in columns:
        justify: Literal["left", "right"] = "right" if column in right else "left"
        table.add_column(column, justify=justify, overflow="fold", no_wrap=bool(folded) and column not in folded)
    for row in rows:
        table.add_row(*(Text("" if cell is None else shown(str(cell))) for cell in row))
    terminal = sys.stdout.isatty()
    paper = io.StringIO()
    width = shutil.get_terminal_size().columns if terminal else UNBOUNDED
    console = Console(file=paper, width=width, force_terminal=terminal, legacy_windows=False)
    console.print(table)
    # Through click, so that a closed pipe is met in one place.
    click.echo("\n".join(line.rstrip() for line in paper.getvalue().splitlines()))


def show_hashes(file: str, hashed: HashedMedia | None) -> None:
    """Print a file's name and one line for each of its hashes."""
    say(file)
    for algorithm, media_hash in (hashed or {}).items():
        quality = "" if media_hash.quality is None else f"  quality {media_hash.quality}"
        say(f"  {algorithm:<8} {media_hash.hex}{quality}")


def show_matches(files: Iterable[tuple[str, Match]]) -> None:
    """Print one row for each record that a file hit."""
    columns = ("file", "distance", "algorithm", "list", "partner", "labels", "orientation", "source id")
    rows = (
        (
            file,
            match.distance,
            match.algorithm,
            match.record.list,
            match.record.partner,
            ", ".join(match.record.labels),
            match.orientation,
            _short(match.record.source_id),
        )
        for file, match in files
    )
    show_table(columns, rows, right=("distance",), folded=("file", "partner", "labels", "source id"))


def show_import(report: ImportReport) -> None:
    """Print what an import did, and the first rows that it did not take."""
    names = ", ".join(report.lists)
    done = "would change" if report.dry_run else "changed" if report.batch is not None else "left as it was"
    say(f"{report.origin} ({report.format}): {names} {done}")
    counts = _nonzero(
        ("added", report.added),
        ("changed", report.changed),
        ("withdrawn", report.withdrawn),
        ("unchanged", report.unchanged),
        ("older", report.older),
        ("held back", report.held_back),
    )
    say(f"  claims: {counts}")
    rows = _nonzero(
        ("taken", report.rows),
        ("rejected", report.rejected),
        ("duplicate", report.duplicates),
        ("quarantined", report.quarantined),
        ("not balanced", report.unbalanced),
    )
    say(f"  rows: {rows}")
    if report.batch is not None:
        say(f"  batch {report.batch}" + (f", snapshot {report.snapshot}" if report.snapshot else ""))
    elif report.snapshot:
        say(f"  snapshot {report.snapshot}")
    show_notes(report)
    for reject in report.rejects[:SHOWN_REJECTS]:
        say(f"  line {reject.line}: {reject.reason}", aside=True)
    if report.rejected > SHOWN_REJECTS:
        say(f"  and {report.rejected - SHOWN_REJECTS} more rows; --json lists the first 1000", aside=True)


def show_notes(report: ImportReport, *, aside: bool = False) -> None:
    """Print what else an import has to say, a line each."""
    for note in report.notes:
        say(f"  {note}", aside=aside)


def show_lists(summaries: Iterable[ListSummary]) -> None:
    """Print one row for each list of a bank."""
    counts = ("claims", "hashes", "withdrawn", "quarantined", "batch")
    columns = ("list", "partner", "role", "share level", "mode", *counts, "last change, UTC")
    rows = (
        (
            summary.settings.name,
            summary.settings.partner,
            summary.settings.role,
            summary.settings.share_level,
            summary.settings.mode,
            summary.claims,
            summary.hashes,
            summary.withdrawn,
            summary.quarantined,
            summary.batch,
            _moment(summary.time),
        )
        for summary in summaries
    )
    show_table(columns, rows, right=counts, folded=("list", "partner"))


def show_history(entries: Iterable[BatchEntry]) -> None:
    """Print one row for each batch of a bank."""
    columns = ("batch", "time, UTC", "kind", "lists", "origin", "counts", "note")
    rows = (
        (
            entry.number,
            _moment(entry.time),
            entry.kind,
            ", ".join(entry.lists),
            entry.origin,
            ", ".join(f"{count} {name}" for name, count in entry.counts.items() if count),
            _note(entry),
        )
        for entry in entries
    )
    show_table(columns, rows, right=("batch",), folded=("lists", "origin", "counts", "note"))


def show_batch(entry: BatchEntry) -> None:
    """Print that one batch was written."""
    counts = ", ".join(f"{count} {name}" for name, count in entry.counts.items() if count)
    say(f"batch {entry.number}: {entry.kind} of {', '.join(entry.lists)}" + (f" ({counts})" if counts else ""))


def show_export(report: ExportReport) -> None:
    """Print, on standard error, what an export wrote and what it could not carry."""
    part = " (a part of them)" if report.partial else ""
    lists = ", ".join(report.lists)
    say(f"{report.rows} rows of {report.claims} claims of {lists}{part} as {report.format}", aside=True)
    if report.losses:
        say(f"{report.format} cannot carry: {', '.join(report.losses)}", aside=True)
    for warning in report.warnings:
        say(f"Warning: {warning}", aside=True)


def show_snapshot(summary: SnapshotSummary) -> None:
    """Print what the published snapshot holds."""
    verified = ", every file as it was written" if summary.verified else ""
    say(f"snapshot {summary.version} of batch {summary.batch}{verified}")
    say(f"lists: {', '.join(summary.lists)}")
    rows = (
        (algorithm, codes, summary.records[algorithm], summary.indexes[algorithm])
        for algorithm, codes in summary.codes.items()
    )
    show_table(("algorithm", "hashes", "records", "index"), rows, right=("hashes", "records"))


def _short(source_id: str) -> str:
    """An id short enough for a table: where a partner has none of their own, it is a whole hash."""
    return source_id if len(source_id) <= LONGEST_ID else f"{source_id[: LONGEST_ID - 1]}…"


def _nonzero(*counts: tuple[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts if count) or "none"


def _moment(time: datetime | None) -> str | None:
    return None if time is None else f"{time:%Y-%m-%d %H:%M:%S}"


def _note(entry: BatchEntry) -> str:
    notes = [f"back to {entry.target}"] if entry.target is not None else []
    return ", ".join([*notes, "folded into a base"] if entry.compacted else notes)
