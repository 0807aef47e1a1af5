"""What ``--json`` writes: one object a line, flushed line by line."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from .text import encodable

if TYPE_CHECKING:
    from ..hashes import MediaHash
    from ..results import HashedMedia, ListSummary, Match, MatchReport


def write_line(answer: object) -> None:
    r"""Write one JSON object (a mapping or one of the library's result values) as one line.

    The line is ASCII, so that no terminal is moved by it; names of files that are no UTF-8 have their odd
    bytes as ``\xNN``, so that every reader of JSON can read it.
    """
    import msgspec

    click.echo(json.dumps(_encodable(msgspec.to_builtins(answer, str_keys=True))))
    sys.stdout.flush()


def hash_line(file: str, hashed: HashedMedia | None, error: str | None = None) -> dict[str, object]:
    """The line of one hashed file; a list format that ``import`` reads."""
    return {
        "file": file,
        "error": error,
        "media_type": hashed.media_type.value if hashed else None,
        "hashes": _hashes(hashed),
    }


def match_line(report: MatchReport) -> dict[str, object]:
    """The line of one matched file."""
    return {
        "file": report.file,
        "error": report.error,
        "hashes": _hashes(report.hashed),
        "matches": [_match(match) for match in report.matches],
        "suppressed": [
            {**_match(hidden.match), "allowed_by": _match(hidden.allowed_by)} for hidden in report.suppressed
        ],
        "low_quality": list(report.low_quality),
        "snapshot": report.snapshot,
    }


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


def _hashes(hashed: Mapping[str, MediaHash] | None) -> dict[str, object]:
    return {algorithm: _hash(media_hash) for algorithm, media_hash in (hashed or {}).items()}


def _hash(media_hash: MediaHash) -> dict[str, object]:
    line: dict[str, object] = {"hex": media_hash.hex}
    if media_hash.quality is not None:
        line["quality"] = media_hash.quality
    if len(media_hash.orientations) > 1:
        line["orientations"] = media_hash.orientations
    if len(media_hash.frames) > 1:
        line["frames"] = [
            {"frame": frame.frame, "hex": frame.hex, "quality": frame.quality, "timestamp": frame.timestamp}
            for frame in media_hash.frames
        ]
    return line


def _match(match: Match) -> dict[str, object]:
    record = match.record
    return {
        "algorithm": match.algorithm,
        "distance": match.distance,
        "orientation": match.orientation,
        "digest": record.hex,
        "list": record.list,
        "partner": record.partner,
        "source_id": record.source_id,
        "labels": list(record.labels),
        "opinion": record.opinion,
        "share_level": record.share_level,
    }


def _encodable(value: object) -> object:
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, Mapping):
        return {_encodable(key): _encodable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_encodable(item) for item in value]
    return value
