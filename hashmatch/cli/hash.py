"""``hashmatch hash``: hash files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

import hashmatch

from .exits import DONE, PARTLY
from .lines import hash_line, write_line
from .options import ALGORITHM, json_option, sampling_option, workers_option
from .paths import counted, media_paths
from .progress import counting, watched
from .render import say, show_hashes

if TYPE_CHECKING:
    from ..finding import Found
    from ..sampling import Wanted
    from .paths import Left


@click.command("hash")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--algorithm",
    "algorithms",
    multiple=True,
    type=ALGORITHM,
    default=("pdq", "sha256"),
    show_default=True,
    help="What to compute; may be given several times.",
)
@click.option("-r", "--recursive", is_flag=True, help="Hash what is in folders, and in tar and zip archives.")
@click.option("--fast", is_flag=True, help="Decode large pictures at a reduced scale: hashes are a few bits off.")
@sampling_option
@click.option(
    "--skip-hashed",
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Leave out what a file of --json's lines holds already, so that a run that was stopped can be gone on with.",
)
@workers_option
@json_option
def hash_command(
    files: tuple[str, ...],
    algorithms: tuple[str, ...],
    recursive: bool,
    fast: bool,
    sampling: Wanted,
    skip_hashed: Path | None,
    workers: int | None,
    as_json: bool,
) -> int:
    """Hash files; - reads their paths from standard input.

    The lines of --json are a list that `hashmatch import` reads. To go on after a stop, add to the same file:
    hashmatch hash DIR -r --json --skip-hashed done.jsonl >> done.jsonl
    """
    left: Left = iter if skip_hashed is None else _left(skip_hashed, algorithms, fast, sampling, as_json)
    total = counted(files, recursive=recursive, left=left) if watched() else None
    code = DONE
    with counting("files", total, beside_lines=True) as progress:
        paths = _told(left(media_paths(files, recursive=recursive)), progress)
        reports = hashmatch.hash_many(paths, algorithms, workers=workers, fast=fast, sampling=sampling)
        for number, report in enumerate(reports, start=1):
            code = max(code, _show(report, sampling, as_json))
            progress(number)
    return code


def _show(report: hashmatch.HashReport, sampling: Wanted, as_json: bool) -> int:
    """Show what became of a file; the exit code that it asks for."""
    file, hashed = report.file or "", report.hashed
    reasons = [report.error] if hashed is None else [*hashed.failures.values(), hashed.damage]
    error = "; ".join(dict.fromkeys(reason for reason in reasons if reason)) or None
    if as_json:
        write_line(hash_line(file, hashed, error, sampling))
    else:
        show_hashes(file, hashed)
        if error:
            say(error if hashed is None else f"{file}: {error}", aside=True)
    return PARTLY if error else DONE


def _left(skip_hashed: Path, algorithms: tuple[str, ...], fast: bool, sampling: Wanted, as_json: bool) -> Left:
    """What gives of some paths those that are not hashed yet."""
    from .skipping import Hashed

    hashed = Hashed.read(skip_hashed, algorithms, fast, sampling)
    if hashed.torn and as_json:
        # What is added to the file must not become part of a line that was cut.
        click.echo()
    return hashed.left


def _told(paths: Iterable[Found | None], progress: Callable[[int], None]) -> Iterator[Found | None]:
    """The paths; when the first is there, work begins."""
    begun = False
    for path in paths:
        if not begun and path is not None:
            begun = True
            progress(0)
        yield path
