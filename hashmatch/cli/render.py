"""What people see of each report: sentences and tables on standard output."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from .table import show_table
from .text import shown

if TYPE_CHECKING:
    from ..hashes import MediaHash
    from ..named import Found, NamedHash
    from ..results import (
        BatchEntry,
        ExportReport,
        HashedMedia,
        ImportReport,
        ListDiff,
        ListSummary,
        Match,
        Overlap,
        QuarantinedHash,
        SnapshotSummary,
    )

LONGEST_ID = 24
"""Characters of an id that are shown in a table; ``--json`` gives all."""

SHOWN_REJECTS = 10
"""How many rejected rows are shown; the report holds more."""

SHOWN_SURROUNDINGS = 10
"""How many added hashes are shown that lie near an allow list, or among many of other claims."""

SHOWN_QUARANTINED = 100
"""How many hashes in quarantine are shown; ``--json`` gives all."""


def say(sentence: str, *, aside: bool = False) -> None:
    """Print one line, on standard error if it is an aside."""
    click.echo(shown(sentence), err=aside)


def show_hashes(file: str, hashed: HashedMedia | None) -> None:
    """Print a file's name and one line for each of its hashes; of several frames the first, and how many there are."""
    say(file)
    for algorithm, media_hash in (hashed or {}).items():
        quality = "" if media_hash.quality is None else f"  quality {media_hash.quality}"
        say(f"  {algorithm:<8} {media_hash.hex}{quality}{_frames(media_hash, hashed)}")


def _frames(media_hash: MediaHash, hashed: HashedMedia | None) -> str:
    """How many frames there are in how many seconds; nothing of a still, or of a whole file."""
    if media_hash.frames[0].frame < 0:
        return ""
    count = len(media_hash.frames)
    frames = "the only frame" if count == 1 else f"the first of {count} frames"
    return f"  {frames}" + ("" if hashed is None or hashed.duration is None else f" in {hashed.duration:.1f} s")


def show_matches(files: Iterable[tuple[str, Match]]) -> None:
    """Print one row for each record that a file hit; when it did, where the file is a video."""
    files = list(files)
    columns = ["file", "distance", "algorithm", "list", "partner", "labels", "orientation", "source id"]
    moving = any(match.frame >= 0 for _, match in files)
    viewed = any(match.view for _, match in files)
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
            *([_seconds(match)] if moving else []),
            *([str(match.view or "")] if viewed else []),
        )
        for file, match in files
    )
    columns += (["at second"] if moving else []) + (["view"] if viewed else [])
    show_table(
        columns, rows, right=("distance", "at second"), folded=("file", "partner", "labels", "source id", "view")
    )


def show_import(report: ImportReport) -> None:
    """Print what an import did, and the first rows that it did not take."""
    names = ", ".join(report.lists)
    if report.empty:
        done = "would be left as it is" if report.dry_run else "left as it was"
    else:
        done = "would change" if report.dry_run else "changed"
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
    if report.skipped:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(report.skipped.items()))
        say(f"  no hashes, left out: {kinds}")
    if report.batch is not None:
        say(f"  batch {report.batch}" + (f", snapshot {report.snapshot}" if report.snapshot else ""))
    elif report.snapshot:
        say(f"  snapshot {report.snapshot}")
    show_notes(report)
    _show_examples(report)
    _show_surroundings(report)
    for reject in report.rejects[:SHOWN_REJECTS]:
        say(f"  line {reject.line}: {reject.reason}", aside=True)
    if report.rejected > SHOWN_REJECTS:
        where = report.rejects_file or "--rejects FILE"
        say(f"  and {report.rejected - SHOWN_REJECTS} more rows; all of them: {where}", aside=True)
    elif report.rejected and report.rejects_file is not None:
        say(f"  rejected rows: {report.rejects_file}", aside=True)


