"""Lists in the shapes of Tech Against Terrorism's TCAP."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

from .base import SampleList, as_json, settings
from .digests import drawn, made_up, of_file

_PARTNER = "Sample data (TCAP shape)"
_FIRST_DAY = datetime(2025, 1, 1, tzinfo=timezone.utc)


def _feed(media: Path) -> bytes:
    """All pages of a feed as one document: four algorithms of one file, PDQ of three more, one row deleted."""
    coast = media / "coast.jpg"
    algorithms = ("md5", "sha256", "sha512", "pdq")
    claims = [
        *((algorithm.upper(), of_file(coast, algorithm), "Islamist", "jpg", False) for algorithm in algorithms),
        ("PDQ", drawn("lantern", 320, 240), "Far-Right", "png", False),
        ("PDQ", drawn("poster"), "Far-Right", "jpg", False),
        ("PDQ", drawn("ferry"), "Islamist", "mp4", False),
        ("PDQ", drawn("quarry"), "Islamist", "jpg", True),
    ]
    results: list[dict[str, object]] = []
    for number, (algorithm, digest, ideology, file_type, deleted) in enumerate(claims):
        updated = _FIRST_DAY + timedelta(hours=number, microseconds=222779)
        results.append(
            {
                "hash_digest": digest,
                "algorithm": algorithm,
                "ideology": ideology,
                "file_type": file_type,
                "deleted": deleted,
                "updated_on": updated.timestamp(),
                "created_on": f"{_FIRST_DAY:%Y-%m-%d %H:%M:%S},587",
                "id": 70001 + number,
            }
        )
    last = results[-1]
    document = {
        "count": len(results),
        "next": None,
        "previous": None,
        "checkpoint": f"{last['updated_on']},{last['id']}",
        "results": results,
    }
    return as_json(document)


def _daily(_: Path) -> bytes:
    """A daily file of version 1: hashes without ids."""
    claims = [
        ("MD5", made_up("md5", "parade"), "Islamist", "mp4"),
        ("PDQ", made_up("pdq", "parade"), "Islamist", "mp4"),
        ("SHA256", made_up("sha256", "leaflet"), "Far-Right", "pdf"),
    ]
    keys = ("hash_digest", "algorithm", "ideology", "file_type")
    return as_json([dict(zip(keys, (digest, name, *rest), strict=True)) for name, digest, *rest in claims])


LISTS = {
    "tcap.json": SampleList(_feed, settings("tcap-sample", _PARTNER, "amber")),
    "tcap_v1.json": SampleList(_daily, settings("tcap-v1-sample", _PARTNER, "amber")),
}
