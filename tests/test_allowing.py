"""Matching of hashes against an oracle that follows the rules word by word."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from hashmatch.hashes import ORIENTATIONS, FrameHash, MediaHash
from hashmatch.hits import find, look_up
from hashmatch.matching import Matcher
from hashmatch.publishing import build
from hashmatch.query_codes import QueryCodes
from hashmatch.records import ListSettings, Role
from hashmatch.results import HashedMedia, Match
from hashmatch.snapshot import Snapshot
from hashmatch.terms import Terms

from .kinds import KINDS, preferring
from .tables import settings, table

SIZES = {"pdq": 32, "phash": 8, "md5": 16, "sha256": 32}
RADII = {"pdq": 31, "phash": 6, "md5": 0, "sha256": 0}
EXACT = ("md5", "sha256")
NOW = datetime.now(timezone.utc)
EXPIRY = {"none": None, "past": NOW - timedelta(days=1), "future": NOW + timedelta(days=3650)}


def code(algorithm: str, bits: int) -> bytes:
    """A digest with a run of ones: two of them are as far apart as their runs are long."""
    number = (1 << bits) - 1
    return number.to_bytes(SIZES[algorithm], "little")


def lengths(algorithm: str) -> st.SearchStrategy[int]:
    return st.integers(1, 2) if algorithm in EXACT else st.sampled_from([1, 2, 3, 4, 7, 8, 9, 32, 33, 34])


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[dict[str, Any]], dict[str, ListSettings]]:
    lists = settings(
        *(
            ListSettings(
                name,
                partner=name.upper(),
                role=Role(name.rstrip("12")),
                radius=draw(st.dictionaries(st.sampled_from(["pdq", "phash", "md5"]), st.integers(0, 8), max_size=2)),
            )
            for name in ("block1", "block2", "allow1", "allow2")
        )
    )
    rows = {
        ("block1", "0", "pdq", -1, code("pdq", 1)): {"expires_at": None},
    }
    for _ in range(draw(st.integers(0, 25))):
        algorithm = draw(st.sampled_from(sorted(SIZES)))
        key = (
            draw(st.sampled_from(sorted(lists))),
            str(draw(st.integers(0, 4))),
            algorithm,
            draw(st.sampled_from([-1, 0])),
            code(algorithm, draw(lengths(algorithm))),
        )
        rows[key] = {"expires_at": EXPIRY[draw(st.sampled_from(["none", "none", "none", "past", "future"]))]}
    names = ("list", "source_id", "algorithm", "frame", "digest")
    return [{**dict(zip(names, key, strict=True)), **row} for key, row in rows.items()], lists


@st.composite
def uploads(draw: st.DrawFn) -> HashedMedia:
    hashes = {}
    for algorithm in draw(st.lists(st.sampled_from(sorted(SIZES)), min_size=1, unique=True)):
        frames = []
        for number in range(1 if algorithm in EXACT else draw(st.integers(1, 3))):
            names = ORIENTATIONS[:1] if algorithm in EXACT else draw(orientations())
            turned = {name: code(algorithm, draw(lengths(algorithm))) for name in names}
            quality = draw(st.sampled_from([None, 49, 50, 100])) if algorithm == "pdq" else None
            frames.append(FrameHash(turned["original"], quality, number / 2, number, turned))
        hashes[algorithm] = MediaHash(algorithm, tuple(frames))
    return HashedMedia(hashes)


def orientations() -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(ORIENTATIONS[1:]), max_size=4, unique=True).map(lambda own: ["original", *own])


@dataclass(frozen=True)
class Hit:
    """One record at one distance from one query code."""

    algorithm: str
    frame: int
    timestamp: float | None
    orientation: str
    distance: int
    record: tuple[Any, ...]
    """List, source_id, frame, digest."""

    @property
    def place(self) -> tuple[str, int, str]:
        return self.algorithm, self.frame, self.orientation

    @property
    def nearness(self) -> tuple[int, int, int]:
        return self.distance, self.frame, ORIENTATIONS.index(self.orientation)


def hits(
    rows: list[dict[str, Any]], lists: Mapping[str, ListSettings], upload: HashedMedia, options: dict[str, Any]
) -> Iterator[Hit]:
    longest = max((SIZES[row["algorithm"]] for row in rows if row["algorithm"] not in EXACT), default=0)
    for algorithm, media in upload.hashes.items():
        for frame in media.frames:
            least = 50 if options.get("min_quality") is None else options["min_quality"]
            if algorithm == "pdq" and frame.quality is not None and frame.quality < least:
                continue
            for orientation, digest in frame.orientations.items():
                for row in rows:
                    if row["algorithm"] != algorithm or (row["expires_at"] is not None and row["expires_at"] <= NOW):
                        continue
                    own = lists[row["list"]]
                    if own.role is Role.BLOCK and row["list"] not in (options.get("lists") or lists):
                        continue
                    distance = (int.from_bytes(digest, "big") ^ int.from_bytes(row["digest"], "big")).bit_count()
                    radius = own.radius.get(algorithm, RADII[algorithm])
                    asked = options.get("radius")
                    if isinstance(asked, int):
                        radius = asked if SIZES[algorithm] == longest else radius
                    elif asked is not None:
                        radius = asked.get(algorithm, radius)
                    if distance <= (0 if algorithm in EXACT else radius):
                        record = (row["list"], row["source_id"], row["frame"], row["digest"])
                        yield Hit(algorithm, frame.frame, frame.timestamp, orientation, distance, record)


def hidden(hit: Hit, allowing: list[Hit]) -> bool:
    """Only for the same query code and if at least as near; an exact allow hit hides perceptual hits."""
    if any(allow.place == hit.place and allow.distance <= hit.distance for allow in allowing):
        return True
    return hit.algorithm not in EXACT and any(allow.algorithm in EXACT for allow in allowing)


def as_hit(match: Match) -> Hit:
    own = match.record
    record = (own.list, own.source_id, own.frame, own.digest)
    return Hit(match.algorithm, match.frame, match.timestamp, match.orientation, match.distance, record)


@pytest.mark.parametrize("kind", KINDS)
@hypothesis_settings(max_examples=150)
@given(world=worlds(), upload=uploads(), data=st.data())
def test_matching_equals_the_oracle(kind: str, world: Any, upload: HashedMedia, data: st.DataObject) -> None:
    rows, lists = world
    options = {
        "radius": data.draw(st.sampled_from([None, None, 0, 5, 256, {"pdq": 2}, {"phash": 1, "md5": 0}])),
        "lists": data.draw(st.sampled_from([None, None, ("block1",), ("block1", "block2")])),
        "min_quality": data.draw(st.sampled_from([None, None, 0, 60])),
    }
    with tempfile.TemporaryDirectory() as folder, mock.patch("os.fsync"), preferring(kind):
        snapshot = Snapshot.open(Path(folder) / build(Path(folder), 1, [table(rows)], lists))
    report = Matcher.from_snapshot(snapshot).match_hashes(upload, **options)

    found = list(hits(rows, lists, upload, options))
    allowing = [hit for hit in found if lists[hit.record[0]].role is Role.ALLOW]
    matches, suppressed = [], []
    # Frames of known videos are judged together where the upload is a video: not here.
    videos = {name for name, media in upload.hashes.items() if len(media.frames) > 1}
    told = {(hit.algorithm, hit.record) for hit in found if hit.algorithm not in videos or hit.record[2] < 0}
    for record in {own for own in told if lists[own[1][0]].role is Role.BLOCK}:
        own = [hit for hit in found if (hit.algorithm, hit.record) == record]
        visible = [hit for hit in own if not hidden(hit, allowing)]
        (matches if visible else suppressed).append(min(visible or own, key=lambda hit: hit.nearness))

    assert sorted(map(as_hit, report.matches), key=repr) == sorted(matches, key=repr)
    assert sorted((as_hit(pair.match) for pair in report.suppressed), key=repr) == sorted(suppressed, key=repr)
    for pair in report.suppressed:
        allow = as_hit(pair.allowed_by)
        assert allow in allowing
        assert hidden(as_hit(pair.match), [allow])
    for told in (report.matches, tuple(pair.match for pair in report.suppressed)):
        order = [(own.distance, own.algorithm, own.record.list, own.record.source_id) for own in told]
        assert order == sorted(order)
        assert all(own.record.partner == own.record.list.upper() for own in told)
    least = 50 if options["min_quality"] is None else options["min_quality"]
    too_low = [
        name
        for name, media in upload.hashes.items()
        if name == "pdq" and all(frame.quality is not None and frame.quality < least for frame in media.frames)
    ]
    assert list(report.low_quality) == too_low
    assert report.snapshot == snapshot.version


def test_a_record_expires_at_its_very_moment(tmp_path: Path) -> None:
    rows = [{"digest": code("md5", 1), "algorithm": "md5", "expires_at": NOW}]
    lists = settings(ListSettings("tcap"))
    snapshot = Snapshot.open(tmp_path / build(tmp_path, 1, [table(rows)], lists))
    queries = QueryCodes.of("md5", 16, [FrameHash(code("md5", 1))])
    terms = Terms.of(snapshot)
    (neighbors,) = look_up(snapshot, [queries], terms)
    assert len(find(snapshot, queries, neighbors, terms, NOW - timedelta(microseconds=1)).record) == 1
    assert len(find(snapshot, queries, neighbors, terms, NOW).record) == 0


def test_a_hundred_thousand_records_of_one_hash_are_all_told(tmp_path: Path) -> None:
    n = 100_000
    many = table([{"digest": code("pdq", 3)}]).take([0] * n)
    ids = many.schema.get_field_index("source_id")
    many = many.set_column(ids, many.schema.field(ids), [[f"{i:06d}" for i in range(n)]])
    allow = table([{"list": "allow", "digest": code("pdq", 9)}])
    lists = settings(ListSettings("tcap"), ListSettings("allow", role=Role.ALLOW))
    snapshot = Snapshot.open(tmp_path / build(tmp_path, 1, [many, allow], lists))
    turned = dict.fromkeys(ORIENTATIONS, code("pdq", 5))
    upload = HashedMedia({"pdq": MediaHash("pdq", (FrameHash(code("pdq", 5), 100, orientations=turned),))})
    report = Matcher.from_snapshot(snapshot).match_hashes(upload)
    assert [own.record.source_id for own in report.matches] == [f"{i:06d}" for i in range(n)]
    assert {own.orientation for own in report.matches} == {"original"}
    # An allow record two bits away is at least as near as a block record two bits away, not as one nearer.
    nearer = np.frombuffer(code("pdq", 7), np.uint8)
    equal = HashedMedia({"pdq": MediaHash("pdq", (FrameHash(nearer.tobytes(), 100),))})
    assert len(Matcher.from_snapshot(snapshot).match_hashes(equal).suppressed) == n