def _show_examples(report: ImportReport) -> None:
    kinds = {name.replace("_", " "): claims for name, claims in vars(report.examples).items()}
    rows = [
        (
            kind,
            *([claim.list] if len(report.lists) > 1 else []),
            _short(claim.source_id),
            claim.algorithm,
            claim.hex,
            claim.reason or ", ".join(claim.fields) or (f"{claim.hashes} hashes" if claim.hashes > 1 else ""),
        )
        for kind, claims in kinds.items()
        for claim in claims
    ]
    if rows:
        columns = ("for example", *(["list"] if len(report.lists) > 1 else []), "source id", "algorithm", "digest", "")
        show_table(columns, rows, folded=("list", "source id", "digest", ""))


def _show_surroundings(report: ImportReport) -> None:
    columns = ("list", "source id", "algorithm", "digest")
    near, crowded = report.near_allowed, report.crowded
    if near:
        say(f"near an allow list or, added to one, near a block list: {near.count} added {_hashes(near.count)}")
        near_rows = (
            (*_named(one), one.distance, one.near.list, _short(one.near.source_id))
            for one in near.first[:SHOWN_SURROUNDINGS]
        )
        show_table((*columns, "bits", "near", "its source id"), near_rows, right=("bits",), folded=columns)
        _show_left_out(near)
    if crowded:
        say(f"among many hashes of other claims: {crowded.count} added {_hashes(crowded.count)}")
        crowded_rows = (
            (*_named(one), *(f"{count}{'+' if one.more else ''}" for count in (one.hashes, one.claims)))
            for one in crowded.first[:SHOWN_SURROUNDINGS]
        )
        show_table((*columns, "hashes", "claims"), crowded_rows, right=("hashes", "claims"), folded=columns)
        _show_left_out(crowded)


def _show_left_out(found: Found[Any]) -> None:
    if found.count > SHOWN_SURROUNDINGS:
        named = "them all" if len(found.first) == found.count else f"the first {len(found.first)}"
        say(f"{SHOWN_SURROUNDINGS} are shown; --json names {named}", aside=True)


def _named(one: NamedHash) -> tuple[str, ...]:
    return one.list, _short(one.source_id), one.algorithm, one.hex


def _hashes(count: int) -> str:
    return "hash" if count == 1 else "hashes"


def show_notes(report: ImportReport, *, aside: bool = False) -> None:
    """Print what else an import has to say, a line each."""
    for note in report.notes:
        say(f"  {note}", aside=aside)


def show_loaded(reports: Iterable[ImportReport], left: Iterable[tuple[str, str]]) -> None:
    """Print, on standard error, what was taken from list files and what was left."""
    for report in reports:
        rejected = f", {report.rejected} rejected" if report.rejected else ""
        quarantined = f", {report.quarantined} quarantined" if report.quarantined else ""
        rows = f"{report.rows} {'row' if report.rows == 1 else 'rows'} of {', '.join(report.lists)}"
        say(f"{report.origin} ({report.format}): {rows}{rejected}{quarantined}", aside=True)
        for reject in report.rejects[:3]:
            say(f"  line {reject.line}: {reject.reason}", aside=True)
        show_notes(report, aside=True)
    for path, reason in left:
        say(f"{path}: left out: {reason}", aside=True)


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
    for warning in report.warnings:
        say(f"Warning: {warning}", aside=True)


def show_diff(diff: ListDiff) -> None:
    """Print how many claims and hashes of two lists differ, and the examples."""
    say(f"A  {diff.a}")
    say(f"B  {diff.b}")
    columns = ("only in A", "only in B", "changed", "equal")
    claims = ("claims", diff.claims_only_a, diff.claims_only_b, diff.claims_changed, diff.claims_equal)
    hashes = ("hashes", diff.hashes_only_a, diff.hashes_only_b, None, diff.hashes_both)
    show_table(("", *columns), (claims, hashes), right=columns)
    if diff.fields:
        say(f"changed: {', '.join(f'{name} of {count}' for name, count in diff.fields.items())}")
    if diff.claims:
        say("")
        claim_rows = ((_WHERE[own.difference], own.source_id, ", ".join(own.fields)) for own in diff.claims)
        show_table(("claims", "source id", "what"), claim_rows, folded=("source id", "what"))
    if diff.hashes:
        say("")
        hash_rows = ((_WHERE[own.difference], own.algorithm, own.hex) for own in diff.hashes)
        show_table(("hashes", "algorithm", "digest"), hash_rows, folded=("digest",))
    for name in diff.partial:
        say(f"{name} says of itself that claims were left out", aside=True)
    if diff.rejected:
        rows = (
            "row of the files could not be read and counts"
            if diff.rejected == 1
            else "rows of the files could not be read and count"
        )
        say(f"{diff.rejected} {rows} on neither side", aside=True)


