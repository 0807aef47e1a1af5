"""Shares of known videos and uploads, and vPDQ's rule, against an oracle that compares every pair of frames."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from hashmatch.hashes import FrameHash, MediaHash
from hashmatch.matching import Matcher
from hashmatch.publishing import build
from hashmatch.records import ListSettings, MediaType, Role
from hashmatch.results import HashedMedia
from hashmatch.snapshot import Snapshot
from hashmatch.video_rule import VideoRule

from .films import codes
from .tables import settings, table

LISTS = settings(ListSettings("near", radius={"pdq": 6}), ListSettings("far"), ListSettings("allow", role=Role.ALLOW))
RADII = {"near": 6, "far": 31, "allow": 31}
PALETTE = codes(1, 4)


def moved(picture: int, bits: int) -> bytes:
    """A picture of the palette with its first bits the other way round."""
    return (PALETTE[picture] ^ np.packbits((np.arange(256) < bits).astype(np.uint8))).tobytes()


def digests() -> st.SearchStrategy[bytes]:
    return st.builds(moved, st.integers(0, 3), st.sampled_from([0, 0, 3, 6, 7, 31, 32, 60]))


@st.composite
def frames(draw: st.DrawFn) -> list[FrameHash]:
    told = []
    for number in range(draw(st.integers(1, 6))):
        turned = {"original": draw(digests())}
        if draw(st.booleans()):
            turned["flip_x"] = draw(digests())
        quality = draw(st.sampled_from([100, 100, 50, 49, 10]))
        told.append(FrameHash(turned["original"], quality, float(number), number, turned))
    return told


@st.composite
def records(draw: st.DrawFn) -> list[dict[str, Any]]:
    rows = {("far", "base", 0): {"digest": moved(0, 0), "quality": 100}}
    for _ in range(draw(st.integers(0, 15))):
        key = draw(st.sampled_from(sorted(LISTS))), str(draw(st.integers(0, 1))), draw(st.integers(0, 5))
        rows[key] = {"digest": draw(digests()), "quality": draw(st.sampled_from([100, 50, 49]))}
    names = ("list", "source_id", "frame")
    return [{**dict(zip(names, key, strict=True)), **row} for key, row in rows.items()]


def distance(one: bytes, other: bytes) -> int:
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).bit_count()


def shares(
    upload: list[FrameHash], video: list[dict[str, Any]], allow: list[dict[str, Any]], radius: int, fit: int
) -> tuple[float, float, bool]:
    """The share of the video and of the upload that is found, and whether anything is."""
    found_known, found_upload = set(), set()
    for frame in upload:
        if frame.quality is None or frame.quality < fit:
            continue
        for digest in frame.orientations.values():
            allowed = [distance(digest, row["digest"]) for row in allow]
            hidden = min((own for own in allowed if own <= RADII["allow"]), default=257)
            for row in video:
                own = distance(digest, row["digest"])
                if own <= radius and own < hidden:
                    found_known.add(row["digest"])
                    found_upload.add((frame.digest, frame.quality >= 50))
    counted = {frame.digest for frame in upload if frame.quality is not None and frame.quality >= max(fit, 50)}
    upload_share = len({digest for digest, good in found_upload if good}) / len(counted) if counted else 0.0
    return len(found_known) / len({row["digest"] for row in video}), upload_share, bool(found_known)


def live(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in rows if row["quality"] >= 50]


@hypothesis_settings(max_examples=150, deadline=None)
@given(
    rows=records(),
    upload=frames(),
    least=st.sampled_from([None, 0, 60]),
    known_share=st.sampled_from([0.0, 0.5, 0.8, 1.0]),
    upload_share=st.sampled_from([0.0, 0.4, 1.0]),
)
def test_shares_are_those_of_every_pair(
    rows: list[dict[str, Any]], upload: list[FrameHash], least: int | None, known_share: float, upload_share: float
) -> None:
    with tempfile.TemporaryDirectory() as folder, mock.patch("os.fsync"):
        snapshot = Snapshot.open(Path(folder) / build(Path(folder), 1, [table(rows)], LISTS))
    hashed = HashedMedia({"pdq": MediaHash("pdq", tuple(upload))}, media_type=MediaType.VIDEO)
    rule = VideoRule.vpdq(known_share, upload_share)
    report = Matcher.from_snapshot(snapshot).match_hashes(hashed, min_quality=least, video_rule=rule)
    fit = 50 if least is None else least
    claims: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in live(rows):
        claims.setdefault((row["list"], row["source_id"]), []).append(row)
    allow = [row for (name, _), own in claims.items() if name == "allow" for row in own]
    expected, hidden = {}, set()
    for (name, source_id), own in claims.items():
        if name == "allow":
            continue
        for among in (allow, []):
            known, seen, any_found = shares(upload, own, among, RADII[name], fit)
            if any_found and known >= known_share and seen >= upload_share:
                if among is allow:
                    expected[name, source_id] = (known, seen)
                elif (name, source_id) not in expected:
                    hidden.add((name, source_id))
    told = {(own.record.list, own.record.source_id): (own.known_share, own.upload_share) for own in report.videos}
    assert told == expected
    assert {(own.match.record.list, own.match.record.source_id) for own in report.suppressed_videos} == hidden
    assert report.matches == ()
