"""``hashmatch match``: match files, or hashes, against lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import hashmatch

from .exits import DONE, MATCHED, PARTLY
from .lines import match_line, write_line
from .options import (
    INDEX,
    json_option,
    radius_option,
    sampling_option,
    search_option,
    video_rule_option,
    workers_option,
)
from .paths import counted, media_paths
from .progress import counting, watched
from .render import say, show_loaded, show_matches
from .segments import show_videos

if TYPE_CHECKING:
    from ..matching import Matcher
    from ..results import Match, MatchReport, VideoMatch
    from ..sampling import Wanted


@click.command("match")
@click.argument("files", metavar="FILE|DIR|-...", nargs=-1, required=True)
@click.option(
    "--bank", "bank_folder", metavar="DIR", type=click.Path(path_type=Path), help="Match what is published there."
)
@click.option(
    "--against",
    metavar="LIST|DIR",
    multiple=True,
    help="Match a list file, or those in a folder, without a bank; may be given several times.",
)
@click.option(
    "--hashes", "typed", is_flag=True, help="The arguments are hashes: HEX, ALGORITHM:HEX, or - for lines of them."
)
@radius_option("each list's or algorithm's own")
@click.option("--lists", metavar="NAME", multiple=True, help="Match only this list; may be given several times.")
@click.option(
    "--min-quality", type=click.IntRange(0, 100), help="Match hashes from this quality on; by default PDQ's own."
)
@click.option(
    "--index",
    type=INDEX,
    default="auto",
    show_default=True,
    help="What finds near hashes; auto takes what was published. All give the same answers.",
)
@click.option(
    "--exact", is_flag=True, help="Decode pictures at full size, which is slower; else hashes are a few bits off."
)
@sampling_option
@video_rule_option
@search_option
@workers_option
@click.option("--fail-on-match", is_flag=True, help="Exit with 10 if anything matched.")
@json_option
def match_command(
    files: tuple[str, ...],
    bank_folder: Path | None,
    against: tuple[str, ...],
    typed: bool,
    index: str,
    exact: bool,
    sampling: Wanted,
    workers: int | None,
    fail_on_match: bool,
    as_json: bool,
    **terms: Any,
) -> int:
    """Match files against lists.

    A folder stands for all files below it, a tar or zip archive for the files in it, - for paths on standard input, one
    a line.
    """
    if (bank_folder is None) == (not against):
        raise click.UsageError("Give either --bank or --against.")
    matcher = hashmatch.Matcher.open(bank_folder, index) if bank_folder else _matcher_of_lists(against, index)
    terms["lists"] = terms["lists"] or None
    noun, total = "files", None
    if typed:
        from .queries import match_queries

        if terms["search"] == "thorough":
            raise click.UsageError("A thorough search needs pictures, not hashes.")
        noun, reports = "hashes", match_queries(matcher, files, **terms)
    else:
        paths = media_paths(files, recursive=True)
        total = counted(files, recursive=True) if watched() else None
        reports = matcher.match_many(paths, workers=workers, fast=not exact, sampling=sampling, **terms)
    tally = _Tally()
    with counting(noun, total, beside_lines=as_json) as progress:
        for report in reports:
            tally.add(report)
            if as_json:
                write_line(match_line(report))
            else:
                tally.keep(report)
            progress(tally.files)
    if not as_json:
        tally.show(noun, matcher.version)
    if fail_on_match and tally.matched:
        return MATCHED
    return PARTLY if tally.failed or any(report.rejected for report in matcher.reports) else DONE


def _matcher_of_lists(paths: Sequence[str], index: str) -> Matcher:
    """A matcher over list files; says on standard error what was taken from them and what was left."""
    matcher = hashmatch.Matcher.from_lists(paths, index)
    show_loaded(matcher.reports, matcher.left)
    return matcher


_SINGULAR = {"files": "file", "hashes": "hash"}


@dataclass
class _Tally:
    """What became of the files so far."""

    files: int = 0
    matched: int = 0
    suppressed: int = 0
    low_quality: int = 0
    failed: int = 0
    rows: list[tuple[str, Match]] = field(default_factory=list)
    videos: list[tuple[str, VideoMatch]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def add(self, report: MatchReport) -> None:
        """Count one file."""
        self.files += 1
        self.matched += report.matched
        self.suppressed += bool(report.suppressed or report.suppressed_videos)
        self.low_quality += bool(report.low_quality)
        self.failed += report.error is not None

    def keep(self, report: MatchReport) -> None:
        """Keep what is to be shown of one file."""
        file = report.file or ""
        self.rows += [(file, match) for match in report.matches]
        self.videos += [(file, video) for video in report.videos]
        self.remarks += [f"{file}: {remark}" for remark in _remarks(report)]

    def show(self, noun: str, snapshot: str) -> None:
        """Print the matches, what else there is to say, and the counts."""
        if self.rows:
            show_matches(self.rows)
        show_videos(self.videos)
        for remark in self.remarks:
            say(remark, aside=True)
        say(
            f"{self.files} {_SINGULAR[noun] if self.files == 1 else noun}: {self.matched} matched, {self.suppressed} suppressed, "
            f"{self.low_quality} of too low quality, {self.failed} failed; snapshot {snapshot}"
        )


def _remarks(report: MatchReport) -> Iterable[str]:
    if report.error is not None:
        yield report.error
    if report.low_quality:
        yield f"quality too low to be matched by {', '.join(report.low_quality)}"
    for hidden in report.suppressed:
        match, allowed = hidden.match, hidden.allowed_by
        yield (
            f"{match.record.list} {match.record.source_id} at distance {match.distance} is hidden by "
            f"{allowed.record.list} {allowed.record.source_id} at distance {allowed.distance}"
        )
    for hidden_video in report.suppressed_videos:
        video, allowed = hidden_video.match, hidden_video.allowed_by
        yield (
            f"{video.record.list} {video.record.source_id}, a video, is hidden by "
            f"{allowed.record.list} {allowed.record.source_id} at distance {allowed.distance}"
        )
