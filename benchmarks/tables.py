"""What people see of a run: tables on standard output, ratios first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .figures import mebibytes, number, share, show_titled, whole
from .results import Absence, Crossing, Crowd, Opening, Row, Scaling

_MILLION = 1e6


def show_workload(distribution: str, n: int, rows: Iterable[Row], absences: Sequence[Absence]) -> None:
    """Print one workload: who was measured, and who was not and why."""
    columns = (
        "contender",
        "asked",
        "× flat",
        "recall",
        "missed",
        "false",
        "µs/query",
        "median",
        "p99",
        "M uploads/day",
        "build s",
        "M codes/s",
        "B/code",
        "answers",
    )
    cells = [
        (
            row.title,
            row.way,
            number(row.ratio),
            share(row.verdict.recall),
            f"{row.verdict.planted_missed}/{row.verdict.planted}",
            row.verdict.false_answers,
            number(row.timed.us_per_query),
            number(row.timed.median),
            number(row.timed.p99),
            number(row.uploads_a_day / _MILLION),
            number(row.build.seconds),
            number(row.build.codes_per_second / _MILLION),
            number(row.build.bytes_per_code),
            number(row.verdict.answers_per_query),
        )
        for row in rows
    ]
    show_titled(f"{distribution}, {whole(n)} codes", columns, cells, columns[2:])
    show_titled("", ("not measured", "why"), [(absence.contender, absence.reason) for absence in absences], ())


def show_scalings(scalings: Iterable[Scaling]) -> None:
    """Print what several threads are worth."""
    columns = ("codes", "distribution", "asked", "× one thread")
    cells = [(whole(one.row.n), one.row.distribution, one.row.way, number(one.ratio)) for one in scalings]
    show_titled("threads", columns, cells, ("codes", "× one thread"))


def show_openings(openings: Iterable[Opening]) -> None:
    """Print what saved indexes cost."""
    columns = (
        "codes",
        "save s",
        "B/code on disk",
        "import s",
        "open s",
        "first query s",
        "private MiB",
        "PSS MiB",
        "FAISS after/before",
    )
    cells = [
        (
            whole(one.n),
            number(one.save_seconds),
            number(one.bytes_per_code),
            number(one.import_seconds),
            number(one.open_seconds),
            number(one.first_query_seconds),
            mebibytes(one.private_bytes),
            mebibytes(one.proportional_bytes),
            ", ".join(f"{number(ratio)} ({threads} threads)" for threads, ratio in one.faiss_kept.items()),
        )
        for one in openings
    ]
    show_titled("saved, opened by fresh processes", columns, cells, columns[:-1])


def show_crossings(crossings: Iterable[Crossing]) -> None:
    """Print how our two indexes compare on few codes."""
    columns = ("codes", "asked", "multi_index × faiss_flat", "faiss_flat µs/query", "multi_index µs/query")
    cells = [
        (whole(one.n), one.way, number(one.ratio), number(one.flat.us_per_query), number(one.multi.us_per_query))
        for one in crossings
    ]
    show_titled("our two indexes on few codes", columns, cells, (columns[0], *columns[2:]))


def show_crowds(crowds: Iterable[Crowd]) -> None:
    """Print what queries with very many neighbours cost."""
    columns = ("codes", "neighbours of each query", "limit", "queries", "ms", "peak MiB", "right")
    cells = [
        (
            whole(one.n),
            whole(one.neighbors),
            one.limit or "none",
            one.queries,
            number(one.seconds * 1e3),
            mebibytes(one.peak_bytes),
            "yes" if one.right else "NO",
        )
        for one in crowds
    ]
    show_titled("many neighbours", columns, cells, columns)