_WHERE = {"only_a": "only in A", "only_b": "only in B", "changed": "changed"}


def show_overlap(overlap: Overlap) -> None:
    """Print how much of each list the others hold: within radius, and exactly."""
    algorithms = ", ".join(overlap.algorithms) or "no algorithm"
    say(f"% of the row's different hashes ({algorithms}) that the column's list holds; snapshot {_versions(overlap)}")
    radii = ", ".join(f"{name} {own.radius} bits" for name, own in overlap.algorithms.items() if own.radius)
    if radii:
        say(f"within radius ({radii}):")
        _show_shares(overlap, near=True)
        say("")
    say("exactly:")
    _show_shares(overlap, near=False)


def _show_shares(overlap: Overlap, *, near: bool) -> None:
    from ..heatmap import percent

    lists = range(len(overlap.lists))
    # Numbers in the place of names, so that the columns of thirty lists stand side by side.
    columns = [str(number + 1) for number in lists]
    rows = (
        (
            row + 1,
            overlap.lists[row],
            overlap.total.hashes[row],
            *("" if row == column else percent(overlap.total.share(row, column, near=near)) for column in lists),
        )
        for row in lists
    )
    show_table(("", "list", "hashes", *columns), rows, right=("", "hashes", *columns), folded=("list",))


def _versions(overlap: Overlap) -> str:
    return " and ".join(overlap.snapshots)


def show_quarantine(held: Iterable[QuarantinedHash]) -> None:
    """Print one row for each of the first hashes that are not fit to match, and how many there are."""
    rows, released, count = [], 0, 0
    for count, one in enumerate(held, start=1):
        released += one.released
        if count <= SHOWN_QUARANTINED:
            yes = "released" if one.released else None
            rows.append((one.list, _short(one.source_id), one.algorithm, one.hex, one.reason, yes))
    if rows:
        columns = ("list", "source id", "algorithm", "digest", "why", "")
        show_table(columns, rows, folded=("source id", "digest", "why"))
    if count > len(rows):
        say(f"and {count - len(rows)} more; --json gives all", aside=True)
    say(f"{count} {'hash' if count == 1 else 'hashes'} in quarantine, {released} released")


def show_snapshot(summary: SnapshotSummary) -> None:
    """Print what the published snapshot holds."""
    verified = ", every file as it was written" if summary.verified else ""
    say(f"snapshot {summary.version} of batch {summary.batch}{verified}")
    say(f"lists: {', '.join(summary.lists)}")
    videos = ["known videos"] if summary.videos else []
    rows = (
        (algorithm, codes, summary.records[algorithm], *(summary.videos.get(algorithm, 0) for _ in videos), index)
        for (algorithm, codes), index in zip(summary.codes.items(), summary.indexes.values(), strict=True)
    )
    columns = ("algorithm", "hashes", "records", *videos, "index")
    show_table(columns, rows, right=("hashes", "records", *videos))


def _short(source_id: str) -> str:
    """An id short enough for a table: where a partner has none of their own, it is a whole hash."""
    return source_id if len(source_id) <= LONGEST_ID else f"{source_id[: LONGEST_ID - 1]}…"


def _seconds(match: Match) -> str | None:
    """When a video shows what was hit; its frame, where frames have no times."""
    if match.frame < 0:
        return None
    return f"frame {match.frame}" if match.timestamp is None else f"{match.timestamp:.1f}"


def _nonzero(*counts: tuple[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts if count) or "none"


def _moment(time: datetime | None) -> str | None:
    return None if time is None else f"{time:%Y-%m-%d %H:%M:%S}"


def _note(entry: BatchEntry) -> str:
    notes = [f"back to {entry.target}"] if entry.target is not None else []
    return ", ".join([*notes, "folded into a base"] if entry.compacted else notes)
