"""Lists in the shapes of ThreatExchange and of python-threatexchange: three ways in which one group's hashes travel."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from .base import SampleList, as_json, settings
from .digests import drawn, made_up

_PARTNER = "Sample data (exchange)"
_MEMBERS = {"100000000000001": "Example Member One", "100000000000002": "Example Member Two"}
_FIRST, _SECOND = _MEMBERS
_START = 1_735_689_600
_GROUP = "group:example-group"


def _descriptor(number: int, member: str, status: str = "MALICIOUS", **more: object) -> dict[str, object]:
    """What one member says of an indicator."""
    return {
        "id": str(300_000_000_000_000 + number),
        "owner": {"id": member, "name": _MEMBERS[member]},
        "status": status,
        "share_level": "AMBER",
        "severity": "SEVERE",
        "confidence": 80,
        "added_on": "2025-01-01T00:00:00+0000",
        **more,
    }


def _update(
    number: int, kind: str, digest: str, descriptors: Sequence[object], *, tags: Sequence[str] = (), gone: bool = False
) -> dict[str, object]:
    """One indicator as the Graph API gives it."""
    return {
        "id": str(200_000_000_000_000 + number),
        "indicator": digest,
        "type": kind,
        "creation_time": _START,
        "last_updated": _START + 3600 * number,
        "should_delete": gone,
        "tags": list(tags),
        "status": "UNKNOWN" if gone else "MALICIOUS",
        "descriptors": {"data": list(descriptors)},
    }


def _updates(_: Path) -> bytes:
    """A page of four indicators: a picture, a video that a second member calls helpful, a disputed one, a deleted one."""
    photo, video = [_GROUP, "media_type_photo"], [_GROUP, "media_type_video", "media_priority_s1"]
    helpful = [{"key": "HELPFUL", "value": _SECOND}]
    updates = [
        _update(1, "HASH_PDQ", drawn("tower", 320, 240), [_descriptor(1, _FIRST)], tags=photo),
        _update(2, "HASH_MD5", made_up("md5", "convoy"), [_descriptor(2, _FIRST, reactions=helpful)], tags=video),
        _update(
            3,
            "HASH_PDQ",
            made_up("pdq", "banner"),
            [_descriptor(3, _FIRST), _descriptor(4, _SECOND, "NON_MALICIOUS", severity="INFO")],
            tags=photo,
        ),
        _update(4, "HASH_SHA256", made_up("sha256", "withdrawn clip"), [], gone=True),
    ]
    return as_json({"data": updates, "paging": {"cursors": {"before": "QUFB", "after": "QUFC"}}})


def _tag_query(_: Path) -> bytes:
    """The PDQ hashes of the group; one is all zeros, as tools list it for pictures that they could not read."""
    header = ("indicator", "first_descriptor_id", "added_on", "labels")
    rows = [
        (made_up("pdq", "banner"), 300_000_000_000_003, "2025-01-01T03:00:00+0000", f"{_GROUP} media_type_photo"),
        (made_up("pdq", "crossroads"), 300_000_000_000_005, "2025-01-02T00:00:00+0000", "true_positive"),
        ("0" * 64, 300_000_000_000_006, "2025-01-03T00:00:00+0000", "media_type_photo"),
    ]
    return _table(header, rows)


def _dataset(_: Path) -> bytes:
    """The group as ``threatexchange dataset -P --csv`` prints it."""
    header = ("signal_type", "signal_str", "collab", "category", "tags")
    rows = [
        ("pdq", made_up("pdq", "banner"), "Example Group", "DISPUTED", f"{_GROUP} media_type_photo"),
        ("pdq", made_up("pdq", "crossroads"), "Example Group", "POSITIVE_CLASS", ""),
        ("video_md5", made_up("md5", "convoy"), "Example Group", "INVESTIGATION_SEED", _GROUP),
    ]
    return _table(header, rows)


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue().encode()


LISTS = {
    "threatexchange.json": SampleList(_updates, settings("exchange-sample", _PARTNER, "amber")),
    "simple.HASH_PDQ.te": SampleList(_tag_query, settings("tag-query-sample", _PARTNER, "amber")),
    "pytx_dataset.csv": SampleList(_dataset, settings("dataset-sample", _PARTNER, "amber")),
}
