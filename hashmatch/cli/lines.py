"""What ``--json`` writes: one object a line, flushed line by line."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import click

from .text import encodable

if TYPE_CHECKING:
    from ..hashes import MediaHash
    from ..records import HashRecord
    from ..results import (
        ClaimDifference,
        HashDifference,
        HashedMedia,
        HashOverlap,
        ImportReport,
        ListDiff,
        ListSummary,
        Match,
        MatchReport,
        Overlap,
        QuarantinedHash,
        VideoMatch,
    )
    from ..sampling import Wanted

_DECIMALS = 6
"""Of seconds: a microsecond says which frame is meant, and a film has very many."""


def write_line(answer: object) -> None:
    r"""Write one JSON object (a mapping or one of the library's result values) as one line.

    The line is ASCII, so that no terminal is moved by it; names of files that are no UTF-8 have their odd
    bytes as ``\xNN``, so that every reader of JSON can read it.
    """
    import msgspec

    click.echo(json.dumps(_encodable(msgspec.to_builtins(answer, str_keys=True))))
    sys.stdout.flush()


def hash_line(
    file: str, hashed: HashedMedia | None, error: str | None = None, sampling: Wanted = None
) -> dict[str, object]:
    """The line of one hashed file; a list format that ``import`` reads.

    Args:
        file: Its name.
        hashed: Its hashes, if it has any.
        error: What could not be hashed.
        sampling: Which frames were asked for, if any were named.
    """
    return {
        "file": file,
        "error": error,
        "media_type": hashed.media_type.value if hashed else None,
        **({"decoding": hashed.decoding} if hashed and hashed.decoding != "exact" else {}),
        **_duration(hashed),
        **({} if sampling is None or hashed is None or hashed.duration is None else {"sampling": sampling}),
        "hashes": _hashes(hashed),
    }


def match_line(report: MatchReport) -> dict[str, object]:
    """The line of one matched file."""
    return {
        "file": report.file,
        "error": report.error,
        **_duration(report.hashed),
        "hashes": _hashes(report.hashed),
        "matches": [_match(match) for match in report.matches],
        "suppressed": [
            {**_match(hidden.match), "allowed_by": _match(hidden.allowed_by)} for hidden in report.suppressed
        ],
        "videos": [_video(video) for video in report.videos],
        "suppressed_videos": [
            {**_video(hidden.match), "allowed_by": _match(hidden.allowed_by)} for hidden in report.suppressed_videos
        ],
        "low_quality": list(report.low_quality),
        "snapshot": report.snapshot,
    }


def import_line(file: str, report: ImportReport) -> dict[str, object]:
    """The line of one list file that was taken."""
    import dataclasses

    return {"file": file, "error": None, **dataclasses.asdict(report)}


def list_line(summary: ListSummary) -> dict[str, object]:
    """The line of one list of a bank: its settings and what it holds."""
    return {
        **summary.settings.to_json(),
        "claims": summary.claims,
        "hashes": summary.hashes,
        "withdrawn": summary.withdrawn,
        "quarantined": summary.quarantined,
        "batch": summary.batch,
        "time": summary.time,
    }


def difference_line(difference: ClaimDifference | HashDifference) -> dict[str, object]:
    """The line of one difference of two lists."""
    from ..results import HashDifference

    if isinstance(difference, HashDifference):
        return {
            "kind": "hash",
            "difference": difference.difference,
            "algorithm": difference.algorithm,
            "digest": difference.hex,
        }
    return {
        "kind": "claim",
        "difference": difference.difference,
        "source_id": difference.source_id,
        "fields": list(difference.fields),
    }


def diff_line(diff: ListDiff) -> dict[str, object]:
    """The last line of a diff: its counts."""
    return {
        "kind": "counts",
        "a": diff.a,
        "b": diff.b,
        "claims": {
            "only_a": diff.claims_only_a,
            "only_b": diff.claims_only_b,
            "changed": diff.claims_changed,
            "equal": diff.claims_equal,
        },
        "fields": dict(diff.fields),
        "hashes": {"only_a": diff.hashes_only_a, "only_b": diff.hashes_only_b, "both": diff.hashes_both},
        "rejected": diff.rejected,
        "partial": list(diff.partial),
    }


def overlap_lines(overlap: Overlap) -> Iterator[dict[str, object]]:
    """A line for each list and each other list: how much of the former the latter holds."""
    for row, name in enumerate(overlap.lists):
        for column, other in enumerate(overlap.lists):
            if row != column:
                yield {
                    "list": name,
                    "other": other,
                    **_shared(overlap.total, row, column),
                    "algorithms": {
                        algorithm: {"radius": own.radius, **_shared(own, row, column)}
                        for algorithm, own in overlap.algorithms.items()
                    },
                    "snapshots": list(overlap.snapshots),
                }


def quarantine_line(held: QuarantinedHash) -> dict[str, object]:
    """The line of one hash in quarantine."""
    return {
        "list": held.list,
        "source_id": held.source_id,
        "algorithm": held.algorithm,
        "digest": held.hex,
        "frame": held.frame,
        "reason": held.reason,
        "released": held.released,
    }


def _shared(own: HashOverlap, row: int, column: int) -> dict[str, object]:
    return {
        "hashes": own.hashes[row],
        "exact": own.exact[row][column],
        "near": own.near[row][column],
        "exact_share": own.share(row, column, near=False),
        "near_share": own.share(row, column),
    }


def _duration(hashed: HashedMedia | None) -> dict[str, object]:
    """How long a video or an animation is; nothing of a still."""
    return {} if hashed is None or hashed.duration is None else {"duration": round(hashed.duration, _DECIMALS)}


def _hashes(hashed: Mapping[str, MediaHash] | None) -> dict[str, object]:
    return {algorithm: _hash(media_hash) for algorithm, media_hash in (hashed or {}).items()}


def _hash(media_hash: MediaHash) -> dict[str, object]:
    line: dict[str, object] = {"hex": media_hash.hex}
    if media_hash.quality is not None:
        line["quality"] = media_hash.quality
    if len(media_hash.orientations) > 1:
        line["orientations"] = media_hash.orientations
    if media_hash.frames[0].frame >= 0:
        line["frames"] = [
            {"frame": frame.frame, "hex": frame.hex, "quality": frame.quality, "timestamp": _rounded(frame.timestamp)}
            for frame in media_hash.frames
        ]
    return line


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, _DECIMALS)


def _match(match: Match) -> dict[str, object]:
    shown = {"frame": match.frame, "timestamp": _rounded(match.timestamp)} if match.frame >= 0 else {}
    return {
        "algorithm": match.algorithm,
        "distance": match.distance,
        "orientation": match.orientation,
        **({"variant": match.view.kind, "view": str(match.view)} if match.view else {}),
        **_record(match.record),
        **shown,
    }


def _video(video: VideoMatch) -> dict[str, object]:
    from dataclasses import asdict

    told = asdict(video)
    del told["record"]
    return {"algorithm": told.pop("algorithm"), "distance": told.pop("distance"), **_record(video.record), **told}


def _record(record: HashRecord) -> dict[str, object]:
    known = {"known_frame": record.frame, "known_timestamp": _rounded(record.timestamp)} if record.frame >= 0 else {}
    return {
        "digest": record.hex,
        "list": record.list,
        "partner": record.partner,
        "source_id": record.source_id,
        "labels": list(record.labels),
        "opinion": record.opinion,
        "share_level": record.share_level,
        **known,
    }


def _encodable(value: object) -> object:
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, Mapping):
        return {_encodable(key): _encodable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_encodable(item) for item in value]
    return value
